"""All runs together: shares with intervals, and words where there is nothing to divide by."""

from __future__ import annotations

import msgspec

from rules.facts import SECOND
from service.quality.record import Record, decode, encode
from service.quality.table import heading, markdown, rows, weak
from service.quality.tally import MEASURED, NEVER_FIRED, NOT_EXERCISED, Quality, Run, qualities, share
from service.quality.weak import WHY
from tests.factories_quality import a_run, a_unit


def the_quality(*runs: Run) -> Quality:
    """Return what these runs say of slow_fill."""
    (quality,) = qualities(["slow_fill"], runs)
    return quality


def a_record(*runs: Run) -> Record:
    """Return the record of these runs for two rules."""
    return Record(
        seeds=(1, 2),
        positions=(0, 2),
        seconds=180,
        rate=30,
        runs=len(runs),
        messages=12_345,
        findings=7,
        rulebook="abcdef0123456789",
        rules=tuple(qualities(["slow_fill", "rule_failure"], runs)),
    )


def test_recall_precision_and_time_to_detect_come_with_intervals() -> None:
    """Three of four were found; of four findings one was false."""
    units = [a_unit(0.1), a_unit(0.2), a_unit(5.0), a_unit(None)]

    quality = the_quality(a_run(*units, true={"slow_fill": 3}, false={"slow_fill": 1}, explained={"slow_fill": 2}))

    assert (quality.state, quality.unit) == (MEASURED, "strike")
    assert quality.recall == share(3, 4)
    assert quality.precision == share(3, 4)
    assert (quality.median, quality.slowest_tenth) == (SECOND // 5, 5 * SECOND)
    assert (quality.explained, quality.quiet) == (2, 0)


def test_an_interval_holds_the_share_and_nothing_of_nothing_has_none() -> None:
    """Wilson's, so it is not a point even at all of all."""
    whole = share(9, 9)

    assert whole is not None
    assert 600_000 < whole.low < 800_000
    assert whole.high == 1_000_000
    assert share(0, 0) is None


def test_a_rule_without_a_fault_is_not_exercised() -> None:
    """It is neither good nor bad."""
    quality = the_quality(a_run())

    assert (quality.state, quality.recall, quality.precision, quality.unit) == (NOT_EXERCISED, None, None, None)


def test_a_rule_that_was_owed_and_never_came_never_fired() -> None:
    """Recall is none of so many; of precision nothing can be said."""
    quality = the_quality(a_run(a_unit(None), a_unit(None)))

    assert (quality.state, quality.recall, quality.precision) == (NEVER_FIRED, share(0, 2), None)


def test_recall_is_told_by_strength_too() -> None:
    """A weak fault may be missed where a strong one is found."""
    quality = the_quality(a_run(a_unit(None, strength=0.5, strike=False), a_unit(1, strength=3.0, strike=False)))

    assert quality.unit == "episode"
    assert [(one.strength, one.recall.hits) for one in quality.strengths] == [(0.5, 0), (3.0, 1)]


def test_findings_of_a_quiet_run_are_counted_apart() -> None:
    """They are false, with an example."""
    quality = the_quality(a_run(fault=None, false={"slow_fill": 2}, examples={"slow_fill": "a sentence"}))

    assert (quality.quiet, quality.precision, quality.example) == (2, share(0, 2), "a sentence")


def test_a_record_comes_back_as_it_was_kept() -> None:
    """The README's figures are those of a file."""
    record = a_record(a_run(a_unit(), true={"slow_fill": 1}))

    assert decode(encode(record)) == record


def test_a_table_has_a_row_for_each_rule_and_words_for_the_weak() -> None:
    """Nobody reads zero per cent where nothing was tried."""
    record = a_record(a_run(a_unit(), a_unit(None, fault="market_moved", strength=None), true={"slow_fill": 1}))

    first, second = rows(record)

    assert first[1] == "1 of 2 (9–91 %) strikes"
    assert first[2] == "slow_venue 1.5: 1/1; market_moved: 0/1"
    assert first[3:] == ("1 of 1 (20–100 %)", "0.1 s, 0.1 s", "0")
    assert second == ("rule_failure", "not exercised", "", "no findings", "", "0")
    assert dict(weak(record)) == {"slow_fill": WHY["slow_fill"], "rule_failure": WHY["rule_failure"]}


def test_a_weak_rule_that_nobody_looked_into_says_so() -> None:
    """Nobody takes it for explained."""
    runs = [a_run(a_unit(None, rule="undecodable"))]
    record = msgspec.structs.replace(a_record(), rules=tuple(qualities(["undecodable"], runs)))

    assert dict(weak(record)) == {"undecodable": "the reason is not known yet"}


def test_a_rule_that_never_fired_says_so_in_its_row() -> None:
    """With how often it was owed."""
    (row, _) = rows(a_record(a_run(a_unit(None))))

    assert row[1] == "never fired: 0 of 1 (0–80 %) strikes"


def test_the_markdown_says_what_was_run() -> None:
    """Seeds, size and the state of the code; without weak rules there is no list of them."""
    record = a_record(a_run(a_unit(), true={"slow_fill": 1}))
    good = Record(
        **{name: getattr(record, name) for name in Record.__struct_fields__ if name not in ("rules", "commit")},
        commit="abc",
        rules=record.rules[:1],
    )

    assert "* `rule_failure`: no message" in markdown(record)
    assert "seeds 1, 2" in heading(record)
    assert markdown(good).endswith("| 0 |")
    assert "rulebook abcdef012345, code of abc." in markdown(good)


def test_a_rule_that_is_younger_than_the_record_is_named() -> None:
    """Nobody takes it for measured."""
    record = a_record(a_run(a_unit(), true={"slow_fill": 1}))

    text = markdown(record, ["slow_fill", "quite_new"])

    assert "| `quite_new` | not measured yet | | | | |" in text
    assert text.count("`slow_fill`") == 1
