"""One form for every way of writing a US symbol; what is ambiguous is only mapped when the firm said how to read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos, QuoteState
from service.market.symbols import COMMON, SymbolStyle, canonical, is_test
from service.market.tape import Tape
from tests.factories_market import NOON, an_update

NASDAQ, CQS = (SymbolStyle.NASDAQ,), (SymbolStyle.CQS,)
UNDERSCORE, YAHOO = (SymbolStyle.UNDERSCORE,), (SymbolStyle.YAHOO,)


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("IBM", "IBM"),
        (" IBM ", "IBM"),
        ("BRK.B", "BRK.B"),
        ("BRK B", "BRK.B"),
        ("BRK/B", "BRK.B"),
        ("BRK-B", "BRK.B"),
        ("ABC PRA", "ABC.PRA"),
        ("ABC.PRA", "ABC.PRA"),
        ("ABC.PR.A", "ABC.PRA"),
        ("ABC PR", "ABC.PR"),
        ("ABC/PFDA", "ABC.PRA"),
        ("ABC.WS", "ABC.WS"),
        ("ABC/WS/A", "ABC.WSA"),
        ("ABC-WT", "ABC.WS"),
        ("ABC.U", "ABC.U"),
        ("ABC.UN", "ABC.U"),
        ("ABC RT", "ABC.RT"),
        ("ABC.WI", "ABC.WI"),
        ("ABC.RTWI", "ABC.RTWI"),
        ("ABC PRAWI", "ABC.PRAWI"),
        ("ABC/CV/CL", "ABC.CVCL"),
        ("IBM   241220C00180000", "IBM241220C00180000"),
        ("IBM241220C00180000", "IBM241220C00180000"),
        ("IBM241220P180.5", "IBM241220P00180500"),
        ("IBM1  241220C00180000", "IBM1241220C00180000"),
    ],
)
def test_the_common_ways_of_writing_come_to_one_form(written: str, form: str) -> None:
    """Classes, preferreds, warrants, units, rights, when-issued and options, whatever stands between."""
    assert canonical(written) == form


@pytest.mark.parametrize(
    ("written", "styles", "form"),
    [
        ("ABC-A", NASDAQ, "ABC.PRA"),
        ("ABC-", NASDAQ, "ABC.PR"),
        ("BRK.B", NASDAQ, "BRK.B"),
        ("ABC+", NASDAQ, "ABC.WS"),
        ("ABC+A", NASDAQ, "ABC.WSA"),
        ("ABC^#", NASDAQ, "ABC.RTWI"),
        ("ABC=", NASDAQ, "ABC.U"),
        ("ABC#", NASDAQ, "ABC.WI"),
        ("ABC.A%", NASDAQ, "ABC.ACV"),
        ("ABC-A*", NASDAQ, "ABC.PRACL"),
        ("ABC~", NASDAQ, "ABC.TEST"),
        ("ABC", NASDAQ, "ABC"),
        ("ABC?", NASDAQ, "ABC?"),
        ("ABC-A", (SymbolStyle.NASDAQ, SymbolStyle.SEPARATORS), "ABC.PRA"),
        ("ABC/PRA", (SymbolStyle.NASDAQ, SymbolStyle.SEPARATORS), "ABC.PRA"),
        ("ABCpA", CQS, "ABC.PRA"),
        ("ABCp", CQS, "ABC.PR"),
        ("ABCpAw", CQS, "ABC.PRAWI"),
        ("ABCrw", CQS, "ABC.RTWI"),
        ("ABC/WSw", CQS, "ABC.WSWI"),
        ("ABCpA.CV", CQS, "ABC.PRACV"),
        ("BRK/B", CQS, "BRK.B"),
        ("ABCD", CQS, "ABCD"),
        ("ABC_pA", UNDERSCORE, "ABC.PRA"),
        ("ABC_pa", UNDERSCORE, "ABC.PRA"),
        ("ABC_ws", UNDERSCORE, "ABC.WS"),
        ("BRK_B", UNDERSCORE, "BRK.B"),
        ("ABC", UNDERSCORE, "ABC"),
        ("ABC-PA", YAHOO, "ABC.PRA"),
        ("ABC-PR", YAHOO, "ABC.PR"),
        ("BRK-B", YAHOO, "BRK.B"),
        ("ABC-RI", YAHOO, "ABC.RT"),
        ("ABC-UN", YAHOO, "ABC.U"),
        ("BRK.B", YAHOO, "BRK.B"),
        ("BRK B", (SymbolStyle.EXACT,), "BRK B"),
        ("BRK B", (), "BRK B"),
    ],
)
def test_a_source_s_own_way_is_read_when_it_is_named(written: str, styles: tuple[SymbolStyle, ...], form: str) -> None:
    """The first style that reads the symbol wins; what none reads stays as written."""
    assert canonical(written, styles) == form


@pytest.mark.parametrize("written", ["ABCpA", "ABC_pA", "ABC-PA", "ABC+", "GOLD SPOT", "ABC.", "abc.a", "", "ABC.XYZ"])
def test_what_could_mean_something_else_stays_as_written(written: str) -> None:
    """ABCpA could be a five-letter symbol in somebody's small letters: nobody guesses."""
    assert canonical(written) == written


def test_the_same_text_means_what_the_convention_says() -> None:
    """The hyphen before a single letter: a class for most, a preferred for Nasdaq."""
    assert (canonical("ABC-A"), canonical("ABC-A", NASDAQ)) == ("ABC.A", "ABC.PRA")


@given(
    st.from_regex(r"[A-Z]{1,6}", fullmatch=True),
    st.sampled_from(["", "PR", "WS", "RT", "U"]),
    st.sampled_from(["", "A", "B", "Z"]),
    st.sampled_from(["", "WI", "CL"]),
    st.sampled_from("./ -"),
)
def test_a_form_is_its_own_form(root: str, kind: str, series: str, state: str, joint: str) -> None:
    """Mapping twice is mapping once, and every separator leads to the same."""
    suffix = kind + series + state
    form = f"{root}.{suffix}" if suffix else root

    assert canonical(f"{root}{joint}{suffix}" if suffix else root) == form
    assert canonical(form) == form


@given(st.text(max_size=24), st.lists(st.sampled_from(list(SymbolStyle)), max_size=3).map(tuple))
def test_any_text_has_a_form(text: str, styles: tuple[SymbolStyle, ...]) -> None:
    """Nothing raises; what was read has no separator but the point."""
    form = canonical(text, styles)

    assert form in (text, text.strip()) or not set(form) & set("/ -_+^=#")


@pytest.mark.parametrize("symbol", ["ZVZZT", "ZXZZT", "ZJZZT", "CBX", "ATEST", "ATEST.B", "ZXYZ.A", "ABC.TEST"])
def test_the_exchanges_test_symbols_are_known(symbol: str) -> None:
    """They are public, and they trade nothing."""
    assert is_test(symbol)


@pytest.mark.parametrize("symbol", ["IBM", "LATEST", "TEST", "ZXYZ", "BRK.B"])
def test_a_symbol_like_one_is_none(symbol: str) -> None:
    """A name is not enough."""
    assert not is_test(symbol)


def test_the_tape_keeps_every_way_of_writing_under_one_form() -> None:
    """Two spellings are one series; it is found by form, by the source's spelling, and by any other."""
    tape = Tape(canonical=lambda symbol: canonical(symbol, (SymbolStyle.NASDAQ, *COMMON)))
    tape.update(an_update(NOON, symbol="ABC-A", bid="10.00"))
    tape.update(an_update(Nanos(NOON + 1), symbol="ABC PRA", bid="11.00"))

    found = [tape.as_of(symbol, Nanos(NOON + 1)) for symbol in ("ABC.PRA", "ABC-A", "ABC/PRA")]

    assert len(tape) == 2
    assert {quote.at for quote in found} == {NOON + 1}
    assert tape.as_of("ABC.A", NOON).state is QuoteState.ABSENT


def test_a_tape_that_was_told_nothing_keeps_symbols_as_written() -> None:
    """Two spellings are two symbols then."""
    tape = Tape()
    tape.update(an_update(NOON, symbol="BRK B"))

    assert tape.as_of("BRK.B", NOON).note == "unknown symbol"
