"""The rule by which the engine is wound back to the journal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.fix.winding import next_target
from service.journal import SessionPoint


def a_point(expected: int, epoch: str = "E") -> SessionPoint:
    """Return how far the journal holds the session."""
    return SessionPoint(counterparty="demo", session="S", epoch=epoch, expected=expected)


def test_a_known_epoch_takes_the_lower_of_the_two_numbers() -> None:
    """The journal is behind: wind back. The engine is behind: leave it."""
    assert next_target(10, "E", a_point(4)) == 4
    assert next_target(4, "E", a_point(10)) == 4


def test_an_unknown_epoch_begins_at_one() -> None:
    """Without a journal of this epoch the engine's number is worth nothing."""
    assert next_target(10, "E", None) == 1
    assert next_target(10, "E", a_point(8, epoch="an older one")) == 1


@given(
    expected=st.integers(1, 1 << 62),
    held=st.one_of(st.none(), st.integers(-5, 1 << 62)),
    same=st.booleans(),
)
def test_it_never_winds_forward_nor_below_one(expected: int, held: int | None, same: bool) -> None:  # noqa: FBT001 # given
    """Whatever the journal says, nothing is skipped and the number is one that FIX has."""
    point = None if held is None else a_point(held, epoch="E" if same else "F")

    assert 1 <= next_target(expected, "E", point) <= expected
