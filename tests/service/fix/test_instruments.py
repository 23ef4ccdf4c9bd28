"""How vendors say what kind of security it is: each written form, and the symbol that it must become."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.instruments import Instrument, instrument
from service.fix.decode import decode
from service.fix.dialect import DialectError, parse_dialect
from service.fix.events import Execution, OwnOrder, Undecodable
from service.fix.habits import SymbolHabits
from service.market.symbols import SymbolStyle
from service.unmatched import sought
from tests.factories_messages import execution_report, fix_message

PLAIN = "begin_string: FIX.4.4"
OSI = "AAPL261218C00150000"
CALL: dict[str, Any] = {"_201": "1", "_202": "150", "_541": "20261218"}
"""All parts of an option but its root."""


def symbol_of(dialect: str = PLAIN, **by_tag: Any) -> str | None:
    """Return the symbol of a trade that must be one; in AAPL when nothing else is said."""
    decoded = decode(execution_report(**{"_55": "AAPL"} | by_tag), parse_dialect(dialect), "2013-10-04")
    assert isinstance(decoded, Execution), decoded
    return decoded.terms.symbol


@pytest.mark.parametrize(
    ("by_tag", "symbol"),
    [
        ({}, "AAPL"),
        ({"_65": "WS"}, "AAPL.WS"),
        ({"_167": "CS"}, "AAPL"),
        ({"_167": "ETF"}, "AAPL"),
        ({"_167": "ADR"}, "AAPL"),
        ({"_167": "NONE"}, "AAPL"),
        ({"_167": "CS", "_202": "0", "_200": "000000"}, "AAPL"),
        ({"_167": "PS", "_541": "20450101"}, "AAPL"),
        ({"_461": "ESVUFR"}, "AAPL"),
        ({"_461": "CEOGES"}, "AAPL"),
        ({"_461": "XXXXXX"}, "AAPL"),
        ({"_202": "0.00", "_201": ""}, "AAPL"),
        ({"_48": "037833100", "_22": "1"}, "AAPL"),
        ({"_48": "US0378331005", "_22": "4"}, "AAPL"),
        ({"_48": "SOME-IDENTIFIER-OF-AAPL", "_22": "8"}, "AAPL"),
        ({"_555": "0"}, "AAPL"),
        ({"_55": "AAPL  261218C00150000"}, "AAPL  261218C00150000"),
        ({"_55": OSI}, OSI),
        ({"_55": OSI, "_167": "OPT"}, OSI),
        ({"_167": "OPT", **CALL}, OSI),
        (CALL, OSI),
        ({**CALL, "_202": "150.0"}, OSI),
        ({**CALL, "_201": "C"}, OSI),
        ({**CALL, "_201": "0"}, "AAPL261218P00150000"),
        ({**CALL, "_201": "put"}, "AAPL261218P00150000"),
        ({**CALL, "_541": None, "_200": "202612", "_205": "18"}, OSI),
        ({**CALL, "_541": None, "_200": "20261218"}, OSI),
        ({**CALL, "_541": None, "_200": "202612", "_205": "5"}, "AAPL261205C00150000"),
        ({"_461": "OCASPS", "_202": "150", "_541": "20261218"}, OSI),
        ({"_461": "OPASPS", "_202": "150", "_541": "20261218"}, "AAPL261218P00150000"),
        ({"_48": OSI}, OSI),
        ({"_48": "AAPL  261218C00150000", "_22": "J"}, OSI),
        ({"_48": "AAPL  261218C00150000", "_167": "CS"}, OSI),
        ({"_167": "CS", **CALL}, OSI),
        ({**CALL, "_55": "BRK.B"}, "BRKB261218C00150000"),
        ({**CALL, "_55": "BRK", "_65": "B"}, "BRKB261218C00150000"),
        ({**CALL, "_55": "AAPL1"}, "AAPL1261218C00150000"),
        ({**CALL, "_55": "A", "_202": "0.5"}, "A261218C00000500"),
        ({"_167": "OPT"}, "AAPL [option: no expiry, no put or call, no strike]"),
        ({"_167": "OPT", "_55": "BRK", "_65": "B"}, "BRK.B [option: no expiry, no put or call, no strike]"),
        ({"_461": "OXXXXX"}, "AAPL [option: no expiry, no put or call, no strike]"),
        ({"_201": "1"}, "AAPL [option: no expiry, no strike]"),
        ({"_202": "150"}, "AAPL [option: no expiry, no put or call]"),
        ({**CALL, "_541": None}, "AAPL [option: no expiry]"),
        ({**CALL, "_541": None, "_200": "202612"}, "AAPL [option: no expiry]"),
        ({**CALL, "_541": None, "_200": "202612w2"}, "AAPL [option: no expiry]"),
        ({**CALL, "_541": "20261331"}, "AAPL [option: no expiry]"),
        ({**CALL, "_201": "7"}, "AAPL [option: no put or call]"),
        ({**CALL, "_202": "150.0001"}, "AAPL [option: no strike]"),
        ({**CALL, "_202": "100000"}, "AAPL [option: no strike]"),
        ({**CALL, "_202": "-5"}, "AAPL [option: no strike]"),
        ({**CALL, "_202": "many"}, "AAPL [option: no strike]"),
        ({**CALL, "_55": "AAPL 18DEC26 150 C"}, "AAPL 18DEC26 150 C [option: no root]"),
        ({**CALL, "_55": "..."}, "... [option: no root]"),
        ({"_167": "MLEG"}, "AAPL [multileg]"),
        ({"_442": "3", "_55": "SPRD"}, "SPRD [multileg]"),
        ({"_442": "3", **CALL}, "AAPL [multileg]"),
        ({"_555": "2"}, "AAPL [multileg]"),
        ({"_442": "2"}, "AAPL"),
        ({"_442": "2", "_555": "2"}, "AAPL"),
        ({"_442": "2", "_167": "OPT", **CALL}, OSI),
        ({"_461": "KXXXXX"}, "AAPL [multileg]"),
        ({"_167": "CORP"}, "AAPL [bond]"),
        ({"_167": "FUT", "_55": "ES", "_200": "202612"}, "ES [future]"),
        ({"_167": "FUT", **CALL}, "AAPL [future]"),
        ({"_167": "CS", "_461": "FXXXXX"}, "AAPL [future]"),
        ({"_167": "FOR", "_55": "EUR/USD"}, "EUR/USD [currency]"),
        ({"_167": "WAR"}, "AAPL [warrant]"),
        ({"_167": "MF"}, "AAPL [fund]"),
        ({"_167": "SOMETHING"}, "AAPL [other]"),
        ({"_461": "ZXXXXX"}, "AAPL [other]"),
        ({"_200": "202612"}, "AAPL [other]"),
    ],
)
def test_each_written_form_becomes_the_symbol_of_what_it_is(by_tag: dict[str, Any], symbol: str) -> None:
    """A stock's as it is written; an option's from its parts; all else a symbol that no stock has."""
    assert symbol_of(**by_tag) == symbol


@pytest.mark.parametrize(
    ("instruments", "by_tag", "symbol"),
    [
        ("types: {COMMON: stock}", {"_167": "COMMON"}, "AAPL"),
        ("types: {CS: bond}", {"_167": "CS"}, "AAPL [bond]"),
        ("type: [9167], types: {O: option}", {"_9167": "O"}, "AAPL [option: no expiry, no put or call, no strike]"),
        ("type: [9167]", {"_167": "OPT"}, "AAPL"),
        ("cfi: []", {"_461": "OXXXXX"}, "AAPL"),
        ("without_type: option", CALL, OSI),
        ("without_type: other", {}, "AAPL [other]"),
        ("without_type: option", {"_167": "CS"}, "AAPL"),
        ("option_symbol: [107]", {"_107": "AAPL  261218C00150000"}, OSI),
        (
            "put_or_call: [9201], strike: [9202], expiry: [9541]",
            {"_9201": "1", "_9202": "150", "_9541": "20261218"},
            OSI,
        ),
        ("expiry: [200], day: [9205]", {**CALL, "_200": "202612", "_9205": "18"}, OSI),
        ("legs: [9555]", {"_9555": "2"}, "AAPL [multileg]"),
    ],
)
def test_a_dialect_says_where_a_vendor_differs(instruments: str, by_tag: dict[str, Any], symbol: str) -> None:
    """Other tags, other codes, and what a report without a mark is about."""
    assert symbol_of(f"{PLAIN}\ninstruments: {{{instruments}}}", **by_tag) == symbol


def test_an_unknown_kind_of_security_is_refused() -> None:
    """With what is known."""
    with pytest.raises(DialectError) as refused:
        parse_dialect(f"{PLAIN}\ninstruments: {{types: {{OPT: options}}, without_type: share}}")

    known = "expected stock, option, multileg, future, bond, currency, fund, warrant, other"
    assert refused.value.problems == [
        f"line 2: instruments.types: 'options' is no kind of security; {known}",
        f"line 2: instruments.without_type: 'share' is not known; {known}",
    ]


def test_two_strikes_contradict_each_other() -> None:
    """What decides something is not chosen from."""
    body = execution_report(more="202=150|202=160")

    decoded = decode(body, parse_dialect(PLAIN), "2013-10-04")

    assert isinstance(decoded, Undecodable)
    assert decoded.reason == "tag 202 is given twice with different values"


def test_a_mark_without_a_symbol_is_still_a_mark() -> None:
    """Where the acknowledgement named the order, a fill may leave out 55: it is no stock's all the same."""
    dialect = f"{PLAIN}\nsemantics: {{fill_without_terms: true}}"

    assert symbol_of(dialect, _55=None, _167="FUT") == "? [future]"
    assert symbol_of(dialect, _55=None, **CALL) == "? [option: no root]"
    assert symbol_of(dialect, _55=None) is None


def test_an_own_order_says_what_it_is_too() -> None:
    """The OMS's copy is read by the same words."""
    dialect = parse_dialect(f"{PLAIN}\nrole: own_orders\nown_orders: {{vendor: demo}}")
    body = fix_message(_35="D", _34=1, _52="20131007-14:30:00", _11="C1", _55="AAPL", _54="1", _38="1", **CALL)

    decoded = decode(body, dialect, "2013-10-04")

    assert isinstance(decoded, OwnOrder)
    assert decoded.terms.symbol == OSI


MARKS: dict[str, list[Any]] = {
    "_167": ["OPT", "MLEG", "OOF"],
    "_461": ["OCASPS", "OPXXXX", "OXXXXX"],
    "_201": ["0", "1", "P", "junk"],
    "_202": ["150", "0.5", "junk", "-1", "150.00001"],
    "_48": ["AAPL  261218C00150000", OSI],
    "_442": ["3"],
    "_555": ["2"],
}
INNOCENT: dict[str, list[Any]] = {
    "_167": ["CS", "ETF", "NONE", ""],
    "_461": ["ESVUFR", "XXXXXX"],
    "_48": ["037833100", ""],
    "_200": ["202612", "20261218", "000000", ""],
    "_205": ["18", ""],
    "_541": ["20261218", "junk"],
    "_65": ["B", "WS"],
}
roots = st.one_of(
    st.sampled_from(["AAPL", "BRK.B", "BRK/B", "A", "ZVZZT"]), st.from_regex(r"[A-Z]{1,6}", fullmatch=True)
)


@st.composite
def option_reports(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the tags of a report with at least one mark of an option or a package."""
    tags = {tag: draw(st.sampled_from(values)) for tag, values in INNOCENT.items() if draw(st.booleans())}
    marks = draw(st.lists(st.sampled_from(sorted(MARKS)), min_size=1, max_size=3, unique=True))
    tags |= {tag: draw(st.sampled_from(MARKS[tag])) for tag in marks}
    return {"_55": draw(roots), **tags}


@given(
    option_reports(),
    st.lists(st.sampled_from(list(SymbolStyle)), max_size=3).map(tuple),
    st.dictionaries(roots, roots, max_size=3),
)
def test_no_report_with_the_mark_of_an_option_asks_for_a_stock_s_quote(
    by_tag: dict[str, Any], styles: tuple[SymbolStyle, ...], table: dict[str, str]
) -> None:
    """However it is marked, whatever else it says, and whatever the symbol map holds."""
    symbol = symbol_of(**by_tag)
    assert symbol is not None

    found = sought(symbol, SymbolHabits(styles=styles, table={**table, symbol: by_tag["_55"]}))

    assert instrument(symbol) is not Instrument.STOCK
    assert found.kind is not Instrument.STOCK
    assert instrument(found.form) is not Instrument.STOCK
