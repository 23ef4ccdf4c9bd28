"""A storm is told at its begin and at its end, with what it left unsaid."""

from __future__ import annotations

from typing import Any

import msgspec

from alerts.plan import SECOND, Storm
from alerts.ports import Letter, Paced
from alerts.storm import Pace, StormReport, began_at
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


def told(pace: Pace, second: int, **named: Any) -> Letter | None:
    """Return what is news at that second, and take it that it is told."""
    if (news := pace.news(second * SECOND, **named)) is None:
        return None
    pace.told(news)
    return news.letter


def test_its_begin_is_told_once_and_its_end_says_how_many_of_which_rule() -> None:
    """Nothing is left out in silence."""
    pace = Pace("demo", "desk", STORM)
    assert told(pace, 0) is None
    for second in range(2):
        pace.note(second * SECOND)
    begun = told(pace, 2, unsaid=True)
    for rule in ("slow_fill", "poor_fill", "slow_fill"):
        pace.note(2 * SECOND, rule)

    silent, over = told(pace, 4, unsaid=True), told(pace, 70)

    assert silent is None
    assert begun is not None
    assert over is not None
    assert (begun.topic, begun.key, begun.reason) == ("storm", f"storm/desk/{2 * SECOND}/began", "storm began")
    assert (over.key, over.reason) == (f"storm/desk/{2 * SECOND}/ended", "storm ended")
    assert (read(begun.body).withheld, read(begun.body).ended_at) == ({}, None)
    assert (read(over.body).withheld, read(over.body).ended_at) == ({"poor_fill": 1, "slow_fill": 2}, 70 * SECOND)
    assert began_at(begun.body) == began_at(over.body) == 2 * SECOND
    assert told(pace, 71) is None


def test_what_is_being_sent_keeps_a_storm_up() -> None:
    """One that is found in the midst of a round is not over before the round is."""
    pace = Pace("demo", "desk", STORM)
    begun = told(pace, 0, unsaid=True)

    silent, over = told(pace, 1, going=2), told(pace, 1, going=1)

    assert begun is not None
    assert silent is None
    assert over is not None


def test_it_is_news_until_it_is_told() -> None:
    """A store that fails at that moment does not make it unsaid."""
    pace = Pace("demo", "desk", STORM)

    first, second = pace.news(0, unsaid=True), pace.news(0, unsaid=True)

    assert first is not None
    assert first == second


def test_what_a_clock_said_before_it_was_set_back_is_no_storm() -> None:
    """Else a channel would be silent until the old time has come again."""
    pace = Pace("demo", "desk", STORM)
    for second in (7_200, 7_201):
        pace.note(second * SECOND)

    assert pace.recent(3_600 * SECOND) == 0


def test_a_storm_of_which_the_plan_knows_no_more_is_told_to_be_over() -> None:
    """Whoever heard of its begin hears of its end."""
    before = Pace("demo", "desk", STORM)
    begun = told(before, 0, unsaid=True)
    assert begun is not None
    after = Pace("demo", "desk", None)
    after.restore(Paced((0, 0), begun.body, {"slow_fill": 7}))

    over = told(after, 1)

    assert over is not None
    assert (over.reason, read(over.body).withheld) == ("storm ended", {"slow_fill": 7})
