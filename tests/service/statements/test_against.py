"""A vendor's end-of-day file beside the record: both directions, field by field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.statements.against import Comparison, FileError, Ours, compare, read_file
from tests.factories import price, shares

HEADING = "ExecID,LastQty,LastPx,Side,Symbol"


def ours(exec_id: str = "E1", **named: Any) -> Ours:
    """Return an execution of 100 IBM bought at 10.05, as it is recorded."""
    usual: dict[str, Any] = {"quantity": shares("100"), "price": price("10.05"), "side": "buy", "symbol": "IBM"}
    return Ours(exec_id=exec_id, **{**usual, **named})


def against(text: str, *held: Ours) -> Comparison:
    """Compare a file with what is recorded."""
    return compare("eod.csv", "ab", read_file(text.splitlines()), held)


def counts(found: Comparison) -> tuple[int, int, int, int]:
    """Return how many agree, are not here, are not there, and differ."""
    return found.same, found.not_here, found.not_there, found.unlike


@pytest.mark.parametrize(
    "heading",
    [HEADING, "17,32,31,54,55", " execid , LastShares,LASTPX,Side,symbol", "Exec_ID,Last_Qty,Last_Px,side,Symbol"],
)
def test_columns_go_by_name_or_by_tag(heading: str) -> None:
    """As vendors write them."""
    assert counts(against(f"{heading}\nE1,100,10.0500,1,IBM\n\n", ours())) == (1, 0, 0, 0)


def test_an_execution_of_the_file_that_is_not_here_is_listed() -> None:
    """Something is missing here."""
    found = against(f"{HEADING}\nE1,100,10.05,1,IBM\nE2,7,1.5,sell short,XYZ\n", ours())

    assert counts(found) == (1, 1, 0, 0)
    assert found.listed[0].words == "line 3: sell_short 7 XYZ at 1.5 is not here"


def test_an_execution_that_the_file_does_not_have_is_listed() -> None:
    """But not one that was busted."""
    found = against(HEADING, ours(), ours("E2", busted=True))

    assert counts(found) == (0, 0, 1, 0)
    assert found.listed[0].words == "buy 100 IBM at 10.05 is not in the file"


def test_every_field_that_differs_is_named_with_both_values() -> None:
    """One line, all of it."""
    found = against(f"{HEADING},LastMkt\nE1,90,10.06,2,IBX,XNYS\n", ours(venue="XNAS", venue_raw="Q"))

    assert counts(found) == (0, 0, 0, 1)
    assert found.listed[0].words.split("; ") == [
        "line 2: LastQty is 90 in the file and 100 here",
        "LastPx is 10.06 in the file and 10.05 here",
        "Side is sell in the file and buy here",
        "Symbol is IBX in the file and IBM here",
        "LastMkt is XNYS in the file and XNAS here",
    ]


def test_a_busted_execution_in_the_file_is_a_difference() -> None:
    """One of the two is wrong."""
    found = against(f"{HEADING}\nE1,100,10.05,1,IBM\n", ours(busted=True))

    assert counts(found) == (0, 0, 0, 1)
    assert found.listed[0].words == "line 2: buy 100 IBM at 10.05 was busted here"


def test_a_correction_goes_by_either_of_its_names() -> None:
    """The original's ExecID or its own."""
    corrected = ours(other_id="C1")

    for name in ("E1", "C1"):
        assert counts(against(f"{HEADING}\n{name},100,10.05,1,IBM\n", corrected)) == (1, 0, 0, 0)


def test_symbols_and_venues_agree_however_they_are_written() -> None:
    """BRK B is BRK.B, and a code of the vendor's is his venue."""
    text = f"{HEADING},30\nE1,100,10.05,1,BRK B,q\n"

    assert counts(against(text, ours(symbol="BRK.B", venue="XNAS", venue_raw="Q"))) == (1, 0, 0, 0)


def test_two_executions_of_one_name_are_matched_best_first() -> None:
    """Both sides of a self-cross may share an ExecID."""
    text = f"{HEADING}\nE1,100,10.05,2,IBM\nE1,100,10.05,1,IBM\nE1,1,1,1,IBM\n"

    found = against(text, ours(), ours(side="sell"))

    assert counts(found) == (2, 1, 0, 0)


def test_a_file_without_its_columns_is_refused_with_what_was_expected() -> None:
    """All of them at once."""
    with pytest.raises(FileError) as refused:
        read_file(["ExecID,Qty,Side"])

    missing = "no column lastqty or lastshares or 32; lastpx or 31; symbol or 55"
    assert refused.value.problems == [f"line 1: {missing}; expected FIX field names or tags as a heading"]
    with pytest.raises(FileError):
        read_file([])


def test_every_line_that_cannot_be_read_is_named() -> None:
    """Too short, no number, a fraction of a millionth share, an infinite price."""
    lines = [HEADING, "E1", ",1,1,1,IBM", "E3,0.0000001,1,1,IBM", "E4,1,Infinity,1,IBM", "E5,1,NaN,1,IBM"]

    with pytest.raises(FileError) as refused:
        read_file(lines)

    assert refused.value.problems == [
        "line 2: LastQty, LastPx cannot be read",
        "line 3: ExecID cannot be read",
        "line 4: LastQty cannot be read",
        "line 5: LastPx cannot be read",
        "line 6: LastPx cannot be read",
    ]
    assert str(refused.value).count("\n") == 4


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_nothing_is_left_out_of_a_comparison(here: set[int], there: set[int]) -> None:
    """Agreeing, here alone, there alone: every execution is in exactly one."""
    text = "\n".join([HEADING, *(f"E{n},100,10.05,1,IBM" for n in sorted(there))])

    found = against(text, *(ours(f"E{n}") for n in here))

    assert counts(found) == (len(here & there), len(there - here), len(here - there), 0)
    assert found.differences == len(here ^ there)
