"""Decoded events and journal records for the tests of ledger and feed; each factory names only what matters."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from rules.facts import Level, Nanos, OrderEventKind, OrderType, Side, TimeInForce
from service.fix.events import (
    Admin,
    Bust,
    Correction,
    Decoded,
    Execution,
    Header,
    Ids,
    OrderEvent,
    OrderTerms,
    Stamps,
    Status,
    Undecodable,
)
from service.journal import Record, RecordKind
from service.orders.ledger import Ledger
from service.orders.steps import Step, Where
from tests.factories import NOON, TRADE_DATE, length, price, shares

SESSION = "FIX.4.4:FIRM->SOR"
_IDS = ("order_key", "order_id", "cl_ord_id", "previous_key", "parent_id")
_HEADER = ("sequence", "sent_at", "poss_dup", "poss_resend")
_STAMPS = ("transacted_at", "time_in", "executed", "suspect")
_TERMS = (
    "level",
    "account",
    "symbol",
    "side",
    "order_type",
    "time_in_force",
    "limit_price",
    "stop_price",
    "quantity",
    "directed",
    "route",
)


def a_ledger(**named: Any) -> Ledger:
    """Return an empty ledger that raises orphans after five minutes."""
    return Ledger(**({"orphan_after": length("5 min")} | named))


def where(**named: Any) -> Where:
    """Return a place in the journal at noon."""
    at = named.get("clock", NOON)
    return Where(
        offset=named.get("offset", 1),
        counterparty=named.get("counterparty", "demo"),
        session=named.get("session", SESSION),
        received_at=at,
        clock=at,
    )


def an_execution(exec_id: str | None = "E1", **named: Any) -> Execution:
    """Return a trade of 100 shares at 10.00 on XNYS, of an order O1 to buy 1000 at 10.00."""
    own = {
        "quantity": shares(named.pop("filled", "100")),
        "price": price(named.pop("at_price", "10.00")),
        "venue": named.pop("venue", "XNYS"),
        "order_event": named.pop("order_event", None),
    }
    own["book"] = own["venue"]
    return Execution(**own, **_reported(exec_id, own, named))


def an_order_event(kind: OrderEventKind = OrderEventKind.NEW, exec_id: str | None = "N1", **named: Any) -> OrderEvent:
    """Return an acknowledgement at noon of an order O1 to buy 1000 at 10.00."""
    own = {"kind": kind, "venue": named.pop("venue", None)}
    return OrderEvent(**own, **_reported(exec_id, own, named))


def a_bust(refers_to: str = "E1", exec_id: str | None = "B1", **named: Any) -> Bust:
    """Return a bust of E1."""
    own = {"refers_to": refers_to}
    return Bust(**own, **_reported(exec_id, own, named))


def a_correction(refers_to: str = "E1", exec_id: str | None = "C1", **named: Any) -> Correction:
    """Return a correction of E1 to 60 shares at 10.00."""
    own = {
        "refers_to": refers_to,
        "quantity": shares(named.pop("filled", "60")),
        "price": price(named.pop("at_price", "10.00")),
        "venue": named.pop("venue", "XNYS"),
    }
    own["book"] = own["venue"]
    return Correction(**own, **_reported(exec_id, own, named))


def _reported(exec_id: str | None, own: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    trade_date = named.get("trade_date", TRADE_DATE)
    key = None if exec_id is None else f"{trade_date}|{exec_id}"
    ids = {"order_key": "O1"} | _some(_IDS, named)
    terms = _default_terms() | _some(_TERMS, named)
    return {
        "header": Header(msg_type="8", **_some(_HEADER, named)),
        "ids": Ids(**ids),
        "terms": OrderTerms(**terms),
        "stamps": Stamps(**({"transacted_at": NOON} | _some(_STAMPS, named))),
        "trade_date": trade_date,
        "exec_id": exec_id,
        "dedup_key": named.get("key", key),
        "content_hash": blake2b(repr((own, ids, terms, exec_id)).encode(), digest_size=16).digest(),
        "by_customer": named.get("by_customer", False),
    }


def _default_terms() -> dict[str, Any]:
    return {
        "level": Level.CHILD,
        "account": "A1",
        "symbol": "XYZ",
        "side": Side.BUY,
        "order_type": OrderType.LIMIT,
        "time_in_force": TimeInForce.DAY,
        "limit_price": price("10.00"),
        "quantity": shares("1000"),
    }


def _some(names: tuple[str, ...], named: dict[str, Any]) -> dict[str, Any]:
    return {name: named[name] for name in names if name in named}


def a_record(kind: RecordKind = RecordKind.MESSAGE, *, offset: int = 1, **named: Any) -> Record:
    """Return a journal record of the session, with a control record's words as its JSON body."""
    record = {name: named.pop(name) for name in ("counterparty", "session", "epoch", "body") if name in named}
    body = record.pop("body", None)
    return Record(
        kind=kind,
        offset=offset,
        received_at=named.pop("at", NOON),
        body=msgspec.json.encode(named) if body is None else body,
        **({"counterparty": "demo", "session": SESSION, "epoch": "e1"} | record),
    )


def a_status(sequence: int | None, **named: Any) -> Status:
    """Return an application message that changes nothing but the sequence."""
    return Status(header=Header(msg_type="B", sequence=sequence, **named), reason="News (35=B)")


def an_admin(msg_type: str, sequence: int, **named: Any) -> Admin:
    """Return a session-level message."""
    header = Header(msg_type=msg_type, sequence=sequence, poss_dup=named.pop("poss_dup", False))
    return Admin(header=header, **named)


def an_undecodable(sequence: int | None, **named: Any) -> Undecodable:
    """Return a message that could not be understood."""
    return Undecodable(header=Header(msg_type="8", sequence=sequence, **named), reason="32 is no number", tag=32)


def seconds(count: float) -> Nanos:
    """Return noon plus that many seconds."""
    return Nanos(NOON + int(count * 1_000_000_000))


Message = tuple[Record, Decoded | None]

S = TypeVar("S", bound=Step)


def the(kind: type[S], steps: tuple[Step, ...]) -> S:
    """Return the one step of that kind."""
    (found,) = (step for step in steps if isinstance(step, kind))
    return found


def kinds(steps: tuple[Step, ...]) -> list[type[Step]]:
    """Return what happened, as types."""
    return [type(step) for step in steps]
