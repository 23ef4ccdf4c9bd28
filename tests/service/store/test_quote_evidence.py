"""Quotes beside their findings in the store: kept once, found again, and taken up where a restart left off."""

from __future__ import annotations

import json

import msgspec

from rules.facts import Nanos
from service.market.around import Around, Told
from service.market.update import MarketState
from service.processed import Processed
from service.quote_evidence import FindingQuotes, Taken
from service.store.engine import Database
from service.store.evidence import SqlEvidence
from service.store.export import SqlRecords
from service.store.quote_evidence import SqlQuoteEvidence
from service.store.record import SqlStore
from tests.factories import NOON, price, shares
from tests.factories_store import a_finding

QUOTES = (
    Told(NOON, price("10.00"), shares("100"), price("10.02"), shares("200")),
    Told(Nanos(NOON + 1), None, None, price("10.02"), shares("200"), MarketState.BID_NOT_EXECUTABLE),
)


def kept(finding_id: str, *, complete: bool = True) -> FindingQuotes:
    """Return two quotes kept with a finding."""
    reason = "" if complete else "our start lost what was before it"
    begin, end = Nanos(NOON - 5), Nanos(NOON + 5)
    around = Around(begin=begin, end=end, complete=complete, reason=reason, quotes=QUOTES)
    return FindingQuotes(finding_id=finding_id, symbol="IBM", around=around)


def recorded(database: Database, *ids: str) -> None:
    """Record findings of these ids."""
    found = [msgspec.structs.replace(a_finding(), finding_id=name) for name in ids]
    SqlStore(database).record(Processed(upto=9, findings=found))


def test_findings_are_given_once_in_their_order_wherever_a_restart_comes(database: Database) -> None:
    """Behind the last whose quotes are kept, or behind the last that is held already."""
    recorded(database, "F1", "F2", "F3")
    evidence = SqlQuoteEvidence(database)

    first = evidence.waiting(None, 2)
    more = evidence.waiting(first[-1].seq, 2)
    evidence.keep(Taken(first[0].seq, (kept("F1"),)))
    after_a_restart = SqlQuoteEvidence(database).waiting(None, 10)

    assert [one.finding.finding_id for one in first + more] == ["F1", "F2", "F3"]
    assert [one.finding.finding_id for one in after_a_restart] == ["F2", "F3"]


def test_keeping_quotes_twice_changes_nothing(database: Database) -> None:
    """A kill between the commit and what follows it."""
    recorded(database, "F1", "F2")
    evidence = SqlQuoteEvidence(database)

    for _ in range(2):
        evidence.keep(Taken(2, (kept("F1"), kept("F2", complete=False))))

    assert evidence.of(["F1", "F2", "F3"]) == {"F1": kept("F1"), "F2": kept("F2", complete=False)}


def test_the_page_and_the_export_show_them(database: Database) -> None:
    """The export in the texts of all exports, the quotes as one JSON text."""
    recorded(database, "F1", "F2")
    SqlQuoteEvidence(database).keep(Taken(2, (kept("F1", complete=False),)))
    finding = msgspec.structs.replace(a_finding(), finding_id="F1")

    shown = SqlEvidence(database).quotes(finding)
    (row,) = SqlRecords(database).rows("finding_quotes", finding.trade_date)

    assert shown == kept("F1", complete=False)
    assert (row["finding_id"], row["rule"], row["complete"]) == ("F1", finding.rule, False)
    assert row["reason"] == "our start lost what was before it"
    assert json.loads(str(row["quotes"])) == [
        {
            "at": "2026-11-20T17:00:00.000000000Z",
            "bid": "10",
            "bid_size": "100",
            "offer": "10.02",
            "offer_size": "200",
            "market": "normal",
        },
        {
            "at": "2026-11-20T17:00:00.000000001Z",
            "bid": None,
            "bid_size": None,
            "offer": "10.02",
            "offer_size": "200",
            "market": "bid_not_executable",
        },
    ]
    assert list(SqlRecords(database).rows("finding_quotes", "2026-11-19")) == []
