"""Values beside their limits."""

from __future__ import annotations

from typing import Any

import pytest

from rules.cards import catalogue
from rules.finding import Finding
from service.web.exception.measured import PAIRS, Row, compared, measured
from tests.factories_cases import a_finding
from tests.factories_rules import an_engine, facts_of


def the_findings(rule: str) -> list[Finding]:
    """Return what the rule finds in the examples of its own card."""
    found = []
    for example in catalogue()[rule].card.examples:
        engine = an_engine()
        found += [one for fact in facts_of(example.facts) for one in engine.assess(fact) if one.rule == rule]
    return found


@pytest.mark.parametrize("rule", PAIRS)
def test_what_is_compared_is_what_the_rule_tells(rule: str) -> None:
    """The names of the table are those of real findings, and each comparison is said in words."""
    for finding in the_findings(rule):
        shown = measured(finding)
        names = [pair for pair in compared(rule, finding.values) if finding.values.get(pair[0]) is not None]

        assert len(shown.rows) == len(names) > 0, finding
        assert all(row.apart.endswith((" more", " less")) for row in shown.rows)
        for value, limit in compared(rule, finding.values):
            assert value in finding.values
            assert limit in {**finding.thresholds, **finding.values}


@pytest.mark.parametrize(
    ("named", "row"),
    [
        (
            {
                "rule": "slow_fill",
                "values": {"time_to_fill_ns": 3_204_000_000},
                "thresholds": {"at_most_ns": 1_000_000_000},
            },
            Row("time to fill", "3.204 s", "at most 1 s", "2.204 s more"),
        ),
        (
            {
                "rule": "poor_fill",
                "values": {"filled_ratio_ppm": 360_000, "population": "ioc"},
                "thresholds": {"ioc_at_least_ratio_ppm": 900_000},
            },
            Row("filled ratio", "36 %", "at least 90 %", "54 points less"),
        ),
        (
            {
                "rule": "late_drop_copy",
                "values": {"longest_ns": 2_000_000_000, "delay": "publish delay"},
                "thresholds": {"publish_at_most_ns": 1_000_000_000},
            },
            Row("longest", "2 s", "at most 1 s", "1 s more"),
        ),
        (
            {
                "rule": "routing_drift",
                "values": {"share_ratio_ppm": 300_000, "policy_ratio_ppm": 200_000},
                "thresholds": {},
            },
            Row("share ratio", "30 %", "about 20 %", "10 points more"),
        ),
    ],
)
def test_a_value_stands_beside_its_limit_and_by_how_much(named: dict[str, Any], row: Row) -> None:
    """In the units that people use; what is not compared is told apart."""
    shown = measured(a_finding(**named))

    assert shown.rows == (row,)
    assert not {name for name, _ in (*shown.found, *shown.in_force)} & {row.name}


def test_a_rule_about_our_own_sight_compares_nothing() -> None:
    """What it found and its limits are told one by one."""
    shown = measured(a_finding(rule="sequence_gap", values={"missing_count": 3}, thresholds={"overdue_after_ns": 5}))

    assert shown.rows == ()
    assert (shown.found, shown.in_force) == ((("missing", "3"),), (("overdue after", "5 ns"),))


def test_a_value_that_is_not_known_is_not_compared() -> None:
    """It is told as what it is."""
    shown = measured(a_finding(values={"time_to_fill_ns": None}, thresholds={"at_most_ns": 5}))

    assert shown.rows == ()
    assert shown.found == (("time to fill", "–"),)
