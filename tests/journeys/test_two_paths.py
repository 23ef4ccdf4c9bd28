"""Every measure of whole days twice: down the road into a store and out of its exports, and by polars over the files.

Equal to the last digit, row by row, summed by venue, and as `export quality` and `quality_after` show it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from tests import nbbo_2013
from tests.two_paths import first, made_day, quality, real_day, second, sums
from tests.two_paths.table import replay

pytestmark = pytest.mark.journey
SEEDS = (1, 2, 3)
EXPORTS = ("executions", "markouts", "quality", "quality_after")
QUOTES, PRINTS = 900, 300
REAL = pytest.param(
    "real",
    marks=[
        pytest.mark.timeout(900),
        pytest.mark.skipif(not nbbo_2013.is_present(), reason=nbbo_2013.ABSENT),
    ],
)
STATES = {"normal", "locked", "crossed", "one_sided", "absent", "halted", "closed"}


class Paths(NamedTuple):
    """What both paths say of one day; `letters` names the road's venues as the second path does."""

    executions: list[first.Row]
    marks: list[first.Row]
    quality: list[dict[str, Any]]
    quality_after: list[dict[str, Any]]
    other_executions: pl.DataFrame
    other_marks: pl.DataFrame
    letters: dict[str, str]


@pytest.fixture(scope="module", params=[*SEEDS, REAL])
def paths(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """Go both paths once for all tests of this file."""
    folder = tmp_path_factory.mktemp("two_paths")
    if request.param == "real":
        replay(folder, real_day.DELAY_MS)
        return both(folder, real_day.read_zips(), real_day.VENUES)
    day = a_made_day(folder, request.param)
    first.replayed(folder / "day.log", folder / "quotes.csv", folder / "day.db")
    return both(folder, day, {venue: venue for venue in made_day.VENUES})


def a_made_day(folder: Path, seed: int) -> second.Day:
    """Write the files of a made day; return it as the second path reads it."""
    made_day.make_day(seed, QUOTES, PRINTS).write(folder)
    return second.read_csv(folder / "quotes.csv", folder / "prints.csv", made_day.OPENS, made_day.CLOSES)


def both(folder: Path, day: second.Day, letters: dict[str, str]) -> Paths:
    """Read the store's exports, and work the same out by the second path."""
    exported = {what: first.exported(folder / "day.db", what) for what in EXPORTS}
    executions = second.executions(day)
    return Paths(
        executions=lettered(first.executions(exported["executions"]), letters),
        marks=lettered(first.marks(exported["markouts"]), letters),
        quality=exported["quality"],
        quality_after=exported["quality_after"],
        other_executions=executions,
        other_marks=second.marks(day, executions),
        letters=letters,
    )


def lettered(rows: Iterable[first.Row], letters: dict[str, str]) -> list[first.Row]:
    """Return the rows with their venue as the second path names it."""
    return [{**row, "venue": letters[row["venue"]]} for row in rows]


def differences(
    road: list[first.Row], others: list[dict[str, Any]], key: tuple[str, ...]
) -> list[tuple[Any, str, Any, Any]]:
    """Return (which, column, the road's, the other's) of all that differs; a row that one lacks differs whole."""
    mine, theirs = ({tuple(row[name] for name in key): row for row in rows} for rows in (road, others))
    assert len(mine) == len(road)
    missing = [(which, "row", which in mine, which in theirs) for which in mine.keys() ^ theirs.keys()]
    common = mine.keys() & theirs.keys()
    return missing + [
        (which, name, value, theirs[which][name])
        for which in common
        for name, value in mine[which].items()
        if value != theirs[which][name]
    ]


def test_every_execution_has_the_same_quotes_and_measures(paths: Paths) -> None:
    """Both quotes with their times and sizes, spreads, improvement, place, size beyond, flicker, time, harm, reason."""
    differ = differences(paths.executions, paths.other_executions.to_dicts(), ("number",))

    assert differ == []
    assert len(paths.executions) == paths.other_executions.height > 0


def test_every_mark_has_the_same_quote_and_numbers(paths: Paths) -> None:
    """At each of the five horizons, past the close too; and the same executions have none."""
    differ = differences(paths.marks, paths.other_marks.to_dicts(), ("number", "horizon"))

    assert differ == []
    assert len(paths.marks) == paths.other_marks.height > 0


def test_the_sums_by_venue_are_the_same(paths: Paths) -> None:
    """Of exported rows in plain Python, and of frames by polars."""
    road = sums.of_rows(paths.executions, paths.marks)

    assert road == sums.of_frames(paths.other_executions, paths.other_marks)


def test_the_export_of_quality_shows_the_same_sums_and_ratios(paths: Paths) -> None:
    """Ratios of sums to ten digits, as text."""
    others = quality.rows(paths.other_executions, paths.letters)

    for row in paths.quality:
        expected = others.pop((row["symbol"], row["venue"]))
        assert {name: row[name] for name in expected} == expected
    assert others == {}


def test_the_export_of_quality_after_shows_the_same_sums_and_ratios(paths: Paths) -> None:
    """At every horizon."""
    others = quality.after(paths.other_marks, paths.letters)

    for row in paths.quality_after:
        expected = others.pop((row["symbol"], row["venue"], row["horizon"]))
        assert {name: row[name] for name in expected} == expected
    assert others == {}


def test_effective_spread_is_realized_spread_and_impact_for_every_mark(paths: Paths) -> None:
    """Exactly, and the impact is what came before the execution and what came after it."""
    effective = {row["number"]: row["effective"] for row in paths.executions}
    at_execution = {row["number"]: row["at_execution"] for row in paths.other_executions.to_dicts()}

    for mark in paths.marks:
        if mark["impact"] is not None:
            assert mark["realized"] + mark["impact"] == effective[mark["number"]]
        if mark["delay"] is not None:
            assert mark["delay"] + mark["post_trade"] == mark["impact"]
        if mark["post_trade"] is not None:
            assert mark["realized"] + mark["post_trade"] == at_execution[mark["number"]]


def test_the_made_days_reach_all_that_they_are_about(tmp_path: Path) -> None:
    """Every state at receipt, execution and mark, every place, flicker and none, half a nanodollar, the close."""
    executions, marks = [], []
    for seed in SEEDS:
        day = a_made_day(tmp_path, seed)
        measured = second.executions(day)
        executions += measured.to_dicts()
        marks += second.marks(day, measured).to_dicts()

    assert {row["execution_state"] for row in executions} == STATES
    assert {row["receipt_state"] for row in executions} == STATES
    assert {row["mark_state"] for row in marks} == STATES
    assert {row["placement"] for row in executions} == {*sums.PLACES, None}
    for words in ("before the first quote", "no bid and no offer", "the offer is not", "neither side"):
        assert any(words in (row["reason"] or "") for row in executions), words
    assert {row["flicker"] for row in executions if row["outside"]} == {True, False}
    assert any((row["execution_bid"] or 0) + (row["execution_offer"] or 0) & 1 for row in executions)
    assert {row["past_close"] for row in marks} == {True, False}
    assert any(row["mark_at"] == row["instant"] for row in marks)
