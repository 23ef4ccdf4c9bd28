"""What must hold for whole days, down the road into a store and out of its exports.

Mirrored days have mirrored numbers, cuts between batches change nothing, and the oracle of the realized spread.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.two_paths import first, mirror
from tests.two_paths.made_day import CLOSES, Made, MadeDay, make_day
from tests.two_paths.prints import BUY, SECOND, Print

pytestmark = pytest.mark.journey
MS = 1_000_000
EXPORTS = ("executions", "markouts", "quality", "quality_after")
MIRRORED = ("improvement", "effective", "quoted", "outside", "time", "harm", "placement", "beyond", "flicker", "reason")
MIRRORED_AFTER = ("realized", "impact", "delay", "post_trade", "instant", "past_close", "mark_state")


def exported(folder: Path, day: MadeDay) -> dict[str, list[dict[str, Any]]]:
    """Send the day down the road; return its exports."""
    folder.mkdir()
    day.write(folder)
    first.replayed(folder / "day.log", folder / "quotes.csv", folder / "day.db")
    return {what: first.exported(folder / "day.db", what) for what in EXPORTS}


@pytest.mark.parametrize("seed", [4, 5])
def test_a_mirrored_day_has_the_same_numbers(tmp_path: Path, seed: int) -> None:
    """Every measure of every execution and of every mark: prices upside down, bids for offers, buys for sells."""
    day = make_day(seed, 600, 200)
    turned = MadeDay(list(mirror.quotes(day.quotes)), list(mirror.prints(day.prints)))

    plain, mirrored = exported(tmp_path / "plain", day), exported(tmp_path / "mirrored", turned)

    for one, other in zip(*(first.executions(each["executions"]) for each in (plain, mirrored)), strict=True):
        assert one["sign"] == -other["sign"]
        assert {name: one[name] for name in MIRRORED} == {
            name: mirror.words(other[name]) if name == "reason" else other[name] for name in MIRRORED
        }
    for one, other in zip(*(first.marks(each["markouts"]) for each in (plain, mirrored)), strict=True):
        assert [one[name] for name in MIRRORED_AFTER] == [other[name] for name in MIRRORED_AFTER]
    assert sum(mark["realized"] is not None for mark in first.marks(plain["markouts"])) > 300


@pytest.mark.parametrize("chunk", [1, 37])
def test_where_batches_are_cut_changes_no_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """Nor the quotes that a file is asked for: how far it has been read is nobody's affair."""
    day = make_day(6, 600, 200)
    whole = exported(tmp_path / "whole", day)
    monkeypatch.setattr("service.replay.CHUNK", chunk)

    cut = exported(tmp_path / "cut", day)

    assert cut == whole


def oracle() -> MadeDay:
    """Return the two executions of the oracle, and the market before each and 50 ms after it."""
    first_at, second_at = CLOSES - 3_600 * SECOND, CLOSES - 1_800 * SECOND
    market = [
        (first_at - SECOND, 100_000_000_000),
        (first_at + 50 * MS, 100_200_000_000),
        (second_at - SECOND, 100_250_000_000),
        (second_at + 50 * MS, 100_100_000_000),
    ]
    quotes = [Made(at, "IBM", middle - 5 * MS, "100", middle + 5 * MS, "100", "") for at, middle in market]
    bought = [(1, "100.000000000", "40", first_at), (2, "100.300000000", "20", second_at)]
    prints = [
        Print(number, "IBM", "XNYS", BUY, price, shares, at - 10 * MS, at) for number, price, shares, at in bought
    ]
    return MadeDay(quotes, prints)


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_the_oracle_of_the_realized_spread(tmp_path: Path, side: str) -> None:
    """40 @ 100.00 before a midpoint of 100.20, 20 @ 100.30 before 100.10: −0.40 and 0.40, weighted −0.133333."""
    day = oracle()
    if side == "sell":
        day = MadeDay(list(mirror.quotes(day.quotes)), list(mirror.prints(day.prints)))

    found = exported(tmp_path / "day", day)

    marks, (averages, *_) = (
        [row for row in found[what] if row["horizon"] == "0.050000000"] for what in ("markouts", "quality_after")
    )

    assert [(mark["side"], mark["quantity"], mark["realized_spread"]) for mark in marks] == [
        (side, "40", "-0.4"),
        (side, "20", "0.4"),
    ]
    weighted = sum(Fraction(mark["quantity"]) * Fraction(mark["realized_spread"]) for mark in marks) / 60
    assert weighted == Fraction(-2, 15)
    assert averages["average_realized_spread"] == "-0.1333333333"
