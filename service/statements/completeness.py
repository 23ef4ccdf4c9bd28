"""The certificate of completeness of one session and trade date: three states, each with its reasons and numbers. Pure.

Red: something is truly missing. A gap that was filled later, by a resend or from a file, is shown and is not red.
Complete, not reconciled: nothing of the session is missing, but the firm's own orders do not vouch for it. Reconciled:
they do. Where only our own side began its counting anew, what the counterparty resent under its old numbers is not
missing. A certificate repeats nothing on trust: messages are counted against what became of them, and the ranges of
numbers are made from the messages and laid beside the gaps that the feed told of.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.facts import Nanos
from service.statements.against import Comparison
from service.statements.day import Copy, Orders, OwnOrders, SessionDay, Unread, Whose
from service.statements.happenings import Break, Gap, GapLine, Happenings, Recovery, Reset, happenings
from service.statements.numbers import Counting, Segment, Spans, count, countings, segments, which, without
from service.statements.reasons import LOST, OPEN, STILL_OPEN, Named, Reason, Weight, reasons

SCHEMA = 2
LISTED = 200
"""So many of one kind of thing are listed in a certificate; the numbers are of all of them."""


class State(StrEnum):
    """What a certificate says, gravest first."""

    RED = "red"
    COMPLETE_NOT_RECONCILED = "complete_not_reconciled"
    RECONCILED = "reconciled"

    @property
    def words(self) -> str:
        """Return the state as a person would say it."""
        return _WORDS[self]


_WORDS = {
    State.RED: "not complete",
    State.COMPLETE_NOT_RECONCILED: "session complete but not reconciled with our own orders",
    State.RECONCILED: "session complete and reconciled with our own orders",
}


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """Journal = processed = sum of outcomes, as three counts that were made apart."""

    journalled: int
    backfilled: int
    processed: int
    outcomes: dict[str, int]

    @property
    def holds(self) -> bool:
        """Return whether the three are equal."""
        return self.journalled + self.backfilled == self.processed == sum(self.outcomes.values())


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said of one session and trade date, as of an instant and a journal offset."""

    schema: int = SCHEMA
    counterparty: str
    session: str
    trade_date: str
    state: State
    as_of: Nanos
    upto: int
    reasons: tuple[Reason, ...]
    sum: Sum
    countings: tuple[Counting, ...] = ()
    scoped: bool = False
    segments: tuple[Segment, ...] = ()
    gaps: tuple[GapLine, ...] = ()
    resets: tuple[Reset, ...] = ()
    recoveries: tuple[Recovery, ...] = ()
    breaks: tuple[Break, ...] = ()
    unread: tuple[Unread, ...] = ()
    orders: Orders = Orders()
    copy: Copy = Copy()
    own: OwnOrders = OwnOrders()
    against: Comparison | None = None
    others: dict[str, int] = {}

    @property
    def whose(self) -> Whose:
        """Return which session and day it is about."""
        return Whose(self.counterparty, self.session, self.trade_date)


def certificate(day: SessionDay, against: Comparison | None = None) -> Certificate:
    """Return what the day's records say; the same records always say the same."""
    told = happenings(day.told, day.whose.trade_date)
    restarts = [reset.offset for reset in told.resets]
    counted = () if day.scoped else countings(day.runs, day.declared, restarts, day.floor)
    apart = segments(day.segment_runs, restarts)
    gaps = tuple(_gap_line(gap, day, counted, told) for gap in told.gaps)
    total = _sum(day)
    why = reasons(
        day, told, gaps=gaps, unstated=_unstated(counted, apart, gaps, day.mended), holds=total.holds, against=against
    )
    return Certificate(
        counterparty=day.whose.counterparty,
        session=day.whose.session,
        trade_date=day.whose.trade_date,
        state=state_of(why),
        as_of=day.as_of,
        upto=day.upto,
        reasons=why,
        sum=total,
        countings=tuple(_bounded(counting) for counting in counted[:LISTED]),
        scoped=day.scoped,
        segments=tuple(_bounded_segment(segment) for segment in apart[:LISTED]),
        gaps=_worst_first(gaps),
        resets=told.resets[:LISTED],
        recoveries=told.recoveries[:LISTED],
        breaks=tuple(sorted(told.breaks, key=_is_mended))[:LISTED],
        unread=tuple(sorted(day.unread, key=_is_mended))[:LISTED],
        orders=_bounded_orders(day.orders),
        copy=day.copy,
        own=_bounded_own(day.own),
        against=against,
        others=told.others,
    )


def state_of(why: tuple[Reason, ...]) -> State:
    """Return the gravest state that a reason asks for."""
    weights = {reason.weight for reason in why}
    if Weight.MISSING in weights:
        return State.RED
    return State.COMPLETE_NOT_RECONCILED if Weight.UNRECONCILED in weights else State.RECONCILED


def _sum(day: SessionDay) -> Sum:
    messages = day.messages
    return Sum(
        journalled=messages.journalled,
        backfilled=messages.backfilled,
        processed=messages.journalled + messages.backfilled - messages.waiting,
        outcomes=dict(sorted(messages.outcomes.items())),
    )


def _gap_line(gap: Gap, day: SessionDay, counted: tuple[Counting, ...], told: Happenings) -> GapLine:
    """Return the gap with what is missing of it: by its newest event, less what the messages show to be here.

    They are those of its own counting, and of each that was seen to go on with its numbers.
    """
    missing = gap.missing
    restarts = [reset.offset for reset in told.resets]
    index = which(restarts, gap.offset)
    later = told.went_on.get(gap.epoch, ())
    places = {which(restarts, offset) for offset in later}
    if gap.segment is not None:
        for place in {index, *places}:
            missing = without(missing, _came_of(gap.segment, day, restarts, place))
    elif index < len(counted) and not _nameless(day):
        missing = without(missing, (*counted[index].received, *counted[index].declared))
        for place in places:
            missing = without(missing, (*counted[place].received, *_gap_filled(day, restarts, place)))
    how = _standing(lost=index < len(restarts), later=bool(later)) if missing else made_good(gap)
    return GapLine(gap=gap, missing=missing, how=how)


def _standing(*, lost: bool, later: bool) -> str:
    if not lost:
        return OPEN
    return STILL_OPEN if later else LOST


def _nameless(day: SessionDay) -> bool:
    """Return whether a gap without a segment may be one of numbers that are counted apart under no name."""
    return any(not run.segment for run in day.segment_runs)


def _came_of(segment: str, day: SessionDay, restarts: list[int], place: int) -> Spans:
    return tuple(
        (run.first, run.last)
        for run in day.segment_runs
        if run.segment == segment and which(restarts, run.offset) == place
    )


def _gap_filled(day: SessionDay, restarts: list[int], place: int) -> Spans:
    return tuple((one.first, one.last) for one in day.declared if one.gap_fill and which(restarts, one.offset) == place)


def made_good(gap: Gap) -> str:
    """Return in words how a gap that is closed was filled."""
    ways = {"arrived": gap.arrived, "gap-filled": gap.filled, "back-filled": gap.backfilled}
    found = [f"{number} {way}" for way, number in ways.items() if number]
    closed = [f"closed by {gap.how}"] if gap.how else []
    return ", ".join([*found, *closed]) or "made good"


def _unstated(
    counted: tuple[Counting, ...], apart: tuple[Segment, ...], gaps: tuple[GapLine, ...], mended: Spans
) -> Named:
    """Return the numbers that never came and that no gap tells of: the feed's word and the journal's disagree."""
    told = (*(line.gap.span for line in gaps if line.gap.segment is None), *mended)
    mine = tuple(span for counting in counted for span in without(counting.holes, told))
    named: dict[str | None, Spans] = {None: mine} if mine else {}
    for segment in apart:
        told = tuple(line.gap.span for line in gaps if line.gap.segment == segment.name)
        if holes := without(segment.holes, told):
            named[segment.name] = (*named.get(segment.name, ()), *holes)
    return tuple(named.items())


def _worst_first(gaps: tuple[GapLine, ...]) -> tuple[GapLine, ...]:
    return tuple(sorted(gaps, key=lambda line: (-count(line.missing), line.gap.offset))[:LISTED])


def _is_mended(one: Break | Unread) -> bool:
    return one.mended


def _bounded(counting: Counting) -> Counting:
    return msgspec.structs.replace(
        counting,
        received=counting.received[:LISTED],
        declared=counting.declared[:LISTED],
        holes=counting.holes[:LISTED],
    )


def _bounded_segment(segment: Segment) -> Segment:
    return msgspec.structs.replace(segment, received=segment.received[:LISTED], holes=segment.holes[:LISTED])


def _bounded_orders(orders: Orders) -> Orders:
    return msgspec.structs.replace(orders, open_day=orders.open_day[:LISTED], open_longer=orders.open_longer[:LISTED])


def _bounded_own(own: OwnOrders) -> OwnOrders:
    return msgspec.structs.replace(
        own,
        unreported=own.unreported[:LISTED],
        unanswered=own.unanswered[:LISTED],
        unknown=own.unknown[:LISTED],
    )
