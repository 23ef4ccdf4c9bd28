"""Two texts beside each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.change.side_by_side import Side, side_by_side

TEXTS = st.lists(st.sampled_from("abc"), max_size=14).map("\n".join)


def test_the_same_text_has_no_rows() -> None:
    """Nothing differs."""
    assert side_by_side("a\nb\n", "a\nb") == []


def test_of_a_long_run_that_is_the_same_only_the_edges_are_shown() -> None:
    """With how many lines are left out."""
    lines = [str(number) for number in range(20)]

    rows = side_by_side("\n".join(lines), "\n".join([*lines[:19], "new"]))

    assert [row.side for row in rows] == [Side.LEFT_OUT, *[Side.SAME] * 3, Side.CHANGED]
    assert rows[0].hidden == 16
    assert (rows[-1].old_number, rows[-1].old, rows[-1].new) == (20, "19", "new")


def test_what_is_gone_and_what_is_new_stands_alone() -> None:
    """On its own side."""
    rows = side_by_side("a\nb\nc", "a\nc\nd")

    assert [(row.side, row.old, row.new) for row in rows] == [
        (Side.SAME, "a", "a"),
        (Side.GONE, "b", ""),
        (Side.SAME, "c", "c"),
        (Side.NEW, "", "d"),
    ]


@given(old=TEXTS, new=TEXTS)
def test_no_line_is_lost_on_either_side(old: str, new: str) -> None:
    """Shown or counted as left out, in order."""
    rows = side_by_side(old, new)

    hidden = sum(row.hidden for row in rows)
    if old.splitlines() != new.splitlines():
        assert sum(row.old_number is not None for row in rows) + hidden == len(old.splitlines())
        assert sum(row.new_number is not None for row in rows) + hidden == len(new.splitlines())
    assert all(old.splitlines()[row.old_number - 1] == row.old for row in rows if row.old_number)
    assert all(new.splitlines()[row.new_number - 1] == row.new for row in rows if row.new_number)
