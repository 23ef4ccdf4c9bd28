"""From what the ledger did to the facts that the rules look at and the store keeps. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import (
    SECOND,
    ExemptReason,
    Fill,
    Level,
    Measures,
    Nanos,
    Order,
    OrderChanged,
    OrderOutcome,
    Price,
    Quantity,
    Quote,
    Side,
)
from service.fix.events import Correction, Execution, OrderEvent, Reported, Stamps
from service.market.enrich import SOURCE_IS_DEAD
from service.market.hours import Hours
from service.market.measures import measure
from service.orders.life import VENUE_UNKNOWN
from service.orders.steps import Busted, Changed, Corrected, Traded, Where
from service.processed import Amendment, Decision
from service.requote import NOT_ASKED

_NANO_DIGITS = 9
_BUY, _AUCTION, _LEG_REASON, _LEG = Side.BUY, ExemptReason.AUCTION, ExemptReason.MULTILEG_LEG, Level.LEG


class Making(msgspec.Struct, frozen=True, gc=False):
    """What making a fact needs beside the step: where the record stands, its quotes, the hours of the day."""

    where: Where
    decision: Decision
    hours: Hours


class Trading(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a trade and a corrected trade say differently of the same fill; `digits` is the precision of its time."""

    execution_id: str
    order: Order
    quantity: Quantity
    price: Price
    venue: str
    cumulative: Quantity
    executed_at: Nanos
    digits: int
    suspect: str | None
    fees: str | None = None
    fee: Price | None = None
    amends: str | None = None


def executed_at(event: Execution, clock: Nanos) -> Nanos:
    """Return when it was executed: the vendor's execution stamp, else 60, else 52, else the record's clock."""
    stamps = event.stamps
    for stamp in (stamps.executed, stamps.transacted_at, event.header.sent_at):
        if stamp is not None:
            return stamp
    return clock


def fill_fact(step: Traded, making: Making) -> Fill:
    """Return the execution with its order, quotes and measures."""
    event, order = step.event, step.order
    at, digits = executed_at(event, making.where.clock), _digits(event.stamps)
    trading = Trading(
        execution_id=step.execution_id,
        order=order,
        quantity=event.quantity,
        price=event.price,
        venue=event.venue,
        cumulative=step.after.cumulative,
        executed_at=at,
        digits=digits,
        suspect=event.stamps.suspect or _missing(event.stamps) or too_early(at, digits, order.working_at),
        fees=event.fees,
        fee=event.fee,
    )
    return _fill(event, trading, making)


def corrected_fact(step: Corrected, making: Making) -> Fill:
    """Return the fill as it stands corrected: the same instant and quotes, another quantity, price or venue."""
    event, order = step.event, step.order
    at = making.where.clock if step.executed_at is None else step.executed_at
    digits = _written_digits(at)
    trading = Trading(
        execution_id=f"{step.execution_id}/{event.exec_id or step.key}",
        order=order,
        quantity=step.quantity,
        price=step.price,
        venue=step.venue,
        cumulative=step.after.cumulative,
        executed_at=at,
        digits=digits,
        suspect=too_early(at, digits, order.working_at),
        amends=step.execution_id,
    )
    return _fill(event, trading, making)


def changed_fact(step: Changed, making: Making) -> OrderChanged:
    """Return the order event as a fact."""
    event, where = step.event, making.where
    kind = event.kind if isinstance(event, OrderEvent) else event.order_event
    assert kind is not None
    at = _stated_at(event, where)
    return OrderChanged(
        offset=where.offset,
        counterparty=where.counterparty,
        session=where.session,
        trade_date=event.trade_date,
        received_at=where.received_at,
        clock=where.clock,
        uncertain=where.uncertain,
        kind=kind,
        order=step.order,
        at=at,
        reason=event.text,
        session_of_day=making.hours.session_of_day(at),
        venue=step.venue or VENUE_UNKNOWN,
        answer=step.answer,
    )


def in_session(outcome: OrderOutcome, hours: Hours) -> OrderOutcome:
    """Return an order's end with the session of day that it lies in; the close ends an order within its own."""
    last = Nanos(outcome.at - 1) if outcome.synthesised else outcome.at
    return msgspec.structs.replace(outcome, session_of_day=hours.session_of_day(last))


def amendment(step: Busted | Corrected, making: Making) -> tuple[Amendment, Fill | None]:
    """Return the row that amends an execution and, for a correction that counts, the corrected fill to look at."""
    event, own = step.event, step.where
    fill = corrected_fact(step, making) if isinstance(step, Corrected) and step.live else None
    made = Amendment(
        # where it was applied: one that waited for its original comes after what was applied before it
        offset=making.where.offset,
        counterparty=own.counterparty,
        session=own.session,
        trade_date=event.trade_date,
        execution_id=step.execution_id,
        kind="bust" if fill is None else "correction",
        exec_id=event.exec_id,
        dedup_key=step.key,
        content_hash=event.content_hash,
        at=_stated_at(event, own),
        quantity=fill.quantity if fill else None,
        price=fill.price if fill else None,
        venue=fill.venue if fill else None,
        measures=fill.measures if fill else None,
        decision=making.decision.own if isinstance(step, Corrected) else None,
        corrected=fill,
    )
    return made, fill


def _fill(event: Execution | Correction, trading: Trading, making: Making) -> Fill:
    order, where, terms = trading.order, making.where, event.terms
    side, decision = _side(terms.side, order), making.decision
    quote = decision.at_execution or NOT_ASKED
    worst = decision.highest_offer if side is _BUY else decision.lowest_bid
    part = making.hours.session_of_day(trading.executed_at)
    return Fill(
        offset=where.offset,
        counterparty=where.counterparty,
        session=where.session,
        trade_date=event.trade_date,
        received_at=where.received_at,
        clock=where.clock,
        uncertain=where.uncertain,
        execution_id=trading.execution_id,
        exec_id=event.exec_id or "",
        order=order,
        level=terms.level,
        symbol=terms.symbol or order.symbol,
        side=side,
        quantity=trading.quantity,
        price=trading.price,
        venue=trading.venue,
        book=event.book,
        venue_raw=event.venue_raw,
        liquidity=event.liquidity,
        fees=trading.fees,
        fee=trading.fee,
        auction=event.auction,
        exempt_reason=_exempt(event),
        executed_at=trading.executed_at,
        executed_at_digits=trading.digits,
        sent_at=event.header.sent_at,
        cumulative=trading.cumulative,
        at_execution=quote,
        measures=_measured(event, trading, side, quote, worst),
        regular_hours=part.in_regular_hours,
        resent=event.header.poss_dup or event.header.poss_resend or where.recovering or where.backfilled,
        backfilled=where.backfilled,
        declared_delay=where.declared_delay,
        clock_suspect=trading.suspect,
        amends=trading.amends,
        worst_touch=worst,
        quote_source=decision.source,
        quotes_behind=_behind(decision, quote, trading.executed_at),
        quotes_apart=decision.apart,
        session_of_day=part,
    )


def _behind(decision: Decision, quote: Quote, at: Nanos) -> Nanos | None:
    """Return how far the source's mark lay before the execution; None without a source that lived."""
    if not decision.mark or decision.at_execution is None or quote.note == SOURCE_IS_DEAD:
        return None
    return Nanos(max(0, at - decision.mark))


def _measured(
    event: Execution | Correction, trading: Trading, side: Side, quote: Quote, worst: Price | None
) -> Measures:
    return measure(
        side=side,
        price=trading.price,
        quantity=trading.quantity,
        receipt=trading.order.receipt,
        execution=quote,
        executed_at=trading.executed_at if trading.suspect is None else None,
        working_at=trading.order.working_at,
        auction=event.auction,
        worst_touch=worst,
    )


def _side(told: Side | None, order: Order) -> Side:
    side = told or order.side
    if side is None:
        msg = "a trade reached the road without a Side (54); decoding refuses such executions"
        raise ValueError(msg)
    return side


def _stated_at(event: Reported, where: Where) -> Nanos:
    return event.stamps.transacted_at or event.header.sent_at or where.clock


def _digits(stamps: Stamps) -> int:
    return stamps.transacted_digits if stamps.executed is None else stamps.executed_digits


def _written_digits(at: Nanos) -> int:
    """Return the fewest of 0, 3, 6 and 9 digits that write this instant: the ledger keeps no more of a stamp."""
    return next((digits for digits in (0, 3, 6) if at % 10 ** (_NANO_DIGITS - digits) == 0), _NANO_DIGITS)


def _missing(stamps: Stamps) -> str | None:
    absent = stamps.executed is None and stamps.transacted_at is None
    return "TransactTime (60) is missing" if absent else None


def too_early(at: Nanos, digits: int, working_at: Nanos | None) -> str | None:
    """Suspect an execution before its order could be executed, as far as the precision of its stamp can tell."""
    grain = SECOND // 10 ** min(digits, _NANO_DIGITS)
    if working_at is None or at + grain > working_at:
        return None
    return f"executed {working_at - at} ns before the order could be executed"


def _exempt(event: Execution | Correction) -> ExemptReason | None:
    if event.terms.exempt is not None:
        return event.terms.exempt
    if event.auction:
        return _AUCTION
    return _LEG_REASON if event.terms.level is _LEG else None
