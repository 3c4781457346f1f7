#!/usr/bin/env bash
# Builds Gnomon, starts a collector on loopback, enrols an agent, and shows which AI services are in use.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: packaging/quickstart.sh [--replay CAPTURE]... [--once] [--json] [--seconds N] [--port N] [--keep] [--no-install]

Builds Gnomon, starts a collector with a fresh data folder on loopback, enrols an agent and captures on this machine.
Ctrl-C stops everything and removes what was made.

  --replay CAPTURE  feed a capture file to the agent instead of this machine's traffic
  --once            print the services that were found, stop everything, and end
  --json            with --once: print the JSON object of `gnomon services --format json`
  --seconds N       with --once and live capture: how long to watch (default 60)
  --port N          where the collector listens (default: 8443, or the next free port)
  --keep            leave the data folder in place
  --no-install      never install build dependencies, only say which are missing

Example: packaging/quickstart.sh --replay office.pcapng --once
TEXT
}

root=$(cd "$(dirname "$0")/.." && pwd)
replays=() once=no json=no seconds=60 port= keep=no install=yes
say() { printf '%s\n' "$*" >&2; }
fail() {
  say "quickstart: $*"
  exit 1
}
misuse() {
  say "quickstart: $*"
  usage >&2
  exit 2
}
while [ $# -gt 0 ]; do
  case $1 in
    --replay) [ $# -ge 2 ] || misuse "--replay needs a capture file"; replays+=("$2"); shift ;;
    --once) once=yes ;;
    --json) json=yes ;;
    --seconds) [[ ${2:-} =~ ^[0-9]+$ ]] || misuse "--seconds needs a number"; seconds=$2; shift ;;
    --port) [[ ${2:-} =~ ^[0-9]+$ ]] || misuse "--port needs a number"; port=$2; shift ;;
    --keep) keep=yes ;;
    --no-install) install=no ;;
    -h | --help) usage; exit 0 ;;
    *) misuse "unknown option $1" ;;
  esac
  shift
done
[ "$json" = no ] || [ "$once" = yes ] || misuse "--json goes with --once"
for capture in "${replays[@]}"; do [ -r "$capture" ] || fail "cannot read $capture"; done

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

install_packages() {
  if command -v apt-get >/dev/null; then
    as_root sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y gcc libc6-dev libpcap-dev'
  elif command -v dnf >/dev/null; then
    as_root dnf install -q -y gcc libpcap-devel
  elif command -v pacman >/dev/null; then
    as_root pacman -S --needed --noconfirm gcc libpcap
  else
    return 1
  fi
}

need_packages() {
  command -v cc >/dev/null || { echo "a C compiler"; return; }
  printf '#include <pcap.h>\nint main(void){return 0;}\n' | cc -x c - -o /dev/null -lpcap 2>/dev/null || echo "the headers of libpcap"
}

prepare() {
  command -v cargo >/dev/null || fail "cargo is missing: install Rust from https://rustup.rs and run this again"
  local missing
  missing=$(need_packages)
  if [ -n "$missing" ]; then
    [ "$install" = yes ] || fail "$missing is missing (Debian: gcc libc6-dev libpcap-dev; Fedora: gcc libpcap-devel; Arch: gcc libpcap)"
    say "Installing $missing ..."
    install_packages >&2 || fail "could not install $missing: install a C compiler and libpcap with its headers, then run this again"
  fi
  say "Building (the first time takes some minutes) ..."
  (cd "$root" && cargo build --release --locked --quiet -p agent -p collector) >&2 || fail "the build failed"
}

busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

pick_port() {
  if [ -n "$port" ]; then
    ! busy "$port" || fail "port $port is in use: choose another with --port"
    return
  fi
  for port in $(seq 8443 8543); do busy "$port" || return 0; done
  fail "no free port between 8443 and 8543: choose one with --port"
}

folder=
collector_id= agent_id=
stop_process() { # ID
  kill -TERM "$1" 2>/dev/null || as_root kill -TERM "$1" 2>/dev/null || return 0
  for _ in $(seq 100); do
    [ -e "/proc/$1" ] || return 0
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null || as_root kill -KILL "$1" 2>/dev/null || true
}
cleanup() {
  local status=$?
  trap - EXIT INT TERM
  [ -z "$agent_id" ] || stop_process "$agent_id"
  [ -z "$collector_id" ] || stop_process "$collector_id"
  if [ -n "$folder" ] && [ "$keep" = no ]; then
    rm -rf "$folder" 2>/dev/null || as_root rm -rf "$folder" || true
  elif [ -n "$folder" ]; then
    say "The data stays in $folder"
  fi
  exit "$status"
}

start_collector() {
  folder=$(mktemp -d "${TMPDIR:-/tmp}/gnomon.XXXXXX")
  pick_port
  cat >"$folder/collector.toml" <<TOML
data_dir = "$folder/collector"
listen = "127.0.0.1:$port"
TOML
  cat >"$folder/agent.toml" <<TOML
mode = "endpoint"
state_dir = "$folder/agent"

[report]
interval = "5s"
TOML
  "$bin/gnomon-collector" serve --config "$folder/collector.toml" >"$folder/collector.log" 2>&1 &
  collector_id=$!
  for _ in $(seq 300); do
    if ! kill -0 "$collector_id" 2>/dev/null; then
      cat "$folder/collector.log" >&2
      collector_id=
      fail "the collector did not start"
    fi
    if busy "$port"; then return 0; fi
    sleep 0.1
  done
  cat "$folder/collector.log" >&2
  fail "the collector does not answer on port $port"
}

enrol() {
  local token
  token=$("$bin/gnomon-collector" token create --address "127.0.0.1:$port" --config "$folder/collector.toml")
  "$bin/gnomon-agent" enroll "$token" --config "$folder/agent.toml" >"$folder/enrol.log" 2>&1 || {
    cat "$folder/enrol.log" >&2
    fail "the agent was not admitted"
  }
  (umask 077 && "$bin/gnomon-collector" user add quickstart --role admin --config "$folder/collector.toml" >"$folder/token")
  cat >"$folder/env" <<ENV
export PATH="$bin:\$PATH"
export GNOMON_COLLECTOR="https://127.0.0.1:$port"
export GNOMON_CA="$folder/collector/ca.pem"
export GNOMON_TOKEN_FILE="$folder/token"
ENV
  # shellcheck disable=SC1091
  . "$folder/env"
}

replay() {
  for capture in "$@"; do
    say "Replaying $capture ..."
    "$bin/gnomon-agent" run --replay "$capture" --wait-timeout 120 --config "$folder/agent.toml" >>"$folder/agent.log" 2>&1 || {
      cat "$folder/agent.log" >&2
      fail "the agent could not replay $capture"
    }
  done
}

watch_this_machine() {
  if [ "$(id -u)" != 0 ]; then
    say "Capturing needs root; everything else here does not."
    if ! command -v sudo >/dev/null || ! sudo -v; then
      say "Without it, a capture that comes with Gnomon is replayed instead."
      replay "$root/tests/pcaps/demo/two_people.pcap"
      return
    fi
    sudo "$bin/gnomon-agent" run --config "$folder/agent.toml" >"$folder/agent.log" 2>&1 &
  else
    "$bin/gnomon-agent" run --config "$folder/agent.toml" >"$folder/agent.log" 2>&1 &
  fi
  agent_id=$!
  sleep 2
  if ! [ -e "/proc/$agent_id" ]; then
    agent_id=
    cat "$folder/agent.log" >&2
    say "Live capture did not start, so a capture that comes with Gnomon is replayed instead."
    replay "$root/tests/pcaps/demo/two_people.pcap"
  fi
}

say_where() {
  cat >&2 <<TEXT

Gnomon is running: a collector on 127.0.0.1:$port${agent_id:+, and an agent watching this machine}.
In another terminal:

  . $folder/env
  gnomon usage --unsanctioned     who uses which AI service that nobody approved
  gnomon services                 the AI services that were seen
  gnomon findings                 each finding with its evidence
  gnomon coverage                 what was watched, and what could not be seen
  gnomon policy set SERVICE sanctioned --reason "..."

Ctrl-C here stops everything and removes its data.
TEXT
}

# Everything here is on this machine: a company proxy is not to see it.
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
prepare
bin=${CARGO_TARGET_DIR:-$root/target}/release
trap cleanup EXIT
trap 'exit 130' INT TERM
start_collector
enrol
if [ ${#replays[@]} -gt 0 ]; then replay "${replays[@]}"; else watch_this_machine; fi
if [ "$once" = yes ]; then
  if [ -n "$agent_id" ]; then
    say "Watching for $seconds seconds ..."
    sleep "$seconds"
    stop_process "$agent_id"
    agent_id=
  fi
  if [ "$json" = yes ]; then gnomon services --format json; else gnomon services; fi
  exit 0
fi
gnomon usage --unsanctioned || true
say_where
if [ -n "$agent_id" ]; then wait "$agent_id" || true; else wait "$collector_id" || true; fi
