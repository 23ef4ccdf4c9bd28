"""Rows as facts again: what rows.py wrote, read back whole. Pure: a row comes in as names and cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from operator import itemgetter
from typing import Any, TypeVar

import msgspec

from rules.facts import (
    Answer,
    Executed,
    ExemptReason,
    Fade,
    FeedEvent,
    FeedEventKind,
    Fill,
    Level,
    Markout,
    Measures,
    Nanos,
    Order,
    OrderChanged,
    OrderEnd,
    OrderEventKind,
    OrderOutcome,
    OrderType,
    Quantity,
    Quote,
    QuotesApart,
    QuoteState,
    SessionOfDay,
    Side,
    TimeInForce,
)
from rules.finding import Finding
from rules.reassessment import Reassessment, Verdict, Why
from service.processed import Amendment, Decision, Requoted, RequotedKind
from service.requote import NOT_ASKED

Cells = Mapping[Any, Any]
_Word = TypeVar("_Word", bound=StrEnum)
_WHERE = ("offset", "counterparty", "session", "trade_date")
_FACT = (*_WHERE, "received_at", "clock")
_decision = msgspec.json.Decoder(Decision)
_finding = msgspec.json.Decoder(Finding)
_corrected = msgspec.json.Decoder(Fill)
_QUOTE_NAMES = {
    which: tuple(
        f"{which}_{name}"
        for name in ("bid", "bid_size", "offer", "offer_size", "quote_at", "quote_state", "quote_note")
    )
    for which in ("receipt", "execution", "mark", "first", "later")
}
_detail = msgspec.json.Decoder(dict[str, str | int | None])
_related = msgspec.json.Decoder(tuple[int, ...])
_venues = msgspec.json.Decoder(tuple[str, ...])
_shares = msgspec.json.Decoder(tuple[Quantity, ...])


def _words(kind: type[_Word]) -> dict[str, _Word]:
    """Return the members of an enumeration by the word that a cell holds: a look-up, where a call would search."""
    return {word.value: word for word in kind}


_LEVELS, _SIDES, _STATES, _SESSIONS = _words(Level), _words(Side), _words(QuoteState), _words(SessionOfDay)
_TYPES, _TIMES, _ENDS, _EVENTS = _words(OrderType), _words(TimeInForce), _words(OrderEnd), _words(OrderEventKind)


def _cells(*names: str) -> Callable[[Cells], dict[str, Any]]:
    """Return what takes the cells of these names out of a row."""
    taken = itemgetter(*names)
    return lambda row: dict(zip(names, taken(row), strict=True))


_fill = _cells(
    *_FACT,
    *("execution_id", "exec_id", "symbol", "quantity", "price", "venue", "book", "venue_raw", "liquidity"),
    *("fees", "fee", "worst_touch", "auction", "regular_hours", "resent", "clock_suspect", "amends", "uncertain"),
    *("backfilled", "quote_source", "quotes_behind", "executed_at", "executed_at_digits", "sent_at", "cumulative"),
)
_order = _cells(
    *("order_key", "order_id", "cl_ord_id", "parent_id", "account", "desk", "client", "limit_price", "stop_price"),
    *("held", "directed", "capacity", "marketable", "working_at", "route", "firm_received_at"),
)
_end = _cells(
    *_FACT,
    *("at", "ordered", "executed", "average_price", "venue", "synthesised", "pending_time", "working_time"),
    "held_time",
)
_change = _cells(*_FACT, "at", "reason")
_measures = _cells(*Measures.__struct_fields__)
_quotes = {which: itemgetter(*names) for which, names in _QUOTE_NAMES.items()}


def fill_of(row: Cells) -> Fill:
    """Return the execution that a row of `executions` holds, as it was first stated."""
    exempt = row["exempt_reason"]
    return Fill(
        **_fill(row),
        order=order_of(row),
        level=_LEVELS[row["level"]],
        side=_SIDES[row["side"]],
        exempt_reason=None if exempt is None else ExemptReason(exempt),
        at_execution=quote_of(row, "execution"),
        measures=measures_of(row),
        declared_delay=Nanos(row["declared_delay"] or 0),
        quotes_apart=apart_of(row),
        session_of_day=session_of(row),
    )


def order_of(row: Cells) -> Order:
    """Return the order as it was known with the fact of that row."""
    side = row["order_side"]
    return Order(
        **_order(row),
        level=_LEVELS[row["order_level"]],
        symbol=row["order_symbol"],
        side=None if side is None else _SIDES[side],
        order_type=_TYPES[row["order_type"]],
        time_in_force=_TIMES[row["time_in_force"]],
        quantity=row["order_quantity"],
        received_at=row["order_received_at"],
        receipt=quote_of(row, "receipt"),
    )


def end_of(row: Cells) -> OrderOutcome:
    """Return the order's end that a row of `order_outcomes` holds."""
    return OrderOutcome(
        **_end(row),
        notional=None if row["notional"] is None else int(row["notional"]),
        venue_shares=_shares.decode(row["venue_shares"] or b"[]"),
        order=order_of(row),
        end=_ENDS[row["end"]],
        venues=_venues.decode(row["venues"]),
        session_of_day=session_of(row),
        uncertain=bool(row["uncertain"]),
        restated=bool(row["restated"]),
    )


def change_of(row: Cells) -> OrderChanged:
    """Return the change of an order's state that a row of `order_events` holds."""
    return OrderChanged(
        **_change(row),
        kind=_EVENTS[row["kind"]],
        order=order_of(row),
        session_of_day=session_of(row),
        uncertain=bool(row["uncertain"]),
        venue=row["venue"] or "venue_unknown",
        answer=answer_of(row),
    )


def event_of(row: Cells) -> FeedEvent:
    """Return what the watch said about its own sight in a row of `feed_events`."""
    return FeedEvent(
        **_named(row, *_FACT, "subject", "at"),
        kind=FeedEventKind(row["kind"]),
        detail=_detail.decode(row["detail"]),
        related=_related.decode(row["related"]),
        uncertain=bool(row["uncertain"]),
    )


def markout_of(row: Cells, executed: Executed) -> Markout:
    """Return the mark that a row of `markouts` holds, of that execution; no row keeps whether it was in doubt.

    The row must come with `received_at` and `clock` of the record that took it, which its table does not keep.
    """
    names = ("execution_id", "execution_offset", "horizon", "at", "past_close", "price", "not_evaluated_reason")
    numbers = ("realized_spread", "price_impact", "delay_cost", "post_trade_impact", "source_mark", "released")
    return Markout(**_named(row, *_FACT, *names, *numbers), quote=quote_of(row, "mark"), executed=executed)


def fade_of(row: Cells) -> Fade:
    """Return the move that a row of `fades` holds, as `markout_of` does."""
    names = ("parent_id", "symbol", "first_key", "first_at", "later_key", "later_at", "baseline_at")
    return Fade(
        **_named(row, *_FACT, *names, "source_mark", "released"),
        side=_SIDES[row["side"]],
        first=quote_of(row, "first"),
        later=quote_of(row, "later"),
        baseline=quote_of(row, "mark"),
    )


def amendment_of(row: Cells) -> Amendment:
    """Return the bust or correction that a row of `amendments` holds."""
    names = ("execution_id", "kind", "exec_id", "dedup_key", "content_hash", "at", "quantity", "price", "venue")
    return Amendment(
        **_named(row, *_WHERE, *names),
        measures=measures_of(row) if row["measured"] else None,
        decision=decision_of(row["decision"]),
        corrected=None if row["corrected"] is None else _corrected.decode(row["corrected"]),
    )


def requoted_of(row: Cells) -> Requoted:
    """Return what a row of `requotes` states."""
    names = ("decided_offset", "order_key", "execution_id", "marketable", "worst_touch", "at", "reason")
    kind = RequotedKind(row["kind"])
    return Requoted(
        **_named(row, *_WHERE, *names),
        kind=kind,
        receipt=_asked(quote_of(row, "receipt")),
        execution=_asked(quote_of(row, "execution")),
        measures=measures_of(row) if kind is RequotedKind.EXECUTION else None,
        decision=decision_of(row["decision"]),
    )


def quote_of(row: Cells, which: str) -> Quote:
    """Return a reference quote of a row: that at "receipt" or at "execution", or a mark's."""
    bid, bid_size, offer, offer_size, at, state, note = _quotes[which](row)
    return Quote(state=_STATES[state], bid=bid, bid_size=bid_size, offer=offer, offer_size=offer_size, at=at, note=note)


def apart_of(row: Cells) -> QuotesApart | None:
    """Return what a second source said of the same instant, None when none was asked."""
    source = row["compared_source"]
    if source is None:
        return None
    return QuotesApart(source=source, bid=row["bid_apart"], offer=row["offer_apart"], lag=row["quote_lag"])


def answer_of(row: Cells) -> Answer | None:
    """Return what the order event of a row of `order_events` answers, None for nothing that waited."""
    if row["asked"] is None:
        return None
    return Answer(
        **_named(row, "waited", "firm_waited", "firm_grain"),
        asked=_EVENTS[row["asked"]],
        grain=row["wait_grain"],
        executed=row["executed_meanwhile"],
        unknown=row["wait_unknown"],
    )


def session_of(row: Cells) -> SessionOfDay | None:
    """Return the session of day that a fact lies in, None for one that was recorded before it was kept."""
    word = row["session_of_day"]
    return None if word is None else _SESSIONS[word]


def measures_of(row: Cells) -> Measures:
    """Return the numbers of one execution."""
    return Measures(**_measures(row))


def decision_of(packed: bytes | None) -> Decision | None:
    """Return the decision that a cell holds."""
    return None if packed is None else _decision.decode(packed)


def reassessment_of(row: Any) -> Reassessment:
    """Return the second look that a row of `reassessments` holds."""
    return Reassessment(
        offset=row.offset,
        counterparty=row.counterparty,
        session=row.session,
        trade_date=row.trade_date,
        finding_id=row.finding_id,
        rule=row.rule,
        verdict=Verdict(row.verdict),
        reason=row.reason,
        missing=row.missing,
        at=row.at,
        finding=None if row.body is None else _finding.decode(row.body),
        why=Why.MESSAGES if row.why is None else Why(row.why),
    )


def _named(row: Cells, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _asked(quote: Quote) -> Quote | None:
    return None if quote == NOT_ASKED else quote
