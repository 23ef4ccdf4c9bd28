"""Why a certificate says what it says: every reason with its weight, its number and its words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from rules.facts import FeedEventKind as Kind
from service.exact_text import iso_utc
from service.feed.sequence import spans
from service.open_days import LATE_AFTER_CLOSE
from service.statements.against import Comparison
from service.statements.day import SessionDay, Told
from service.statements.happenings import GapLine, Happenings
from service.statements.numbers import Spans, count, merged

SHOWN = 5
"""So many names are said in a sentence; the lists of the certificate have the rest."""

OPEN = "open"
STILL_OPEN = "not resent when our side began anew"
LOST = "lost with a reset"
"""How a gap stands of which something is missing."""


def fills_only(executions: int, *, own_orders: bool) -> str:
    """Return what it means that a copy tells of fills only."""
    told = f"the copy tells of fills only ({_many(executions, 'execution')}, no report of an order)"
    if own_orders:
        return f"{told}: what was not filled is known from our own orders alone"
    return (
        f"{told}: every order that it shows has a fill, so its fill rate by order is 100 % whatever was not filled: "
        "fill_rate_drop and fill_rate_overall prove nothing, and poor_fill sees only orders that were filled in part"
    )


Named = tuple[tuple[str | None, Spans], ...]
"""Numbers by the segment whose they are, None for the session's own."""


class Weight(StrEnum):
    """What a reason does to the state: something is missing, own orders do not vouch for it, or it is only shown."""

    MISSING = "missing"
    UNRECONCILED = "unreconciled"
    SHOWN = "shown"


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One reason: `name` for programs, `count` of what, and the sentence for people."""

    name: str
    weight: Weight
    count: int
    words: str


def reasons(
    day: SessionDay,
    told: Happenings,
    *,
    gaps: tuple[GapLine, ...],
    unstated: Named,
    holds: bool,
    against: Comparison | None,
) -> tuple[Reason, ...]:
    """Return all reasons, those that make it red first."""
    found = [
        *_of_messages(day, holds=holds),
        *_of_numbers(gaps, unstated),
        *_of_content(day, told),
        *_of_line(day, told),
        *_of_count(told, against),
        *_of_own(day),
        *_of_file(against),
        *_of_copy(day),
        *_only_shown(day, told, gaps),
    ]
    order = list(Weight)
    return tuple(sorted(found, key=lambda reason: order.index(reason.weight)))


def _of_messages(day: SessionDay, *, holds: bool) -> Iterator[Reason]:
    messages = day.messages
    if not messages.journalled + messages.backfilled:
        if day.hours is None:
            yield _shown("no_trading", 0, "not a trading day: nothing was expected and nothing came")
        else:
            yield _missing("nothing_heard", 0, "nothing was heard of this session on a trading day")
    if messages.waiting:
        words = f"{_many(messages.waiting, 'message')} in the journal not processed yet"
        yield _missing("unprocessed", messages.waiting, words)
    elif not holds:
        total, became = messages.journalled + messages.backfilled, sum(messages.outcomes.values())
        words = (
            f"{total:,} messages in the journal, but outcomes of {became:,}: {abs(total - became):,} unaccounted for"
        )
        yield _missing("unaccounted", abs(total - became), words)


def _of_numbers(gaps: tuple[GapLine, ...], unstated: Named) -> Iterator[Reason]:
    for how, hows, name in ((OPEN, (OPEN, STILL_OPEN), "gap_open"), (LOST, (LOST,), "lost_with_reset")):
        lines = [line for line in gaps if line.how in hows]
        if lines:
            never = _by_segment(lines)
            yield _missing(
                name, _total(never), f"{_many(_total(never), 'number')} never came ({how}): {_ranges(never)}"
            )
    if unstated:
        words = f"{_many(_total(unstated), 'number')} never came and no gap was told: {_ranges(unstated)}"
        yield _missing("unstated", _total(unstated), words)


def _by_segment(lines: Iterable[GapLine]) -> Named:
    """Return what is missing; a number that one counting missed and the next one misses still, is one."""
    found: dict[str | None, Spans] = {}
    for line in lines:
        found[line.gap.segment] = merged((*found.get(line.gap.segment, ()), *line.missing))
    return tuple(found.items())


def _total(named: Named) -> int:
    return sum(count(ranges) for _, ranges in named)


def _ranges(named: Named) -> str:
    each = [(segment, span) for segment, ranges in named for span in ranges]
    told = [f"{segment} {spans((span,))}" if segment else spans((span,)) for segment, span in each[:SHOWN]]
    return _some(", ".join(told), len(each))


def _of_content(day: SessionDay, told: Happenings) -> Iterator[Reason]:
    unread = [one for one in day.unread if not one.mended]
    if unread:
        first = unread[0]
        words = (
            f"{_many(len(unread), 'message')} could not be read, the first at journal {first.offset}: {first.reason}"
        )
        yield _missing("undecodable", len(unread), words)
    unseen = [one for one in told.rejects if not _seen(one, day.refused_seen)]
    if unseen:
        words = f"{_many(len(unseen), 'message')} refused by our engine and not in the journal: {unseen[0].subject}"
        yield _missing("rejected", len(unseen), words)
    broken = [one.subject for one in told.breaks if not one.mended]
    if broken:
        words = f"{_many(len(broken), 'order')} whose cumulative quantity does not add up: {_names(broken)}"
        yield _missing("cumulative_break", len(broken), words)


def _of_line(day: SessionDay, told: Happenings) -> Iterator[Reason]:
    lasting = [one.subject for one in told.recoveries if one.ended_at is None]
    if lasting:
        yield _missing("recovering", len(lasting), f"{_many(len(lasting), 'recovery', 'recoveries')} did not end")
    hours, down = day.hours, told.down_since
    if hours is not None and not hours.round_the_clock and down is not None and down < hours.closes <= day.as_of:
        words = f"the session went down before the close and is not back; what came after {iso_utc(down)} is not known"
        yield _missing("down_at_close", 1, words)


def _of_count(told: Happenings, against: Comparison | None) -> Iterator[Reason]:
    """Say that the counterparty counts anew, unless its own file shows that nothing is missing for it."""
    since, whole = told.behind_since, against is not None and not against.differences
    if since is not None and not whole:
        words = (
            f"at {iso_utc(since)} the counterparty's numbers were behind ours without a reset: what it sent under "
            "numbers used before is not known; let a new epoch begin, or compare with its file"
        )
        yield _missing("numbers_behind", 1, words)


def _of_own(day: SessionDay) -> Iterator[Reason]:
    own, hours = day.own, day.hours
    if not own.sources and not own.is_source:
        words = f"no source of our own orders is in force for {day.whose.counterparty}"
        yield _unreconciled("no_own_orders", 0, words)
        return
    if hours is not None and day.as_of < hours.closes + LATE_AFTER_CLOSE:
        words = "the day is not over: what matches no own order is told some time after the close"
        yield _unreconciled("not_over", 0, words)
    if own.sources and not own.count and own.reported:
        words = f"our own orders ({', '.join(own.sources)}) said nothing; the copy has {_many(own.reported, 'order')}"
        yield _unreconciled("own_orders_silent", own.reported, words)
    for name, subjects, words in (
        ("own_incomplete", own.incomplete, "of our own orders not complete"),
        ("unreported", own.unreported, "of our own not in the copy, or without an end there"),
        ("unanswered", own.unanswered, "of our own never answered"),
        ("unknown", own.unknown, "in the copy that we know nothing of"),
    ):
        if subjects:
            what = "session" if name == "own_incomplete" else "order"
            yield _unreconciled(name, len(subjects), f"{_many(len(subjects), what)} {words}: {_names(subjects)}")


def _of_file(against: Comparison | None) -> Iterator[Reason]:
    if against is None:
        return
    if against.differences:
        words = (
            f"{against.name}: {_many(against.not_here, 'execution')} not here, {against.not_there:,} not in the file, "
            f"{against.unlike:,} with other contents"
        )
        yield _missing("against", against.differences, words)
    else:
        yield _shown("against", against.same, f"{against.name}: all {against.same:,} executions agree")


def _only_shown(day: SessionDay, told: Happenings, gaps: tuple[GapLine, ...]) -> Iterator[Reason]:
    orders, twice = day.orders, day.messages.outcomes.get("duplicate", 0)
    unlike, orphans = told.others.get(Kind.DUPLICATE_CONFLICT, 0), told.others.get(Kind.ORPHAN_BUST, 0)
    closed = [line for line in gaps if not line.missing]
    mended = [one for one in day.unread if one.mended]
    seen = [one for one in told.rejects if _seen(one, day.refused_seen)]
    repaired = [one for one in told.breaks if one.mended]
    for name, number, words in (
        ("gaps_filled", len(closed), f"{_many(len(closed), 'gap')} opened and filled later"),
        ("resets", len(told.resets), f"the numbers began anew {_many(len(told.resets), 'time')}"),
        ("recoveries", len(told.recoveries), _many(len(told.recoveries), "recovery", "recoveries")),
        ("backfilled", day.messages.backfilled, f"{_many(day.messages.backfilled, 'message')} came from a file"),
        ("duplicates", twice, f"{_many(twice, 'duplicate')} dropped"),
        ("undecodable_mended", len(mended), f"{_many(len(mended), 'message')} could not be read and came again"),
        ("rejected_seen", len(seen), f"{_many(len(seen), 'message')} refused by our engine, read from the journal"),
        ("cumulative_mended", len(repaired), f"the cumulative quantity of {_many(len(repaired), 'order')} was mended"),
        ("conflicts", unlike, f"{_many(unlike, 'report')} came twice with other contents"),
        ("orphan_busts", orphans, f"{_many(orphans, 'bust')} of executions that never came"),
        (
            "synthesised",
            orders.synthesised,
            f"{_many(orders.synthesised, 'order')} ended by the close, without a report",
        ),
        ("open_day", len(orders.open_day), f"{_many(len(orders.open_day), 'order')} for the day without an end yet"),
        ("open_longer", len(orders.open_longer), f"{_many(len(orders.open_longer), 'order')} open for several days"),
    ):
        if number:
            yield _shown(name, number, words)


def _of_copy(day: SessionDay) -> Iterator[Reason]:
    if day.copy.fills_only:
        executions = day.copy.executions
        yield _shown("fills_only", executions, fills_only(executions, own_orders=day.copy.own_orders))


def _seen(reject: Told, seen: tuple[int, ...]) -> bool:
    """Return whether the message that our engine refused stands in the journal with an outcome."""
    return reject.detail.get("refused_offset") is not None or reject.detail.get("refused_sequence") in seen


def _missing(name: str, number: int, words: str) -> Reason:
    return Reason(name=name, weight=Weight.MISSING, count=number, words=words)


def _unreconciled(name: str, number: int, words: str) -> Reason:
    return Reason(name=name, weight=Weight.UNRECONCILED, count=number, words=words)


def _shown(name: str, number: int, words: str) -> Reason:
    return Reason(name=name, weight=Weight.SHOWN, count=number, words=words)


def _many(number: int, one: str, more: str = "") -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {more or one + 's'}"


def _names(subjects: tuple[str, ...] | list[str]) -> str:
    return _some(", ".join(subjects[:SHOWN]), len(subjects))


def _some(words: str, number: int) -> str:
    return f"{words} …" if number > SHOWN else words
