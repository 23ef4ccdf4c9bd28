"""From what the ledger did to the facts that the rules look at and the store keeps. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import (
    ExemptReason,
    Fill,
    Level,
    Measures,
    Nanos,
    OrderChanged,
    Quote,
    QuoteState,
    Side,
)
from service.fix.events import Correction, Execution, OrderEvent, Reported
from service.market.calendar import TradingCalendar
from service.market.measures import measure
from service.order_steps import Busted, Changed, Corrected, Traded, Where
from service.processed import Amendment, Decision

NOT_ASKED = Quote(state=QuoteState.ABSENT, note="not asked for")


class Making(msgspec.Struct, frozen=True):
    """What making a fact needs beside the step: where the record stands, its quotes, the calendar, the event."""

    where: Where
    decision: Decision
    calendar: TradingCalendar
    event: Reported | None = None

    @staticmethod
    def executed_at(event: Execution, clock: Nanos) -> Nanos:
        """Return when it was executed: the vendor's execution stamp, else 60, else 52, else the record's clock."""
        stamps = event.stamps
        for stamp in (stamps.executed, stamps.transacted_at, event.header.sent_at):
            if stamp is not None:
                return stamp
        return clock


def fill_fact(step: Traded, making: Making) -> Fill:
    """Return the execution with its order, quotes and measures."""
    event, order, where = step.event, step.order, making.where
    executed_at = Making.executed_at(event, where.clock)
    suspect = _suspect(event, executed_at, order.working_at)
    side = event.terms.side or order.side or Side.BUY
    quote = making.decision.at_execution or NOT_ASKED
    return Fill(
        offset=where.offset,
        counterparty=where.counterparty,
        session=where.session,
        trade_date=event.trade_date,
        received_at=where.received_at,
        clock=where.clock,
        execution_id=step.execution_id,
        exec_id=event.exec_id or "",
        order=order,
        level=event.terms.level,
        symbol=event.terms.symbol or order.symbol,
        side=side,
        quantity=event.quantity,
        price=event.price,
        venue=event.venue,
        book=event.book,
        venue_raw=event.venue_raw,
        liquidity=event.liquidity,
        fees=event.fees,
        auction=event.auction,
        exempt_reason=_exempt(event, auction=event.auction),
        executed_at=executed_at,
        executed_at_digits=event.stamps.transacted_digits,
        sent_at=event.header.sent_at,
        cumulative=step.after.cumulative,
        at_execution=quote,
        measures=measure(
            side=side,
            price=event.price,
            quantity=event.quantity,
            receipt=order.receipt,
            execution=quote,
            executed_at=None if suspect else executed_at,
            working_at=order.working_at,
            auction=event.auction,
        ),
        regular_hours=making.calendar.is_open(executed_at),
        resent=event.header.poss_dup or event.header.poss_resend,
        clock_suspect=suspect,
    )


def changed_fact(step: Changed, making: Making) -> OrderChanged:
    """Return the order event as a fact."""
    event, where = step.event, making.where
    kind = event.kind if isinstance(event, OrderEvent) else event.order_event
    assert kind is not None
    return OrderChanged(
        offset=where.offset,
        counterparty=where.counterparty,
        session=where.session,
        trade_date=event.trade_date,
        received_at=where.received_at,
        clock=where.clock,
        kind=kind,
        order=step.order,
        at=event.stamps.transacted_at or event.header.sent_at or where.clock,
        reason=event.text,
    )


def amendment(step: Busted | Corrected, making: Making) -> tuple[Amendment, Fill | None]:
    """Return the row that amends an execution and, for a correction that counts, the corrected fill to look at."""
    event, own = step.event, step.where
    corrected = isinstance(step, Corrected) and step.live
    measures: Measures | None = None
    fill = None
    if isinstance(step, Corrected) and corrected:
        fill = _corrected(step, making)
        measures = fill.measures
    made = Amendment(
        offset=own.offset,
        counterparty=own.counterparty,
        session=own.session,
        trade_date=event.trade_date,
        execution_id=step.execution_id,
        kind="correction" if isinstance(event, Correction) else "bust",
        exec_id=event.exec_id,
        dedup_key=step.key,
        content_hash=event.content_hash,
        at=event.stamps.transacted_at or event.header.sent_at or own.clock,
        quantity=step.quantity if corrected else None,
        price=step.price if corrected else None,
        venue=step.venue if corrected else None,
        measures=measures,
    )
    return made, fill


def _corrected(step: Corrected, making: Making) -> Fill:
    """Return the fill as it stands corrected: the same instant and quotes, another quantity or price."""
    event, order = step.event, step.order
    executed_at = step.executed_at or making.where.clock
    side = event.terms.side or order.side or Side.BUY
    quote = making.decision.at_execution or NOT_ASKED
    return Fill(
        offset=making.where.offset,
        counterparty=making.where.counterparty,
        session=making.where.session,
        trade_date=event.trade_date,
        received_at=making.where.received_at,
        clock=making.where.clock,
        execution_id=f"{step.execution_id}/{event.exec_id or step.key}",
        exec_id=event.exec_id or "",
        order=order,
        level=event.terms.level,
        symbol=event.terms.symbol or order.symbol,
        side=side,
        quantity=step.quantity,
        price=step.price,
        venue=step.venue,
        book=event.book,
        venue_raw=event.venue_raw,
        liquidity=event.liquidity,
        auction=event.auction,
        exempt_reason=_exempt(event, auction=event.auction),
        executed_at=executed_at,
        executed_at_digits=event.stamps.transacted_digits,
        sent_at=event.header.sent_at,
        cumulative=step.after.cumulative,
        at_execution=quote,
        measures=measure(
            side=side,
            price=step.price,
            quantity=step.quantity,
            receipt=order.receipt,
            execution=quote,
            executed_at=executed_at,
            working_at=order.working_at,
            auction=event.auction,
        ),
        regular_hours=making.calendar.is_open(executed_at),
        resent=event.header.poss_dup or event.header.poss_resend,
        amends=step.execution_id,
    )


def _suspect(event: Execution, executed_at: Nanos, working_at: Nanos | None) -> str | None:
    """Return in words which stamp of the execution cannot be believed, None when all can."""
    if event.stamps.suspect is not None:
        return event.stamps.suspect
    if event.stamps.executed is None and event.stamps.transacted_at is None:
        return "TransactTime (60) is missing"
    resolution = 10 ** (9 - event.stamps.transacted_digits) if event.stamps.executed is None else 1
    if working_at is not None and executed_at + resolution <= working_at:
        return f"executed {working_at - executed_at} ns before the order could be executed"
    return None


def _exempt(event: Execution | Correction, *, auction: bool) -> ExemptReason | None:
    if event.terms.exempt is not None:
        return event.terms.exempt
    if auction:
        return ExemptReason.AUCTION
    return ExemptReason.MULTILEG_LEG if event.terms.level is Level.LEG else None
