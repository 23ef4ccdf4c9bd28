"""The backtest of a proposal in words."""

from __future__ import annotations

import msgspec
import pytest

from rules.cards import catalogue
from rules.facts import SECOND, Nanos
from service.backtest.compare import RuleDay
from service.backtest.kept import Kept, State, newest_done
from service.backtest.outcome import Outcome, digest, encode
from service.web.proposals.trial_view import lost_findings, progress, trial_page
from tests.factories import NOON

DAYS = ("2026-11-19", "2026-11-20")


def a_line(rule: str = "slow_fill", day: str = DAYS[1], **changes: object) -> RuleDay:
    """Return a rule's line of a day on which nothing changed."""
    line = RuleDay(
        day=day,
        rule=rule,
        then=2,
        now=2,
        new=0,
        lost=0,
        lost_true=0,
        new_ids=(),
        lost_ids=(),
        then_by_severity={"high": 2},
        now_by_severity={"high": 2},
    )
    return msgspec.structs.replace(line, **changes)


def done(*lines: RuleDay, days: tuple[str, ...] = DAYS) -> Kept:
    """Return a backtest that came to these lines."""
    body = encode(Outcome(tried="7", against="in force", days=days, facts=1_200, lines=lines, remarks=("equal",)))
    return Kept(
        seq=2,
        proposal=7,
        asked_by="pat",
        days=days,
        state=State.DONE,
        begun_at=NOON,
        beat_at=NOON,
        done=len(days),
        ended_at=Nanos(NOON + 2 * SECOND),
        digest=digest(body),
        body=body,
    )


def test_gained_and_lost_are_told_with_examples_and_their_exceptions() -> None:
    """Of the lost it is said how many people had closed as true."""
    lost = a_line(now=1, new=1, lost=2, lost_true=1, new_ids=("n",), lost_ids=("l", "m"))
    one = done(msgspec.structs.replace(lost, new_sentences=("new",), lost_sentences=("lost", "lost too")))

    page = trial_page(one, catalogue(), {"l": 12})

    assert (page.gained, page.lost, page.lost_true, page.facts) == ("1", "2", "1", "1,200")
    assert (page.days, page.took, page.digest) == ("2026-11-19 and 2026-11-20", "2.0 s", one.digest)
    (rule,) = page.differing
    assert rule.title == "Slow execution of a marketable order"
    assert [(found.sentence, found.case_id) for found in rule.gone] == [("lost", 12), ("lost too", None)]
    assert [found.sentence for found in rule.new] == ["new"]
    assert lost_findings(one) == ["l", "m"]


def test_a_rule_that_only_changes_its_severity_differs() -> None:
    """Nothing is gained or lost; what stays the same is apart."""
    graver = a_line(now_by_severity={"critical": 2})

    page = trial_page(done(graver, a_line("gone_rule")), catalogue(), {})

    assert [one.rule for one in page.differing] == ["slow_fill"]
    assert page.differing[0].severities == (("critical", "0", "2"), ("high", "2", "0"))
    assert [one.title for one in page.same] == ["gone_rule"]


def test_that_nobody_has_closed_any_of_the_lost_is_said() -> None:
    """It is not the same as none was true."""
    page = trial_page(done(a_line(lost=1, now=1, lost_true=None, lost_ids=("l",), lost_sentences=("x",))), {}, {})

    assert page.lost_true == "nobody has closed any"


def test_many_days_are_told_by_the_first_and_the_last() -> None:
    """With how many there are."""
    days = ("2026-11-18", *DAYS)

    assert trial_page(done(days=days), {}, {}).days == "3 days, 2026-11-18 to 2026-11-20"


@pytest.mark.parametrize(
    ("state", "told", "words"),
    [
        (State.RUNNING, {}, "running"),
        (State.CANCELLED, {"ended_by": "sam"}, "cancelled by sam"),
        (State.FAILED, {"why": "line 1"}, "failed: line 1"),
        (State.BROKEN_OFF, {}, "broken off: the page that ran it ended"),
    ],
)
def test_how_far_it_is_or_why_it_came_to_nothing(state: State, told: dict[str, str], words: str) -> None:
    """In words, with the days."""
    one = msgspec.structs.replace(done(), state=state, body=None, digest=None, **told)

    shown = progress(one)

    assert (shown.words, shown.running, shown.done, shown.total) == (words, state is State.RUNNING, 2, 2)
    assert newest_done([one]) is None
    assert newest_done([one, done()]) == done()
    assert lost_findings(one) == []
