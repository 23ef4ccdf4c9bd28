"""Quotes over ZeroMQ: subscribes to a publisher (PUB/SUB) and hands on what comes. It listens and never publishes.

Options: `address` (such as tcp://quotes.example:5556; several are a list) and `topic` (the first frame's beginning, ""
for everything). The last frame of a message is JSON in the form of the MQTT messages. A publisher drops without a word
what a slow subscriber cannot take, so only the `sequence` of the batches shows what was lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.market.source_port import QuoteSink

try:
    import zmq
    import zmq.asyncio
    from zmq.utils.monitor import recv_monitor_message
except ModuleNotFoundError as error:
    msg = "quotes over ZeroMQ need pyzmq; install the optional part: pip install 'sorwatch[zeromq]'"
    raise ImportError(msg) from error

WAITING = 10_000
"""Messages that may wait for us before the socket drops them."""
TURN = 64
"""Messages taken in one go, before the loop has its turn."""


def opened(options: Mapping[str, Any], sink: QuoteSink) -> ZeroMqQuotes:
    """Return the source; raise ValueError in words when the options are wrong (port Opening)."""
    unknown = sorted(set(options) - {"address", "topic"})
    if unknown:
        msg = f"unknown option {', '.join(unknown)}; expected address and topic"
        raise ValueError(msg)
    named = options.get("address") or ()
    addresses = (named,) if isinstance(named, str) else tuple(named) if isinstance(named, list) else ()
    if not addresses or not all(isinstance(each, str) and "://" in each for each in addresses):
        msg = f"address is {named!r}; expected for example tcp://127.0.0.1:5556, or a list of such"
        raise ValueError(msg)
    return ZeroMqQuotes(addresses, str(options.get("topic", "")), sink)


class ZeroMqQuotes:
    """One subscription; the library itself connects again, and says when a connection is gone (port QuoteSource)."""

    def __init__(self, addresses: tuple[str, ...], topic: str, sink: QuoteSink) -> None:
        self._addresses = addresses
        self._topic = topic
        self._sink = sink

    async def run(self) -> None:
        """Receive until cancelled."""
        with zmq.asyncio.Context() as context, context.socket(zmq.SUB) as socket:
            socket.setsockopt(zmq.LINGER, 0)
            socket.setsockopt(zmq.RCVHWM, WAITING)
            socket.setsockopt(zmq.HEARTBEAT_IVL, 1_000)
            monitor = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
            try:
                for address in self._addresses:
                    socket.connect(address)
                socket.subscribe(self._topic)
                await self._receive(socket, monitor)
            finally:
                socket.disable_monitor()
                monitor.close(linger=0)

    async def _receive(self, socket: zmq.asyncio.Socket, monitor: zmq.asyncio.Socket) -> None:
        poller = zmq.asyncio.Poller()
        poller.register(socket, zmq.POLLIN)
        poller.register(monitor, zmq.POLLIN)
        while True:
            ready = dict(await poller.poll())
            if socket in ready:
                await self._take(socket)
            if monitor in ready:
                await recv_monitor_message(monitor)
                self._sink.lost()

    async def _take(self, socket: zmq.asyncio.Socket) -> None:
        """Take what already waits, up to a turn."""
        for _ in range(TURN):
            frames = await socket.recv_multipart()
            self._sink.payload(frames[-1])
            if not await socket.poll(0):
                return
