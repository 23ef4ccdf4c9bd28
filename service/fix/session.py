"""The only door to `quickfix` (the simulator has its own): one engine, its callbacks, its log as our tap.

No exception leaves a callback: one that did would wedge the engine's thread while the process lives on. A callback that
fails is remembered in the inbox, and the gateway ends: what it should have tapped comes back by a resend.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import quickfix

from rules.facts import SECOND, Nanos
from service.fix.engine_settings import engine_settings, session_id
from service.fix.epoch import SessionFile
from service.fix.inbox import Inbox
from service.fix.session_cfg import ConnectionType, SessionConfig, SessionSettings
from service.fix.stream import Advance, Send, SessionStatus
from service.fix.tap import Tap
from service.journal import SessionPoint

NEVER_SENT = frozenset({"D", "F", "G"})
"""New order, cancel, replace: a watch sends none of them, whatever an allow-list says."""
IDLE_BOUND = 60 * SECOND
"""Without a session logged on, the engine's thread may stand in a name look-up or a connect this long."""
_RESET_COMES = "Logon contains ResetSeqNumFlag=Y"
_MSG_TYPE, _HEARTBEAT, _USERNAME, _PASSWORD = 35, 108, 553, 554


def _safely(inbox: Inbox, work: Callable[[], bool | None]) -> bool | None:
    """Run a callback's work on the engine's thread and let nothing out."""
    inbox.activity = time.monotonic_ns()
    try:
        return work()
    except BaseException as error:  # noqa: BLE001 # anything that escaped would wedge the engine
        inbox.fail(f"a callback of the FIX engine failed: {type(error).__name__}: {error}")
        return None


class TapLog(quickfix.Log):  # type: ignore[misc] # the binding has no types
    """The engine's log of one session: what comes in goes to the tap as it came."""

    def __init__(self, tap: Tap | None, inbox: Inbox) -> None:
        super().__init__()
        self._tap = tap
        self._inbox = inbox

    def clear(self) -> None:
        """Keep nothing, so clear nothing."""

    def backup(self) -> None:
        """Keep nothing, so back up nothing."""

    def onIncoming(self, text: str) -> None:  # noqa: N802 # the engine's name
        """Tap one inbound message; `_safely` spelled out, because this is the one hot callback."""
        try:
            if self._tap is not None:
                self._tap.incoming(text)
        except BaseException as error:  # noqa: BLE001 # anything that escaped would wedge the engine
            self._inbox.fail(f"a message could not be tapped: {type(error).__name__}")

    def onOutgoing(self, text: str) -> None:  # noqa: N802 # the engine's name
        """Note only that the engine's thread lives."""
        del text
        self._inbox.activity = time.monotonic_ns()

    def onEvent(self, text: str) -> None:  # noqa: N802 # the engine's name
        """Note what the engine says; a Logon that announces a reset stays held until the reset is done."""
        _safely(self._inbox, lambda: self._event(text))

    def _event(self, text: str) -> None:
        if self._tap is None:
            return
        if not text.startswith(_RESET_COMES):
            self._tap.settle()
        self._tap.note("engine", text.split("\x01", 1)[0])


class TapLogFactory(quickfix.LogFactory):  # type: ignore[misc] # the binding has no types
    """Gives each session its tap; the engine owns the logs, so they are disowned here and kept alive."""

    def __init__(self, engine: Engine, inbox: Inbox) -> None:
        super().__init__()
        self._engine = engine
        self._inbox = inbox
        self._logs: list[TapLog] = []

    def create(self, *session_id: Any) -> TapLog:
        """Return the log of a session, or of the engine itself when no session is given."""
        tap = self._engine.tap(session_id[0].toString()) if session_id else None
        log = TapLog(tap, self._inbox)
        self._logs.append(log)
        log.__disown__()  # without it the binding takes the log back under a lock and the constructor hangs
        return log

    def destroy(self, log: Any) -> None:
        """Leave it to the end of the process."""


class WatchApplication(quickfix.Application):  # type: ignore[misc] # the binding has no types
    """The engine's callbacks: winds at creation, journals logons and rejects, stops what a watch must not send."""

    def __init__(self, engine: Engine, inbox: Inbox, allowed: Iterable[str]) -> None:
        super().__init__()
        self._engine = engine
        self._inbox = inbox
        self._allowed = frozenset(allowed) - NEVER_SENT

    def onCreate(self, session_id: Any) -> None:  # noqa: N802 # the engine's name
        """Wind the session to the journal (design.md §2.2), before anything can be read."""
        _safely(self._inbox, lambda: self._engine.wind(session_id.toString()))

    def onLogon(self, session_id: Any) -> None:  # noqa: N802 # the engine's name
        """Journal the logon."""
        _safely(self._inbox, lambda: self._engine.tap(session_id.toString()).logged_in())

    def onLogout(self, session_id: Any) -> None:  # noqa: N802 # the engine's name
        """Journal the logout, once for each logon."""
        _safely(self._inbox, lambda: self._engine.tap(session_id.toString()).logged_out())

    def toAdmin(self, message: Any, session_id: Any) -> None:  # noqa: N802 # the engine's name
        """Put the credentials into our Logon; journal our own Reject (35=3)."""
        _safely(self._inbox, lambda: self._to_admin(message, session_id.toString()))

    def fromAdmin(self, message: Any, session_id: Any) -> None:  # noqa: N802 # the engine's name
        """Let a held Logon go: the engine has made up its mind about the epoch."""
        del message
        _safely(self._inbox, lambda: self._engine.tap(session_id.toString()).settle())

    def toApp(self, message: Any, session_id: Any) -> None:  # noqa: N802 # the engine's name
        """Stop every application message that is not on the dialect's recovery allow-list."""
        if not _safely(self._inbox, lambda: self._may_send(message, session_id.toString())):
            raise quickfix.DoNotSend

    def fromApp(self, message: Any, session_id: Any) -> None:  # noqa: N802 # the engine's name
        """Do nothing with the message; hold the engine back where durability or memory ask for it."""
        del message, session_id
        _safely(self._inbox, self._inbox.hold_back)

    def _to_admin(self, message: Any, session: str) -> None:
        tap = self._engine.tap(session)
        tap.settle()
        kind = message.getHeader().getField(_MSG_TYPE)
        if kind == "3":
            tap.reject(message.toString())
        elif kind == "5":
            tap.leaves(message.toString())
        elif kind == "A":
            self._engine.heartbeats[session] = int(message.getField(_HEARTBEAT))
            for tag, value in self._engine.credentials(session):
                message.setField(tag, value)

    def _may_send(self, message: Any, session: str) -> bool:
        kind = message.getHeader().getField(_MSG_TYPE)
        if kind in self._allowed:
            return True
        if kind == "j":
            self._engine.tap(session).reject(message.toString())
        else:
            self._engine.tap(session).event("send_refused", f"MsgType (35) {kind} is not on the allow-list")
        return False


class Engine:
    """One counterparty's sessions on one thread of ours; built wound back, started later."""

    def __init__(
        self,
        config: SessionConfig,
        *,
        counterparty: str,
        store: Path,
        inbox: Inbox,
        points: Iterable[SessionPoint],
        allowed: Iterable[str] = (),
    ) -> None:
        self.heartbeats: dict[str, int] = {}
        self.thread_id = 0
        self._config = {session.name: session for session in config.sessions}
        self._folder = config.folder
        self._inbox = inbox
        self._points = {point.session: point for point in points}
        self._sessions: dict[str, Any] = {}
        self._taps = {name: self._make_tap(counterparty, store, self._config[name]) for name in self._config}
        self._stopping = threading.Event()
        self._parts = (  # the engine keeps only pointers to these
            WatchApplication(self, inbox, allowed),
            quickfix.FileStoreFactory(str(store)),
            engine_settings(config, store),
            TapLogFactory(self, inbox),
        )
        initiator = config.connection is ConnectionType.INITIATOR
        kind = quickfix.SocketInitiator if initiator else quickfix.SocketAcceptor
        try:
            self._engine = kind(*self._parts)
        except quickfix.FIXException as error:
            msg = f"the FIX engine does not accept session.cfg: {error}"
            raise RuntimeError(msg) from None
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Begin to connect or to listen."""
        self._thread.start()

    def tap(self, session: str) -> Tap:
        """Return the tap of a session by its SessionID text."""
        return self._taps[session]

    @property
    def taps(self) -> tuple[Tap, ...]:
        """Return the taps of all sessions."""
        return tuple(self._taps.values())

    def wind(self, session: str) -> None:
        """Wind one session back to what the journal holds; never forward."""
        self._sessions[session] = found = quickfix.Session.lookupSession(session_id(self._config[session]))
        expected = int(found.getExpectedTargetNum())
        target = self._taps[session].created(self._points.get(session))
        if target < expected:
            found.setNextTargetMsgSeqNum(target)

    def credentials(self, session: str) -> list[tuple[int, str]]:
        """Return Username (553) and Password (554) for our Logon; the file is read anew each time."""
        values = self._config[session].values
        found = [(_USERNAME, values["Username"])] if "Username" in values else []
        if "PasswordFile" in values:
            secret = (self._folder / values["PasswordFile"]).read_text(encoding="utf-8").strip()
            found.append((_PASSWORD, secret))
        return found

    def statuses(self) -> tuple[SessionStatus, ...]:
        """Return every session's state."""
        return tuple(tap.status() for tap in self._taps.values())

    def bound(self) -> Nanos:
        """Return how long the engine's thread may be silent: with a session logged on it sends heartbeats."""
        beating = [self.heartbeats.get(name, 60) for name, found in self._sessions.items() if found.isLoggedOn()]
        return Nanos((2 * min(beating) + 5) * SECOND if beating else IDLE_BOUND)

    def log_out(self, reason: str) -> None:
        """Ask every session to log out and stay so."""
        for session in self._sessions.values():
            session.logout(reason)

    def ask(self, command: Send) -> None:
        """Send a question of the recovery allow-list; `toApp` stops what is not on it."""
        _safely(self._inbox, lambda: self._ask(command))

    def _ask(self, command: Send) -> None:
        name, session = command.session, self._sessions[command.session]
        if not session.isLoggedOn():  # the engine would keep it for a resend
            self.tap(name).event("recovery_not_requested", "the session is not logged on")
            return
        message = quickfix.Message()
        message.getHeader().setField(_MSG_TYPE, command.msg_type)
        for tag, value in command.fields:
            message.setField(tag, value)
        if quickfix.Session.sendToTarget(message, session_id(self._config[name])):
            self.tap(name).event("recovery_requested", f"MsgType (35) {command.msg_type}")

    def advance(self, command: Advance) -> None:
        """Let a session expect a later number, from the next message on."""
        self.tap(command.session).advance(command.epoch, command.expected)

    def stop(self, timeout_s: float) -> None:
        """Log out and end the engine's thread, within the time if the counterparty answers."""
        self._stopping.set()
        deadline = time.monotonic() + timeout_s
        self.log_out("the watch is stopping")
        while time.monotonic() < deadline and any(found.isLoggedOn() for found in self._sessions.values()):
            time.sleep(0.01)
        stopper = threading.Thread(target=self._engine.stop, args=(True,), daemon=True)
        stopper.start()
        self._thread.join(max(0.5, deadline - time.monotonic()))

    def _run(self) -> None:
        self.thread_id = threading.get_native_id()
        try:
            self._engine.block()
        except Exception as error:  # noqa: BLE001 # whatever it was, the gateway must say it and end
            self._inbox.fail(f"the FIX engine could not run: {error}")
        if not self._stopping.is_set():
            self._inbox.fail("the FIX engine's thread ended by itself")

    def _make_tap(self, counterparty: str, store: Path, session: SessionSettings) -> Tap:
        name = session.name
        return Tap(
            counterparty=counterparty,
            session=name,
            file=SessionFile(store, session.file_stem),
            inbox=self._inbox,
            expected=lambda: int(self._sessions[name].getExpectedTargetNum()),
            logged_on=lambda: bool(self._sessions[name].isLoggedOn()),
            move_on=lambda number: self._sessions[name].setNextTargetMsgSeqNum(int(number)),
        )
