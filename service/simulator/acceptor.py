"""The SOR's side of the session: a QuickFIX acceptor that sends what it is given and serves resends from its store.

Whole messages are built here from bodies, with a dictionary of one group (768), so that its entries stay in order.
Nothing is raised in a callback.
"""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import quickfix as fix

from service.fix.dictionaries import with_dictionaries
from service.simulator.messages import SOH, BeginString

GROUPS = {768: (769, 770)}
LOGOUT_WAIT = 4.0
"""The engine itself gives up after two seconds without an answer."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Where the acceptor listens and who it is; without `store` its messages live in memory only.

    QuickFIX binds every interface of the machine and cannot be told otherwise: logons from elsewhere than `peers`
    are refused, an empty `peers` lets everybody in.
    """

    port: int
    version: BeginString = BeginString.FIX44
    sender: str = "SOR"
    target: str = "FIRM"
    store: Path | None = None
    peers: tuple[str, ...] = ("127.0.0.1",)


class _Application(fix.Application):  # type: ignore[misc]  # quickfix carries no types
    """Notes when the counterparty is logged on; `refused` counts the rejects that it sent us."""

    def __init__(self) -> None:
        super().__init__()
        self.logged_on = threading.Event()
        self.logged_out = threading.Event()
        self.refused = 0

    def onCreate(self, session: Any) -> None:  # noqa: N802 - quickfix's name
        """Do nothing: the session is ours."""

    def onLogon(self, session: Any) -> None:  # noqa: N802, ARG002 - quickfix's name and shape
        """Note that the counterparty is here."""
        self.logged_on.set()

    def onLogout(self, session: Any) -> None:  # noqa: N802, ARG002 - quickfix's name and shape
        """Note that the counterparty has gone."""
        self.logged_on.clear()
        self.logged_out.set()

    def toAdmin(self, message: Any, session: Any) -> None:  # noqa: N802 - quickfix's name
        """Do nothing: what the engine says to keep the session is right."""

    def toApp(self, message: Any, session: Any) -> None:  # noqa: N802 - quickfix's name
        """Do nothing: what we send, we mean."""

    def fromAdmin(self, message: Any, session: Any) -> None:  # noqa: N802, ARG002 - quickfix's name and shape
        """Count session rejects: an SOR would like to know that its reports were not understood."""
        if f"{SOH}35=3{SOH}" in message.toString():
            self.refused += 1

    def fromApp(self, message: Any, session: Any) -> None:  # noqa: N802 - quickfix's name
        """Ignore what comes: a drop copy takes no orders."""


class Acceptor:
    """Listens while it is open, as a context manager; sends in the caller's thread."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._application = _Application()
        self._dictionary = _dictionary(line.version)
        self._session = fix.SessionID(line.version.value, line.sender, line.target)
        self._settings = _settings(line, self._session)
        store = fix.MemoryStoreFactory() if line.store is None else fix.FileStoreFactory(self._settings)
        self._store = store  # the engine keeps a bare pointer to it
        self._engine = fix.ThreadedSocketAcceptor(self._application, store, self._settings)
        self._head = f"8={line.version.value}{SOH}9=0{SOH}35=8{SOH}"

    def __enter__(self) -> Self:
        """Begin to listen; raise OSError when the port cannot be had."""
        try:
            self._engine.start()
        except (fix.ConfigError, fix.RuntimeError) as error:
            msg = f"the simulator cannot listen on port {self.line.port}: {error}"
            raise OSError(msg) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Log out and stop listening (the engine's own wait for the answer goes by whole seconds)."""
        self._log_out()
        self._engine.stop(True)
        del self._engine  # its session would stand in the way of a successor's

    @property
    def logged_on(self) -> bool:
        """Return whether the counterparty is here."""
        return self._application.logged_on.is_set()

    @property
    def refused(self) -> int:
        """Return how many session rejects the counterparty sent."""
        return self._application.refused

    def wait_for_logon(self, seconds: float) -> bool:
        """Wait until the counterparty is here, at most that long; return whether it is."""
        return self._application.logged_on.wait(seconds)

    def send(self, body: str, *, resend: bool = False) -> None:
        """Send an execution report; while nobody is logged on it is stored and will be asked for."""
        self.send_prepared(self.prepare(body, resend=resend))

    def prepare(self, body: str, *, resend: bool = False) -> Any:
        """Build the message for `send_prepared`, so that sending many costs less."""
        mark = f"97=Y{SOH}" if resend else ""
        return fix.Message(f"{self._head}{mark}{body}10=000{SOH}", self._dictionary, False)

    def send_prepared(self, message: Any) -> None:
        """Send a prepared message; the engine gives it its number and SendingTime."""
        fix.Session.sendToTarget(message, self._session)

    def skip(self, count: int) -> None:
        """Lose `count` sequence numbers, so that a gap really opens with the next message."""
        session = fix.Session.lookupSession(self._session)
        session.setNextSenderMsgSeqNum(session.getExpectedSenderNum() + count)

    def reset(self) -> None:
        """Log out, then begin again at 1 with an empty store, as an SOR does overnight or in trouble.

        The engine's own reset closes a connection that another thread is reading, so the logout comes first.
        """
        self._log_out()
        session = fix.Session.lookupSession(self._session)
        session.reset()
        session.logon()  # the logout had closed the door

    def _log_out(self) -> None:
        """Ask the counterparty to leave and wait a moment until it has."""
        self._application.logged_out.clear()
        if self.logged_on:
            fix.Session.lookupSession(self._session).logout()
            self._application.logged_out.wait(LOGOUT_WAIT)

    @property
    def next_sequence(self) -> int:
        """Return the number that the next message will have."""
        return int(fix.Session.lookupSession(self._session).getExpectedSenderNum())


def _dictionary(version: BeginString) -> Any:
    dictionary = fix.DataDictionary()
    dictionary.setVersion(version.value)
    dictionary.addMsgType("8")
    for count, members in GROUPS.items():
        entry = fix.DataDictionary()
        for member in members:
            entry.addField(member)
        dictionary.addGroup("8", count, members[0], entry)
    return dictionary


def _grouping(line: Line) -> dict[str, str]:
    """Return what makes the engine keep groups together when it resends: without a dictionary it sorts their fields."""
    if line.store is None:
        return {"UseDataDictionary": "N"}
    line.store.mkdir(parents=True, exist_ok=True)
    made = with_dictionaries({"BeginString": line.version.value}, line.store, line.store)
    return {key: value for key, value in made.items() if key != "BeginString"} | {
        "ValidateFieldsOutOfOrder": "N",
        "ValidateFieldsHaveValues": "N",
        "ValidateUserDefinedFields": "N",
        "AllowUnknownMsgFields": "Y",
    }


def _settings(line: Line, session: Any) -> Any:
    defaults = {
        "ConnectionType": "acceptor",
        "SocketReuseAddress": "Y",
        "SocketNodelay": "Y",
        "NonStopSession": "Y",
        "CheckLatency": "N",
        "TimestampPrecision": "6" if line.version is BeginString.FIX42 else "9",
        "PersistMessages": "Y",
    }
    if line.version is BeginString.FIXT11:
        defaults["DefaultApplVerID"] = "9"
    defaults |= _grouping(line)
    if line.store is not None:
        defaults["FileStorePath"] = str(line.store)
    own = fix.Dictionary()
    if line.peers:
        own.setString("AllowedRemoteAddresses", ",".join(line.peers))
    own.setString("SocketAcceptPort", str(line.port))
    common = fix.Dictionary()
    for key, value in defaults.items():
        common.setString(key, value)
    settings = fix.SessionSettings()
    settings.set(common)
    settings.set(session, own)
    return settings
