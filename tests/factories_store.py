"""Journal entries and batches for the tests of the store: each names only what matters."""

from __future__ import annotations

from typing import Any

from rules.facts import Level, Markout, Measures, Nanos, Side
from rules.fade import Fade
from rules.finding import Finding, Scope, Severity
from rules.order_end import EndMark
from rules.quote import midpoint_doubled, unusable
from rules.reassessment import Reassessment, Verdict
from service.fix.events import Outcome
from service.journal import Entry, Frame, RecordKind, SessionPoint
from service.market.markouts import after
from service.marks import HORIZONS
from service.processed import Amendment, Decision, Processed, RecordedFill, RecordedOrderEvent
from tests.factories import NOON, TRADE_DATE, a_change, a_fill, a_quote, price, shares
from tests.factories_marks import an_executed

SESSION = "FIX.4.4:FIRM->SOR"
RAW = b"8=FIX.4.4\x019=5\x0135=8\x0152=20261120-17:00:00.000\x0110=000\x01"


def an_entry(**named: Any) -> Entry:
    """Return one inbound message of the demo session, received at noon."""
    return Entry(
        kind=named.get("kind", RecordKind.MESSAGE),
        counterparty=named.get("counterparty", "demo"),
        session=named.get("session", SESSION),
        epoch=named.get("epoch", "epoch-1"),
        received_at=named.get("received_at", NOON),
        body=named.get("body", RAW),
    )


def a_point(expected: int, epoch: str = "epoch-1", session: str = SESSION) -> SessionPoint:
    """Return how far the journal holds the demo session."""
    return SessionPoint(counterparty="demo", session=session, epoch=epoch, expected=expected)


def a_frame(messages: int = 1, *points: SessionPoint, **named: Any) -> Frame:
    """Return a frame of so many messages."""
    return Frame(entries=tuple(an_entry(**named) for _ in range(messages)), points=points)


def a_decision(**named: Any) -> Decision:
    """Return a decision that the source's mark had released."""
    return Decision(
        at_receipt=named.get("at_receipt", a_quote()),
        at_execution=named.get("at_execution", a_quote(bid="9.98")),
        mark=named.get("mark", NOON),
        reason=named.get("reason", "mark"),
    )


def a_recorded_fill(offset: int = 1, **named: Any) -> RecordedFill:
    """Return an execution as it is stored, with an id and a key of its offset's own."""
    fill = a_fill(**{"offset": offset, "execution_id": f"E{offset}", "exec_id": f"17-{offset}"} | named)
    return RecordedFill(
        fill=fill,
        dedup_key=named.get("dedup_key", f"{fill.trade_date}|{fill.exec_id}"),
        content_hash=named.get("content_hash", bytes([offset % 256]) * 16),
        decision=named.get("decision", a_decision()),
    )


def a_recorded_event(offset: int = 1, **named: Any) -> RecordedOrderEvent:
    """Return an order event as it is stored."""
    return RecordedOrderEvent(
        changed=a_change(**{"offset": offset} | named),
        dedup_key=named.get("dedup_key", f"{TRADE_DATE}|event-{offset}"),
        content_hash=named.get("content_hash", b"event"),
        exec_id=named.get("exec_id", f"event-{offset}"),
        decision=named.get("decision"),
    )


def a_markout(offset: int = 9, part: int = 0, **named: Any) -> Markout:
    """Return where the market stood 50 ms after a buy at 10.01: two cents higher, unless told."""
    quote, paid = named.get("quote", a_quote("10.01", "10.03")), price("10.01")
    numbers = after(1, paid, 2 * price("10.00"), 2 * price("10.00"), midpoint_doubled(quote))
    horizon = Nanos(named.get("horizon", HORIZONS[part]))
    return Markout(
        offset=offset,
        counterparty="demo",
        session=SESSION,
        trade_date=named.get("trade_date", TRADE_DATE),
        received_at=NOON,
        clock=NOON,
        execution_id=named.get("execution_id", "E1"),
        execution_offset=named.get("execution_offset", 1),
        horizon=horizon,
        at=Nanos(NOON + horizon),
        past_close=named.get("past_close", False),
        price=paid,
        quote=quote,
        realized_spread=numbers.realized_spread,
        price_impact=numbers.price_impact,
        delay_cost=numbers.delay_cost,
        post_trade_impact=numbers.post_trade_impact,
        not_evaluated_reason=unusable("mark", quote),
        executed=named.get("executed") or an_executed(),
        source_mark=named.get("source_mark", NOON),
        released=named.get("released", "mark"),
    )


def an_end_mark(offset: int = 9, **named: Any) -> EndMark:
    """Return where the market stood when order O1 ended unfilled one second after noon, unless told."""
    ended_at = Nanos(named.get("ended_at", NOON + 1_000_000_000))
    return EndMark(
        offset=offset,
        counterparty="demo",
        session=SESSION,
        trade_date=named.get("trade_date", TRADE_DATE),
        received_at=NOON,
        clock=NOON,
        order_key=named.get("order_key", "O1"),
        level=named.get("level", Level.CHILD),
        symbol="XYZ",
        ended_at=ended_at,
        at=named.get("at", ended_at),
        past_close=named.get("past_close", False),
        quote=named.get("quote", a_quote()),
        source_mark=named.get("source_mark", NOON),
        released=named.get("released", "mark"),
    )


def a_fade(offset: int = 9, **named: Any) -> Fade:
    """Return the move from child A of a buy of P, at noon, to child B a second later."""
    return Fade(
        offset=offset,
        counterparty="demo",
        session=SESSION,
        trade_date=named.get("trade_date", TRADE_DATE),
        received_at=NOON,
        clock=NOON,
        parent_id="P",
        symbol="XYZ",
        side=named.get("side", Side.BUY),
        first_key="A",
        first_at=NOON,
        first=named.get("first", a_quote()),
        later_key=named.get("later_key", "B"),
        later_at=Nanos(NOON + 1_000_000_000),
        later=named.get("later", a_quote()),
        baseline_at=Nanos(NOON - 1_000_000_000),
        baseline=named.get("baseline", a_quote()),
        source_mark=named.get("source_mark", NOON),
        released=named.get("released", "mark"),
    )


def an_amendment(offset: int, kind: str, execution_id: str = "E1", **named: Any) -> Amendment:
    """Return a bust, or a correction to the values named."""
    return Amendment(
        offset=offset,
        counterparty="demo",
        session=SESSION,
        trade_date=named.get("trade_date", TRADE_DATE),
        execution_id=execution_id,
        kind=kind,
        exec_id=f"17-{offset}",
        dedup_key=f"{TRADE_DATE}|17-{offset}",
        content_hash=b"amendment",
        at=NOON,
        quantity=shares(named["quantity"]) if "quantity" in named else None,
        price=price(named["price"]) if "price" in named else None,
        venue=named.get("venue", "XNAS" if kind == "correction" else None),
        measures=named.get("measures", Measures(outside_amount=0) if kind == "correction" else None),
        decision=named.get("decision"),
    )


def a_finding(name: str = "F1", **named: Any) -> Finding:
    """Return a finding of slow_fill about the first execution."""
    return Finding(
        finding_id=name,
        rule=named.get("rule", "slow_fill"),
        rule_version=1,
        rulebook_hash="hash",
        scope=named.get("scope", Scope.MARKET),
        severity=named.get("severity", Severity.MEDIUM),
        trade_date=named.get("trade_date", TRADE_DATE),
        counterparty="demo",
        session=SESSION,
        subject=named.get("subject", "E1"),
        cause=named.get("cause", "venue XNYS"),
        at=named.get("at", NOON),
        sentence=named.get("sentence", "The fill took 2 s."),
        values=named.get("values", {"time_to_fill_ns": 2_000_000_000, "held": True, "note": None}),
        thresholds={"limit_ns": 1_000_000_000},
        clocks=("receipt", "execution"),
        dollar_harm=named.get("dollar_harm"),
        accounts=("A1",),
        symbol="XYZ",
        venue="XNYS",
        offset=named.get("offset", 1),
        related=(1, 2),
        quotes={"receipt": {"bid_price": 9_990_000_000, "state": "normal"}},
    )


def a_look(name: str = "F1", verdict: Verdict = Verdict.STANDS, **named: Any) -> Reassessment:
    """Return a second look at a finding, which stands unless told."""
    return Reassessment(
        offset=9,
        counterparty="demo",
        session=SESSION,
        trade_date=named.get("trade_date", TRADE_DATE),
        finding_id=name,
        rule="slow_fill",
        verdict=verdict,
        reason="nothing that came changes it",
        missing="messages 5-6",
        at=NOON,
        finding=named.get("finding"),
    )


def an_outcome_of(offset: int, outcome: str = "execution", **named: Any) -> Outcome:
    """Return what became of a message."""
    sequence = named.get("sequence", offset)
    return Outcome(offset=offset, outcome=outcome, sequence=sequence, reason=named.get("reason"))


def a_batch(*offsets: int, **named: Any) -> Processed:
    """Return a batch of one execution, its outcome and a finding at each offset."""
    return Processed(
        upto=named.get("upto", max(offsets, default=0)),
        outcomes=[an_outcome_of(offset) for offset in offsets],
        fills=[a_recorded_fill(offset) for offset in offsets],
        findings=[a_finding(f"F{offset}", offset=offset, at=Nanos(NOON + offset)) for offset in offsets],
    )
