"""The engine's callbacks: nothing gets out of them, and nothing gets out to the counterparty that must not."""

from __future__ import annotations

from typing import Any

import pytest
import quickfix

from service.fix.inbox import Inbox
from service.fix.session import TapLog, WatchApplication


class Recorder:
    """Stands for the engine and for its only tap, and remembers what it is told; `broken` makes every call fail."""

    def __init__(self) -> None:
        self.rejects: list[str] = []
        self.events: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self.settled = 0
        self.broken = False
        self.heartbeats: dict[str, int] = {}

    def tap(self, session: str) -> Recorder:
        """Return itself."""
        if self.broken:
            msg = "the tap is broken"
            raise ValueError(msg)
        return self

    def credentials(self, session: str) -> list[tuple[int, str]]:
        """Return a password."""
        return [(554, "secret")]

    def reject(self, text: str) -> None:
        """Remember a reject."""
        self.rejects.append(text)

    def leaves(self, logout: str) -> None:
        """Remember a Logout of ours."""
        self.notes.append(logout)

    def event(self, event: str, text: str = "") -> None:
        """Remember an event."""
        self.events.append((event, text))

    def note(self, event: str, text: str) -> None:
        """Remember a note."""
        self.notes.append(text)

    def settle(self) -> None:
        """Count it."""
        self.settled += 1

    def incoming(self, text: str) -> None:
        """Fail, always."""
        raise ValueError(text)

    def logged_in(self) -> None:
        """Remember it."""
        self.event("logon")

    def logged_out(self) -> None:
        """Remember it."""
        self.event("logout")


SESSION = quickfix.SessionID("FIX.4.4", "FIRM", "SOR", "")


def a_message(kind: str, **tags: str) -> Any:
    """Return an outbound message of a type."""
    message = quickfix.Message()
    message.getHeader().setField(35, kind)
    for tag, value in tags.items():
        message.setField(int(tag[1:]), value)
    return message


def an_application(*allowed: str) -> tuple[WatchApplication, Recorder, Inbox]:
    """Return the callbacks with what they talk to."""
    engine, inbox = Recorder(), Inbox()
    return WatchApplication(engine, inbox, allowed), engine, inbox  # type: ignore[arg-type] # stands for the engine


@pytest.mark.parametrize("kind", ["D", "F", "G", "8", "B"])
def test_no_application_message_leaves_without_being_allowed(kind: str) -> None:
    """Orders never, even if a dialect allows them; anything else only from the allow-list; the attempt is recorded."""
    application, engine, _ = an_application("D", "F", "G", "BE")

    with pytest.raises(quickfix.DoNotSend):
        application.toApp(a_message(kind), SESSION)

    assert engine.events == [("send_refused", f"MsgType (35) {kind} is not on the allow-list")]


def test_what_the_dialect_needs_for_recovery_may_leave() -> None:
    """A counterparty that recovers at application level must be asked in its own way."""
    application, engine, _ = an_application("BE")

    application.toApp(a_message("BE"), SESSION)

    assert engine.events == []


def test_a_business_reject_is_recorded_before_it_is_stopped() -> None:
    """The finding needs its text."""
    application, engine, _ = an_application()

    with pytest.raises(quickfix.DoNotSend):
        application.toApp(a_message("j", t45="7"), SESSION)

    assert "45=7" in engine.rejects[0]


def test_a_session_reject_is_recorded_as_it_goes_out() -> None:
    """It cannot be stopped."""
    application, engine, _ = an_application()

    application.toAdmin(a_message("3", t45="7"), SESSION)

    assert "45=7" in engine.rejects[0]


def test_our_logout_is_known_before_it_goes_out() -> None:
    """Whoever logs out first has ended the session."""
    application, engine, _ = an_application()

    application.toAdmin(a_message("5", t58="the watch is stopping"), SESSION)

    assert "58=the watch is stopping" in engine.notes[0]


def test_our_logon_carries_the_credentials_and_tells_the_heartbeat() -> None:
    """The interval is what the engine's silence is measured by."""
    application, engine, _ = an_application()
    logon = a_message("A", t108="17")

    application.toAdmin(logon, SESSION)

    assert logon.getField(554) == "secret"
    assert engine.heartbeats == {"FIX.4.4:FIRM->SOR": 17}


def test_no_exception_leaves_a_callback() -> None:
    """It would wedge the engine's thread; the gateway learns of it and ends. A message that cannot be judged stays."""
    application, engine, inbox = an_application("BE")
    engine.broken = True
    for callback in (application.onCreate, application.onLogon, application.onLogout):
        callback(SESSION)
    application.fromAdmin(a_message("0"), SESSION)
    application.toAdmin(a_message("3"), SESSION)
    application.fromApp(a_message("8"), SESSION)
    with pytest.raises(quickfix.DoNotSend):
        application.toApp(a_message("j"), SESSION)

    assert inbox.failure is not None
    assert inbox.failure.startswith("a callback of the FIX engine failed")


def test_a_message_that_cannot_be_tapped_ends_the_gateway_and_not_the_engine() -> None:
    """The log is a callback too."""
    inbox = Inbox()
    log = TapLog(Recorder(), inbox)  # type: ignore[arg-type] # stands for a tap

    log.onIncoming("8=FIX")

    assert inbox.failure == "a message could not be tapped: ValueError"


def test_an_event_never_carries_a_whole_message() -> None:
    """The engine quotes what it cannot read, secrets and all: only what stands before the first field is kept."""
    recorder, inbox = Recorder(), Inbox()
    log = TapLog(recorder, inbox)  # type: ignore[arg-type] # stands for a tap

    log.onEvent("Session not found for incoming message: 8=FIX.4.4\x01554=secret\x01")
    log.onEvent("Logon contains ResetSeqNumFlag=Y, reseting sequence numbers to 1")

    assert "secret" not in "".join(recorder.notes)
    assert recorder.settled == 1  # a reset that is about to happen must not let the held Logon go


def test_the_log_of_the_engine_itself_taps_nothing() -> None:
    """It belongs to no session."""
    inbox = Inbox()
    log = TapLog(None, inbox)
    log.onIncoming("8=FIX")
    log.onOutgoing("8=FIX")
    log.onEvent("Accepted connection")
    log.clear()
    log.backup()

    assert (inbox.failure, len(inbox)) == (None, 0)
