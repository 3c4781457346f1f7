#!/usr/bin/env bash
# Installs what the tests need and runs all of them; ends with one line of counts.
#
# Nothing is passed by leaving it out: what could not run prints a line `left out: ...`, and the last line counts those.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
root=$PWD
target=${CARGO_TARGET_DIR:-$root/target}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0 failed=0 skipped=0 broken=()
started=$SECONDS

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo -n "$@"; else return 1; fi
}

step() { # NAME COMMAND... : one check that passes or fails as a whole
  local name=$1 begun=$SECONDS
  shift
  printf '== %s\n' "$name"
  if "$@" >"$logs/step" 2>&1; then
    passed=$((passed + 1))
    printf '   passed in %s s\n' $((SECONDS - begun))
  else
    failed=$((failed + 1))
    broken+=("$name")
    tail -n 200 "$logs/step"
    printf '   FAILED in %s s\n' $((SECONDS - begun))
  fi
}

tests() { # NAME COMMAND... : test binaries, counted by their own closing lines
  local name=$1 begun=$SECONDS counts good bad ignored left
  shift
  printf '== %s\n' "$name"
  "$@" >"$logs/tests" 2>&1
  local status=$?
  counts=$(awk '/^test result: /{for(i=1;i<=NF;i++){if($i~/^passed/)p+=$(i-1);if($i~/^failed/)f+=$(i-1);if($i~/^ignored/)g+=$(i-1)}}END{print p+0,f+0,g+0}' "$logs/tests")
  read -r good bad ignored <<<"$counts"
  left=$(grep -c '^left out: ' "$logs/tests" || true)
  grep '^left out: ' "$logs/tests" | sort | uniq -c
  sed -n 's/^test \(.*\) \.\.\. ignored\(, \(.*\)\)\{0,1\}$/left out: \1: \3/p' "$logs/tests"
  if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  if [ "$status" = 0 ] && [ "$good" = 0 ]; then
    bad=1
    echo "no test ran"
  fi
  if [ "$bad" != 0 ]; then
    broken+=("$name")
    grep -E '^(error|failures:|---- |test .* FAILED|thread .* panicked)' "$logs/tests" | head -n 60
    tail -n 120 "$logs/tests"
  fi
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + ignored + left))
  printf '   %s passed, %s failed, %s left out, in %s s\n' "$good" "$bad" $((ignored + left)) $((SECONDS - begun))
}

install() {
  command -v apt-get >/dev/null || {
    echo "left out: installing packages: not a Debian system; see the list in tests/run.sh"
    return 0
  }
  local wanted=(gcc libc6-dev libpcap-dev iproute2 curl openssl dnsmasq-base python3-venv procps ca-certificates chromium clang-14 llvm-14) missing=()
  for package in "${wanted[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  as_root sh -c "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends ${missing[*]}"
}

peers() { # the clients and servers of the end-to-end tests
  local python=$target/peers/bin/python
  [ -x "$python" ] || /usr/bin/python3 -m venv "$target/peers" || return 1
  "$python" -c 'import aioquic, openai' 2>/dev/null || "$python" -m pip install -q 'aioquic>=1.2,<2' 'openai>=2,<3' || return 1
  command -v node >/dev/null && command -v npm >/dev/null || as_root apt-get install -qq -y --no-install-recommends nodejs npm || return 1
  [ -d "$target/peers/node/node_modules/@anthropic-ai/sdk" ] && return 0
  mkdir -p "$target/peers/node"
  npm install --prefix "$target/peers/node" --silent --no-audit --no-fund '@anthropic-ai/sdk'
}

left_out() { # WHAT WHY
  printf 'left out: %s: %s\n' "$1" "$2"
  skipped=$((skipped + 1))
}

windows() { # what is to follow there must compile, though nothing of it is built yet
  local triple=x86_64-pc-windows-gnu
  command -v x86_64-w64-mingw32-gcc >/dev/null ||
    as_root sh -c 'DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends gcc-mingw-w64-x86-64' >"$logs/cross" 2>&1
  if ! command -v x86_64-w64-mingw32-gcc >/dev/null; then
    left_out "type check for $triple" "no C compiler for it (gcc-mingw-w64-x86-64)"
  elif ! rustup target add "$triple" >"$logs/cross" 2>&1; then
    left_out "type check for $triple" "rustup has no such target here"
  else
    step "type check for $triple" cargo check --locked --workspace --target "$triple"
  fi
}

macos() {
  local triple=aarch64-apple-darwin tools=$target/cross
  [ -x "$tools/bin/cargo-zigbuild" ] ||
    { /usr/bin/python3 -m venv "$tools" && "$tools/bin/pip" install -q ziglang cargo-zigbuild; } >"$logs/cross" 2>&1
  if [ ! -x "$tools/bin/cargo-zigbuild" ]; then
    left_out "type check for $triple" "no C compiler for it (ziglang and cargo-zigbuild from PyPI)"
  elif ! rustup target add "$triple" >"$logs/cross" 2>&1; then
    left_out "type check for $triple" "rustup has no such target here"
  else
    step "type check for $triple" env PATH="$tools/bin:$PATH" cargo-zigbuild check --locked --workspace --target "$triple"
  fi
}

step "packages that the tests need" install
step "peers for the end-to-end tests" peers
export GNOMON_PEERS_PYTHON=$target/peers/bin/python GNOMON_PEERS_NODE=$target/peers/node
step "formatting" cargo fmt --all --check
step "lints" cargo clippy --locked --workspace --all-targets -- -D warnings
step "build" cargo build --locked --workspace
tests "unit, property and process tests" cargo test --locked --workspace --exclude e2e --no-fail-fast -- --show-output
tests "golden tests" cargo test --locked -p e2e --test golden --no-fail-fast -- --show-output
step "release build" cargo build --release --locked -p agent -p collector
export GNOMON_TEST_QUICKSTART=yes
tests "end-to-end tests" cargo test --locked -p e2e --test e2e --no-fail-fast -- --test-threads=2 --show-output
windows
macos
step "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --quiet

printf '\nin %s s' $((SECONDS - started))
if [ ${#broken[@]} -gt 0 ]; then
  printf '; failed: %s' "$(printf '%s, ' "${broken[@]}")"
fi
printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
