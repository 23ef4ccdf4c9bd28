"""Where the work on an exception stands, in words."""

from __future__ import annotations

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.actor import THE_CASEWORKER
from service.cases.case import Acted
from service.cases.clocks import as_of
from service.cases.given import Given
from service.cases.rules import HOUR, MINUTE, Rules
from service.cases.states import Action
from service.web.exception.standing import Standing, standing
from tests.factories_cases import NO_CLOCKS, NOON, PAT, SAM, a_finding, an_opening
from tests.factories_work import LATER, done, tried

RULES = Rules()


def grave() -> Acted:
    """Return the opening of an exception of high severity at noon."""
    return an_opening(a_finding(severity=Severity.HIGH))


def stands(*acted: Acted, after: int = 0, rules: Rules = RULES) -> Standing:
    """Return how an exception stands after these steps, so long after noon."""
    now = Nanos(NOON + after)
    case = as_of(acted[-1].case, rules, now)
    return standing(case, [one.event for one in acted], rules, now)


def then(before: Acted, action: Action, after: int, given: Given | None = None, **named: object) -> Acted:
    """Return the next step, so long after noon."""
    actor = named.get("actor", PAT)
    return done(before.case, action, actor, NOON + after, given=given, rules=RULES)  # type: ignore[arg-type]


def test_a_new_one_says_how_old_it_is_and_when_it_escalates() -> None:
    """Before it happens."""
    shown = stands(grave(), after=11 * MINUTE)

    assert (shown.state, shown.more, shown.holder, shown.lasts, shown.age) == ("New", "", "", "11 min", "11 min")
    first, second = shown.clocks
    assert (first.name, first.words, first.by.time, first.then) == (
        "Acknowledge within 15 min",
        "4 min left",
        "05:08:20",
        "then it is escalated to compliance",
    )
    assert (first.tone, second.tone) == ("", "")
    assert (second.name, second.words, second.then) == ("Close within 8 h", "7 h 49 min left", "")
    assert shown.took == (("First action", "none yet"), ("New", "11 min so far"))


def test_a_clock_of_which_little_is_left_and_one_that_is_over_are_told_apart() -> None:
    """What ran out unwritten counts."""
    soon, over = stands(grave(), after=12 * MINUTE), stands(grave(), after=40 * MINUTE)

    assert soon.clocks[0].tone == "soon"
    assert (over.state, over.more, over.lasts) == ("Escalated", "to compliance", "25 min")
    assert over.took == (("First action", "none yet"), ("New", "15 min"), ("Escalated", "25 min so far"))
    assert (over.clocks[0].words, over.clocks[0].tone, over.clocks[0].then) == ("over for 10 min", "over", "")


def test_an_acknowledgement_holds_for_a_while() -> None:
    """It says with whom it is, and when it is new again."""
    opened = grave()
    taken = then(opened, Action.ACKNOWLEDGE, 4 * MINUTE)
    more = then(taken, Action.NOTE, 6 * MINUTE)

    shown = stands(opened, taken, more, after=10 * MINUTE)

    assert (shown.state, shown.holder, shown.lasts) == ("Acknowledged", "pat", "6 min")
    assert ("Acknowledgement holds for 8 h", "then it is new again") in [(one.name, one.then) for one in shown.clocks]
    assert shown.took == (("First action", "after 4 min"), ("New", "4 min"), ("Acknowledged", "6 min so far"))


def test_the_vendors_clock_is_told_apart_from_ours() -> None:
    """While it runs, and after the answer."""
    opened = grave()
    taken = then(opened, Action.ACKNOWLEDGE, MINUTE)
    asked = then(taken, Action.WAIT_ON_VENDOR, 2 * MINUTE)
    answered = then(asked, Action.VENDOR_ANSWERED, 32 * MINUTE)

    waits = stands(opened, taken, asked, after=12 * MINUTE)
    after = stands(opened, taken, asked, answered, after=40 * MINUTE)

    assert (waits.state, waits.more, waits.vendor) == ("Waiting on vendor", "ticket T-1", "10 min so far")
    assert after.vendor == "30 min in all, answered"
    assert stands(opened).vendor == ""


def test_a_shelved_one_says_until_when_and_what_it_is_then() -> None:
    """The state before."""
    opened = grave()
    shelved = then(opened, Action.SHELVE, 0)
    new_again = stands(opened, shelved, after=3 * HOUR, rules=NO_CLOCKS)

    shown = stands(opened, shelved, after=HOUR)

    assert (shown.state, shown.more) == ("Shelved", "until Oct 9 06:53:20")
    (clock,) = shown.clocks
    assert (clock.name, clock.words, clock.then, clock.by.time) == (
        "Shelved",
        "1 h left",
        "then it is new again",
        "06:53:20",
    )
    assert LATER == NOON + 2 * HOUR
    assert (new_again.state, new_again.lasts) == ("New", "1 h")


def test_a_proposal_says_by_whom_with_which_reason_and_in_which_words() -> None:
    """And after it is approved, by whom that was."""
    opened = grave()
    taken = then(opened, Action.ACKNOWLEDGE, MINUTE)
    proposed = then(taken, Action.PROPOSE_CLOSE, 2 * MINUTE)
    approved = then(proposed, Action.APPROVE_CLOSE, 5 * MINUTE, actor=SAM)

    asked = stands(opened, taken, proposed, after=3 * MINUTE).closing
    closed = stands(opened, taken, proposed, approved, after=HOUR)

    assert asked is not None
    assert (asked.by, asked.reason, asked.counts, asked.words, asked.approved_by) == (
        "pat",
        "The router did wrong; taken up with the vendor",
        "counts as true",
        "taken up with the vendor",
        "",
    )
    assert closed.closing is not None
    assert (closed.closing.approved_by, closed.age, closed.clocks) == ("sam", "5 min", ())
    assert ("Closed", "after 5 min") in closed.took
    assert closed.took[-1] == ("In review", "3 min")


def test_a_refused_proposal_is_none_any_more_and_an_unknown_reason_is_its_code() -> None:
    """The state says it."""
    opened = grave()
    taken = then(opened, Action.ACKNOWLEDGE, MINUTE)
    proposed = then(taken, Action.PROPOSE_CLOSE, 2 * MINUTE)
    refused = then(proposed, Action.REFUSE_CLOSE, 3 * MINUTE, actor=SAM)

    assert stands(opened, taken, proposed, refused, after=HOUR).closing is None
    old = stands(opened, taken, proposed, rules=Rules(reasons=())).closing
    assert old is not None
    assert old.reason == "router_fault"


def test_a_condition_that_is_over_is_said_and_escalation_by_a_person_names_the_role() -> None:
    """It stays for people to close."""
    opened = grave()
    over = tried(opened.case, Action.RESOLVE, THE_CASEWORKER, NOON + MINUTE, rules=RULES)
    assert isinstance(over, Acted)
    escalated = then(over, Action.ESCALATE, 2 * MINUTE, Given(role="head of desk"))

    shown = stands(opened, over, escalated, after=3 * MINUTE)

    assert shown.resolved is not None
    assert shown.resolved.time == "04:54:20"
    assert shown.more == "to head of desk"
