"""Findings against labels: owed and found, owed and missed, found without being owed."""

from __future__ import annotations

from rules.facts import SECOND
from service.quality import due, expected, matching
from service.quality.expected import EachStrike, WholeEpisode
from service.quality.labels import Episode, Found
from service.quality.matching import Verdicts
from service.simulator.truth import REFUSED
from tests.factories_quality import T0, a_strike, an_episode, seen

SLOW = EachStrike(rule="slow_fill", fault="slow_venue", due=due.executed_above("at_most"))
MUMBLED = EachStrike(rule="undecodable", fault="slow_venue", due=due.always, by_time=True)
FALLEN = WholeEpisode(rule="fill_rate_drop", fault="slow_venue", due=due.always, window="window")
SILENT = WholeEpisode(rule="feed_silent", fault="slow_venue", due=due.always)
LIMITS = {name: {"at_most": SECOND, "window": 100 * SECOND} for name in ("slow_fill", "undecodable", "fill_rate_drop")}
LIMITS["feed_silent"] = {}


def judged(episodes: list[Episode], found: list[Found], *owed: expected.Expected, until: float = 1_000) -> Verdicts:
    """Hold these findings against these episodes."""
    return matching.judge(episodes, found, LIMITS, until=T0 + int(until * SECOND), expected=owed)


def test_a_finding_that_names_a_strike_is_true_and_the_other_strike_is_missed() -> None:
    """Time to detect runs from the strike to the recording."""
    strikes = [a_strike(1, "E1", "F1", amount=2 * SECOND, executed=True)]
    strikes += [a_strike(2, "E2", amount=2 * SECOND, executed=True)]

    verdicts = judged([an_episode(*strikes)], [seen("slow_fill", 1.5, "demo", "E1")], SLOW)

    assert [unit.took for unit in verdicts.units] == [SECOND // 2, None]
    assert (verdicts.true, verdicts.false) == ({"slow_fill": 1}, {})


def test_a_finding_on_a_strike_that_is_owed_nothing_is_false() -> None:
    """Below the firm's limit silence is right, and no miss."""
    strike = a_strike(1, "E1", amount=SECOND // 2, executed=True)

    verdicts = judged([an_episode(strike)], [seen("slow_fill", 1.5, "E1")], SLOW)

    assert verdicts.units == []
    assert verdicts.false == {"slow_fill": 1}
    assert verdicts.examples == {"slow_fill": "slow_fill on E1"}


def test_without_a_fault_every_finding_is_false() -> None:
    """A quiet run owes nothing."""
    assert judged([], [seen("slow_fill", 1, "E1"), seen("slow_fill", 2, "E2")], SLOW).false == {"slow_fill": 2}


def test_what_the_end_of_the_simulation_brings_about_counts_only_where_it_is_owed() -> None:
    """Orders that it leaves open are nobody's fault."""
    found = [seen("slow_fill", 20, "E1"), seen("slow_fill", 20, "E9")]
    strike = a_strike(1, "E1", amount=2 * SECOND, executed=True)

    verdicts = judged([an_episode(strike)], found, SLOW, until=10)

    assert (verdicts.true, verdicts.false) == ({"slow_fill": 1}, {})


def test_a_message_without_a_name_is_found_within_its_second() -> None:
    """The finding before it and the one long after it belong to something else."""
    found = [seen("undecodable", at) for at in (0.5, 1.2, 9.0)]

    verdicts = judged([an_episode(a_strike(1))], found, MUMBLED)

    assert [unit.took for unit in verdicts.units] == [SECOND // 5]
    assert (verdicts.true, verdicts.false) == ({"undecodable": 1}, {"undecodable": 2})


def test_a_window_may_speak_until_it_has_let_go_of_the_fault() -> None:
    """One finding is owed for the whole; those that repeat it are true as well, those before and after are not."""
    found = [seen("fill_rate_drop", at) for at in (-5.0, 30.0, 150.0, 161.0)]

    verdicts = judged([an_episode(a_strike(10), end=60)], found, FALLEN)

    assert [unit.took for unit in verdicts.units] == [20 * SECOND]
    assert (verdicts.true, verdicts.false) == ({"fill_rate_drop": 2}, {"fill_rate_drop": 2})


def test_an_episode_that_nobody_spoke_of_is_missed() -> None:
    """It is one unit, however long it was; without strikes time runs from its begin."""
    missed = judged([an_episode()], [], SILENT)
    late = judged([an_episode()], [seen("feed_silent", 69)], SILENT)

    assert [unit.took for unit in missed.units] == [None]
    assert [unit.took for unit in late.units] == [69 * SECOND]


def test_an_episode_below_the_threshold_owes_nothing() -> None:
    """Whoever speaks of it is wrong."""
    owed = WholeEpisode(rule="feed_silent", fault="slow_venue", due=lambda *_: False)

    verdicts = judged([an_episode()], [seen("feed_silent", 10)], owed)

    assert (verdicts.units, verdicts.false) == ([], {"feed_silent": 1})


def test_what_a_fault_brings_about_on_the_side_is_explained() -> None:
    """A venue that acknowledges late executes late too; before the fault it is false as ever."""
    episode = an_episode(fault="slow_ack", begin=10)

    verdicts = judged([episode], [seen("slow_fill", 5, "E1"), seen("slow_fill", 15, "E2")], SLOW)

    assert (verdicts.explained, verdicts.false) == ({"slow_fill": 1}, {"slow_fill": 1})


def test_what_nature_did_is_explained_by_name() -> None:
    """A venue refused an order without any fault: that it was left unfilled is true, of this order alone."""
    episode = an_episode(a_strike(1, "C1"), fault=REFUSED)

    verdicts = judged([episode], [seen("poor_fill", 2, "C1"), seen("poor_fill", 2, "C2")])

    assert (verdicts.explained, verdicts.false) == ({"poor_fill": 1}, {"poor_fill": 1})


def test_a_rule_that_is_switched_off_owes_nothing() -> None:
    """The firm's rulebook has the last word."""
    strike = a_strike(1, "E1", amount=2 * SECOND, executed=True)

    verdicts = matching.judge([an_episode(strike)], [], {}, until=T0, expected=[SLOW])

    assert verdicts.units == []


def test_a_finding_about_another_venue_does_not_count_where_the_venue_matters() -> None:
    """It is false, however bad that venue looked."""
    owed = WholeEpisode(rule="fill_rate_drop", fault="slow_venue", due=due.always, window="window", named=True)
    found = [seen("fill_rate_drop", 10, "XNYS"), seen("fill_rate_drop", 20, "EDGX")]

    verdicts = judged([an_episode()], found, owed)

    assert [unit.took for unit in verdicts.units] == [20 * SECOND]
    assert (verdicts.true, verdicts.false) == ({"fill_rate_drop": 1}, {"fill_rate_drop": 1})


def test_where_strikes_are_sums_time_runs_from_the_begin() -> None:
    """The sum was only known at the end."""
    owed = WholeEpisode(rule="feed_silent", fault="slow_venue", due=due.always, since_begin=True)

    verdicts = judged([an_episode(a_strike(59))], [seen("feed_silent", 20)], owed)

    assert [unit.took for unit in verdicts.units] == [20 * SECOND]
