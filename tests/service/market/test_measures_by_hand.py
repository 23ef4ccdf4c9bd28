"""Executions whose every number was computed by hand (measures_by_hand.psv), each as FIX bytes down the whole road.

A case is a quote at the order's receipt, one that comes 0.1 s later ("=": none; H: halted; gap: the source lost
something), and an execution 0.25 s after the receipt unless `after` says otherwise. `begin` is the receipt, in UTC;
other words of `more` are FIX tags of order and execution. An empty number is one that cannot be had.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from rules.facts import SECOND, Fill, Nanos, Quantity
from service.core import Core
from service.exact_text import plain_dollars
from service.journal import Entry, Frame, RecordKind
from service.market.calendar import TradingCalendar, trade_date
from service.market.enrich import QuotePolicy, decide
from service.market.exchange_calendar import calendar_named
from service.market.liveness import SourceState
from service.market.tape import MarketState, QuoteUpdate, Tape
from service.pipeline import Pipeline
from service.ports import QuoteRequest
from service.processed import Decision
from tests.factories import price, shares
from tests.factories_messages import execution_report
from tests.factories_road import PARTY, SESSION, plain_dialect, versions
from tests.fakes_store import FakeJournal, FakeStore

TABLE = Path(__file__).with_name("measures_by_hand.psv").read_text(encoding="utf-8").splitlines()
NAMES = [name.strip() for name in TABLE[0].split("|")]
CASES = [dict(zip(NAMES, (cell.strip() for cell in line.split("|")), strict=True)) for line in TABLE[1:]]
SYMBOL = "IBM"
ORDER_TAGS = {"18", "442", "549", "9303"}
NO_TRADE = {"32": None, "31": None, "30": None, "14": 0, "151": 100, "6": 0, "150": "0", "39": "0", "17": "N1"}
DIRECTED = 'directed: {9303: ["*"]}'
EXPECTED = NAMES[NAMES.index("improvement") :]


@cache
def xnys() -> TradingCalendar:
    """Return the hours of the year of the cases."""
    return calendar_named("XNYS", first=date(2026, 1, 2), last=date(2026, 12, 31))


class TapeQuotes:
    """The port Quotes over one tape whose source lives and has passed everything."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision | None:
        """Decide as the live source does."""
        return decide(request, self._tape, SourceState.LIVE, QuotePolicy(calendar=xnys()), now)


def an_update(text: str, at: Nanos) -> QuoteUpdate:
    """Return "bid/offer" as an update, 10,000 shares on each side that is there."""
    market = MarketState.HALTED if text.startswith("H") else MarketState.NORMAL
    bid, offer = text.removeprefix("H").split("/")
    size = shares("10000")
    return QuoteUpdate(
        SYMBOL,
        at,
        price(bid) if bid else None,
        size if bid else None,
        price(offer) if offer else None,
        size if offer else None,
        market,
    )


def a_tape(case: dict[str, str], received: Nanos) -> Tape:
    """Return the quotes of a case: one ten seconds before the receipt, one a tenth of a second after it."""
    tape = Tape()
    tape.begin(Nanos(received - 60 * SECOND))
    if case["at receipt"] != "-":
        tape.update(an_update(case["at receipt"], Nanos(received - 10 * SECOND)))
    tape.advance(Nanos(received + SECOND // 10))
    if case["at execution"] == "gap":
        tape.gap()
    elif case["at execution"] != "=":
        tape.update(an_update(case["at execution"], Nanos(received + SECOND // 10)))
    tape.advance(Nanos(received + 60 * SECOND))
    return tape


def stamp(at: Nanos) -> str:
    """Return an instant as FIX writes it, in milliseconds."""
    return datetime.fromtimestamp(at / SECOND, UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


def a_report(number: int, at: Nanos, tags: dict[str, object]) -> Entry:
    """Return one report of the case's order as the journal gets it."""
    written = {"34": number, "52": stamp(at), "60": stamp(at), "75": trade_date(at).replace("-", ""), "40": "1"}
    by_tag = {f"_{tag}": value for tag, value in (written | {"44": None} | tags).items()}
    return Entry(
        kind=RecordKind.MESSAGE,
        counterparty=PARTY,
        session=SESSION,
        epoch="e1",
        received_at=Nanos(at + SECOND // 100),
        body=execution_report(**by_tag),  # type: ignore[arg-type] # tags
    )


def filled(case: dict[str, str]) -> Fill:
    """Send the case down the road; return its execution."""
    more = dict(word.split("=", 1) for word in case["more"].split())
    begin = datetime.fromisoformat(more.pop("begin", "2026-11-20T17:00:00.000")).replace(tzinfo=UTC)
    received = Nanos(round(begin.timestamp() * 1000) * 1_000_000)
    executed = Nanos(received + int(Decimal(more.pop("after", "0.25")) * SECOND))
    entries = []
    both: dict[str, object] = {"54": case["side"], "38": case["shares"]}
    if more.pop("no", None) is None:
        own = {tag: value for tag, value in more.items() if tag in ORDER_TAGS}
        entries.append(a_report(2, received, NO_TRADE | both | own))
    traded = {"31": case["price"], "32": case["shares"], "14": case["shares"], "6": case["price"]}
    entries.append(a_report(3, executed, both | traded | more))
    return the_fill(entries, a_tape(case, received))


def the_fill(entries: list[Entry], tape: Tape) -> Fill:
    """Return the one execution that the journal came to."""
    journal, store = FakeJournal(), FakeStore()
    before = versions(calendar=xnys(), dialect=plain_dialect().replace("directed: {}", DIRECTED))
    journal.append(Frame(entries=tuple(version.entry(Nanos(0)) for version in before)))
    journal.append(Frame(entries=tuple(entries)))
    pipeline = Pipeline(journal=journal, store=store, quotes=TapeQuotes(tape), core=Core())
    while pipeline.turn(Nanos(0)).processed is not None:
        pass
    (recorded,) = store.recorded.fills
    return recorded.fill


def dollars(value: int | None) -> str:
    """Return an amount as the table writes it."""
    return "" if value is None else plain_dollars(value)


def said(fill: Fill) -> dict[str, str]:
    """Return what was measured, in the words of the table."""
    found, exempt = fill.measures, fill.exempt_reason
    return {
        "improvement": dollars(found.price_improvement),
        "effective": dollars(found.effective_spread),
        "quoted": dollars(found.quoted_spread),
        "outside": dollars(found.outside_amount),
        "harm": dollars(found.dollar_harm),
        "seconds": dollars(found.time_to_fill),  # nanoseconds are to seconds what nanodollars are to dollars
        "place": "" if fill.placement is None else fill.placement.value,
        "flicker": {None: "", False: "no", True: "yes"}[found.possible_flicker],
        "reason": found.not_evaluated_reason or "",
        "exempt": "" if exempt is None else exempt.value,
    }


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_every_number_is_the_one_computed_by_hand(case: dict[str, str]) -> None:
    """To the nanodollar, from the bytes of the order and its execution."""
    fill = filled(case)

    assert said(fill) == {name: case[name] for name in EXPECTED}


def test_the_customer_s_own_choice_of_venue_is_kept_with_the_measures() -> None:
    """Directed executions are measured as all others; no finding about the venue is made of them."""
    (case,) = (case for case in CASES if case["case"] == "directed by the customer")

    assert filled(case).order.directed


def test_shares_beyond_the_displayed_size_are_told() -> None:
    """10,000 are displayed, 10,000.5 are bought."""
    fill = filled(CASES[0] | {"shares": "10000.5"})

    assert fill.beyond_displayed == Quantity(500_000)
