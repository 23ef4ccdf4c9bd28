"""Windows count in event time, in any order of arrival; Wilson's interval is exact."""

from __future__ import annotations

import math
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import wilson as interval
from rules import window as window_of
from rules import windows
from rules.observed import Row, digested
from rules.rule import NotEvaluated
from rules.wilson import wilson
from rules.window import Window, WindowState
from rules.windows import TOO_MANY, Windows

SPAN = 10
VALUES = st.one_of(st.integers(-9, 9), st.integers(-(10**30), 10**30))
ROWS = st.lists(
    st.builds(Row, st.integers(0, 60), st.integers(0, 5), VALUES, VALUES, st.sampled_from(["", "XNYS", "XBOS"])),
    max_size=60,
)


def _filled(rows: list[Row]) -> Window:
    window = Window()
    for row in rows:
        window.add(row, SPAN)
    return window


def _first(rows: list[Row]) -> list[Row]:
    """Return the first row of each identity and time."""
    first: dict[tuple[int, int], Row] = {}
    for row in rows:
        first.setdefault((row.at, row.identity), row)
    return list(first.values())


def _naive(rows: list[Row]) -> list[Row]:
    """Return what a window must hold: those of them that are newer than the newest less the span, in order."""
    newest = max((row.at for row in rows), default=0)
    return sorted(row for row in _first(rows) if row.at > newest - SPAN)


def _agrees(window: Window, rows: list[Row]) -> None:
    """Assert that a window holds these rows and no others, and that each of its sums is theirs."""
    assert window.rows == rows
    assert window.count == len(rows)
    assert (window.total, window.total_other) == (sum(row.value for row in rows), sum(row.other for row in rows))
    labels = sorted({row.label for row in rows} - {""})
    by_label = {label: [row for row in rows if row.label == label] for label in labels}
    assert window.by_label == {
        label: (len(of), sum(row.value for row in of), sum(row.other for row in of)) for label, of in by_label.items()
    }
    assert list(window.by_label) == labels
    if rows:
        ranked = sorted(row.value for row in rows)
        assert [window.quantile(ppm) for ppm in (0, 500_000, 1_000_000)] == [ranked[n] for n in _ranks(len(rows))]


def _ranks(count: int) -> tuple[int, int, int]:
    """Return the places of least, middle and largest among so many."""
    return 0, (count + 1) // 2 - 1, count - 1


@given(ROWS)
def test_a_window_holds_what_a_naive_one_holds(rows: list[Row]) -> None:
    """Whatever came late or twice, it holds each observation newer than the newest less the span, once."""
    rows = _first(rows)

    _agrees(_filled(rows), _naive(rows))
    _agrees(_filled([row for row in rows for _ in range(2)]), _naive(rows))


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(rows: list[Row], dice: object) -> None:
    """Two windows that saw the same observations in other orders hold the same."""
    shuffled = _first(rows)
    ordered = sorted(shuffled)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]

    _agrees(_filled(shuffled), _filled(ordered).rows)


@given(ROWS, ROWS)
def test_a_window_that_is_asked_for_quantiles_between_observations_keeps_its_ranks(
    rows: list[Row], later: list[Row]
) -> None:
    """What comes, goes, is amended or does not fit into eight bytes finds its rank."""
    rows = _first(rows)
    window = Window()
    for row in rows:
        window.add(row, SPAN)
        window.quantile(500_000)
    _agrees(window, _naive(rows))

    for row in later:
        window.amend(row)
        _agrees(window, window.rows)
        window.drop(row)
        _agrees(window, window.rows)


@given(rows=ROWS, bound=st.integers(1, 5))
def test_a_full_window_keeps_the_newest(rows: list[Row], bound: int) -> None:
    """Beyond its bound the oldest go, and coming again they stay out."""
    rows = _first(rows)
    largest, window_of.LARGEST_WINDOW = window_of.LARGEST_WINDOW, bound
    try:
        window = _filled(rows + rows)
    finally:
        window_of.LARGEST_WINDOW = largest

    _agrees(window, _naive(rows)[-bound:])


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(0, 1_000_000))
def test_a_quantile_is_the_least_value_of_its_rank(values: list[int], ppm: int) -> None:
    """At least the asked part of all values does not exceed it, and no smaller value does as much."""
    window = _filled([Row(1, n, value) for n, value in enumerate(values)])

    found = window.quantile(ppm)

    def part(limit: int) -> Fraction:
        return Fraction(sum(value <= limit for value in values), len(values))

    assert part(found) >= Fraction(ppm, 1_000_000)
    assert all(part(value) < Fraction(ppm, 1_000_000) for value in values if value < found) or not ppm


def test_a_window_tells_its_first_and_last_time() -> None:
    """The times are event times, whatever came last."""
    window = _filled([Row(5, 1, 1), Row(9, 2, 0), Row(7, 3, 1)])

    assert (window.first_at, window.last_at) == (5, 9)


def test_a_finding_is_not_repeated_before_enough_further_observations() -> None:
    """The first breach may raise; the next only after so many observations and at a later time."""
    window = _filled([Row(1, 1, 0)])
    assert window.may_raise(2)
    window.raised()

    window.add(Row(1, 2, 0), SPAN)
    window.add(Row(1, 3, 0), SPAN)
    assert not window.may_raise(2)  # the same event time: it would be the same finding
    window.add(Row(2, 4, 0), SPAN)

    assert window.may_raise(2)
    assert not window.may_raise(4)


@given(ROWS, st.booleans())
def test_a_window_comes_back_from_its_state_as_it_was(rows: list[Row], raised: bool) -> None:  # noqa: FBT001 - drawn
    """State and back, as a checkpoint writes it, changes nothing, not even what is refused afterwards."""
    window = _filled(rows)
    if raised and window.count:
        window.raised()
    state = msgspec.json.decode(msgspec.json.encode(window.state("2026-11-20", ("x",))), type=WindowState)
    again = Window.of(state)

    answers = [(window.add(Row(at, 1, 1), SPAN), again.add(Row(at, 1, 1), SPAN)) for at in range(60)]

    assert all(one == other for one, other in answers)
    assert window.state("2026-11-20", ("x",)) == again.state("2026-11-20", ("x",))
    _agrees(again, window.rows)


def _put(kept: Windows, date: str, key: str, at: int = 1, *, clock: int = 1) -> Window | NotEvaluated:
    """Observe something under a key at a time."""
    return kept.add((date, (key,)), Row(at, at, 1), SPAN, clock)


def test_no_window_crosses_the_trade_date() -> None:
    """The same key on two dates is two windows."""
    kept = Windows()
    monday, tuesday = _put(kept, "2026-11-16", "k"), _put(kept, "2026-11-17", "k")

    assert monday is not tuesday
    assert _put(kept, "2026-11-16", "k", 2) is monday


def test_one_wild_date_does_not_push_today_out() -> None:
    """The dates used last are kept, however wild the others."""
    kept = Windows()
    today = _put(kept, "2026-11-20", "k")
    for year in range(2090, 2090 + windows.MOST_DATES * 2):
        _put(kept, f"{year}-01-01", "k")
        _put(kept, "2026-11-20", "k", year)

    assert kept.find("2026-11-20", ("k",)) is today
    assert len({state.trade_date for state in kept.snapshot()}) == windows.MOST_DATES


def test_too_many_groups_are_refused_and_known_ones_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule takes only so many keys, so that garbage cannot fill the memory."""
    monkeypatch.setattr(windows, "MOST_GROUPS", 1)
    kept = Windows()
    first = _put(kept, "2026-11-20", "a")

    assert _put(kept, "2026-11-20", "b") is TOO_MANY
    assert _put(kept, "2026-11-20", "a", 2) is first


def test_too_many_observations_are_refused_until_windows_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a date that is over makes room for today's."""
    monkeypatch.setattr(windows, "MOST_ROWS", 3)
    kept = Windows()
    _put(kept, "2026-11-19", "a")
    _put(kept, "2026-11-19", "b")

    _put(kept, "2026-11-20", "a")
    _put(kept, "2026-11-20", "a", 2)
    assert kept.find("2026-11-19", ("a",)) is None
    _put(kept, "2026-11-20", "b", 3)
    assert _put(kept, "2026-11-20", "b", 4) is TOO_MANY

    assert isinstance(_put(kept, "2026-11-20", "b", 4, clock=2 * SPAN + 1), Window)
    assert kept.find("2026-11-20", ("a",)) is None


def test_a_window_that_nobody_used_for_twice_its_span_is_let_go() -> None:
    """The one used longest ago first; one that is used stays, however old what it holds is."""
    kept = Windows()
    for clock, key in enumerate("abc"):
        _put(kept, "2026-11-20", key, clock=clock)
    used = _put(kept, "2026-11-20", "a", 2, clock=5)

    _put(kept, "2026-11-20", "c", 3, clock=2 * SPAN + 1)
    assert [state.key for state in kept.snapshot()] == [("a",), ("c",)]
    _put(kept, "2026-11-20", "d", clock=2 * SPAN + 4)

    assert kept.find("2026-11-20", ("a",)) is used


PLACED = st.lists(
    st.tuples(st.sampled_from(["2026-11-19", "2026-11-20"]), st.sampled_from("ab"), st.integers(0, 9)), max_size=40
)


@given(PLACED, st.integers(0, 40), st.integers(1, 12), st.integers(1, 3))
def test_windows_come_back_from_a_snapshot_and_go_on_as_they_would_have(
    placed: list[tuple[str, str, int]], cut: int, most_rows: int, most_groups: int
) -> None:
    """What is let go of, and what is refused for want of room, is the same after a restart."""
    bounds = windows.MOST_ROWS, windows.MOST_GROUPS
    windows.MOST_ROWS, windows.MOST_GROUPS = most_rows, most_groups
    try:
        whole, again, said = Windows(), Windows(), []
        for n, (date, key, at) in enumerate(placed):
            if n == cut:
                again = Windows.of(again.snapshot())
            answers = [isinstance(_put(kept, date, key, at, clock=n * 3), Window) for kept in (whole, again)]
            said.append(answers[0] is answers[1])
    finally:
        windows.MOST_ROWS, windows.MOST_GROUPS = bounds

    assert all(said)
    assert whole.snapshot() == again.snapshot()
    assert sum(len(state.rows) for state in whole.snapshot()) <= most_rows


def test_an_observation_is_found_wherever_it_was_counted() -> None:
    """In whichever window of whichever date, and only as long as one holds it."""
    kept = Windows()
    for date, key in (("2026-11-19", "a"), ("2026-11-20", "b"), ("2026-11-20", "c")):
        _put(kept, date, key, 2 if key == "c" else 1)

    assert kept.holding(Row(1, 1, 0), 1) == [("2026-11-19", ("a",)), ("2026-11-20", ("b",))]
    assert kept.holding(Row(1, 1, 0), 2) == []
    assert kept.drop(("2026-11-20", ("b",)), Row(1, 1, 0))
    assert not kept.drop(("2026-11-20", ("b",)), Row(1, 1, 0))
    assert not kept.drop(("2026-11-20", ("x",)), Row(1, 1, 0))
    assert not kept.amend(("2026-11-20", ("x",)), Row(1, 1, 0))
    assert kept.holding(Row(1, 1, 0), 1) == [("2026-11-19", ("a",))]


def _wilson_in_floats(hits: int, count: int, z: float) -> tuple[float, float]:
    rate, square = hits / count, z * z
    middle = rate + square / (2 * count)
    width = z * math.sqrt(rate * (1 - rate) / count + square / (4 * count * count))
    return (middle - width) / (1 + square / count), (middle + width) / (1 + square / count)


@given(st.integers(1, 5_000), st.data(), st.sampled_from([950_000, 990_000, 999_000]))
def test_wilson_agrees_with_the_textbook_and_rounds_outwards(count: int, data: st.DataObject, sure: int) -> None:
    """The integer bounds lie outside the textbook's by at most a millionth or two."""
    hits = data.draw(st.integers(0, count))

    lower, upper = wilson(hits, count, sure)

    low, high = _wilson_in_floats(hits, count, interval.Z_THOUSANDTHS[sure] / 1000)
    assert lower <= low * 1e6 + 1e-3
    assert low * 1e6 - lower < 2
    assert upper >= high * 1e6 - 1e-3
    assert upper - high * 1e6 < 2


def test_wilson_of_all_and_of_none_touches_the_ends() -> None:
    """All hits reach 100 %, none reach 0 %, exactly."""
    assert wilson(30, 30, 950_000)[1] == 1_000_000
    assert wilson(0, 30, 950_000)[0] == 0


@given(ROWS, st.builds(Row, st.integers(0, 60), st.integers(0, 5), VALUES, VALUES, st.sampled_from(["", "XNAS"])))
def test_an_observation_that_is_amended_or_dropped_is_as_if_it_had_always_been_so(rows: list[Row], other: Row) -> None:
    """What it does not hold cannot be changed."""
    held = _filled(rows).rows
    amended, dropped = _filled(rows), _filled(rows)

    was_there = amended.amend(other), dropped.drop(other)

    there = any(row.same(other) for row in held)
    assert was_there == (there, there)
    _agrees(amended, [other if row.same(other) else row for row in held])
    _agrees(dropped, [row for row in held if not row.same(other)])


def test_a_window_over_rows_is_a_copy() -> None:
    """What is counted anew must not change what is counted."""
    window = _filled([Row(1, 1, 1), Row(2, 2, 0)])

    again = Window(window.rows)
    again.drop(Row(1, 1, 1))

    _agrees(window, [Row(1, 1, 1), Row(2, 2, 0)])
    _agrees(again, [Row(2, 2, 0)])


def test_identities_that_differ_have_other_digests_and_any_text_has_one() -> None:
    """Eight bytes, the same in every process; a wild text is no trouble."""
    assert digested("E1") == digested("E1") != digested("E2")
    assert -(2**63) <= digested("\udcff") < 2**63


def test_a_window_that_never_was_is_not_made_by_looking() -> None:
    """To find is not to begin."""
    windows_of_a_rule = Windows()

    assert windows_of_a_rule.find("2026-11-20", ("demo",)) is None
    assert windows_of_a_rule.snapshot() == []
