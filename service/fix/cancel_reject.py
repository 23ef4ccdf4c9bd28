"""An OrderCancelReject (35=9) → the order event that a cancel or replace was refused. Pure, never raises.

It names an order and says nothing of its terms. One that names none is a status, as it changes nothing.
"""

from __future__ import annotations

from rules.facts import OrderEventKind
from service.fix.events import Header, OrderEvent, OrderTerms
from service.fix.habits import Dialect
from service.fix.message import Message
from service.fix.reading import Reading
from service.fix.report import content_hash
from service.fix.terms import read_ids
from service.fix.times import Sent, read_stamps, read_trade_date

_TO_A_REPLACE = "2"
"""CxlRejResponseTo (434) of a refused replace; 1, or none before FIX 4.2, is a cancel's."""


def read_cancel_reject(
    message: Message, fields: dict[str, str], dialect: Dialect, header: Header, sent: Sent, fallback: str
) -> OrderEvent | None:
    """Return the refusal, None when the message does not tell which order it is about, or when."""
    reading = Reading(fields)
    ids = read_ids(reading, dialect.ids)
    stamps = read_stamps(reading, dialect, sent)
    day = read_trade_date(reading, dialect, stamps.transacted_at, fallback)
    if ids is None or reading.flaws:
        return None
    replace = fields.get("434") == _TO_A_REPLACE
    code = fields.get("102")
    return OrderEvent(
        header=header,
        ids=ids,
        terms=OrderTerms(),
        stamps=stamps,
        trade_date=day,
        content_hash=content_hash(message, dialect.key.volatile),
        text=fields.get("58") or (f"CxlRejReason (102) {code[:20]}" if code else None),
        exec_id=None,
        dedup_key=None,
        kind=OrderEventKind.REPLACE_REJECTED if replace else OrderEventKind.CANCEL_REJECTED,
    )
