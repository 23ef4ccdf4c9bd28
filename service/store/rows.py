"""Facts as rows: each function gives the cells of one table in its column order (tables.py). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rules.facts import Answer, Fact, FeedEvent, Measures, Order, OrderOutcome, Quote, QuotesApart
from service.fix.events import Outcome
from service.journal import Entry
from service.processed import Amendment, Processed, RecordedFill, RecordedOrderEvent, RecordedOwnOrder, Requoted
from service.requote import NOT_ASKED
from service.store.cells import canonical

Row = tuple[Any, ...]


def journal_row(offset: int, entry: Entry) -> Row:
    """Return the cells of `journal`."""
    return (offset, entry.kind, entry.counterparty, entry.session, entry.epoch, entry.received_at, entry.body)


def outcome_rows(processed: Processed) -> list[Row]:
    """Return the rows of `message_outcomes`; the trade date comes from a fact of the same offset."""
    facts: list[Fact | Amendment | RecordedOwnOrder] = [recorded.changed for recorded in processed.order_events]
    facts += [recorded.fill for recorded in processed.fills]
    facts += processed.amendments
    facts += processed.own_orders
    days = {fact.offset: fact.trade_date for fact in facts}
    return [_outcome_row(outcome, days.get(outcome.offset)) for outcome in processed.outcomes]


def _outcome_row(outcome: Outcome, trade_date: str | None) -> Row:
    return (outcome.offset, outcome.outcome, outcome.sequence, outcome.reason, trade_date)


def execution_row(recorded: RecordedFill, part: int) -> Row:
    """Return the cells of `executions`."""
    fill = recorded.fill
    return (
        *_fact(fill, part),
        fill.execution_id,
        fill.exec_id,
        recorded.dedup_key,
        recorded.content_hash,
        *_order(fill.order),
        fill.level,
        fill.symbol,
        fill.side,
        fill.quantity,
        fill.price,
        fill.venue,
        fill.book,
        fill.venue_raw,
        fill.liquidity,
        fill.fees,
        fill.auction,
        fill.exempt_reason,
        fill.executed_at,
        fill.executed_at_digits,
        fill.sent_at,
        fill.cumulative,
        *_quote(fill.at_execution),
        *_measures(fill.measures),
        fill.regular_hours,
        fill.resent,
        fill.clock_suspect,
        fill.amends,
        fill.uncertain,
        fill.backfilled,
        fill.declared_delay,
        fill.worst_touch,
        fill.fee,
        canonical(recorded.decision),
        fill.quote_source,
        *_apart(fill.quotes_apart),
        fill.session_of_day,
        fill.quotes_behind,
    )


def order_event_row(recorded: RecordedOrderEvent, part: int) -> Row:
    """Return the cells of `order_events`."""
    changed = recorded.changed
    return (
        *_fact(changed, part),
        changed.kind,
        changed.at,
        changed.reason,
        recorded.exec_id,
        recorded.dedup_key,
        recorded.content_hash,
        *_order(changed.order),
        None if recorded.decision is None else canonical(recorded.decision),
        changed.session_of_day,
        changed.venue,
        *_answer(changed.answer),
        changed.uncertain,
    )


def own_order_row(recorded: RecordedOwnOrder, part: int) -> Row:
    """Return the cells of `own_orders`."""
    own, terms = recorded.own, recorded.own.terms
    return (
        recorded.offset,
        part,
        recorded.received_at,
        recorded.clock,
        recorded.counterparty,
        recorded.session,
        recorded.trade_date,
        own.vendor,
        own.kind,
        own.ids.order_key,
        own.ids.previous_key,
        recorded.clock if own.sent_at is None else own.sent_at,
        terms.account,
        terms.desk,
        terms.client,
        terms.symbol,
        terms.side,
        terms.order_type,
        terms.time_in_force,
        terms.limit_price,
        terms.stop_price,
        terms.quantity,
        terms.held,
        terms.directed,
        terms.capacity,
        recorded.order_key,
        recorded.dedup_key,
        recorded.content_hash,
        recorded.backfilled,
        terms.route,
        canonical(recorded.decision),
    )


def amendment_row(amendment: Amendment, part: int) -> Row:
    """Return the cells of `amendments`."""
    return (
        amendment.offset,
        part,
        amendment.counterparty,
        amendment.session,
        amendment.trade_date,
        amendment.execution_id,
        amendment.kind,
        amendment.exec_id,
        amendment.dedup_key,
        amendment.content_hash,
        amendment.at,
        amendment.quantity,
        amendment.price,
        amendment.venue,
        amendment.measures is not None,
        *_measures(amendment.measures or Measures()),
        None if amendment.decision is None else canonical(amendment.decision),
        None if amendment.corrected is None else canonical(amendment.corrected),
    )


def order_outcome_row(outcome: OrderOutcome, part: int) -> Row:
    """Return the cells of `order_outcomes`."""
    return (
        *_fact(outcome, part),
        outcome.end,
        outcome.at,
        outcome.ordered,
        outcome.executed,
        outcome.average_price,
        outcome.venue,
        canonical(outcome.venues),
        outcome.synthesised,
        *_order(outcome.order),
        None if outcome.notional is None else str(outcome.notional),
        canonical(outcome.venue_shares),
        outcome.pending_time,
        outcome.working_time,
        outcome.held_time,
        outcome.session_of_day,
        outcome.uncertain,
        outcome.restated,
    )


def feed_event_row(event: FeedEvent, part: int) -> Row:
    """Return the cells of `feed_events`."""
    return (
        *_fact(event, part),
        event.kind,
        event.subject,
        event.at,
        canonical(event.detail),
        canonical(event.related),
        event.uncertain,
    )


def requote_row(made: Requoted, part: int) -> Row:
    """Return the cells of `requotes`."""
    return (
        made.offset,
        part,
        made.counterparty,
        made.session,
        made.trade_date,
        made.kind,
        made.decided_offset,
        made.order_key,
        made.execution_id,
        *_quote(made.receipt or NOT_ASKED),
        *_quote(made.execution or NOT_ASKED),
        made.marketable,
        *_measures(made.measures or Measures()),
        made.worst_touch,
        made.at,
        made.reason,
        None if made.decision is None else canonical(made.decision),
    )


def numbered(offsets: Iterable[int]) -> list[int]:
    """Return for each row which one of its offset's rows it is, from 0."""
    seen: dict[int, int] = {}
    parts = []
    for offset in offsets:
        parts.append(seen.get(offset, 0))
        seen[offset] = parts[-1] + 1
    return parts


def _fact(fact: Fact, part: int) -> Row:
    return (fact.offset, part, fact.received_at, fact.clock, fact.counterparty, fact.session, fact.trade_date)


def _quote(quote: Quote) -> Row:
    return (quote.bid, quote.bid_size, quote.offer, quote.offer_size, quote.at, quote.state, quote.note)


def _apart(apart: QuotesApart | None) -> Row:
    return (None,) * 4 if apart is None else (apart.source, apart.bid, apart.offer, apart.lag)


def _measures(measures: Measures) -> Row:
    return (
        measures.price_improvement,
        measures.effective_spread,
        measures.quoted_spread,
        measures.outside_amount,
        measures.time_to_fill,
        measures.dollar_harm,
        measures.not_evaluated_reason,
        measures.possible_flicker,
    )


def _answer(answer: Answer | None) -> Row:
    if answer is None:
        return (None,) * 7
    waits = (answer.waited, answer.grain, answer.firm_waited, answer.firm_grain, answer.executed)
    return (answer.asked, *waits, answer.unknown)


def _order(order: Order) -> Row:
    return (
        order.order_key,
        order.order_id,
        order.cl_ord_id,
        order.parent_id,
        order.level,
        order.account,
        order.desk,
        order.client,
        order.symbol,
        order.side,
        order.order_type,
        order.time_in_force,
        order.limit_price,
        order.stop_price,
        order.quantity,
        order.held,
        order.directed,
        order.capacity,
        order.received_at,
        order.working_at,
        order.marketable,
        *_quote(order.receipt),
        order.firm_received_at,
        order.route,
    )
