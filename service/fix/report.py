"""An execution report (35=8) → execution, order event, bust, correction or status, by verdict and dialect."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from rules.facts import Level, OrderEventKind, Price, Quantity
from service.fix import venues
from service.fix.events import (
    Bust,
    Correction,
    Decoded,
    Execution,
    Header,
    OrderEvent,
    OrderTerms,
    Status,
    Undecodable,
)
from service.fix.fees import read_fee
from service.fix.habits import CancelHabits, Dialect, first, marked
from service.fix.known_terms import read_terms
from service.fix.layout import hash_order, stamps_among
from service.fix.message import SOH, Flaw, Message, segments_of
from service.fix.precedence import Meaning, Verdict, judge
from service.fix.reading import Reading
from service.fix.terms import read_ids
from service.fix.times import Sent, read_stamps, read_trade_date

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_STATUS, _EVENT, _BUST, _CORRECTION = Meaning.STATUS, Meaning.EVENT, Meaning.BUST, Meaning.CORRECTION
_CANCELED = OrderEventKind.CANCELED
_AMENDMENTS = (_BUST, _CORRECTION)
_HALF = 8
_MULTILEG = (Level.LEG, Level.PACKAGE)


def read_report(
    message: Message, fields: dict[str, str], dialect: Dialect, header: Header, sent: Sent, fallback: str
) -> Decoded:
    """Return what the report is; `fields` are its places, `fallback` the trade date when no tag has one."""
    verdict = judge(fields, dialect)
    if isinstance(verdict, Flaw):
        return Undecodable(header=header, reason=verdict.reason, tag=verdict.tag)
    if verdict.meaning is _STATUS:
        return Status(header=header, reason="status report: no change of state")
    reading = Reading(fields)
    ids = read_ids(reading, dialect.ids)
    if ids is None:
        return _undecodable(header, reading)
    stamps = read_stamps(reading, dialect, sent)
    day = read_trade_date(reading, dialect, stamps.transacted_at, fallback)
    exec_id = fields.get("17") or None
    amends = verdict.meaning in _AMENDMENTS
    found: dict[str, Any] = {
        "header": header,
        "ids": ids,
        "terms": read_terms(reading, message, dialect, ids.parent_id),
        "stamps": stamps,
        "trade_date": day,
        "exec_id": exec_id,
        "dedup_key": _key(fields, dialect, verdict, day, exec_id),
        "content_hash": content_hash(message, dialect.key.volatile),
        "text": fields.get("58") or None,
        "claimed_cumulative": None if amends else reading.quantity("14"),
        "claimed_leaves": None if amends else reading.quantity("151"),
        "by_customer": verdict.event is _CANCELED
        and _by_customer(fields, dialect.cancel, previous=ids.previous_key is not None),
    }
    decoded = _build(verdict, reading, dialect, found, message)
    return _undecodable(header, reading) if reading.flaws or decoded is None else decoded


def _build(
    verdict: Verdict, reading: Reading, dialect: Dialect, found: dict[str, Any], message: Message
) -> Decoded | None:
    fields = reading.fields
    if verdict.meaning is _EVENT:
        assert verdict.event is not None
        place = venues.resolve(fields, dialect.venue)
        return OrderEvent(kind=verdict.event, venue=None if place.raw is None else place.venue, **found)
    if not fields.get("17"):
        reading.miss("17", ": a copy could not be told from the original")
    if verdict.meaning is _BUST:
        return Bust(refers_to=fields["19"], **found)
    terms: OrderTerms = found["terms"]
    traded = _traded(reading, terms.level)
    if traded is None:
        return None
    found["quantity"], found["price"] = traded
    place = venues.resolve(fields, dialect.venue)
    found["venue"], found["book"], found["venue_raw"] = place.venue, place.book, place.raw
    found["liquidity"] = _liquidity(fields, dialect)
    found["auction"] = marked(fields, dialect.auction)
    if verdict.meaning is _CORRECTION:
        return Correction(refers_to=fields["19"], **found)
    if not dialect.fill_without_terms:
        _require_side_and_symbol(reading)
    fee = read_fee(message, fields, dialect, traded[0])
    return Execution(fees=first(fields, dialect.fees), fee=fee, order_event=verdict.event, **found)


def _undecodable(header: Header, reading: Reading) -> Undecodable:
    reason = "; ".join(flaw.reason for flaw in reading.flaws)
    return Undecodable(header=header, reason=reason, tag=reading.flaws[0].tag)


def _traded(reading: Reading, level: Level) -> tuple[Quantity, Price] | None:
    """Return shares and price of the trade; only a package or a leg may trade at zero or below."""
    quantity, price = reading.quantity("32"), reading.price("31")
    if price is None and not reading.fields.get("31"):
        reading.miss("31", ": a trade needs a price")
    elif price is not None and price <= 0 and level not in _MULTILEG:
        reading.note("31", "only a package or a leg trades at zero or below")
    if not quantity and not reading.fields.get("32"):
        reading.miss("32", ": a correction needs shares")
    elif quantity == 0:
        reading.note("32", "a correction needs shares")
    return (quantity, price) if quantity and price is not None else None


def _require_side_and_symbol(reading: Reading) -> None:
    for tag in ("54", "55"):
        if not reading.fields.get(tag):
            reading.miss(tag, ": a trade needs it")


def _liquidity(fields: dict[str, str], dialect: Dialect) -> str | None:
    for place, codes in dialect.liquidity:
        value = fields.get(place)
        if value:
            return codes.get(value, value)
    return None


def _by_customer(fields: dict[str, str], habits: CancelHabits, *, previous: bool) -> bool:
    if marked(fields, habits.always):
        return True
    return habits.with_previous_id and previous and not marked(fields, habits.never)


def _key(fields: dict[str, str], dialect: Dialect, verdict: Verdict, day: str, exec_id: str | None) -> str | None:
    """Return trade date, ExecID and the dialect's extra parts; None for an order event whose ExecID says nothing."""
    if exec_id is None or (verdict.meaning is _EVENT and exec_id in dialect.ids.placeholders):
        return None
    extra = dialect.key.extra
    if not extra:
        return f"{day}|{exec_id}"
    return "|".join((day, exec_id, *(fields.get(place, "") for place in extra)))


def content_hash(message: Message, volatile: frozenset[str]) -> bytes:
    """Return the hash of the fields in sorted order, those left out that a copy may change, in two halves of 8 bytes.

    The second is of the stamps alone, which each session of a counterparty may write for itself. Sorted, because an
    engine without a dictionary resends the fields of a group in another order.
    """
    kept: Sequence[bytes]
    stamps: Sequence[bytes]
    cut = message.content.split(SOH)
    if len(cut) != len(message.values):
        kept, stamps = _around_data(message, volatile)
    else:
        order = hash_order(message.layout.key, volatile)
        kept, stamps = order.content(cut), order.stamps(cut)
        if not order.settled:
            kept, stamps = sorted(kept), sorted(stamps)
    return blake2b(SOH.join(kept), digest_size=_HALF).digest() + blake2b(SOH.join(stamps), digest_size=_HALF).digest()


def _around_data(message: Message, volatile: frozenset[str]) -> tuple[list[bytes], list[bytes]]:
    """Cut a message whose data fields hold separators; where nothing volatile follows the header, at these too."""
    tags, content = message.layout.tags, message.content
    start = next((at for at, tag in enumerate(tags) if tag not in volatile), len(tags) - 1)
    if volatile.isdisjoint(tags[start:]):
        fields = content[content.find(b"\x01%b=" % tags[start].encode()) + 1 :].split(SOH)
    else:
        fields = [one for one in segments_of(content) if one.split(b"=")[0].decode("latin-1") not in volatile]
    stamped = tuple(b"%b=" % tag.encode() for tag in stamps_among(tags))
    fields.sort()
    return [one for one in fields if not one.startswith(stamped)], [one for one in fields if one.startswith(stamped)]
