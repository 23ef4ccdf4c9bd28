"""`sorwatch backtest` on real stores: the rulebook in force finds what was recorded, another one what it would have."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Table, func, select

from service.cli import main
from service.journal import Entry
from service.store import tables
from service.store.engine import Database
from service.versions import Version, VersionKind
from tests.factories_recorded import ROAD_DAY, later_day, record_all
from tests.factories_road import (
    SteadyQuotes,
    a_bust,
    a_correction,
    a_tick,
    a_trade,
    an_order,
    versions,
)
from tests.stores import KINDS, ready_store

NEXT_DAY = "2013-10-08"
SLOWER = "rules: {slow_fill: {parameters: {at_most: 3 s}}}"
NO_SLOW = "rules: {slow_fill: {enabled: no}}"


def a_day() -> list[Entry]:
    """Return orders that are filled faster and slower, one fill far outside the quote, one busted, one corrected."""
    story: list[Entry] = []
    for number in range(1, 41):
        name, filled = f"O{number}", number + 0.5 + number % 8
        story.append(an_order(2 * number - 1, number, name, _44="190.00"))
        story.append(a_trade(2 * number, filled, name, f"E{number}", _44="190.00", _31=f"{180 + number % 5}.00"))
    story.append(a_bust(81, 60, "O3", "B1", "E3"))
    story.append(a_correction(82, 61, "O4", "C1", "E4", _31="199.00"))
    story.append(a_tick(900))
    return sorted(story, key=lambda entry: entry.received_at or 0)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a store of two days; in the middle of the first the rulebook changed."""
    changed = Version(kind=VersionKind.RULEBOOK, name="rulebook", text="rules: {outside_nbbo: {severity: low}}")
    first = a_day()
    middle = len(first) // 2
    story = [*first[:middle], changed.entry(first[middle].received_at), *first[middle:]]
    story += [_next_day(entry) for entry in a_day()]
    with ready_store(request.param, tmp_path) as made:
        record_all(made, story, versions(), quotes=SteadyQuotes())
        yield made


def _next_day(entry: Entry) -> Entry:
    body = entry.body.replace(b"20131007", b"20131008")
    whole = body[: body.rindex(b"10=")] if b"10=" in body else body
    tail = f"10={sum(whole) % 256:03d}\x01".encode() if b"10=" in body else b""
    return msgspec.structs.replace(later_day(entry), body=whole + tail)


def run(database: Database, folder: Path, rulebook: str, *words: str, last: str = NEXT_DAY) -> Result:
    """Run the command on a store with a rulebook of that text."""
    file = folder / "tried.yaml"
    file.write_text(rulebook, encoding="utf-8")
    url = database.url.render_as_string(hide_password=False)
    fixed = ["backtest", "--rulebook", str(file), "--from", ROAD_DAY, "--to", last, "--store", url]
    return CliRunner().invoke(main, [*fixed, "--jobs", "1", *words])


def told(result: Result) -> dict[str, object]:
    """Return what a run says as JSON."""
    assert result.exit_code == 0, result.output
    found: dict[str, object] = msgspec.json.decode(result.stdout)
    return found


def test_the_rulebooks_in_force_find_what_was_recorded(database: Database, tmp_path: Path) -> None:
    """On the same facts, the change of the rulebook and the corrected execution included, and nothing is written."""
    before = _counts(database)

    said = told(run(database, tmp_path, "", "--format", "json"))

    agreement = said["agreement"]
    assert isinstance(agreement, dict)
    assert agreement["equal"] is True, agreement
    assert agreement["same"] == before["findings"] > 20
    assert _counts(database) == before


def test_another_rulebook_loses_and_makes_findings_and_says_which(database: Database, tmp_path: Path) -> None:
    """By rule and day, with examples; of the lost nobody has said which were true."""
    said = told(run(database, tmp_path, NO_SLOW, "--format", "json"))

    rows = {(row["day"], row["rule"]): row for row in said["rows"]}  # type: ignore[attr-defined]
    slow = rows[ROAD_DAY, "slow_fill"]
    assert slow["then"] == slow["lost"] == rows[NEXT_DAY, "slow_fill"]["lost"] > 5
    assert (slow["now"], slow["new"], slow["lost_true"]) == (0, 0, None)
    assert len(slow["lost_ids"]) == 5
    outside = rows[ROAD_DAY, "outside_nbbo"]
    assert outside["then"] == outside["now"] > 0
    assert outside["new"] == outside["lost"] == 0


def test_a_sweep_tells_the_findings_at_each_point(database: Database, tmp_path: Path) -> None:
    """The facts are read once; the larger the limit, the fewer findings."""
    result = run(database, tmp_path, "", "--sweep", "slow_fill.at_most=500 ms..9 s:5", "--format", "csv")

    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    of_day = [row for row in rows if row["day"] == ROAD_DAY]
    assert [row["point"] for row in of_day] == ["500 ms", "2.625 s", "4.75 s", "6.875 s", "9 s"]
    found = [int(row["now"]) for row in of_day]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1]
    assert {row["rule"] for row in rows} == {"slow_fill"}


def test_a_version_once_in_force_can_be_the_other_side(database: Database, tmp_path: Path) -> None:
    """By the start of its hash; where it was not in force all the time, that is said."""
    first = next(version for version in versions() if version.kind is VersionKind.RULEBOOK)

    result = run(database, tmp_path, SLOWER, "--against", first.hash[:10])

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert any(line.startswith("all days   slow_fill") for line in lines)
    assert '"then" (version ' in lines[-2]
    assert "differs from what was recorded live" in lines[-2]


def test_days_are_judged_side_by_side_with_the_same_outcome(database: Database, tmp_path: Path) -> None:
    """In processes of their own."""
    alone = run(database, tmp_path, NO_SLOW)

    together = run(database, tmp_path, NO_SLOW, "--jobs", "2")

    assert together.exit_code == 0, together.output
    assert together.stdout == alone.stdout


@pytest.mark.parametrize(
    ("rulebook", "words", "problem"),
    [
        ("rules: {slow_full: {}}", (), 'tried.yaml: line 1: the catalogue knows no "slow_full"'),
        ("", ("--sweep", "slow_full.limit=1..2:3"), "--sweep: there is no rule 'slow_full'"),
        ("", ("--sweep", "slow_fill.limit=1..2:3"), "--sweep: slow_fill has no parameter 'limit'"),
        ("", ("--sweep", "slow_fill.at_most=1 s..2:3"), '--sweep: "2" is not usable'),
        ("", ("--sweep", "slow_fill.at_most=1 s"), "is no range"),
        ("", ("--against", "ffff"), "--against ffff: no rulebook of that hash was ever in force"),
        ("", ("--from", "2013-10-09"), "the range is empty: --from 2013-10-09 is after --to 2013-10-08"),
        ("", ("--from", "2001-01-01", "--to", "2001-01-02"), "nothing is recorded between 2001-01-01 and 2001-01-02"),
    ],
)
def test_what_cannot_be_done_is_said(
    database: Database, tmp_path: Path, rulebook: str, words: tuple[str, ...], problem: str
) -> None:
    """With exit code 2."""
    result = run(database, tmp_path, rulebook, *words)

    assert result.exit_code == 2
    assert problem in result.stderr


def _counts(database: Database) -> dict[str, int]:
    kept: list[Table] = list(tables.metadata.sorted_tables)
    with database.reading() as connection:
        return {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one()) for table in kept
        }
