"""One exception with everything behind it: its order with parent and other child, and the quotes of its seconds."""

from __future__ import annotations

from typing import Any

from rules.facts import MILLISECOND, SECOND, Level, Nanos, OrderEventKind
from rules.finding import Finding
from service.market.around import Around, Told
from service.market.update import MarketState
from service.processed import Processed
from service.quote_evidence import FindingQuotes, Taken
from service.store.engine import Database
from service.store.evidence import SqlEvidence
from service.store.journal import SqlJournal
from service.store.quote_evidence import SqlQuoteEvidence
from service.store.record import SqlStore
from tests.factories import price, shares
from tests.factories_store import a_frame, a_recorded_event, a_recorded_fill

PICTURED = 5
"""The exception of a_morning that is about a price: three executions of INITECH at EDGX, outside the quote."""
_QUOTES = (
    (-5.0, "42.10", "42.12"),
    (-3.1, "42.11", "42.13"),
    (-1.2, "42.10", "42.13"),
    (-0.4, "42.11", "42.13"),
    (0.2, "42.13", "42.16"),
    (1.4, "42.14", "42.17"),
    (3.0, "42.12", "42.15"),
)


def with_everything(database: Database, case_id: int = PICTURED) -> Finding:
    """Add to the newest finding of an exception its order's family and the quotes around it; return the finding."""
    newest = SqlEvidence(database).findings(case_id)[0]
    where: dict[str, Any] = {"trade_date": newest.trade_date, "counterparty": newest.counterparty}
    order = {"symbol": newest.symbol, "ordered": "400", "account": "ACC-7", "desk": "agency", "client": "CL-12"}
    child = {"order_key": "C1", "order_id": "SOR-70503", "parent_id": "P1", **order}
    made = _made(newest, where, child, order)
    store = SqlStore(database)
    store.record(Processed(upto=SqlJournal(database).append(a_frame(1)), **made))
    around = Around(
        begin=Nanos(newest.at - 5 * SECOND), end=Nanos(newest.at + 5 * SECOND), complete=True, quotes=_told(newest.at)
    )
    kept = FindingQuotes(finding_id=newest.finding_id, symbol=newest.symbol or "", around=around)
    SqlQuoteEvidence(database).keep(Taken(upto=0, kept=(kept,)))
    return newest


def _made(newest: Finding, where: dict[str, Any], child: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    at, offset = newest.at, newest.offset
    began = Nanos(at - 412 * MILLISECOND)
    placed = {**where, "received_at": Nanos(at + 2 * MILLISECOND)}
    parent = {**order, "order_key": "P1", "order_id": "P1", "level": Level.PARENT, "ordered": "900"}
    other = {**child, "order_key": "C2", "order_id": "SOR-70504"}
    fill = a_recorded_fill(
        offset,
        execution_id=newest.subject,
        executed_at=at,
        sent_at=Nanos(at + MILLISECOND),
        price="42.18",
        quantity="400",
        venue="EDGX",
        bid_at_execution="42.11",
        offer_at_execution="42.13",
        **placed,
        **child,
    )
    events = [
        a_recorded_event(offset - 2, kind=OrderEventKind.NEW, at=Nanos(began - 30 * MILLISECOND), **where, **parent),
        a_recorded_event(offset - 1, kind=OrderEventKind.NEW, at=began, **where, **child),
        a_recorded_event(offset + 1, kind=OrderEventKind.CANCELED, at=Nanos(at + 900 * MILLISECOND), **where, **other),
    ]
    return {"fills": [fill], "order_events": events}


def _told(at: int) -> tuple[Told, ...]:
    sizes = shares("1200"), shares("800")
    return tuple(
        Told(
            Nanos(at + round(after * 1000) * MILLISECOND),
            *(price(bid), sizes[0], price(offer), sizes[1]),
            MarketState.NORMAL,
        )
        for after, bid, offer in _QUOTES
    )
