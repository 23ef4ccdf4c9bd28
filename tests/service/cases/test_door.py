"""The one door: what people may do, what they are refused and in which words, and who was first."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import Nanos
from service.cases.actor import THE_CASEWORKER, THE_TIMER, Actor, Way
from service.cases.door import allowed
from service.cases.given import MOST_WORDS, NOTHING, Given
from service.cases.rules import HOUR, Rules
from service.cases.states import GATHERING, TIMED, Action, State
from service.people import same_person
from tests.factories_cases import MINUTE, NO_CLOCKS, NOON, PAT, SAM, a_case
from tests.factories_work import DONE, LATER, done, grave, in_state, refused, with_desks

DESK = Actor(name="dee", roles=("desk",))
CHIEF = Actor(name="kim", roles=("supervisor", "compliance"))
ROLES = msgspec.structs.replace(
    NO_CLOCKS,
    permissions={"desk": frozenset({Action.NOTE}), "supervisor": frozenset(Action), "compliance": frozenset(Action)},
)


def test_the_whole_way_of_a_mild_case() -> None:
    """Acknowledged, taken up with the vendor, answered, closed with a reason that says what the rule was worth."""
    case = done(a_case(), Action.ACKNOWLEDGE).case
    case = done(case, Action.WAIT_ON_VENDOR).case
    case = done(case, Action.VENDOR_ANSWERED).case

    closed = done(case, Action.CLOSE, at=NOON + MINUTE)

    case = closed.case
    assert (case.state, case.ticket, case.assignee) == (State.CLOSED, "T-1", "pat")
    assert (case.reason, case.counts_as, case.closed_at) == ("router_fault", "true", NOON + MINUTE)
    body = msgspec.json.decode(closed.event.body)
    assert (body["reason"], body["counts_as"], body["note"]) == ("router_fault", "true", DONE.words)


def test_a_grave_case_needs_four_eyes() -> None:
    """Whoever closes it alone is told who may do what."""
    case = grave(Action.ACKNOWLEDGE)

    words = refused(case, Action.CLOSE)

    assert words == (
        "exception 7 is high: its closing needs four eyes; pat may propose to close it, and somebody else approves"
    )


@pytest.mark.parametrize("name", ["pat", "PAT", " Pat ", "p a t", "ｐａｔ"])
def test_whoever_proposed_does_not_approve_however_the_name_is_written(name: str) -> None:
    """Case, space and the width of letters make no second person."""
    case = grave(Action.ACKNOWLEDGE, Action.PROPOSE_CLOSE)

    words = refused(case, Action.APPROVE_CLOSE, Actor(name=name))

    assert "pat proposed to close it" in words
    assert "somebody else approves" in words


def test_somebody_else_approves_and_the_case_is_closed_as_it_was_proposed() -> None:
    """The reason is the proposer's."""
    case = grave(Action.ACKNOWLEDGE, Action.PROPOSE_CLOSE)

    closed = done(case, Action.APPROVE_CLOSE, SAM, NOON + MINUTE)

    assert (closed.case.state, closed.case.proposed_by, closed.case.reason) == (State.CLOSED, "pat", "router_fault")
    assert closed.case.closed_at == NOON + MINUTE
    assert msgspec.json.decode(closed.event.body)["counts_as"] == "true"


def test_a_refused_closing_leaves_nothing_of_the_proposal() -> None:
    """It is acknowledged again, and somebody else may propose."""
    case = done(grave(Action.ACKNOWLEDGE, Action.PROPOSE_CLOSE), Action.REFUSE_CLOSE, SAM).case

    assert (case.state, case.proposed_by, case.reason, case.counts_as) == (State.ACKNOWLEDGED, None, None, None)


def test_a_firm_may_forbid_work_on_the_own_desk() -> None:
    """By the accounts that the findings touched."""
    case = with_desks(a_case(), "equities", "options")
    rules = msgspec.structs.replace(NO_CLOCKS, forbid_own_desk=True)
    own, other = Actor(name="pat", desks=("Options ",)), Actor(name="pat", desks=("bonds",))

    words = refused(case, Action.ACKNOWLEDGE, own, rules=rules)

    assert words == ("exception 7 is of the desk options, which is pat's own: somebody of another desk works on it")
    assert done(case, Action.ACKNOWLEDGE, other, rules=rules).case.state is State.ACKNOWLEDGED
    assert done(case, Action.ACKNOWLEDGE, own).case.state is State.ACKNOWLEDGED


def test_roles_that_do_not_allow_it_are_named_with_those_that_do() -> None:
    """The door takes the table as data."""
    words = refused(a_case(), Action.ACKNOWLEDGE, DESK, rules=ROLES)

    assert words == "exception 7: dee (desk) may not acknowledge it; compliance or supervisor may"
    assert done(a_case(), Action.NOTE, DESK, rules=ROLES).case.state is State.NEW
    nobody = msgspec.structs.replace(ROLES, permissions={})
    assert refused(a_case(), Action.NOTE, DESK, rules=nobody) == "exception 7: dee (desk) may not note it; nobody may"


def test_what_is_allowed_can_be_asked_beforehand() -> None:
    """A page offers these and nothing else."""
    proposed = grave(Action.ACKNOWLEDGE, Action.PROPOSE_CLOSE)

    assert allowed(a_case(), DESK, ROLES) == (Action.NOTE,)
    assert Action.CLOSE not in allowed(grave(Action.ACKNOWLEDGE), CHIEF, ROLES)
    assert Action.APPROVE_CLOSE in allowed(proposed, CHIEF, ROLES)
    assert Action.APPROVE_CLOSE not in allowed(proposed, PAT, NO_CLOCKS)


def test_a_state_that_does_not_allow_it_says_what_is_allowed() -> None:
    """Who, what, and what instead."""
    words = refused(in_state(State.SHELVED), Action.CLOSE, SAM)

    assert words == (
        "exception 7 is shelved (pat shelved at 04:53:20 New York on 9 Oct): "
        "sam may assign or note or unshelve, not close it"
    )
    dead_end = refused(a_case(), Action.CLOSE, DESK, rules=msgspec.structs.replace(ROLES, permissions={}))
    assert dead_end == "exception 7 is new: dee may do nothing, not close it"


def test_the_second_of_two_is_told_who_was_first_and_when() -> None:
    """Both saw the case as it was opened."""
    case = a_case()
    given = Given(seen=case.n)
    first = done(case, Action.ACKNOWLEDGE, SAM, Nanos(NOON + MINUTE), given=given).case

    words = refused(first, Action.ACKNOWLEDGE, PAT, NOON + 2 * MINUTE, given=given)

    assert words.startswith("exception 7: sam acknowledged at 04:54:20 New York on 9 Oct, before pat; ")
    assert "it is acknowledged now. To acknowledge it, look at it again: pat may assign or note" in words


def test_what_others_did_meanwhile_must_be_seen_first_even_where_the_state_still_allows_it() -> None:
    """Sam gave it to Kim; Pat, who did not see that, must not give it to somebody else by accident."""
    seen = in_state(State.ACKNOWLEDGED)
    given = Given(seen=seen.n, assignee="lee")
    moved = done(seen, Action.ASSIGN, SAM).case

    assert "sam assigned at" in refused(moved, Action.ASSIGN, PAT, given=given)
    assert done(moved, Action.ASSIGN, SAM, given=given).case.assignee == "lee"
    assert done(moved, Action.ASSIGN, PAT, given=Given(seen=moved.n, assignee="lee")).case.assignee == "lee"


def test_notes_are_always_taken_and_keep_nobody_from_anything() -> None:
    """Neither the one who writes nor the one who did not see it."""
    case = a_case()
    seen = case.n
    noted = done(done(case, Action.NOTE, SAM).case, Action.ACKNOWLEDGE, PAT, given=Given(seen=seen)).case

    again = done(noted, Action.NOTE, SAM, given=Given(words="and more", seen=seen))

    assert again.case.state is State.ACKNOWLEDGED


def test_nobody_cannot_act_and_the_programs_names_are_its_own() -> None:
    """The history must tell people and program apart."""
    assert refused(a_case(), Action.ACKNOWLEDGE, Actor(name="  ")) == (
        "exception 7: nobody is named; an action needs a named actor"
    )
    for name in ("caseworker", "Case Worker", "TIMER", "sorwatch", "Seed"):
        assert "is the program's own name; act under your own" in refused(a_case(), Action.NOTE, Actor(name=name))
    assert "the program's own name" in refused(a_case(), Action.NOTE, THE_TIMER)


@pytest.mark.parametrize("action", [*GATHERING, Action.RESOLVE, Action.HIDE])
def test_a_person_cannot_do_the_caseworkers_work(action: Action) -> None:
    """Opening, adding, raising, linking, hiding and resolving are not for people."""
    assert "it is the caseworker's, not pat's" in refused(a_case(), action)


@pytest.mark.parametrize("action", TIMED)
def test_a_person_cannot_be_the_clock(action: Action) -> None:
    """Nor can the clock be before its time."""
    assert "is the clock's, not pat's" in refused(a_case(), action)
    assert "no clock of it has run out" in refused(a_case(), action, THE_TIMER)


def test_findings_do_not_come_by_the_door() -> None:
    """They are the caseworker's own, elsewhere."""
    assert "it is the caseworker's" in refused(a_case(), Action.ADD, THE_CASEWORKER)


@pytest.mark.parametrize(
    ("action", "state", "given", "words"),
    [
        (Action.NOTE, State.NEW, NOTHING, "needs words that say why"),
        (Action.NOTE, State.NEW, Given(words="x" * (MOST_WORDS + 1)), "the words have 2,001 characters"),
        (Action.ASSIGN, State.NEW, Given(assignee=" "), "needs the name of who shall have it"),
        (Action.WAIT_ON_VENDOR, State.ACKNOWLEDGED, NOTHING, "needs the number of the vendor's ticket"),
        (Action.SHELVE, State.NEW, Given(until=LATER), "needs words that say why"),
        (Action.SHELVE, State.NEW, Given(words="later"), "needs a time to come"),
        (Action.SHELVE, State.NEW, Given(words="later", until=NOON), "needs a time to come"),
        (Action.SHELVE, State.NEW, Given(words="later", until=Nanos(NOON + 121 * HOUR)), "may last 5 d at most"),
        (Action.CLOSE, State.ACKNOWLEDGED, Given(words="done"), "needs one of the reasons router_fault, venue_fault"),
        (Action.CLOSE, State.ACKNOWLEDGED, Given(words="done", reason="luck"), "not luck"),
        (Action.PROPOSE_CLOSE, State.ACKNOWLEDGED, Given(reason="justified"), "needs words that say why"),
        (Action.REFUSE_CLOSE, State.IN_REVIEW, NOTHING, "needs words that say why"),
        (Action.REOPEN, State.CLOSED, NOTHING, "needs words that say why"),
    ],
)
def test_what_an_action_needs_is_said(action: Action, state: State, given: Given, words: str) -> None:
    """Nothing is guessed."""
    said = refused(in_state(state), action, given=given)

    assert said.startswith("exception 7: ")
    assert words in said


def test_shelving_returns_to_the_state_before() -> None:
    """With the vendor's clock going on."""
    waiting = in_state(State.WAITING_ON_VENDOR)

    shelved = done(waiting, Action.SHELVE).case
    back = done(shelved, Action.UNSHELVE).case

    assert (shelved.before, shelved.shelved_until) == (State.WAITING_ON_VENDOR, LATER)
    assert (back.state, back.before, back.shelved_until) == (State.WAITING_ON_VENDOR, None, None)


def test_a_scope_that_hides_a_case_is_kept_with_it() -> None:
    """So that what it hid can be counted, and is not hidden by it again."""
    hidden = done(a_case(), Action.HIDE, THE_CASEWORKER).case
    back = done(hidden, Action.UNSHELVE).case

    assert (hidden.state, hidden.shelving, back.shelving) == (State.SHELVED, 3, 3)
    assert (hidden.touch, back.touch and back.touch.by) == (None, "pat")


def test_escalation_goes_to_the_role_that_is_named_or_to_the_severitys() -> None:
    """Either is written on the case."""
    named = done(a_case(), Action.ESCALATE, given=Given(role="head of desk")).case
    usual = done(a_case(), Action.ESCALATE).case

    assert (named.escalated_to, usual.escalated_to) == ("head of desk", "compliance")


def test_who_asks_the_vendor_or_proposes_a_closing_has_acknowledged() -> None:
    """An escalated case may never have been."""
    for action in (Action.WAIT_ON_VENDOR, Action.PROPOSE_CLOSE, Action.CLOSE):
        assert done(in_state(State.ESCALATED), action, at=NOON + 5).case.acknowledged_at == NOON + 5
    assert done(in_state(State.ACKNOWLEDGED), Action.CLOSE, at=NOON + 5).case.acknowledged_at == NOON


def test_a_reopened_case_has_nothing_of_its_closing() -> None:
    """It waits for somebody, and its clocks begin anew."""
    case = done(in_state(State.CLOSED), Action.REOPEN, SAM, NOON + MINUTE).case

    assert (case.state, case.reason, case.counts_as, case.closed_at) == (State.REOPENED, None, None, None)
    assert (case.acknowledged_at, case.waiting_since, case.running_since, case.ran) == (
        None,
        NOON + MINUTE,
        NOON + MINUTE,
        0,
    )


def test_the_event_says_in_which_roles_and_by_which_way_somebody_came() -> None:
    """And the program's says neither."""
    person = done(a_case(), Action.NOTE, msgspec.structs.replace(CHIEF, how=Way.API), rules=ROLES).event
    program = done(a_case(), Action.RESOLVE, THE_CASEWORKER).event

    body = msgspec.json.decode(person.body)
    assert (body["how"], body["roles"]) == ("api", ["supervisor", "compliance"])
    assert not {"how", "note"} & set(msgspec.json.decode(program.body))


def test_names_are_compared_as_people_mean_them() -> None:
    """Other people are other people."""
    assert same_person("Ann  Lee", "annlee")
    assert not same_person("ann", "anna")
    assert Rules().roles_for(Action.NOTE) == []
