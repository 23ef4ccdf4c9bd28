"""The extract of an exception for the vendor: his own reports of our orders with him, and nothing that is ours. Pure.

Built field by field from what `allowed` lists. No sentence, note, threshold, harm, person, account, desk, client,
parent, other counterparty, quote source or history is read for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from rules.finding import Finding
from rules.rule import Rule
from service.audit.bundle.allowed import as_id, as_symbol, as_venue, given
from service.audit.bundle.evidence import Evidence, Making
from service.audit.bundle.packed import Packed, packed, pretty
from service.exact_text import iso_utc, plain_dollars, plain_shares
from service.journal import MESSAGE_KINDS, Record
from service.picture.life import Life, Point, What

SCHEMA = 1
_DOLLARS = ("executed_price", "reference_price", "outside_price")
_NANOS = ("time_to_fill_ns",)
_SHARES = ("executed_shares", "ordered_shares")
_SAID = {
    What.RECEIVED: "received by the router",
    What.ACKNOWLEDGED: "acknowledged",
    What.PART: "executed in part",
    What.FILLED: "executed in full",
    What.REPLACED: "replaced",
    What.CANCELED: "ended",
    What.REFUSED: "refused",
    What.AMENDED: "busted or corrected",
}
"""What a point is called: never by its own words."""
README = """Extract of exception {reference} for the counterparty: our orders with you only

extract.json     what was found, in measures; the order's events by your clock and by our receipt
messages.json    your reports as we received them, field by field from a list of fields; the rest is counted, not shown
manifest.json    size and SHA-256 of every file
verify.py        checks them: unpack into a new folder and run  python3 verify.py

Made at {at} with sorwatch {program}. Left out on purpose: accounts, clients, parties, desks, persons, parent orders,
free text, raw data, and every message that is not an execution report or cancel reject of yours.
"""


class SeveralVendorsError(ValueError):
    """An exception over several counterparties, of which one must be named."""


def vendor_of(evidence: Evidence, named: str | None) -> str:
    """Return whom the extract is for: the exception's counterparty, or the one that is named of several."""
    own = evidence.case.key.counterparty
    parties = sorted({held.finding.counterparty for held in evidence.held} | ({own} - {""}))
    if named is None and len(parties) == 1:
        return parties[0]
    if named in parties:
        return str(named)
    said = f"exception {evidence.case.case_id} is about {', '.join(parties) or 'no counterparty'}"
    raise SeveralVendorsError(f"{said}; name one of them" if named is None else f"{said}, not about {named}")


def extract_files(
    evidence: Evidence, making: Making, rule: Rule | None, vendor: str, verifier: bytes
) -> dict[str, bytes]:
    """Return the files but for the manifest."""
    reference = evidence.case.case_id
    readme = README.format(reference=reference, at=iso_utc(making.at), program=making.program)
    return {
        "README.txt": readme.encode(),
        "extract.json": pretty(_extract(evidence, rule, vendor)),
        "messages.json": pretty(_messages(evidence.records, vendor)),
        "verify.py": verifier,
    }


def extracted(evidence: Evidence, making: Making, rule: Rule | None, vendor: str, verifier: bytes) -> Packed:
    """Return the extract as a zip; its manifest names no person and no head of our history."""
    told = {
        "what": "extract of one exception for the counterparty",
        "case_id": evidence.case.case_id,
        "made_at": iso_utc(making.at),
        "program": f"sorwatch {making.program}",
    }
    return packed(extract_files(evidence, making, rule, vendor, verifier), told, making.at)


def _extract(evidence: Evidence, rule: Rule | None, vendor: str) -> dict[str, Any]:
    its = [held.finding for held in evidence.held if held.finding.counterparty == vendor]
    family = evidence.family
    own = None if family is None or not its or its[0] is not evidence.held[0].finding else family.own
    return {
        "schema": SCHEMA,
        "reference": evidence.case.case_id,
        "about": None if rule is None else rule.card.title,
        "findings": [_finding(finding) for finding in its],
        "not_given": len(evidence.held) - len(its),
        "order": None if own is None else _order(own),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    """Return a finding's measures; its values that are on no list are not even counted."""
    return {
        "trade_date": _date(finding.trade_date),
        "at": iso_utc(finding.at),
        "symbol": as_symbol(finding.symbol),
        "venue": as_venue(finding.venue),
        **{name: _measure(finding, name, plain_dollars) for name in _DOLLARS},
        **{name: _measure(finding, name, plain_shares) for name in _SHARES},
        **{name: _measure(finding, name, str) for name in _NANOS},
    }


def _measure(finding: Finding, name: str, said: Any) -> str | None:
    value = finding.values.get(name)
    return str(said(value)) if isinstance(value, int) and not isinstance(value, bool) else None


def _order(life: Life) -> dict[str, Any]:
    """Return the terms of one order that the vendor knows, and its events by both clocks."""
    order = life.order
    return {
        "order_id": as_id(order.order_id),
        "cl_ord_id": as_id(order.cl_ord_id),
        "symbol": as_symbol(order.symbol),
        "side": None if order.side is None else order.side.value,
        "order_type": order.order_type.value,
        "time_in_force": order.time_in_force.value,
        "quantity": None if order.quantity is None else plain_shares(order.quantity),
        "limit_price": None if order.limit_price is None else plain_dollars(order.limit_price),
        "events": [_event(point) for point in life.points if point.what in _SAID],
        "events_not_given": sum(point.what not in _SAID for point in life.points) + life.more,
    }


def _event(point: Point) -> dict[str, Any]:
    return {
        "what": _SAID[point.what],
        "vendor_clock": None if point.at is None else iso_utc(point.at),
        "our_receipt": None if point.received_at is None else iso_utc(point.received_at),
        "quantity": None if point.quantity is None else plain_shares(point.quantity),
        "price": None if point.price is None else plain_dollars(point.price),
        "venue": as_venue(point.venue),
    }


def _messages(records: Sequence[Record], vendor: str) -> dict[str, Any]:
    its = list(_of_vendor(records, vendor))
    shown = [(record, told) for record in its if (told := given(record.body)) is not None]
    return {
        "messages": [
            {
                "received_at": None if record.received_at is None else iso_utc(record.received_at),
                "fields": [dict(zip(("tag", "name", "value", "meaning"), field, strict=True)) for field in told.fields],
                "fields_not_given": told.dropped,
            }
            for record, told in shown
        ],
        "messages_not_given": len(records) - len(shown),
    }


def _of_vendor(records: Iterable[Record], vendor: str) -> Iterator[Record]:
    for record in records:
        if record.kind in MESSAGE_KINDS and record.counterparty == vendor:
            yield record


def _date(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None
