"""The tap of one session: which epoch a message belongs to, and points that are true although two threads read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from service.fix.epoch import SessionFile, mend
from service.fix.inbox import Inbox, Item
from service.fix.tap import Tap
from service.journal import RecordKind, SessionPoint

STEM = "FIX.4.4-FIRM-SOR"
LOGON = "8=FIX.4.4\x019=5\x0135=A\x0149=SOR\x01"
LOGOUT = "8=FIX.4.4\x019=5\x0135=5\x0134=1\x0158=not today\x01"


class FakeEngine:
    """The two answers that a tap asks its engine for; `before_answer` happens while the answer is on its way."""

    def __init__(self, folder: Path) -> None:
        self.expected = 1
        self.before_answer: Callable[[], None] = lambda: None
        self._file = folder / f"{STEM}.session"
        self._resets = 0
        self.reset()

    def answer(self) -> int:
        """Return the expected number."""
        self.before_answer()
        return self.expected

    def reset(self) -> None:
        """Begin a new life, as the engine's file store does."""
        self._resets += 1
        self.expected = 1
        self._file.unlink(missing_ok=True)
        self._file.write_text(f"20261122-08:00:{self._resets:02d}", encoding="ascii")


def a_tap(folder: Path) -> tuple[Tap, FakeEngine, Inbox]:
    """Return a tap with its engine and inbox."""
    engine, inbox = FakeEngine(folder), Inbox()
    tap = Tap(
        counterparty="demo",
        session="S",
        file=SessionFile(folder, STEM),
        inbox=inbox,
        expected=engine.answer,
        logged_on=lambda: True,
    )
    return tap, engine, inbox


def told(inbox: Inbox, kind: RecordKind) -> list[Item]:
    """Return what was tapped of one kind."""
    return [item for item in inbox.take(1000) if item.kind is kind]


def test_an_unknown_epoch_is_announced_and_read_from_one(tmp_path: Path) -> None:
    """The journal never heard of the session: its first record is the epoch."""
    tap, engine, inbox = a_tap(tmp_path)
    engine.expected = 50

    target = tap.created(None)

    (item,) = told(inbox, RecordKind.EPOCH)
    assert target == 1
    assert msgspec.json.decode(item.body) == {"epoch": item.epoch, "expected": 0, "previous": ""}


def test_a_known_epoch_is_not_announced_again(tmp_path: Path) -> None:
    """The session goes on where the journal stands."""
    tap, engine, inbox = a_tap(tmp_path)
    tap.created(None)
    (first,) = told(inbox, RecordKind.EPOCH)
    engine.expected = 50

    target = tap.created(SessionPoint(counterparty="demo", session="S", epoch=first.epoch, expected=20))

    assert target == 20
    assert told(inbox, RecordKind.EPOCH) == []


def test_a_logon_that_resets_is_journalled_under_the_new_epoch(tmp_path: Path) -> None:
    """The engine shows it to the log first and resets afterwards; the change comes before the Logon all the same."""
    tap, engine, inbox = a_tap(tmp_path)
    tap.created(None)
    engine.expected = 8
    inbox.take(10)
    tap.incoming(LOGON)
    engine.reset()
    tap.settle()

    change, logon = inbox.take(10)

    assert (change.kind, logon.kind) == (RecordKind.EPOCH, RecordKind.MESSAGE)
    assert change.epoch == logon.epoch
    assert msgspec.json.decode(change.body)["expected"] == 8


def test_a_logon_that_resets_nothing_is_only_held_for_a_moment(tmp_path: Path) -> None:
    """The next message, or any other callback, lets it go under the epoch in force."""
    tap, _, inbox = a_tap(tmp_path)
    tap.created(None)
    tap.incoming(LOGON)
    tap.incoming("8=FIX.4.4\x019=5\x0135=8\x01")

    assert [item.body[-3:] for item in told(inbox, RecordKind.MESSAGE)] == ["OR\x01", "=8\x01"]


def test_a_point_is_not_given_while_the_engine_resets(tmp_path: Path) -> None:
    """Between the reset and the Logon that follows it there is no epoch that the journal could know."""
    tap, engine, _ = a_tap(tmp_path)
    tap.created(None)
    engine.reset()

    assert tap.mark() is None


def test_a_reset_between_the_two_reads_is_noticed(tmp_path: Path) -> None:
    """The epoch was read, then the engine's thread reset, then the number was read: that pair is not given out."""
    tap, engine, _ = a_tap(tmp_path)
    tap.created(None)
    engine.expected = 100
    engine.before_answer = engine.reset

    assert tap.mark() is None


def test_a_reset_that_is_settled_between_the_two_reads_is_read_again(tmp_path: Path) -> None:
    """If the new epoch is announced meanwhile, the pair is read anew and belongs to the new one."""
    tap, engine, inbox = a_tap(tmp_path)
    tap.created(None)

    def once() -> None:
        engine.before_answer = lambda: None
        engine.reset()
        tap.settle()
        engine.expected = 3

    engine.before_answer = once

    point = tap.mark()

    assert point is not None
    assert (point.epoch, point.expected) == (told(inbox, RecordKind.EPOCH)[-1].epoch, 3)


def test_a_reset_after_the_marks_leaves_the_point_unconfirmed(tmp_path: Path) -> None:
    """The inbox may by now hold messages of the new life: the point is not sent with them."""
    tap, engine, _ = a_tap(tmp_path)
    tap.created(None)
    point = tap.mark()
    engine.reset()

    assert point is not None
    assert not tap.confirm(point)
    tap.settle()
    assert not tap.confirm(point)


def test_the_same_note_is_journalled_once_until_something_happens(tmp_path: Path) -> None:
    """A line that is down says so every few seconds; the journal hears it once, and again after a logon."""
    tap, _, inbox = a_tap(tmp_path)
    tap.created(None)
    for _ in range(3):
        tap.note("engine", "Connecting to 10.0.0.1")
    tap.logged_in()
    tap.note("engine", "Connecting to 10.0.0.1")
    tap.logged_out()
    tap.logged_out()

    events = [msgspec.json.decode(item.body)["event"] for item in told(inbox, RecordKind.SESSION)]

    assert events == ["engine", "logon", "engine", "logout"]


def test_notes_are_forgotten_before_they_fill_the_memory(tmp_path: Path) -> None:
    """An engine that says something new each time does not grow the gateway."""
    tap, _, _ = a_tap(tmp_path)
    tap.created(None)
    for number in range(1000):
        tap.note("engine", "x" * number)

    assert len(tap._noted) <= 100


def test_notes_that_differ_in_a_number_are_the_same_note(tmp_path: Path) -> None:
    """Behind a gap the engine has two things to say of every message."""
    tap, _, inbox = a_tap(tmp_path)
    tap.created(None)
    for number in range(50):
        tap.note("engine", f"MsgSeqNum too high, expecting 5 but received {number}")

    assert len(told(inbox, RecordKind.SESSION)) == 1


def test_a_note_may_hold_bytes_that_are_no_text(tmp_path: Path) -> None:
    """The engine quotes what it could not read; a JSON body must hold it all the same."""
    tap, _, inbox = a_tap(tmp_path)
    tap.created(None)

    tap.note("engine", "Invalid message: \udce9")

    (item,) = told(inbox, RecordKind.SESSION)
    assert msgspec.json.decode(item.body)["text"] == "Invalid message: \\udce9"


def test_a_store_without_a_session_file_is_an_error_in_words(tmp_path: Path) -> None:
    """The engine could not write: nobody could tell one life of the session from the next."""
    tap, _, _ = a_tap(tmp_path)
    (tmp_path / f"{STEM}.session").write_text("", encoding="ascii")

    with pytest.raises(OSError, match="is the folder writable"):
        tap.created(None)


def test_files_that_a_full_disk_left_are_mended(tmp_path: Path) -> None:
    """The session file goes, the numbers are made from what was sent; sound files stay as they are."""
    (tmp_path / f"{STEM}.session").write_text("2026", encoding="ascii")
    (tmp_path / f"{STEM}.seqnums").write_text("", encoding="ascii")
    (tmp_path / f"{STEM}.header").write_text("1,0,80 2,80,90 11,170,60 ", encoding="ascii")

    done = list(mend(tmp_path, STEM))

    assert len(done) == 2
    assert not (tmp_path / f"{STEM}.session").exists()
    assert (tmp_path / f"{STEM}.seqnums").read_text(encoding="ascii") == "00000000000000000012 : 00000000000000000001"
    assert list(mend(tmp_path, STEM)) == []
    assert list(mend(tmp_path, "another")) == []


def test_an_engine_is_moved_on_only_where_nothing_is_left_out(tmp_path: Path) -> None:
    """Of this epoch, and up to a message that came without a hole behind what the journal holds."""
    tap, engine, inbox = a_tap(tmp_path)
    tap.created(None)
    moved: list[int] = []
    tap._move_on = moved.append
    engine.expected = 3
    epoch = told(inbox, RecordKind.EPOCH)[0].epoch
    for number in (3, 4):
        tap.incoming(f"8=FIX.4.4\x0135=0\x0134={number}\x01")
    tap.advance(epoch, 5)
    tap.incoming("8=FIX.4.4\x0135=0\x0134=7\x01")
    tap.advance("another", 8)
    tap.incoming("8=FIX.4.4\x0135=0\x0134=8\x01")
    assert moved == []
    tap.advance(epoch, 9)
    tap.incoming("8=FIX.4.4\x0135=0\x0134=x\x01")
    tap.incoming("8=FIX.4.4\x0135=0\x01")
    tap.incoming("8=FIX.4.4\x0135=0\x0134=9\x01")

    assert moved == [9]
    assert b'"advanced"' in told(inbox, RecordKind.SESSION)[0].body


@pytest.mark.parametrize("kind", ["3", "5"])
def test_a_reject_or_logout_behind_a_gap_does_not_make_the_engine_forget_it(tmp_path: Path, kind: str) -> None:
    """The engine counts it as the number that it waits for: the point stays, and the next logon asks from there."""
    tap, engine, _ = a_tap(tmp_path)
    tap.created(None)
    moved: list[int] = []
    tap._move_on = moved.append
    engine.expected = 4
    tap.incoming(f"8=FIX.4.4\x0135={kind}\x0134=6\x01")
    engine.expected = 7
    mark = tap.mark()
    tap.logged_out()
    tap.logged_out()

    assert mark is not None
    assert mark.expected == 4
    assert moved == [4]


def said(inbox: Inbox) -> list[dict[str, str]]:
    """Return the session events."""
    return [msgspec.json.decode(item.body) for item in told(inbox, RecordKind.SESSION)]


def test_a_logout_says_who_ended_the_session_and_why(tmp_path: Path) -> None:
    """Their Logout that ours answers is theirs; a line that breaks has no words."""
    tap, _, inbox = a_tap(tmp_path)
    tap.created(None)
    for words in ((LOGOUT, ""), ("", LOGOUT), ("", "")):
        tap.logged_in()
        theirs, ours = words
        if theirs:
            tap.incoming(theirs)
        if theirs or ours:
            tap.leaves(ours or "35=5")
        tap.logged_out()

    assert [one for one in said(inbox) if one["event"] == "logout"] == [
        {"event": "logout", "text": "not today", "by": "counterparty"},
        {"event": "logout", "text": "not today", "by": "us"},
        {"event": "logout", "text": ""},
    ]


def test_a_logout_in_place_of_a_logon_is_a_refusal_and_noted_once_a_minute(tmp_path: Path) -> None:
    """Also when the engine has noted the same words itself; an attempt that nobody answered is none."""
    tap, _, inbox = a_tap(tmp_path)
    tap.created(None)
    tap.note("engine", "not today")
    tap.logged_out()
    for _ in range(2):
        tap.leaves(LOGOUT)
        tap.logged_out()

    assert said(inbox) == [
        {"event": "engine", "text": "not today"},
        {"event": "logon_refused", "text": "not today", "by": "us"},
    ]
