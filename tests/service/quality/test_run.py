"""The whole way: a simulated day with a fault through the unmodified road, its findings held against the labels."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from service.cli import main
from service.quality.record import decode
from service.quality.run import Job, Wanted, jobs, measured, run_one
from service.quality.tally import MEASURED, NOT_EXERCISED
from service.simulator.faults import FaultName

pytestmark = pytest.mark.journey


def test_every_execution_at_a_rogue_venue_is_found_and_nothing_else() -> None:
    """Recall and precision of a rule of single facts, from the bytes to the verdict; twice the same."""
    job = Job(seed=5, fault=FaultName.ROGUE_VENUE, strength=0.25, seconds=1, rate=8.0)

    run = run_one(job)

    owed = [unit for unit in run.verdicts.units if unit.rule == "unexpected_venue"]
    assert len(owed) > 5
    assert all(unit.took is not None for unit in owed)
    assert run.verdicts.true["unexpected_venue"] == len(owed)
    assert "unexpected_venue" not in run.verdicts.false
    assert msgspec.json.encode(run_one(job)) == msgspec.json.encode(run)


def test_a_dead_line_is_found_by_time_alone() -> None:
    """No message comes, so only a tick can tell."""
    run = run_one(Job(seed=5, fault=FaultName.SILENT_FEED, strength=90.0, seconds=1, rate=8.0))

    (unit,) = [unit for unit in run.verdicts.units if unit.rule == "feed_silent"]

    assert unit.took is not None
    assert 55e9 < unit.took < 65e9


def test_for_every_seed_there_is_a_quiet_run_and_one_for_each_strength() -> None:
    """A fault that is either there or not has one strength."""
    made = jobs(Wanted(seeds=(1, 2), positions=(0, 1, 2), faults=(FaultName.SLOW_VENUE, FaultName.UNDECODABLE_MESSAGE)))

    assert [job.seed for job in made if job.fault is None] == [1, 2]
    assert len([job for job in made if job.fault is FaultName.SLOW_VENUE]) == 6
    assert len([job for job in made if job.fault is FaultName.UNDECODABLE_MESSAGE]) == 2


def test_the_command_measures_prints_and_keeps_what_was_asked_for(tmp_path: Path) -> None:
    """One fault, one seed, one strength; rules that had no fault say so."""
    kept = tmp_path / "quality.json"
    words = ["rules", "quality", "--seeds", "5", "--minutes", "1", "--rate", "8", "--intensity", "strong"]

    result = CliRunner().invoke(
        main, [*words, "--fault", "undecodable_message", "--format", "md", "--record", str(kept)]
    )

    assert result.exit_code == 0, result.output
    record = decode(kept.read_bytes())
    states = {quality.rule: quality.state for quality in record.rules}
    assert (states["undecodable"], states["rule_failure"]) == (MEASURED, NOT_EXERCISED)
    assert record.runs == 2
    assert "| `undecodable` | 20 of 20" in result.output


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--seeds", "one"], "is no list of seeds"),
        (["--fault", "fire"], "unknown fault 'fire'; expected one of slow_venue"),
    ],
)
def test_a_call_that_cannot_be_understood_is_refused_in_words(words: list[str], problem: str) -> None:
    """Before anything runs."""
    result = CliRunner().invoke(main, ["rules", "quality", *words])

    assert result.exit_code == 2
    assert problem in result.output


def test_a_rulebook_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    """With its problems, as everywhere."""
    path = tmp_path / "rulebook.yaml"
    path.write_text("rules: {no_such_rule: {}}\n", encoding="utf-8")

    result = CliRunner().invoke(main, ["rules", "quality", "--rulebook", str(path)])

    assert result.exit_code == 2
    assert "no_such_rule" in result.output


def test_every_fault_that_a_rule_is_owed_for_is_measured() -> None:
    """And those for which nothing is owed, so that nothing is found."""
    assert FaultName.DUPLICATES in measured()
    assert FaultName.SLOW_VENUE in measured()
