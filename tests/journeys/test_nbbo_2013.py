"""A real day: every trade of IBM on 7 October 2013 as an order and a fill, down the whole road by `replay`."""

from __future__ import annotations

from collections import Counter

import pytest

from rules.finding import Finding
from service.replay import Summary
from service.replay_file import replay_file
from tests import nbbo_2013

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not nbbo_2013.is_present(), reason=nbbo_2013.ABSENT),
]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Summary, list[Finding]]:
    """Replay the day into memory, once for all tests of this file."""
    folder = tmp_path_factory.mktemp("nbbo_2013")
    fixlog, quotes = folder / "ibm.log", folder / "quotes.csv"
    assert nbbo_2013.write_quotes(quotes) == 109_067
    assert nbbo_2013.write_fix_log(fixlog) == 24_106
    findings: list[Finding] = []

    summary = replay_file(fixlog, quotes=quotes, folder=folder, on_finding=findings.append)

    return summary, findings


def test_every_message_is_accounted_for(replayed: tuple[Summary, list[Finding]]) -> None:
    """Nothing vanishes: 24,106 acknowledgements and as many executions, nothing else."""
    summary, _ = replayed

    assert summary.executions == 24_106
    assert summary.outcomes == {"order_event": 24_106, "execution": 24_106}


def test_crossed_markets_are_not_evaluated_and_counted(replayed: tuple[Summary, list[Finding]]) -> None:
    """37 executions lie in crossed markets; every other one is judged."""
    summary, _ = replayed

    assert summary.not_evaluated == {"execution crossed": 37}
    assert summary.evaluated == 24_106 - 37


def test_totals_follow_from_the_executions(replayed: tuple[Summary, list[Finding]]) -> None:
    """No false alarm about the continuity of cumulative quantity."""
    _, findings = replayed

    assert not [finding for finding in findings if finding.rule == "cumulative_break"]


def test_executions_outside_the_nbbo(replayed: tuple[Summary, list[Finding]]) -> None:
    """716 of them: 659 in a normal market, 57 in a locked one, none in a crossed one."""
    _, findings = replayed

    outside = [finding for finding in findings if finding.rule == "outside_nbbo"]

    states = Counter(finding.quotes["execution"]["state"] for finding in outside)
    assert len(outside) == 716
    assert states == {"normal": 659, "locked": 57}


def test_every_execution_has_its_five_marks(replayed: tuple[Summary, list[Finding]]) -> None:
    """Five for each of the 24,106; 37 executions lay in crossed markets, and so did the market after 7 others."""
    summary, _ = replayed

    assert summary.marks == 5 * 24_106
    assert summary.marks_not_evaluated == {"execution crossed": 5 * 37, "mark crossed": 7}
