"""The feeds on the wire: what is known exactly, and null for what is not."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import FeedEventKind, Nanos
from service.backfill.plan import FileNote
from service.statements.day import Told
from service.statements.feeds import Backfill, Feeds, FeedStore, Party, Point
from service.statements.readiness import Found, Heard, SessionFound
from service.web.api.forms.feeds import FeedsTold, feeds
from tests.factories import NOON
from tests.factories_cases import MINUTE

DAY = "2026-11-20"
WHOSE = ("sor", "S")
NOW = Nanos(NOON + 3 * MINUTE)
EMPTY = FeedStore(points={}, told={}, last={}, files=(), newest=0, processed=0, heard=None, outbox=0, outbox_since=None)
OPENED = {"first": 5, "last": 9, "missing": "5-6,9", "opened_at_ns": NOON, "epoch": "e1"}


def told(kind: FeedEventKind, offset: int, subject: str = "S", **detail: str | int | None) -> Told:
    """Return an event of the feed, as many seconds after noon as its offset says."""
    at = Nanos(NOON + offset * 1_000_000_000)
    return Told(kind=kind.value, subject=subject, at=at, offset=offset, trade_date=DAY, detail=detail)


def shown(
    kept: FeedStore = EMPTY, *, logged_on: bool | None = True, **gauges: dict[tuple[str, ...], float]
) -> FeedsTold:
    """Return one session and one source on the wire; the daemon is silent where the session is not known."""
    heard = Heard(
        state=None if logged_on is None else "ready",
        gauges={f"sorwatch_{name}": values for name, values in gauges.items()},
    )
    session = SessionFound(
        counterparty="sor",
        session="S",
        logged_on=logged_on,
        open_now=True,
        schedule="it never closes",
        certificate=None,
        recovery="resend",
    )
    party = Party(
        name="sor",
        role="drop_copy",
        connection="initiator",
        begin_string="FIX.4.4",
        sessions=("S",),
        recovery="resend",
        venues=None,
        dialect=None,
    )
    found = Found(at=NOW, day=DAY, trading_day=True, last_day=None, daemon=heard.state, sessions=(session,))
    return feeds(
        Feeds(
            found=found,
            heard=heard,
            kept=kept,
            sources={"mqtt": "judged by"},
            parties=(party,),
            certificates={DAY: {WHOSE: "red"}},
            days=7,
        )
    )


def events(*told_: Told) -> FeedStore:
    """Return what the store says, with these events of the session."""
    return msgspec.structs.replace(EMPTY, told={WHOSE: told_})


def test_what_nobody_knows_is_null() -> None:
    """Neither zero nor nothing at all."""
    one = shown(logged_on=None)

    (session,), (source,) = one.sessions, one.sources
    assert (one.daemon.answers, one.daemon.last_sign, one.daemon.gateway_restarts) == (False, None, None)
    assert (session.since, session.last_message, session.epoch, session.expected) == (None, None, None, None)
    assert (session.clock_offset_ns, session.messages_missing) == (None, None)
    assert (source.lag_ns, source.last, source.changed) == (None, None, None)
    assert (one.waiting.not_judged, one.waiting.alerts_since) == (0, None)
    assert (one.counterparties[0].venues, one.counterparties[0].dialect) == (None, None)


def test_what_is_known_is_told_exactly() -> None:
    """Lengths of time in whole nanoseconds, negative where a clock is ahead."""
    kept = msgspec.structs.replace(
        events(told(FeedEventKind.SESSION_UP, 3)),
        points={WHOSE: Point(epoch="e1", expected=1_043)},
        last={WHOSE: NOON},
        newest=1_200,
        processed=1_190,
        heard=NOON,
        outbox=2,
        outbox_since=NOON,
    )

    one = shown(
        kept,
        session_clock_offset_seconds={WHOSE: -0.25},
        gap_open={WHOSE: 0.0},
        quote_source_lag_seconds={("mqtt",): 0.5},
        gateway_restarts={("sor",): 2.0, ("other",): 1.0},
    )

    (session,), (source,) = one.sessions, one.sources
    assert (session.epoch, session.expected, session.clock_offset_ns) == ("e1", 1_043, -250_000_000)
    assert session.messages_missing is False
    assert session.since is not None
    assert session.since.ns == NOON + 3_000_000_000
    assert (source.lag_ns, source.last and source.last.ns) == (500_000_000, NOW - 500_000_000)
    assert (one.daemon.gateway_restarts, one.daemon.last_sign and one.daemon.last_sign.ns) == (3, NOON)
    assert (one.waiting.journal_records, one.waiting.not_judged, one.waiting.alerts) == (1_200, 10, 2)
    assert [(each.day, each.sessions[0].state) for each in one.certificates] == [(DAY, "red")]


def test_a_gap_tells_its_numbers_and_what_is_missing_still() -> None:
    """Every range by its first and last number."""
    (gap,) = shown(events(told(FeedEventKind.GAP_OPENED, 1, "5-9", **OPENED))).gaps

    assert (gap.numbers.first, gap.numbers.last) == (5, 9)
    assert [(one.first, one.last) for one in gap.missing] == [(5, 6), (9, 9)]
    assert (gap.closed_at, gap.day, gap.words) == (None, DAY, "missing still: 5-6, 9")


def test_a_gap_that_was_filled_says_how_and_when() -> None:
    """By what arrived and what was declared empty; nothing is missing."""
    closed = {**OPENED, "missing": None, "arrived_count": 4, "filled_count": 1}

    (gap,) = shown(
        events(told(FeedEventKind.GAP_OPENED, 1, "5-9", **OPENED), told(FeedEventKind.GAP_CLOSED, 4, "5-9", **closed))
    ).gaps

    assert (gap.arrived, gap.gap_filled, gap.back_filled, gap.missing) == (4, 1, 0, [])
    assert gap.closed_at is not None
    assert gap.closed_at.ns == NOON + 4_000_000_000


@pytest.mark.parametrize(("kind", "up"), [(FeedEventKind.QUOTES_UP, True), (FeedEventKind.QUOTES_DOWN, False)])
def test_a_source_tells_its_last_change(kind: FeedEventKind, *, up: bool) -> None:
    """Of other sources it says nothing."""
    (source,) = shown(events(told(kind, 5, "mqtt"), told(FeedEventKind.QUOTES_UP, 6, "other"))).sources

    assert source.changed is not None
    assert (source.changed.up, source.changed.at.ns) == (up, NOON + 5_000_000_000)


def test_a_file_that_was_read_is_told_with_its_hash() -> None:
    """And who read it, why."""
    note = FileNote(file="day.fix", sha256="ab", size=9, form="fix", messages=12, actor="pat", reason="line was down")
    kept = msgspec.structs.replace(EMPTY, files=(Backfill(counterparty="sor", at=None, note=note),))

    (file,) = shown(kept).files

    assert (file.counterparty, file.at, file.sha256, file.size, file.messages) == ("sor", None, "ab", 9, 12)
    assert (file.actor, file.reason) == ("pat", "line was down")
