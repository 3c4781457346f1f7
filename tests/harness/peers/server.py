"""A server for the tests: HTTPS (HTTP/1.1), HTTP/3 and plain HTTP under any host name.

`/bytes/N` answers N bytes, `/page/N` a page that posts N bytes to `/bytes/N`, the chat paths of two model APIs a short
message in their form; every other path answers a short text. Prints `ready` once all ports listen, and
stops when its standard input ends, so that it never outlives the test that started it.

usage: server.py --bind ADDRESS --cert PEM --key PEM [--https 443] [--http3 443] [--http 11434]
"""
import argparse
import asyncio
import json
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MOST_BYTES = 8 << 20
PAGE = "<script>fetch('/bytes/%d', {method: 'POST', body: 'x'.repeat(%d)}).then(() => document.body.append('done'))</script>"
CHAT = {
    "/v1/chat/completions": {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "test",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
    },
    "/v1/messages": {
        "id": "1",
        "type": "message",
        "role": "assistant",
        "model": "test",
        "content": [{"type": "text", "text": "hello"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    },
}


def body_for(path):
    """The answer to a path, bounded."""
    if path.startswith("/bytes/") and path[7:].isdigit():
        return b"x" * min(int(path[7:]), MOST_BYTES)
    if path.startswith("/page/") and path[6:].isdigit():
        size = min(int(path[6:]), MOST_BYTES)
        return (PAGE % (size, size)).encode()
    if path in CHAT:
        return json.dumps(CHAT[path]).encode()
    return b"hello\n"


def kind_of(path):
    """The media type of the answer to a path."""
    if path in CHAT:
        return "application/json"
    return "text/html" if path.startswith("/page/") else "application/octet-stream"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        self.rfile.read(min(length, MOST_BYTES))
        body = body_for(self.path)
        self.send_response(200)
        self.send_header("content-type", kind_of(self.path))
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, context=None):
        self.context = context
        super().__init__(address, Handler)

    def finish_request(self, request, client_address):
        request.settimeout(30)
        if self.context:
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, *_):
        pass


async def serve_http3(bind, port, cert, key):
    """An HTTP/3 server on `port`."""
    from aioquic.asyncio import QuicConnectionProtocol, serve
    from aioquic.h3.connection import H3_ALPN, H3Connection
    from aioquic.h3.events import HeadersReceived
    from aioquic.quic.configuration import QuicConfiguration
    from aioquic.quic.events import ProtocolNegotiated

    class Protocol(QuicConnectionProtocol):
        h3 = None

        def quic_event_received(self, event):
            if isinstance(event, ProtocolNegotiated):
                self.h3 = H3Connection(self._quic)
            if self.h3 is None:
                return
            for seen in self.h3.handle_event(event):
                if isinstance(seen, HeadersReceived):
                    path = dict(seen.headers).get(b":path", b"/").decode("ascii", "replace")
                    self.h3.send_headers(seen.stream_id, [(b":status", b"200")])
                    self.h3.send_data(seen.stream_id, body_for(path), end_stream=True)
            self.transmit()

    configuration = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
    configuration.load_cert_chain(cert, key)
    return await serve(bind, port, configuration=configuration, create_protocol=Protocol)


async def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bind", required=True)
    options.add_argument("--cert", required=True)
    options.add_argument("--key", required=True)
    options.add_argument("--https", type=int, action="append", default=[])
    options.add_argument("--http3", type=int, action="append", default=[])
    options.add_argument("--http", type=int, action="append", default=[])
    given = options.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given.cert, given.key)
    servers = [Server((given.bind, port), context) for port in given.https]
    servers += [Server((given.bind, port)) for port in given.http]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    for port in given.http3:
        await serve_http3(given.bind, port, given.cert, given.key)
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
