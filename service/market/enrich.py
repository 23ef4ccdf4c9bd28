"""Which quotes a record is judged by, and whether it may be judged yet (design.md §5, "Release of facts").

Pure: request + tape + state of the source + policy + our clock → a Decision, or None for "not yet". It refuses to
call a quote stale for its age: only a source that is dead or lagging makes it so, and only from its mark on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from rules.facts import MILLISECOND, Nanos, Quote, QuoteState
from service.market.calendar import ALWAYS, TradingCalendar, trade_date
from service.market.extremes import NO_EXTREMES, Extremes
from service.market.flicker import FLICKER, lies_outside, second_before
from service.market.liveness import SourceState
from service.market.tape import Tape, absent
from service.ports import MarkWanted, QuoteRequest
from service.processed import Decision

SOURCE_IS_DEAD = "the quote source is dead"
"""The note of a quote that nobody can vouch for any more."""

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_ABSENT, _CLOSED = QuoteState.ABSENT, QuoteState.CLOSED


class QuotePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How long a fact waits for its quotes, and at what hours they count.

    `grace`: the source must have passed the time asked for by more than this. `bound`: wait at most this long since
    receipt. `extended_hours` switches the hours outside the regular session on.
    """

    grace: Nanos = Nanos(50 * MILLISECOND)
    bound: Nanos = Nanos(2_000 * MILLISECOND)
    calendar: TradingCalendar = ALWAYS
    extended_hours: bool = False


def decide(request: QuoteRequest, tape: Tape, source: SourceState, policy: QuotePolicy, now: Nanos) -> Decision | None:
    """Return the quotes for the record, or None while it should wait for the source to come further."""
    reason = release_reason(request, tape.mark, source, policy, now)
    if reason is None:
        return None
    execution = _quote(request.execution_at, request.symbol, tape, source, policy)
    recent = recent_extremes(request, execution, tape, policy)
    return Decision(
        at_receipt=_quote(request.receipt_at, request.symbol, tape, source, policy),
        at_execution=execution,
        mark=tape.mark,
        reason=reason,
        lowest_bid=recent.lowest_bid,
        highest_offer=recent.highest_offer,
        marks=answered(request.marks, lambda symbol, at: _at(at, symbol, tape, source, policy)),
    )


def answered(marks: Iterable[MarkWanted], quote_at: Callable[[str, Nanos], Quote]) -> tuple[Quote, ...]:
    """Return the quote for each mark; half of them ask the same, as a parent trades when its child does."""
    known: dict[MarkWanted, Quote] = {}
    answers = []
    for wanted in marks:
        quote = known.get(wanted)
        if quote is None:
            quote = known[wanted] = quote_at(wanted.symbol, wanted.at)
        answers.append(quote)
    return tuple(answers)


def recent_extremes(request: QuoteRequest, execution: Quote | None, tape: Tape, policy: QuotePolicy) -> Extremes:
    """Return the extremes of the second before an execution outside its quote, nothing for any other."""
    at = request.execution_at
    if at is None or not lies_outside(request.price, execution):
        return NO_EXTREMES
    since = Nanos(at - FLICKER)
    began_with = tape.as_of(request.symbol, since)
    if in_session(began_with, since, policy).state is _ABSENT:
        began_with = absent("of an earlier day")
    return second_before(tape, request.symbol, at, began_with)


def release_reason(
    request: QuoteRequest, mark: Nanos, source: SourceState, policy: QuotePolicy, now: Nanos
) -> str | None:
    """Say why the record may be judged now: "mark", "not_live" or "bound"; None while it should wait."""
    latest = request.latest
    if latest is None or mark > latest + policy.grace:
        return "mark"
    if source is SourceState.DEAD:
        return "not_live"
    if request.received_at is None or now - request.received_at >= policy.bound:
        return "bound"
    return None


def in_session(quote: Quote, at: Nanos, policy: QuotePolicy) -> Quote:
    """Return the quote as it counts at `at`: absent when it is of an earlier day, `closed` outside regular hours."""
    if quote.at is None:
        return quote
    if policy.calendar.kind != "always" and trade_date(quote.at) != trade_date(at):
        return absent("before the first quote")
    if quote.state is _ABSENT or policy.extended_hours or policy.calendar.is_open(at):
        return quote
    return msgspec.structs.replace(quote, state=_CLOSED)


def _quote(at: Nanos | None, symbol: str, tape: Tape, source: SourceState, policy: QuotePolicy) -> Quote | None:
    return None if at is None else _at(at, symbol, tape, source, policy)


def _at(at: Nanos, symbol: str, tape: Tape, source: SourceState, policy: QuotePolicy) -> Quote:
    quote = in_session(tape.as_of(symbol, at), at, policy)
    if quote.state is _ABSENT:
        return _explained(quote, at, tape, source)
    if source.current or at < tape.mark or quote.state is _CLOSED:
        return quote
    note = SOURCE_IS_DEAD if source is SourceState.DEAD else f"the quote source is {source.value}"
    return msgspec.structs.replace(quote, state=QuoteState.STALE, note=note)


def _explained(quote: Quote, at: Nanos, tape: Tape, source: SourceState) -> Quote:
    """Say of an absent quote when it is our start or the source that lost it, not the market that was silent."""
    if tape.began is not None and at < tape.began:
        return absent("restart")
    if source is SourceState.DEAD and at >= tape.mark:
        return absent(SOURCE_IS_DEAD)
    return quote
