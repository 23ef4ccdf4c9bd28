"""How the quotes are asked for a symbol, and what is said when they do not know it."""

from __future__ import annotations

import pytest

from service import unmatched as unmatched_module
from service.fix.habits import SymbolHabits
from service.market.symbols import SymbolStyle
from service.processed import Decision
from service.unmatched import Asked, Sought, Unmatched, judged, sought
from tests.factories import TRADE_DATE, a_fill, a_quote

HABITS = SymbolHabits(table={"BRKB": "BRK B", "ZVZZT": "REAL"}, test=frozenset({"XTEST", "ABC.PRT"}))


@pytest.mark.parametrize(
    ("written", "habits", "found"),
    [
        ("IBM", None, Sought("IBM", test=False)),
        ("BRK B", None, Sought("BRK.B", test=False)),
        ("BRK B", HABITS, Sought("BRK.B", test=False)),
        ("BRKB", HABITS, Sought("BRK B", test=False)),
        ("BRKB", None, Sought("BRKB", test=False)),
        ("ZVZZT", None, Sought("ZVZZT", test=True)),
        ("ZVZZT", HABITS, Sought("REAL", test=False)),
        ("XTEST", HABITS, Sought("XTEST", test=True)),
        ("ABC PRT", HABITS, Sought("ABC.PRT", test=True)),
        ("ATEST B", SymbolHabits(), Sought("ATEST.B", test=True)),
        ("ABC-A", SymbolHabits(), Sought("ABC.A", test=False)),
        ("ABC-A", SymbolHabits(styles=(SymbolStyle.NASDAQ,)), Sought("ABC.PRA", test=False)),
    ],
)
def test_the_counterparty_s_table_has_the_last_word(written: str, habits: SymbolHabits | None, found: Sought) -> None:
    """What it maps is asked for as it says, test symbol or not; the rest in its canonical form."""
    assert sought(written, habits) == found


def test_a_test_symbol_has_no_market() -> None:
    """What was asked for is absent with its own word; what was not asked for stays so."""
    both = judged(Decision(at_receipt=a_quote(), at_execution=a_quote()), Sought("ZVZZT", test=True))
    one = judged(Decision(at_execution=a_quote()), Sought("ZVZZT", test=True))

    assert both.at_receipt is not None
    assert both.at_execution is not None
    assert (both.at_receipt.note, both.at_execution.note) == ("test symbol", "test symbol")
    assert one.at_receipt is None


def test_only_an_unknown_symbol_is_said() -> None:
    """A crossed quote, or one that is absent for another reason, is no matter of symbols."""
    unmatched = Unmatched()
    others = [
        a_fill(),
        a_fill(execution_state="crossed"),
        a_fill(execution_state="absent", note="restart"),
        a_fill(execution_state="absent"),
    ]

    assert [unmatched.look(fill, None) for fill in others] == [None] * 4


def test_an_unknown_symbol_is_said_once_for_each_counterparty_and_date() -> None:
    """With the form that was tried and the first ExecID."""
    unmatched = Unmatched()
    unknown = {"execution_state": "absent", "note": "unknown symbol", "symbol": "BRKB"}

    first = unmatched.look(a_fill(**unknown, exec_id="17-1"), HABITS)
    again = unmatched.look(a_fill(**unknown, exec_id="17-2"), HABITS)
    other = unmatched.look(a_fill(**unknown, counterparty="other"), None)
    later = unmatched.look(a_fill(**unknown, trade_date="2026-11-23"), HABITS)

    assert first is not None
    assert first.subject == "BRKB"
    assert first.detail == {
        "symbol": "BRKB",
        "asked_for": "BRK B",
        "exec_id": "17-1",
        "reason": "unknown symbol",
    }
    assert again is None
    assert other is not None
    assert other.detail["asked_for"] == "BRKB"
    assert later is not None


def test_what_was_said_can_be_written_down_and_forgotten() -> None:
    """A date is let go of when a later one has closed."""
    unmatched, other = Unmatched(), Unmatched()
    unknown = {"execution_state": "absent", "note": "unknown symbol"}
    unmatched.look(a_fill(**unknown), None)

    other.restore(unmatched.snapshot())

    assert other.look(a_fill(**unknown), None) is None
    other.forget(TRADE_DATE)
    assert other.snapshot() == {TRADE_DATE: [("demo", "XYZ")]}
    other.forget("2026-11-21")
    assert other.snapshot() == {}


def test_a_counterparty_s_symbols_are_worked_out_once_and_alike() -> None:
    """What is known by heart is what would be worked out, as the same value."""
    asked = Asked(HABITS)

    first, again = asked.symbol("BRKB"), asked.symbol("BRKB")

    assert first == sought("BRKB", HABITS)
    assert again is first


def test_no_flood_of_symbols_is_known_by_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the most that is kept they are learnt anew, and nothing is said otherwise."""
    monkeypatch.setattr(unmatched_module, "MOST_KNOWN", 2)
    asked = Asked(None)

    said = [asked.symbol(written) for written in ("IBM", "BRK B", "ZVZZT", "IBM")]

    assert said == [sought(written, None) for written in ("IBM", "BRK B", "ZVZZT", "IBM")]
    assert len(asked._known) == 2
