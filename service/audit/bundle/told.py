"""The parts of a bundle as JSON and CSV: the case, its findings, its history, the quotes. Pure.

Integers are as the store has them (`UNITS` says in what), so that nothing is rounded; times stand beside as text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

import msgspec

from rules.finding import Finding
from rules.reassessment import Reassessment
from rules.rule import Rule
from service.audit.bundle.evidence import Evidence, Held, Making
from service.cases.case import Case, CaseEvent
from service.exact_text import iso_utc, plain_dollars, plain_shares
from service.versions import Version

SCHEMA = 1
UNITS = "prices, measures and dollars in 1e-9 dollars; shares in 1e-6 shares; times (at, *_at, *_ns) in UTC nanoseconds"
QUOTE_COLUMNS = ("finding_id", "symbol", "at", "at_ns", "bid", "bid_size", "offer", "offer_size", "market", "in_force")


def case_json(evidence: Evidence, making: Making, rule: Rule | None) -> dict[str, Any]:
    """Return what case.json says."""
    book = evidence.rulebook
    return {
        "schema": SCHEMA,
        "units": UNITS,
        "firm": making.firm,
        "case": case_told(evidence.case),
        "findings": [finding_told(held) for held in evidence.held],
        "left_out": list(evidence.left_out),
        "rule": None if rule is None else _card(rule),
        "rulebook": None if book is None else _rulebook(book, evidence.rulebook_since),
    }


def case_told(case: Case) -> dict[str, Any]:
    """Return every value of a case."""
    told: dict[str, Any] = msgspec.to_builtins(case, builtin_types=(bytes,))
    key = told.pop("key")
    n, head = told.pop("n"), told.pop("head")
    return {**key, **told, "head": {"n": n, "hash": head.hex()}}


def finding_told(held: Held) -> dict[str, Any]:
    """Return a finding with its time in words, and the second looks at it."""
    told: dict[str, Any] = msgspec.to_builtins(held.finding)
    return {**told, "at_utc": iso_utc(held.finding.at), "second_looks": [_look(look) for look in held.looks]}


def history_json(history: Iterable[CaseEvent]) -> list[dict[str, Any]]:
    """Return each link; `body` is the very text that was hashed."""
    return [
        {
            "case_id": event.case_id,
            "n": event.n,
            "at": event.at,
            "at_utc": iso_utc(event.at),
            "actor": event.actor,
            "action": event.action.value,
            "body": event.body.decode(),
            "previous": event.previous.hex(),
            "hash": event.hash.hex(),
        }
        for event in history
    ]


def quotes_csv(every: Iterable[Held]) -> bytes:
    """Return the quotes kept with the findings, one a line; a side that is missing is empty."""
    held = io.StringIO()
    out = csv.writer(held, lineterminator="\n")
    out.writerow(QUOTE_COLUMNS)
    for one in every:
        out.writerows(_quotes(one.finding, one))
    return held.getvalue().encode()


def _quotes(finding: Finding, held: Held) -> Iterable[list[Any]]:
    if held.quotes is None:
        return
    quotes = held.quotes.around.quotes
    last = sum(quote.at <= finding.at for quote in quotes) - 1
    for number, quote in enumerate(quotes):
        sides = (
            ("" if price is None else plain_dollars(price), "" if size is None else plain_shares(size))
            for price, size in ((quote.bid, quote.bid_size), (quote.offer, quote.offer_size))
        )
        told = [cell for side in sides for cell in side]
        where = [finding.finding_id, held.quotes.symbol, iso_utc(quote.at), quote.at]
        yield [*where, *told, quote.market.name.lower(), "yes" if number == last else ""]


def _rulebook(book: Version, since: int) -> dict[str, Any]:
    return {"file": "rulebook.yaml", "hash": book.hash, "put_in_force_by": book.actor, "since": since}


def _look(look: Reassessment) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(look)
    return {**told, "at_utc": iso_utc(look.at)}


def _card(rule: Rule) -> dict[str, Any]:
    card = rule.card
    names = ("name", "version", "title", "why", "citation", "runbook", "population")
    return {**{name: getattr(card, name) for name in names}, "manual": rule.manual}
