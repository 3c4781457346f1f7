"""An HTTP/3 client for the tests: one request, the number of body bytes of its answer on standard output.

usage: quic_request.py --cacert PEM --connect ADDRESS:PORT [--post BYTES] HOST PATH
"""
import argparse
import asyncio

from aioquic.asyncio import QuicConnectionProtocol, connect
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, StreamReset

SECONDS = 20


class Client(QuicConnectionProtocol):
    """Asks once and counts what comes back."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.h3 = H3Connection(self._quic)
        self.done = asyncio.get_running_loop().create_future()
        self.size = 0

    def quic_event_received(self, event):
        if isinstance(event, (ConnectionTerminated, StreamReset)) and not self.done.done():
            self.done.set_exception(ConnectionError("closed before the answer was complete"))
        for seen in self.h3.handle_event(event):
            if isinstance(seen, DataReceived):
                self.size += len(seen.data)
                if seen.stream_ended and not self.done.done():
                    self.done.set_result(self.size)

    async def ask(self, host, path, post):
        stream = self._quic.get_next_available_stream_id()
        self.h3.send_headers(
            stream,
            [
                (b":method", b"POST" if post else b"GET"),
                (b":scheme", b"https"),
                (b":authority", host.encode()),
                (b":path", path.encode()),
            ],
            end_stream=not post,
        )
        if post:
            self.h3.send_data(stream, b"x" * post, end_stream=True)
        self.transmit()
        return await asyncio.wait_for(self.done, SECONDS)


async def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cacert", required=True)
    options.add_argument("--connect", required=True)
    options.add_argument("--post", type=int, default=0)
    options.add_argument("host")
    options.add_argument("path")
    given = options.parse_args()
    address, _, port = given.connect.rpartition(":")
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, server_name=given.host)
    configuration.load_verify_locations(given.cacert)
    async with connect(address, int(port), configuration=configuration, create_protocol=Client) as client:
        print(await client.ask(given.host, given.path, given.post))


asyncio.run(main())
