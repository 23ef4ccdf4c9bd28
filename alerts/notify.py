"""Mail and chat, by the library apprise: one letter a delivery to every address of a file. No secret leaves it."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apprise

from alerts.addresses import Address, masked, read_addresses
from alerts.letter import Message, letter
from alerts.own_threads import OwnThreads
from alerts.ports import Delivery, PublishError
from alerts.secret_file import SecretFileError, read_secret_file
from rules.finding import Severity

AT_ONCE = 4
"""Addresses that are spoken to at one time."""
SLOWEST_S = 10.0
"""How long a service may want between two messages, as far as is known before its address is read."""
STEPS = 4
"""A conversation takes several steps, each within the channel's time-out."""
LONGEST_LETTER = 32_768
"""So many characters has a letter at most, as far as is known before it is written."""
MOST_PARTS = 16
"""More time than for so many messages no letter gets at one address."""
MOST_REMEMBERED = 1_000
OVERFLOW = re.compile(r"[?&]overflow=", re.IGNORECASE)
"""By this an address says itself what becomes of a letter that is longer than its service takes."""
KINDS = {
    Severity.CRITICAL: apprise.NotifyType.FAILURE,
    Severity.HIGH: apprise.NotifyType.FAILURE,
    Severity.MEDIUM: apprise.NotifyType.WARNING,
    Severity.LOW: apprise.NotifyType.INFO,
}
LIBRARY = logging.getLogger("apprise")
LIBRARY.propagate = False  # what it says can hold secrets: it is masked here, and printed nowhere else
logging.getLogger("urllib3").propagate = False


class AddressError(Exception):
    """An address of the file is none that the library knows; the text names its line, and nothing of it."""


class NotifyChannel:
    """Sends letters by mail and chat; an address that took one is not told again when another did not.

    The library says only that it failed, never that a message will never be taken: `give_up` ends what nobody takes.
    """

    def __init__(self, *, urls_file: Path, timeout_s: float) -> None:
        self._urls_file = urls_file
        self._timeout_s = timeout_s
        self._threads = OwnThreads("alerts_notify", most=AT_ONCE)
        self._turn = asyncio.Lock()
        self._servers: dict[Address, apprise.NotifyBase] = {}
        self._took: OrderedDict[str, set[str]] = OrderedDict()
        self.at_once = 1

    @property
    def connected(self) -> bool:
        """Return whether it is worth trying: always, as only a try shows whether the other side is there."""
        return True

    @property
    def lost_at(self) -> None:
        """Return None: what the other side took, it has."""

    @property
    def longest_s(self) -> float:
        """Return how long one letter takes at most, to the slowest address."""
        unknown = STEPS * self._timeout_s + SLOWEST_S
        return max((self._within(server, LONGEST_LETTER) for server in self._servers.values()), default=unknown)

    async def run(self) -> None:
        """Be there until cancelled."""
        await asyncio.Event().wait()

    async def deliver(self, delivery: Delivery) -> None:
        """Send one letter, one delivery at a time; returning means that every address took it."""
        words = letter(delivery)
        kind = max((alert.severity for alert in delivery.alerts), key=lambda one: one.rank, default=Severity.LOW)
        async with self._turn:
            try:
                self._servers = await asyncio.to_thread(self._opened)
            except (SecretFileError, AddressError) as error:
                raise PublishError(str(error)) from error
            took = self._remembered(delivery.key)
            left = [address for address in self._servers if address.url not in took]
            troubles = await asyncio.gather(*(self._send(address, words, KINDS[kind]) for address in left))
        took |= {address.url for address, trouble in zip(left, troubles, strict=True) if trouble is None}
        if said := [trouble for trouble in troubles if trouble is not None]:
            raise PublishError("; ".join(said))
        del self._took[delivery.key]

    async def _send(self, address: Address, words: Message, kind: apprise.NotifyType) -> str | None:
        """Send it to one address; return what went wrong, in words without a secret."""
        server = self._servers[address]
        within = self._within(server, len(words.text))
        who = f"{address.scheme} in line {address.line} of {self._urls_file.name}"
        try:
            said = await self._threads.run(lambda: _told(server, words, kind), within)
        except TimeoutError:
            return f"{who} did not take it within {within:g} s"
        except Exception as error:  # noqa: BLE001 - some thirty plug-ins raise what they like
            return f"{who} did not take it: {type(error).__name__} {masked(str(error), address)}"
        return None if said is None else f"{who} did not take it: {masked(said, address)}"

    def _within(self, server: apprise.NotifyBase, length: int) -> float:
        """Return how long an address may take for so many characters, with those that are spoken to before it."""
        waves = math.ceil(len(self._servers) / AT_ONCE)
        parts = min(MOST_PARTS, 1 + 2 * length // server.body_maxlen)
        return float(waves * parts * (STEPS * self._timeout_s + server.request_rate_per_sec))

    def _opened(self) -> dict[Address, apprise.NotifyBase]:
        """Read the file; keep what is open to an address that stands, for it knows how fast it may speak."""
        addresses = read_addresses(read_secret_file(self._urls_file))
        if not addresses:
            msg = f"{self._urls_file.name} has no address"
            raise AddressError(msg)
        return {
            address: self._servers.get(address) or opened_address(address, self._urls_file.name, self._timeout_s)
            for address in addresses
        }

    def _remembered(self, key: str) -> set[str]:
        if len(self._took) > MOST_REMEMBERED:
            self._took.popitem(last=False)
        return self._took.setdefault(key, set())


def opened_address(address: Address, file: str, timeout_s: float) -> apprise.NotifyBase:
    """Return the library's way to an address; raise AddressError when it knows none."""
    asset = apprise.AppriseAsset(app_id="sorwatch", app_desc="sorwatch", http_redirects=False)
    server = apprise.Apprise.instantiate(address.url, asset=asset, suppress_exceptions=True)
    if not isinstance(server, apprise.NotifyBase):
        msg = f"{file}: line {address.line} is no address of mail or chat that can be used ({address.scheme}://…)"
        raise AddressError(msg)
    if not OVERFLOW.search(address.url):
        server.overflow_mode = apprise.OverflowMode.SPLIT
    server.socket_connect_timeout = server.socket_read_timeout = timeout_s
    return server


def _told(server: apprise.NotifyBase, words: Message, kind: apprise.NotifyType) -> str | None:
    """Send in this thread; return what the library said when it failed, None when the other side took it."""
    with _heard() as said:
        took = server.notify(
            body=words.text, title=words.subject, notify_type=kind, body_format=apprise.NotifyFormat.TEXT
        )
    return None if took else "; ".join(said) or "the library gives no reason"


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Hear what the library says in this thread."""
    mine, said = threading.get_ident(), list[str]()

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == mine:
                said.append(record.getMessage())

    handler = Heard(logging.WARNING)
    LIBRARY.addHandler(handler)
    try:
        yield said
    finally:
        LIBRARY.removeHandler(handler)
