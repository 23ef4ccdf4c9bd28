"""Decided instants: in order, each once, and no more than are kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos
from service.market.instants import KEPT, Instants

some = st.integers(0, 20).map(Nanos)


@given(st.lists(some), some, st.none() | some)
def test_what_lies_between_is_found_in_order(noted: list[Nanos], begin: Nanos, end: Nanos | None) -> None:
    """As a set would say it, whatever the order in which they were noted."""
    instants = Instants()

    for at in noted:
        instants.note(at)

    assert instants.between(begin, end) == tuple(
        sorted({at for at in noted if begin <= at < (21 if end is None else end)})
    )
    assert len(instants) == len(set(noted))


def test_the_oldest_go_when_they_are_too_many() -> None:
    """Memory is bounded for each symbol."""
    instants = Instants()

    for at in range(5 * KEPT):
        instants.note(Nanos(at))

    assert len(instants) < 2 * KEPT
    assert instants.last == 5 * KEPT - 1
