"""A storm is told at its begin and at its end, with what it left unsaid."""

from __future__ import annotations

import msgspec

from alerts.plan import SECOND, Storm
from alerts.storm import Pace, StormReport
from rules.finding import Severity

STORM = Storm(2, 60 * SECOND, Severity.HIGH)


def read(body: bytes) -> StormReport:
    """Return what a letter says."""
    return msgspec.json.decode(body, type=StormReport)


def test_what_was_said_is_forgotten_when_it_is_older_than_the_span() -> None:
    """The pace is that of the last minute."""
    pace = Pace("demo", "desk", STORM)
    for second in (0, 30, 59):
        pace.note(second * SECOND)

    assert [pace.recent(second * SECOND) for second in (59, 60, 90, 119)] == [3, 2, 1, 0]


def test_a_channel_without_a_storm_counts_nothing() -> None:
    """And has no news."""
    pace = Pace("demo", "desk", None)
    pace.note(0)

    assert pace.recent(0) == 0
    assert pace.news(0) is None


def test_its_begin_is_told_once_and_its_end_says_how_many_of_which_rule() -> None:
    """Nothing is left out in silence."""
    pace = Pace("demo", "desk", STORM)
    assert pace.news(0) is None
    for second in range(2):
        pace.note(second * SECOND)
    for rule in ("slow_fill", "poor_fill", "slow_fill"):
        pace.note(2 * SECOND, rule)

    begun, silent = pace.news(3 * SECOND), pace.news(4 * SECOND)
    over = pace.news(70 * SECOND)

    assert silent is None
    assert begun is not None
    assert over is not None
    assert (begun.topic, begun.key, begun.reason) == ("storm", f"storm/desk/{2 * SECOND}/began", "storm began")
    assert (over.key, over.reason) == (f"storm/desk/{2 * SECOND}/ended", "storm ended")
    assert (read(begun.body).withheld, read(begun.body).ended_at) == ({}, None)
    assert (read(over.body).withheld, read(over.body).ended_at) == ({"poor_fill": 1, "slow_fill": 2}, 70 * SECOND)
    assert pace.news(71 * SECOND) is None


def test_what_is_being_sent_keeps_a_storm_up() -> None:
    """One that is found in the midst of a round is not over before the round is."""
    pace = Pace("demo", "desk", STORM)
    pace.note(0, "slow_fill")

    begun = pace.news(0, going=2)

    assert begun is not None
    assert begun.reason == "storm began"
