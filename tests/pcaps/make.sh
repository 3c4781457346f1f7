#!/usr/bin/env bash
# Makes the captures of this folder anew: real clients and servers in two network namespaces, tcpdump between them.
# Needs root, ip, tcpdump, dnsmasq, curl, openssl, and a Python with aioquic in GNOMON_PEERS_PYTHON.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
peers=$here/../harness/peers
python=${GNOMON_PEERS_PYTHON:-$here/../../target/peers/bin/python}
work=$(mktemp -d)
client=gnomon-make-client server=gnomon-make-server second=gnomon-make-second
started=()

cleanup() {
  for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; done
  ip netns delete "$client" 2>/dev/null || true
  ip netns delete "$second" 2>/dev/null || true
  ip netns delete "$server" 2>/dev/null || true
  rm -rf "$work" "/etc/netns/$client" "/etc/netns/$second"
}
trap cleanup EXIT

names=(api.openai.com chatgpt.com api.anthropic.com claude.ai www.perplexity.ai api.mistral.ai
  www.example.org intranet.example.com huggingface.co)
sans=$(printf 'DNS:%s,' "${names[@]}")
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=test authority" \
  -keyout "$work/ca.key" -out "$work/ca.pem" -addext basicConstraints=critical,CA:true 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=test" -keyout "$work/s.key" -out "$work/s.csr" 2>/dev/null
printf 'subjectAltName=%s' "${sans%,}" >"$work/ext"
openssl x509 -req -in "$work/s.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 3650 \
  -extfile "$work/ext" -out "$work/s.pem" 2>/dev/null

ip netns add "$client"
ip netns add "$server"
ip link add eth0 netns "$client" address 02:00:00:00:00:01 type veth peer name eth0 netns "$server" address 02:00:00:00:00:02
for side in "$client 1" "$server 2"; do
  read -r name number <<<"$side"
  ip -n "$name" link set lo up
  ip -n "$name" address add "10.77.0.$number/24" dev eth0
  ip -n "$name" address add "fd77::$number/64" dev eth0 nodad
  ip -n "$name" link set eth0 up
done
# A second machine on the same cable, with a link address of its own.
ip netns add "$second"
ip -n "$client" link add link eth0 name eth0 netns "$second" address 02:00:00:00:00:03 type macvlan mode bridge
ip -n "$second" address add 10.77.0.3/24 dev eth0
ip -n "$second" link set eth0 up
for name in "$client" "$second"; do
  mkdir -p "/etc/netns/$name"
  echo "nameserver 10.77.0.2" >"/etc/netns/$name/resolv.conf"
done
c() { ip netns exec "$who" "$@"; }
who=$client
ip netns exec "$server" dnsmasq --keep-in-foreground --no-resolv --no-hosts --conf-file=/dev/null --bind-interfaces \
  --listen-address=10.77.0.2 '--address=/#/10.77.0.2' '--address=/huggingface.co/fd77::2' --pid-file= --user=root 2>/dev/null &
started+=($!)
tail -f --pid=$$ /dev/null | ip netns exec "$server" "$python" "$peers/server.py" --bind 10.77.0.2 --cert "$work/s.pem" \
  --key "$work/s.key" --https 443 --https 8444 --http3 443 --http 11434 >"$work/ready" &
started+=($!)
until grep -q ready "$work/ready" 2>/dev/null; do sleep 0.2; done
sleep 0.5

record() { # FILE NAMESPACE INTERFACE : starts tcpdump
  mkdir -p "$here/$(dirname "$1")"
  ip netns exec "$2" tcpdump -Z root -U --immediate-mode -i "$3" -w "$here/$1" 2>/dev/null &
  recorder=$!
  sleep 1
}
stop() {
  sleep 1
  kill "$recorder"
  wait "$recorder" || true
}
get() { c curl -s -o /dev/null --max-time 20 --cacert "$work/ca.pem" "$@"; }
post() { head -c "$1" /dev/urandom | base64 | get --data-binary @- "${@:2}"; }

record tls/curl_api_calls.pcap "$client" eth0
post 6000 https://api.openai.com/v1/chat/completions
post 9000 https://api.anthropic.com/v1/messages
get https://www.example.org/
stop

record tls/nonstandard_port.pcap "$client" eth0
get https://claude.ai:8444/bytes/20000
get --tls-max 1.2 https://www.perplexity.ai:8444/bytes/20000
stop

record tls/preconnect_only.pcap "$client" eth0
(sleep 1) | c openssl s_client -connect 10.77.0.2:443 -servername chatgpt.com -quiet 2>/dev/null || true
stop

record quic/http3_get.pcap "$client" eth0
c "$python" "$peers/quic_request.py" --cacert "$work/ca.pem" --connect 10.77.0.2:443 claude.ai /bytes/60000 >/dev/null
c "$python" "$peers/quic_request.py" --cacert "$work/ca.pem" --connect 10.77.0.2:443 www.example.org /bytes/3000 >/dev/null
stop

record http/ollama_on_the_network.pcap "$client" any
get http://10.77.0.2:11434/api/tags
post 800 http://10.77.0.2:11434/api/generate
stop

record demo/two_people.pcap "$server" eth0
get https://www.example.org/bytes/4000
post 9000 https://api.openai.com/v1/chat/completions
get https://api.openai.com/bytes/90000
who=$second
get https://chatgpt.com/bytes/150000
post 12000 https://claude.ai/api/append_message
get https://intranet.example.com/bytes/30000
who=$client
c "$python" "$peers/quic_request.py" --cacert "$work/ca.pem" --connect 10.77.0.2:443 www.perplexity.ai /bytes/120000 >/dev/null
get https://api.mistral.ai/
c getent ahostsv4 huggingface.co >/dev/null || true
stop
