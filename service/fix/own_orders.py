"""The firm's own orders as its OMS copies them to us (35=D, G, F): one message → one `OwnOrder`. Pure, never raises.

It refuses to guess to whom an order was sent: without a vendor it is undecodable, which is counted and seen. An
execution report on such a copy says what the OMS was told; the vendor's own copy is believed instead.
"""

from __future__ import annotations

import msgspec

from service.fix.events import Decoded, Header, Ids, OwnOrder, OwnOrderKind, Status, Undecodable
from service.fix.habits import NOT_WATCHED, Dialect, OwnOrderHabits
from service.fix.known_terms import read_terms
from service.fix.message import Message
from service.fix.reading import Reading
from service.fix.report import content_hash
from service.fix.times import Sent, read_stamps, read_trade_date

ORDERS = {"D": OwnOrderKind.NEW, "G": OwnOrderKind.REPLACE, "F": OwnOrderKind.CANCEL}
COPIED = frozenset({*ORDERS, "8"})
"""The message types that an OMS's copy reads in its own way: orders, and reports that are not believed."""
REPORT_TO_OURSELVES = "execution report in a copy of our own orders: the vendor's own copy is believed"
_NEW = OwnOrderKind.NEW


def read_own_order(
    message: Message, fields: dict[str, str], dialect: Dialect, header: Header, sent: Sent, fallback: str
) -> Decoded:
    """Return the own order; `fields` are its places, `fallback` the trade date when no tag has one."""
    reading, kind = Reading(fields), ORDERS[header.msg_type]
    vendor = _vendor(reading, dialect.own_orders)
    if vendor == NOT_WATCHED:
        return Status(header=header, reason="own order to a destination that is not watched")
    ids = _ids(reading, kind)
    stamps = read_stamps(reading, dialect, sent)
    day = read_trade_date(reading, dialect, stamps.transacted_at, fallback)
    terms = read_terms(reading, message, dialect, None)
    if kind is _NEW:
        for tag in ("54", "55"):
            if not fields.get(tag):
                reading.miss(tag, ": an order needs it")
    if reading.flaws or ids is None or vendor is None:
        reason = "; ".join(flaw.reason for flaw in reading.flaws)
        return Undecodable(header=header, reason=reason, tag=reading.flaws[0].tag)
    level = dialect.own_orders.level
    return OwnOrder(
        header=header,
        ids=ids,
        terms=terms if level is None else msgspec.structs.replace(terms, level=level),
        stamps=stamps,
        trade_date=day,
        content_hash=content_hash(message, dialect.key.volatile),
        text=fields.get("58") or None,
        kind=kind,
        vendor=vendor,
        dedup_key="|".join((day, header.msg_type, ids.order_key, ids.previous_key or "")),
    )


def _vendor(reading: Reading, habits: OwnOrderHabits) -> str | None:
    """Return the counterparty that was to get the order, None (and a flaw) when nothing says so."""
    fields = reading.fields
    for place in habits.sent_to:
        vendor = habits.codes.get(fields.get(place, ""))
        if vendor is not None:
            return vendor
    if habits.vendor is None:
        stated = [place for place in habits.sent_to if fields.get(place)]
        if not stated:
            reading.miss(habits.sent_to[0] if habits.sent_to else "128", ": nothing says to whom the order was sent")
        else:
            reading.note(stated[0], "own_orders.codes names no counterparty for it")
    return habits.vendor


def _ids(reading: Reading, kind: OwnOrderKind) -> Ids | None:
    """Return the ids, None (and a flaw) without a ClOrdID or without the order that a request is about."""
    fields = reading.fields
    own, previous = fields.get("11"), fields.get("41") or None
    if not own:
        reading.miss("11", ": nothing names the order")
    if kind is not _NEW and previous is None:
        reading.miss("41", ": nothing names the order that it is about")
    if not own or (kind is not _NEW and previous is None):
        return None
    return Ids(order_key=own, cl_ord_id=own, own_id=own, previous_key=None if kind is _NEW else previous)
