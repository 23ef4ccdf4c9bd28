"""What a symbol says of its security, and what a message means that says less than an earlier one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.catalogue import poor_fill, slow_fill
from rules.fill_rate import observe_fill
from rules.instruments import Instrument, instrument, letters, mark, meant, osi, same_security
from rules.rule import NotEvaluated
from tests.factories import a_fill, a_quote, an_outcome

OSI = "AAPL261218C00150000"
LIMITS = {"marketable_at_least": 900_000, "ioc_at_least": 500_000, "resting_at_least": 100_000}


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("AAPL  261218C00150000", OSI),
        (OSI, OSI),
        ("AAPL261218C150", OSI),
        (".AAPL261218C150", OSI),
        ("-AAPL261218C150.0", OSI),
        ("O:AAPL261218C00150000", OSI),
        ("AAPL1 261218P00012500", "AAPL1261218P00012500"),
        ("AAPL", None),
        ("AAPL261218X00150000", None),
        ("US037833AB12", None),
    ],
)
def test_an_option_is_read_in_the_usual_ways(written: str, form: str | None) -> None:
    """Padded or not, with a strike in thousandths or in dollars, with a feed's prefix."""
    assert osi(written) == form


@pytest.mark.parametrize("kind", [kind for kind in Instrument if kind is not Instrument.STOCK])
def test_a_marked_symbol_says_what_it_is(kind: Instrument) -> None:
    """With what is missing or without; of a symbol that is not known too."""
    assert instrument(mark("BRK.B", kind, "no strike")) is kind
    assert instrument(mark(None, kind)) is kind
    assert (letters(mark("BRK.B", kind)), letters(mark(None, kind))) == ("BRKB", "")


@pytest.mark.parametrize("symbol", ["AAPL", "BRK.B", "", "X]", "AAPL [stocks]", "ABCDEFGHIJKL"])
def test_all_else_is_a_stock_s(symbol: str) -> None:
    """A bracket alone marks nothing."""
    assert instrument(symbol) is Instrument.STOCK


@pytest.mark.parametrize(
    ("said", "known", "symbol"),
    [
        ("AAPL", "AAPL", "AAPL"),
        ("MSFT", "AAPL", "MSFT"),
        (None, "AAPL", None),
        (None, OSI, OSI),
        ("AAPL", OSI, OSI),
        ("AAPL", "AAPL [option: no strike]", "AAPL [option: no strike]"),
        ("AAPL [option: no strike]", OSI, OSI),
        ("? [option: no root]", OSI, OSI),
        (OSI, "AAPL [option: no strike]", OSI),
        ("AAPL261218P00150000", OSI, "AAPL261218P00150000"),
        (OSI, "AAPL", OSI),
        ("MSFT", OSI, "MSFT"),
        ("BRK.B", "BRKB261218C00150000", "BRKB261218C00150000"),
    ],
)
def test_what_is_no_stock_does_not_become_one(said: str | None, known: str, symbol: str | None) -> None:
    """The root alone is the option that was told before; another option, or another root, is another security."""
    assert meant(said, known) == symbol


def test_a_root_and_its_option_may_be_one_security() -> None:
    """In either order; two stocks, or two options, are two."""
    assert same_security("AAPL", "AAPL")
    assert same_security("AAPL", OSI)
    assert same_security(OSI, "AAPL")
    assert not same_security("AAPL", "MSFT")
    assert not same_security(OSI, "AAPL261218P00150000")


@given(st.text(max_size=20), st.sampled_from([kind for kind in Instrument if kind is not Instrument.STOCK]), st.text())
def test_a_mark_outlives_every_text(symbol: str, kind: Instrument, said: str) -> None:
    """What was marked is never read as a stock, nor is a root that comes after it."""
    marked = mark(symbol, kind)

    assert instrument(marked) is kind
    assert meant(symbol, marked) != symbol or osi(symbol) is not None
    assert meant(said, marked) in (said, marked)


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"symbol": OSI}, "an option"),
        ({"symbol": "SPRD [multileg]"}, "a multileg order"),
        ({"receipt": a_quote(state="absent", note="test symbol")}, "test symbol"),
    ],
)
def test_fill_rates_are_those_of_stocks(named: dict[str, Any], reason: str) -> None:
    """A market order in an option is marketable, and still no order of a stock's population."""
    outcome = an_outcome(executed="1", **named)

    assert poor_fill.check(outcome, LIMITS) == NotEvaluated(reason)
    assert observe_fill(outcome, LIMITS, "XNYS") == NotEvaluated(reason)


def test_the_time_to_fill_is_judged_for_an_option_and_not_for_a_test_symbol() -> None:
    """Latency needs no quote; a test symbol is nobody's order."""
    slow: dict[str, Any] = {"time_to_fill": "3 s", "execution_state": "absent"}

    tested = slow_fill.check(a_fill(**slow, note="test symbol"), {"at_most": 1_000_000_000})
    option = slow_fill.check(a_fill(**slow, symbol=OSI, note="an option: no quotes of options"), {"at_most": 10**9})

    assert tested == NotEvaluated("test symbol")
    assert option is not None
    assert not isinstance(option, NotEvaluated)
