"""The feeds in a supervisor's words."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import FeedEventKind, Nanos
from service.backfill.plan import FileNote
from service.statements.day import Told
from service.statements.feeds import Backfill, FeedStore, Party, Point
from service.statements.readiness import Found, Heard, SessionFound
from service.web.feeds.parties import party_line
from service.web.feeds.view import (
    backlog,
    certificate_cell,
    certificate_lines,
    daemon_line,
    file_line,
    gap_lines,
    seconds,
    session_lines,
    source_lines,
)
from tests.factories import NOON
from tests.factories_cases import MINUTE

DAY = "2026-11-20"
WHOSE = ("sor", "S")
SILENT = Heard(state=None, problems=("refused",))
KEPT = FeedStore(
    points={WHOSE: Point(epoch="e1", expected=1_043)},
    told={},
    last={WHOSE: NOON},
    files=(),
    newest=1_200,
    processed=1_190,
    heard=NOON,
    outbox=2,
    outbox_since=NOON,
)
NOW = Nanos(NOON + 3 * MINUTE)


def a_heard(state: str = "ready", **gauges: dict[tuple[str, ...], float]) -> Heard:
    """Return what the daemon says, with these metrics."""
    return Heard(state=state, gauges={f"sorwatch_{name}": values for name, values in gauges.items()})


def a_session(*, logged_on: bool | None = True, open_now: bool = True) -> SessionFound:
    """Return a session as it was found."""
    return SessionFound(
        counterparty="sor",
        session="S",
        logged_on=logged_on,
        open_now=open_now,
        schedule="open Fri 08:00 to Fri 20:00 New York",
        certificate=None,
        recovery="resend",
    )


def a_found(*sessions: SessionFound) -> Found:
    """Return what was looked at: sessions alone."""
    return Found(at=NOW, day=DAY, trading_day=True, last_day=None, daemon="ready", sessions=sessions)


def told(kind: FeedEventKind, offset: int, subject: str = "S", **detail: str | int | None) -> Told:
    """Return an event of the feed, as many seconds after noon as its offset says."""
    at = Nanos(NOON + offset * 1_000_000_000)
    return Told(kind=kind.value, subject=subject, at=at, offset=offset, trade_date=DAY, detail=detail)


def kept(*events: Told) -> FeedStore:
    """Return what the store says, with these events."""
    return msgspec.structs.replace(KEPT, told={WHOSE: events})


@pytest.mark.parametrize(
    ("state", "stands", "mark"),
    [
        ("ready", "watching", "low"),
        ("warming", "warming up after a start", "medium"),
        ("failing", "failing", "critical"),
        (None, "does not answer", "critical"),
    ],
)
def test_the_daemon_stands_as_it_says_itself(state: str | None, stands: str, mark: str) -> None:
    """Where it says nothing, the last thing in the journal is the last sign of life."""
    line = daemon_line(Heard(state=state), KEPT, NOW)

    assert (line.stands, line.mark, line.ago) == (stands, mark, "3 min")


def test_a_store_in_which_nothing_was_journalled_has_no_sign_of_life() -> None:
    """And nothing waits in it."""
    empty = msgspec.structs.replace(KEPT, heard=None, newest=0, processed=0, outbox=0, outbox_since=None)

    line = daemon_line(SILENT, empty, NOW)

    assert (line.heard, line.ago, line.problems) == (None, "", ("refused",))
    assert backlog(SILENT, empty, NOW) == [
        ("journal", "0 records"),
        ("not judged yet", "none"),
        ("alerts", "none waiting"),
    ]


def test_what_waits_is_told_with_the_age_of_the_oldest() -> None:
    """What only the daemon knows is told while it answers."""
    heard = a_heard(gateway_restarts={("sor",): 2.0})

    assert backlog(heard, KEPT, NOW) == [
        ("journal", "1,200 records"),
        ("not judged yet", "10"),
        ("alerts", "2 waiting, the oldest for 3 min"),
        ("gateways started again", "2"),
    ]


@pytest.mark.parametrize(
    ("session", "stands", "mark"),
    [
        (a_session(), "logged on", "low"),
        (a_session(logged_on=False), "not logged on", "critical"),
        (a_session(logged_on=False, open_now=False), "closed at this hour", ""),
        (a_session(logged_on=None), "not known: the daemon does not answer", "medium"),
    ],
)
def test_a_session_stands_by_the_daemon_and_its_hours(session: SessionFound, stands: str, mark: str) -> None:
    """Its next number is known in any case."""
    (line,) = session_lines(a_found(session), a_heard(), KEPT)

    assert (line.stands, line.mark, line.expected, line.epoch) == (stands, mark, "1,043", "e1")


def test_a_session_says_since_when_and_what_the_daemon_knows_of_it() -> None:
    """Since it came up last, or went down last."""
    events = kept(
        told(FeedEventKind.SESSION_UP, 1), told(FeedEventKind.SESSION_DOWN, 2), told(FeedEventKind.SESSION_UP, 3)
    )
    heard = a_heard(session_clock_offset_seconds={WHOSE: -0.25}, gap_open={WHOSE: 1.0})

    (up,) = session_lines(a_found(a_session()), heard, events)
    (down,) = session_lines(
        a_found(a_session(logged_on=False)), a_heard(session_clock_offset_seconds={WHOSE: 0.5}), events
    )
    (never,) = session_lines(a_found(a_session()), a_heard(), msgspec.structs.replace(KEPT, points={}, last={}))
    (unknown,) = session_lines(a_found(a_session(logged_on=None)), SILENT, events)

    assert up.since is not None
    assert (up.since.time, up.clock, up.gap) == ("12:00:03", "0.250 s ahead of ours", "messages are missing")
    assert down.since is not None
    assert (down.since.time, down.clock, down.gap) == ("12:00:02", "0.500 s behind ours", "")
    assert (never.expected, never.epoch, never.last, never.since) == ("none yet", "", None, None)
    assert unknown.since is None


def test_gaps_that_are_open_stand_first_and_say_what_is_missing() -> None:
    """A closed one says how it was filled; then the newest."""
    opened = {"first": 5, "last": 9, "missing": "5-9", "opened_at_ns": NOON, "epoch": "e1"}
    other = {"first": 20, "last": 20, "missing": "20", "opened_at_ns": NOON + MINUTE, "epoch": "e1"}
    events = kept(
        told(FeedEventKind.GAP_OPENED, 1, "5-9", **opened),
        told(FeedEventKind.GAP_CLOSED, 4, "5-9", **{**opened, "missing": None, "arrived_count": 4, "filled_count": 1}),
        told(FeedEventKind.GAP_OPENED, 60, "20", **other),
        told(FeedEventKind.SESSION_UP, 61),
    )

    first, second = gap_lines(events)

    assert (first.numbers, first.mark, first.how, first.closed) == ("20", "critical", "missing still: 20", None)
    assert (second.numbers, second.mark, second.day) == ("5-9", "", DAY)
    assert second.how.startswith("4 arrived, 1 gap-filled")


def test_a_source_stands_by_its_last_change_and_by_how_far_it_is_behind() -> None:
    """Down is down whoever answers."""
    sources = {"mqtt": "judged by"}
    lag = a_heard(quote_source_lag_seconds={("mqtt",): 0.25})
    down = told(FeedEventKind.QUOTES_DOWN, 5, "mqtt", state="dead")
    up = told(FeedEventKind.QUOTES_UP, 6, "mqtt", state="live")

    (live,) = source_lines(sources, lag, kept(down, up), NOW)
    (dead,) = source_lines(sources, lag, kept(down), NOW)
    (quiet,) = source_lines(sources, a_heard(), KEPT, NOW)
    (unknown,) = source_lines(sources, SILENT, kept(up), NOW)
    (bare,) = source_lines(sources, lag, kept(told(FeedEventKind.QUOTES_DOWN, 5, "mqtt")), NOW)

    assert (live.stands, live.lag, live.changed) == ("live", "0.250 s behind our clock", "up since Nov 20 12:00:06")
    assert live.last is not None
    assert live.last.exact == "2026-11-20T17:02:59.750000000Z"
    assert (dead.stands, dead.mark) == ("dead", "critical")
    assert (quiet.stands, quiet.mark, quiet.last, quiet.changed) == ("nothing heard of it", "high", None, "")
    assert (unknown.stands, unknown.mark) == ("not known: the daemon does not answer", "medium")
    assert bare.stands == "down"


def test_a_file_is_told_with_who_read_it_and_why() -> None:
    """And with its hash."""
    note = FileNote(
        file="day.fix", sha256="ab", size=9, form="fix", messages=1_200, actor="pat", reason="line was down"
    )

    line = file_line(Backfill(counterparty="sor", at=NOON, note=note))

    assert (line.messages, line.actor, line.reason, line.at is not None) == ("1,200", "pat", "line was down", True)
    assert file_line(Backfill(counterparty="sor", at=None, note=note)).at is None


def test_a_certificate_is_a_word_and_a_sign() -> None:
    """The whole sentence is on the day's page."""
    assert [certificate_cell(state) for state in ("red", "complete_not_reconciled", "reconciled")] == [
        ("not complete", "critical"),
        ("complete", "medium"),
        ("reconciled", "low"),
    ]


def test_certificates_stand_by_day_with_whose_they_are() -> None:
    """As they came, the newest day first."""
    assert certificate_lines({DAY: {WHOSE: "red"}}) == [(DAY, [("sor S", "not complete", "critical")])]


def test_a_length_is_told_to_the_millisecond_while_it_is_short() -> None:
    """From a minute on in minutes."""
    assert (seconds(0.5), seconds(59.9), seconds(60)) == ("0.500 s", "59.900 s", "1 min")


def test_a_counterparty_says_who_connects_and_what_is_in_force() -> None:
    """What is not in force yet is said to be so."""
    sor = Party(
        name="sor",
        role="drop_copy",
        connection="initiator",
        begin_string="FIX.4.4",
        sessions=("S", "T"),
        recovery="resend",
        venues=1_200,
        dialect="ab" * 32,
    )

    line = party_line(sor)
    new = party_line(msgspec.structs.replace(sor, connection="acceptor", venues=None, dialect=None))

    assert (line.connection, line.sessions, line.venues, line.dialect) == (
        "we connect",
        "S, T",
        "1,200",
        "abababababab",
    )
    assert (new.connection, new.venues, new.dialect) == ("they connect", "not in force yet", "not in force yet")
    assert (line.role, line.version, line.recovery) == ("the router's drop copy", "FIX.4.4", "resend")
