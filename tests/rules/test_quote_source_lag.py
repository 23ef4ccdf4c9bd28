"""A source lags when executions have been ahead of its quotes by enough, often enough and for long enough."""

from __future__ import annotations

from typing import Any

import pytest

from rules.catalogue import quote_source_lag
from rules.facts import SECOND
from rules.finding import Finding
from rules.rule import NotEvaluated
from tests.factories import NOON, a_fill, length
from tests.factories_rules import an_engine, found


def lags(count: int, apart: str = "1 s", **named: Any) -> list[Finding]:
    """Return what the rule finds on so many executions, this far apart and behind their quotes by half a second."""
    step = length(apart)
    fills = [
        a_fill(execution_id=f"E{n}", executed_at=NOON + n * step, **({"quotes_behind": "500 ms"} | named))
        for n in range(count)
    ]
    return [finding for finding in found(an_engine(), fills) if finding.rule == "quote_source_lag"]


@pytest.mark.parametrize(
    ("count", "apart", "behind", "reported"),
    [
        (6, "1 s", "101 ms", 1),
        (6, "1 s", "100 ms", 0),
        (5, "1 s", "1 s", 0),
        (50, "1 ms", "1 s", 0),
        (5, "2 s", "1 s", 1),
    ],
)
def test_it_must_last(count: int, apart: str, behind: str, reported: int) -> None:
    """A burst of executions within a moment is one hiccup; five seconds of them are a lag."""
    assert len(lags(count, apart, quotes_behind=behind)) == reported


def test_the_finding_names_the_source_and_how_far_it_was_behind() -> None:
    """By the journal's clock, in the middle and at the most."""
    (finding,) = lags(6, quote_source="mqtt")

    assert finding.sentence == (
        "The quotes of mqtt were behind 6 execution(s) when these had to be judged: by 500 ms in the middle and 500 ms "
        "at the most, for 5 s; 100 ms is allowed."
    )
    assert (finding.cause, finding.values["lasted_ns"]) == ("quote source mqtt", 5 * SECOND)


@pytest.mark.parametrize(
    ("named", "reason"),
    [({"quotes_behind": None}, "no live source"), ({"quotes_behind": "1 s", "clock_suspect": "60"}, "clock suspect")],
)
def test_what_says_nothing_of_a_source_is_counted_apart(named: dict[str, Any], reason: str) -> None:
    """A dead source is quotes_down's; a vendor's stamp that nobody believes proves no lag."""
    assert quote_source_lag.observe(a_fill(**named), {"at_most": 0}) == NotEvaluated(reason)
