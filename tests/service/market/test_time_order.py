"""Of two quotes that are out of order, the one that would shut out more of the file is not taken."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos
from service.market.time_order import TimeOrder
from tests.factories_market import an_update
from tests.quote_files import columns_of


def ordered(parts: list[list[int]]) -> tuple[list[int], list[tuple[int, str]]]:
    """Return the times that are taken of parts of a file, and the places of the others with their reasons."""
    order, taken, bad, line = TimeOrder(), [], [], 0
    for times in parts:
        quotes, misplaced = order.put(columns_of([an_update(Nanos(at)) for at in times], first=line))
        taken += quotes
        bad += [(each.line, each.reason) for each in misplaced]
        line += len(times)
    return [at for quotes in (*taken, *order.end()) for at in quotes.at.tolist()], bad


def test_a_leap_ahead_costs_the_quote_that_leaps() -> None:
    """Also when what follows it is in the next part."""
    taken, bad = ordered([[5, 999], [6, 7]])

    assert taken == [5, 6, 7]
    assert bad == [(1, "time_ns 999 lies ahead of the row after it")]


def test_a_time_behind_what_has_passed_costs_only_itself() -> None:
    """Each of them."""
    taken, bad = ordered([[5, 6, 7], [1, 2], [8]])

    assert taken == [5, 6, 7, 8]
    assert [line for line, _ in bad] == [3, 4]
    assert bad[0][1] == "time_ns goes back to 1; the file must be in time order"


@given(times=st.lists(st.integers(1, 9)), cuts=st.lists(st.integers(0, 20)))
def test_where_the_parts_are_cut_changes_nothing(times: list[int], cuts: list[int]) -> None:
    """And what is taken is in order, and nothing vanishes."""
    ends = sorted({0, len(times), *(cut for cut in cuts if cut < len(times))})
    parts = [times[begin:end] for begin, end in pairwise(ends)]

    taken, bad = ordered(parts)

    assert (taken, bad) == ordered([times])
    assert taken == sorted(taken)
    assert sorted([*taken, *(times[line] for line, _ in bad)]) == sorted(times)
