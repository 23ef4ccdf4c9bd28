"""Options, packages, other securities and test symbols on the road: recorded, and compared with no stock's quote."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.facts import Level, QuoteState
from rules.instruments import Instrument
from service.core import Core
from service.fix.habits import SymbolHabits
from service.journal import Entry
from service.market.tape import absent
from service.pipeline import Pipeline
from service.ports import QuoteRequest
from service.processed import Decision, Processed
from service.unmatched import NO_OPTIONS, Sought, judged, sought
from tests.factories import a_quote
from tests.factories_own import a_fill as a_vendor_fill
from tests.factories_own import a_replace, an_ack, an_own, with_own
from tests.factories_road import (
    SteadyQuotes,
    a_correction,
    a_journal,
    a_trade,
    an_order,
    go_on,
    plain_dialect,
    versions,
)
from tests.fakes_store import FakeStore

OSI = "IBM261218C00180000"
CALL: dict[str, Any] = {"_201": "1", "_202": "180", "_541": "20261218"}
WHOLE = "an option whose symbol is not known whole: compared with no quote"
STRICT = "rules: {slow_fill: {parameters: {at_most: 1 ms}}}"


class StockQuotes(SteadyQuotes):
    """A source of stocks' quotes that knows no symbol with a digit or a bracket; it keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def decide(self, request: QuoteRequest, now: Any) -> Decision:
        """Return the formula's quotes, or that the symbol is not known."""
        self.asked.append(request.symbol)
        steady = super().decide(request, now)
        if request.symbol.isalpha():
            return steady
        unknown = absent("unknown symbol")
        return msgspec.structs.replace(
            steady, at_receipt=steady.at_receipt and unknown, at_execution=steady.at_execution and unknown
        )


def the_road(*entries: Entry, quotes: SteadyQuotes | None = None, begin: Any = None) -> Processed:
    """Run the entries over a source of stocks' quotes; return all that they came to."""
    store = FakeStore()
    journal = a_journal(entries, begin or versions())
    go_on(Pipeline(journal=journal, store=store, quotes=quotes or StockQuotes(), core=Core(), batch=512))
    return store.recorded


def reasons(processed: Processed) -> list[str | None]:
    """Return why each execution was not evaluated."""
    return [each.fill.measures.not_evaluated_reason for each in processed.fills]


@pytest.mark.parametrize(
    ("by_tag", "symbol", "note"),
    [
        (CALL, OSI, NO_OPTIONS),
        ({"_55": "IBM   261218C00180000"}, "IBM   261218C00180000", NO_OPTIONS),
        ({"_167": "OPT"}, "IBM [option: no expiry, no put or call, no strike]", WHOLE),
        ({"_442": "3", "_55": "SPRD"}, "SPRD [multileg]", "a multileg order: compared with no quote"),
        ({"_167": "CORP"}, "IBM [bond]", "a bond: compared with no quote"),
        ({"_167": "FUT"}, "IBM [future]", "a future: compared with no quote"),
        ({"_167": "FOR"}, "IBM [currency]", "a currency: compared with no quote"),
        ({"_167": "SOMETHING"}, "IBM [other]", "no stock: compared with no quote"),
        ({"_55": "ZVZZT"}, "ZVZZT", "test symbol"),
        ({"_55": "NTEST.A"}, "NTEST.A", "test symbol"),
    ],
)
def test_what_is_no_stock_is_recorded_and_not_evaluated(by_tag: dict[str, Any], symbol: str, note: str) -> None:
    """With the reason on the execution, a finding that counts it, and none of the rules that need a quote."""
    done = the_road(an_order(1, 1, "O1", **by_tag), a_trade(2, 2, "O1", "E1", _31="999", **by_tag))

    (fill,) = [each.fill for each in done.fills]
    assert (fill.symbol, fill.order.symbol) == (symbol, symbol)
    assert (fill.at_execution.state, fill.at_execution.note) == (QuoteState.ABSENT, note)
    assert fill.order.receipt.note == note
    assert reasons(done) == [f"execution absent: {note}"]
    assert fill.measures.outside_amount is None
    found = {finding.rule for finding in done.findings}
    assert "no_quote" in found or fill.level is Level.PACKAGE  # no rule counts packages unless it is told to
    assert "outside_nbbo" not in found


def test_venue_and_latency_rules_look_at_an_option() -> None:
    """An unapproved venue and a slow fill are found without any quote."""
    begin = versions(register="- {venue: XNYS, name: NYSE, approved_from: 2000-01-01}\n", rulebook=STRICT)
    market: dict[str, Any] = {**CALL, "_40": "1", "_44": None}

    done = the_road(an_order(1, 1, "O1", **market), a_trade(2, 9, "O1", "E1", _30="XNAS", **market), begin=begin)

    assert {"slow_fill", "unexpected_venue"} <= {finding.rule for finding in done.findings}


def test_an_option_that_the_source_knows_is_judged_by_its_own_quote() -> None:
    """The OSI symbol is what is asked for."""
    done = the_road(an_order(1, 1, "O1", **CALL), a_trade(2, 2, "O1", "E1", **CALL), quotes=SteadyQuotes())

    assert done.fills[0].fill.at_execution.state is not QuoteState.ABSENT


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (CALL, {}),
        ({"_167": "OPT"}, {}),
        (CALL, {"_167": "OPT"}),
        ({}, CALL),
        ({}, {"_167": "OPT"}),
        ({"_167": "MLEG"}, {}),
    ],
)
def test_one_marked_message_is_enough_for_its_order(first: dict[str, Any], second: dict[str, Any]) -> None:
    """A fill that leaves the marks to the acknowledgement, and an acknowledgement that leaves them to the fill."""
    done = the_road(
        an_order(1, 1, "O1", **first),
        a_trade(2, 2, "O1", "E1", _32=50, _14=50, _151=50, **second),
        a_correction(3, 3, "O1", "E2", "E1", _32=40, **first),
    )

    (fill,) = [each.fill for each in done.fills]
    assert [amended.kind for amended in done.amendments] == ["correction"]
    for quote in (fill.at_execution, fill.order.receipt):
        assert quote.state is QuoteState.ABSENT
    assert all(row.measures is None or row.measures.outside_amount is None for row in done.amendments)


parts = st.fixed_dictionaries(
    {}, optional={tag: st.just(value) for tag, value in CALL.items()} | {"_167": st.just("OPT")}
)


@settings(max_examples=60)
@given(st.lists(parts, min_size=2, max_size=5))
def test_from_the_first_mark_on_no_order_has_a_stock_s_quote(story: list[dict[str, Any]]) -> None:
    """Whichever of its messages are marked: what is asked after the first mark is never the root."""
    marked = next((n for n, each in enumerate(story) if each.keys() & {"_167", "_201", "_202"}), len(story))
    entries = [an_order(1, 1, "O1", **story[0])]
    entries += [
        a_trade(n, n, "O1", f"E{n}", _32=10, _14=10 * n, _151=100 - 10 * n, **each)
        for n, each in enumerate(story[1:], start=2)
    ]
    # a date alone says that it is no stock, not what it is
    if any(each.keys() == {"_541"} for each in story[:marked]):
        marked = 0
    quotes = StockQuotes()

    done = the_road(*entries, quotes=quotes)

    later = [each.fill for each in done.fills if each.fill.offset > 5 + marked]
    assert len(quotes.asked) <= len(story)
    assert "IBM" not in quotes.asked[marked:]
    assert all(fill.at_execution.state is QuoteState.ABSENT for fill in later)
    assert all(fill.order.receipt.state is QuoteState.ABSENT for fill in later)


@pytest.mark.parametrize("ours", [{}, CALL])
@pytest.mark.parametrize("theirs", [{}, CALL])
@pytest.mark.parametrize("vendor_first", [False, True])
def test_an_own_order_in_an_option_gives_no_stock_s_receipt(
    ours: dict[str, Any],
    theirs: dict[str, Any],
    vendor_first: bool,  # noqa: FBT001 - a table
) -> None:
    """Whichever of the two copies says that it is an option, and whichever comes first; a replace too."""
    own, ack = an_own(1, 1, "C1", **ours), an_ack(1, 2, "O1", "C1", **theirs)
    first = (ack, own) if vendor_first else (own, ack)

    done = the_road(
        *first, a_replace(2, 3, "C2", "C1", **ours), a_vendor_fill(2, 6, "O1", "C1", **theirs), begin=with_own()
    )

    (fill,) = [each.fill for each in done.fills]
    stock = not ours and not theirs
    assert (fill.order.receipt.state is QuoteState.ABSENT) is not stock
    assert (fill.at_execution.state is QuoteState.ABSENT) is not stock


def test_the_dialect_s_test_symbols_are_left_out_of_fill_rates() -> None:
    """Also where the receipt of the order is not known, so that no quote at receipt was ever asked for."""
    dialect = plain_dialect().replace("  test: []", "  test: [XTEST]").replace("time_in: [2]", "time_in: []")
    tags: dict[str, Any] = {"_55": "XTEST", "_40": "1", "_44": None}

    done = the_road(a_trade(1, 2, "O1", "E1", **tags), begin=versions(dialect=dialect))

    assert reasons(done) == ["execution absent: test symbol"]
    assert [outcome.order.receipt.note for outcome in done.order_outcomes] == ["test symbol"]


def test_a_quote_that_is_missing_for_another_reason_keeps_it() -> None:
    """Of an option whose source was restarted; a package has no quote whatever the source says."""
    decision = Decision(at_receipt=absent("restart"), at_execution=a_quote())

    option = judged(decision, sought(OSI, None))
    package = judged(decision, sought("SPRD [multileg]", None))

    assert option == decision
    assert package.at_execution == absent("a multileg order: compared with no quote")


@pytest.mark.parametrize(
    ("written", "told", "found"),
    [
        (OSI, "O:IBM261218C180", Sought("O:IBM261218C180", test=False, kind=Instrument.OPTION)),
        (OSI, "IBM_121826C180", Sought("IBM_121826C180", test=False, kind=Instrument.OPTION)),
        (OSI, "IBM", Sought(OSI, test=False, kind=Instrument.OPTION)),
        ("IBMDEC180C", OSI, Sought(OSI, test=False, kind=Instrument.OPTION)),
        ("IBM [bond]", "IBM", Sought("IBM [bond]", test=False, kind=Instrument.BOND)),
    ],
)
def test_a_symbol_map_may_rename_an_option_but_makes_no_stock_of_it(written: str, told: str, found: Sought) -> None:
    """The source's own way of writing an option has digits; a stock's symbol has none."""
    assert sought(written, SymbolHabits(table={written: told})) == found
