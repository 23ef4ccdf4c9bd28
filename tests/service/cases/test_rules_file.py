"""queue.yaml: what it says, what it leaves out, and every problem with its line."""

from __future__ import annotations

from importlib.resources import files

import pytest

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.hours import ALWAYS_ON
from service.cases.rules import DEFAULTS, HOUR, LIMITS, MINUTE, CountsAs, Reason
from service.cases.rules_file import QueueFileError, parse_queue_file
from service.market.calendar import ALWAYS, Session, TradingCalendar

WHOLE = """
reasons:
  - {code: fixed, words: It was mended, counts_as: true}
  - {code: noise, words: Nothing of it, counts_as: false}
severities:
  critical: {acknowledge_within: 2 min, close_within: never, acknowledgement_expires: 30 min, escalate_to: head}
four_eyes: [critical]
forbid_own_desk: true
desks:
  equities: [ACC-1, ACC-2]
  options: [ACC-3]
longest_shelving: 48 h
hours: {before_open: 1 h, after_close: 30 min}
"""


def problems(text: str) -> list[str]:
    """Return what is wrong with a file."""
    with pytest.raises(QueueFileError) as caught:
        parse_queue_file(text)
    return caught.value.problems


def test_an_empty_file_lays_down_the_usual() -> None:
    """Reasons, clocks and four eyes are there without a word of the firm."""
    assert parse_queue_file("").rules == DEFAULTS


def test_what_is_written_counts_and_the_rest_is_as_usual() -> None:
    """Each value by itself."""
    laid = parse_queue_file(WHOLE)
    rules = laid.rules

    assert rules.reasons == (
        Reason("fixed", "It was mended", CountsAs.TRUE),
        Reason("noise", "Nothing of it", CountsAs.FALSE),
    )
    critical = rules.limits[Severity.CRITICAL]
    assert (critical.acknowledge_within, critical.close_within) == (2 * MINUTE, None)
    assert (critical.acknowledgement_expires, critical.escalate_to) == (30 * MINUTE, "head")
    assert rules.limits[Severity.LOW] == LIMITS[Severity.LOW]
    assert rules.four_eyes == (Severity.CRITICAL,)
    assert rules.desks_of(["ACC-2", "ACC-3", "ACC-9"]) == {"equities", "options"}
    assert (rules.forbid_own_desk, rules.longest_shelving) == (True, 48 * HOUR)


def test_the_hours_come_from_the_calendar_with_the_firms_margins() -> None:
    """Or are always, where the firm or the calendar says so."""
    days = TradingCalendar(kind="sessions", sessions=(Session("2026-11-20", Nanos(10 * HOUR), Nanos(16 * HOUR)),))

    on_days = parse_queue_file(WHOLE).on(days).hours

    assert (on_days.begins, on_days.ends) == ((9 * HOUR,), (16 * HOUR + 30 * MINUTE,))
    assert parse_queue_file("hours: {around_the_clock: true}").on(days).hours == ALWAYS_ON
    assert parse_queue_file("").on(ALWAYS).hours == ALWAYS_ON


def test_nobody_may_be_asked_for_four_eyes() -> None:
    """A firm of one supervisor says so."""
    assert parse_queue_file("four_eyes: []").rules.four_eyes == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- a", "line 1: queue.yaml is not a mapping; expected keys among reasons, severities, four_eyes, "),
        ("reason: []", 'line 1: queue.yaml knows no "reason"; did you mean reasons?'),
        ("reasons:\n  - {code: a, words: b}", "line 2: counts_as is missing; expected one of true, false, not_decided"),
        (
            "reasons:\n  - {words: b, counts_as: true}",
            "line 2: code is missing; every reason has code, words",
        ),
        ("reasons:\n  - {code: a, words: b, counts_as: maybe}", 'line 2: counts_as cannot be "maybe"; expected one of'),
        (
            "reasons:\n  - {code: a, words: b, counts_as: true}\n  - {code: a, words: c, counts_as: true}",
            "line 3: the reason a is there twice",
        ),
        ("severities:\n  grave: {}", 'line 2: severities knows no "grave"; expected low, medium, high, critical'),
        (
            "severities:\n  low: {close_within: soon}",
            'line 2: low.close_within: "soon" is not usable; expected',
        ),
        ("severities:\n  low: {close_within: 0 s}", 'line 2: low.close_within: "0 s" is too small; the least is 1 s'),
        ("severities:\n  low: {close_within: [1 h]}", "line 2: low.close_within is one value, not a list or a mapping"),
        ("four_eyes: [grave]", 'line 1: four_eyes cannot be "grave"; expected one of low, medium, high, critical'),
        ("forbid_own_desk: perhaps", 'line 1: forbid_own_desk: "perhaps" is not usable; expected true or false'),
        ("forbid_own_desk: true", "line 1: forbid_own_desk needs desks: which accounts belong to which desk"),
        ("desks: [a]", "line 1: desks is not a mapping; expected keys among desk: [accounts]"),
        ("desks:\n  a: [X]\n  b: [X]", "line 3: the account X is the desk a's already"),
        ("desks:\n  a: X", "line 2: the accounts of the desk a is a list"),
        ("longest_shelving: 3 fortnights", 'line 1: longest_shelving: "3 fortnights" is not usable; expected a length'),
        ("hours: {before_open: 13 h}", 'line 1: hours.before_open: "13 h" is too large; the most is 12 h'),
    ],
)
def test_every_problem_is_said_with_its_line(text: str, problem: str) -> None:
    """What it is, and what was expected."""
    (said,) = problems(text)

    assert said.startswith(problem)


def test_all_problems_are_said_at_once() -> None:
    """In the order of their lines."""
    said = problems("four_eyes: [x]\nhours: {noon: 1 h}\nlongest_shelving: x")

    assert [line.split(":")[0] for line in said] == ["line 1", "line 2", "line 3"]


def test_the_file_that_is_shipped_says_what_holds_without_one() -> None:
    """Whoever copies it changes nothing."""
    text = (files("fix_configs") / "queue.yaml").read_text(encoding="utf-8")

    assert parse_queue_file(text) == parse_queue_file("")
