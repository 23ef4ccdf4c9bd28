"""The real day's measures by exchange letter: python -m tests.two_paths.table [--delay-ms N] [--folder F].

Replays the day down the road into F/day.db (kept when F is given), prints what came of it, and says whether the second
path agrees. The data is no part of the project: see tests/nbbo_2013.py.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

from tests import nbbo_2013
from tests.two_paths import first, real_day, second, sums
from tests.two_paths.prints import write_log
from tests.two_paths.quality import over

MICRO, DOLLARS = 10**6, 10**15
HORIZONS = {"50 ms": 50_000_000, "1 s": 10**9, "15 s": 15 * 10**9, "1 min": 60 * 10**9, "5 min": 300 * 10**9}
Known = dict[str, int]
Cell = Callable[[Known], str]


def main(folder: Path, delay_ms: int) -> bool:
    """Print the tables; return whether both paths agree."""
    replay(folder, delay_ms)
    road = of_the_road(folder)
    print("IBM, 7 October 2013, by exchange letter (D: a facility for reports).")
    print(f"The file has no orders: that each was received {delay_ms} ms before its execution is MADE UP.\n")
    for title, columns in BLOCKS:
        print(f"{title}\n{block(road, columns)}\n")
    day = real_day.read_zips(delay_ms)
    executions = second.executions(day)
    agree = road == sums.of_frames(executions, second.marks(day, executions))
    print(f"The second path, by polars over the zipped files: {'equal to the last digit' if agree else 'DIFFERENT'}.")
    return agree


def replay(folder: Path, delay_ms: int) -> None:
    """Write the day's files into the folder and send them down the road into its store."""
    nbbo_2013.write_quotes(folder / "quotes.csv")
    write_log(folder / "day.log", real_day.prints(delay_ms), real_day.DAY)
    first.replayed(folder / "day.log", folder / "quotes.csv", folder / "day.db")


def of_the_road(folder: Path) -> sums.Sums:
    """Return the sums of the store's exports, by letter."""
    executions, marks = (first.exported(folder / "day.db", what) for what in ("executions", "markouts"))
    return sums.of_rows(lettered(first.executions(executions)), lettered(first.marks(marks)))


def lettered(rows: Iterator[first.Row]) -> Iterator[first.Row]:
    """Yield the rows with the letter of their venue."""
    for row in rows:
        yield {**row, "venue": real_day.VENUES[row["venue"]]}


def block(road: sums.Sums, columns: dict[str, Cell]) -> str:
    """Return one table: a line a letter, then all of them together."""
    venues = [*sorted(venue for venue in road if venue != sums.ALL), sums.ALL]
    cells = [["", *columns], *([venue, *(cell(road[venue]) for cell in columns.values())] for venue in venues)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)


def count(name: str) -> Cell:
    """Show a number of executions."""
    return lambda known: f"{known.get(name, 0):,}"


def shares(name: str) -> Cell:
    """Show shares."""
    return lambda known: f"{Fraction(known.get(name, 0), MICRO).__int__():,}"


def dollars(name: str, scale: int = DOLLARS) -> Cell:
    """Show an amount in dollars, exact."""
    return lambda known: over(known.get(name, 0), scale) or "-"


def average(name: str) -> Cell:
    """Show a share-weighted average in dollars a share, ten digits."""
    return lambda known: over(known.get(name, 0), known.get(f"{name}_shares", 0) * 10**9) or "-"


def reason(words: str) -> Cell:
    """Show how many executions were not evaluated for that reason."""
    return count(f"not evaluated: {words}")


BLOCKS: tuple[tuple[str, dict[str, Cell]], ...] = (
    (
        "Where the price lay against the NBBO at execution, in shares, and dollars from the far touch",
        {
            "executions": count("executions"),
            "shares": shares("shares"),
            "outside": shares("outside_shares"),
            "outside $": dollars("outside_amount"),
            "flicker, executions": count("flickers"),
            "at the far touch": shares("far_touch_shares"),
            "inside": shares("inside_shares"),
            "inside $": dollars("inside_amount"),
            "midpoint": shares("midpoint_shares"),
            "midpoint $": dollars("midpoint_amount"),
        },
    ),
    (
        "Spreads in dollars a share, and executions that were not evaluated by reason",
        {
            "ES at execution": average("at_execution"),
            "ES at receipt": average("effective"),
            "QS at receipt": average("quoted"),
            "improvement": average("improvement"),
            "harm $": dollars("harm", 10**9),
            "not evaluated": count("not evaluated"),
            **{words: reason(words) for words in ("execution crossed", "receipt crossed", "receipt closed")},
        },
    ),
    (
        "Realized spread in dollars a share",
        {title: average(f"realized_{length}") for title, length in HORIZONS.items()},
    ),
    (
        "Price impact since the receipt in dollars a share",
        {title: average(f"impact_{length}") for title, length in HORIZONS.items()},
    ),
    (
        "Price impact since the execution (post-trade) in dollars a share",
        {title: average(f"post_trade_{length}") for title, length in HORIZONS.items()},
    ),
)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay-ms", type=int, default=real_day.DELAY_MS)
    parser.add_argument("--folder", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sorwatch-day-") as name:
        sys.exit(not main(wanted.folder or Path(name), wanted.delay_ms))
