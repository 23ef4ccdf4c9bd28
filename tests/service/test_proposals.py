"""Who may put what in force: one person proposes, another approves, the daemon activates it when it is due."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import Nanos
from service.change.proposal_events import FOLLOWS, Said, State, first_broken
from service.change.proposals import Asked, Refused, activated, activation, due
from service.versions import Version, VersionKind
from tests.factories import NOON
from tests.factories_proposals import BOOK, HOUR, SLOWER, SLOWEST, Desk, sha, wanted


def problems(said: object) -> tuple[str, ...]:
    """Return why something was refused."""
    assert isinstance(said, Refused), said
    return said.problems


def test_a_proposal_says_what_on_top_of_what_by_whom_and_why() -> None:
    """It waits, and changes nothing."""
    desk = Desk()

    made = desk.propose(wanted(hours=1))

    assert (made.number, made.state, made.proposer, made.approved) == (1, State.PROPOSED, "pat", None)
    assert (made.based_on, made.wanted.hash, made.wanted.why) == (sha(""), sha(SLOWER), "agreed with the desk")
    assert due(desk.standing.proposals, Nanos(NOON + 2 * HOUR)) == []


def test_everything_that_is_wrong_with_a_proposal_is_said_at_once() -> None:
    """With the line, where it is the text."""
    desk = Desk()
    asked = wanted("rules:\n  slow_fil: {}\n  poor_fill: {color: red}\n", hours=-1, why=" ")

    said = problems(desk.ask(Asked(state=State.PROPOSED, actor="", wanted=asked)))

    assert [words.split(";")[0] for words in said] == [
        "nobody is named",
        "no reason is given",
        said[2].split(";")[0],
        'line 2: the catalogue knows no "slow_fil"',
        'line 3: poor_fill knows no "color"',
    ]
    assert "is past; without a time it comes into force when it is approved" in said[2]


def test_nothing_can_be_proposed_for_what_is_not_there_or_is_so_already() -> None:
    """Nor twice while the first waits."""
    desk = Desk()
    register = msgspec.structs.replace(wanted("[]\n"), kind=VersionKind.REGISTER, name="demo")

    unknown = problems(desk.ask(Asked(state=State.PROPOSED, actor="pat", wanted=register)))
    same = problems(desk.ask(Asked(state=State.PROPOSED, actor="pat", wanted=wanted(""))))
    desk.propose()
    again = problems(desk.ask(Asked(state=State.PROPOSED, actor="sam", wanted=wanted())))
    desk.in_force[VersionKind.REGISTER.value, "acme"] = sha("x")
    other = problems(desk.ask(Asked(state=State.PROPOSED, actor="pat", wanted=register)))

    assert unknown == ("no register of demo is in force; expected nothing: start the daemon first",)
    assert other == ("no register of demo is in force; expected acme",)
    assert same == (f"{sha('')[:12]} is what is in force already; nothing would change",)
    assert again == (f"pat has proposed the same as proposal 1 ({sha(SLOWER)[:12]}), which waits for a decision",)


@pytest.mark.parametrize("actor", ["pat", " PAT", "P at"])
def test_nobody_approves_or_refuses_what_he_proposed(actor: str) -> None:
    """However the name is written."""
    desk = Desk()
    made = desk.propose()

    for state in (State.APPROVED, State.REFUSED):
        said = problems(desk.do(state, made, actor, why="x"))
        words = f"pat proposed {made.words} and cannot be the one by whom it is {state.value}; "
        assert said == (words + "a second person decides, the proposer may withdraw it",)


def test_an_approved_proposal_is_due_at_its_time_and_not_before() -> None:
    """One without a time, or with a time that went by while it waited, is due when it is approved."""
    desk = Desk()
    timed = desk.approve(desk.propose(wanted(hours=1)))
    desk.now = Nanos(NOON + 2 * HOUR)
    late = desk.approve(desk.propose(wanted(SLOWEST)))

    assert (timed.due, late.due) == (NOON + HOUR, NOON + 2 * HOUR)
    assert due(desk.standing.proposals, Nanos(NOON + HOUR - 1)) == []
    assert due(desk.standing.proposals, Nanos(NOON + 2 * HOUR)) == [timed, late]
    assert late.based_on == timed.wanted.hash


def test_activation_names_both_people_and_the_proposal() -> None:
    """The version says who, and the proposal where in the journal."""
    desk = Desk()
    made = desk.approve(desk.propose(wanted(hours=1)))

    version = activation(desk.standing, made, Nanos(NOON + HOUR))
    done = desk.put(activated(made, 17, Nanos(NOON + HOUR)))

    assert version == Version(
        kind=VersionKind.RULEBOOK,
        name="rulebook",
        text=SLOWER,
        actor="sam",
        proposer="pat",
        approver="sam",
        proposal=1,
        effective=Nanos(NOON + HOUR),
        why="agreed with the desk",
    )
    assert (done.state, done.offset, done.history[-1].actor) == (State.ACTIVATED, 17, "sorwatch")


def test_a_proposal_on_top_of_what_is_no_longer_in_force_is_refused_when_it_is_to_be_approved() -> None:
    """Otherwise it would undo the change in between without a word."""
    desk = Desk()
    first, second = desk.propose(), desk.propose(wanted(SLOWEST), actor="kim")
    desk.approve(first)

    said = problems(desk.do(State.APPROVED, second))

    assert said == (
        f"{second.words} is based on {sha('')[:12]}, in force is {sha(SLOWER)[:12]}: propose it again on top of that",
    )


def test_one_that_would_come_before_another_that_is_not_based_on_it_is_refused() -> None:
    """The later one would lapse on its day, when nobody is looking."""
    desk = Desk()
    later, sooner = desk.propose(wanted(hours=2)), desk.propose(wanted(SLOWEST, hours=1), actor="kim")
    desk.approve(later)

    (said,) = problems(desk.do(State.APPROVED, sooner))

    assert said.startswith(f"{later.words}, approved for 2")
    assert said.endswith("is not based on it: refuse that one first")


def test_what_another_one_stands_on_cannot_be_taken_away() -> None:
    """The one on top goes first; then it can."""
    desk = Desk()
    below = desk.approve(desk.propose(wanted(hours=1)))
    above = desk.approve(desk.propose(wanted(SLOWEST, hours=2)))

    held = problems(desk.do(State.WITHDRAWN, below, "pat"))
    refused = desk.do(State.REFUSED, above, "kim", why="too slow")
    desk.do(State.WITHDRAWN, below, "pat")

    assert held == (f"{above.words} is approved on top of it: refuse that one first",)
    assert not isinstance(refused, Refused)
    assert (refused.state, refused.history[-1].why) == (State.REFUSED, "too slow")
    assert desk.proposal(below.number).state is State.WITHDRAWN


def test_only_the_proposer_withdraws_and_a_refusal_has_a_reason() -> None:
    """Both words mean something."""
    desk = Desk()
    made = desk.propose()

    assert problems(desk.do(State.WITHDRAWN, made)) == (
        f"only pat, who proposed {made.words}, can withdraw it; others refuse it",
    )
    assert problems(desk.do(State.REFUSED, made)) == ("no reason is given; say why it is refused",)


@pytest.mark.parametrize("end", [state for state in State if state not in FOLLOWS])
@pytest.mark.parametrize("state", [State.APPROVED, State.REFUSED, State.WITHDRAWN])
def test_what_has_ended_stays_so(end: State, state: State) -> None:
    """The words say how it ended."""
    desk = Desk()
    made = desk.approve(desk.propose())
    desk.put(msgspec.structs.replace(desk.events[-1], state=end))

    said = problems(desk.do(state, made, why="x"))

    assert said == (f"{made.words} was {end.value} by sam; it cannot be {state.value} any more",)


def test_one_that_cannot_come_into_force_any_more_lapses_with_the_reason() -> None:
    """Something else is in force by then, or another version of the program no longer reads it."""
    desk = Desk()
    made = desk.approve(desk.propose())
    desk.in_force = {BOOK: sha(SLOWEST)}
    unreadable = msgspec.structs.replace(made, wanted=wanted("rules: 5"), based_on=sha(SLOWEST))

    stale, unread = (activation(desk.standing, one, NOON) for one in (made, unreadable))

    assert not isinstance(stale, Version)
    assert not isinstance(unread, Version)
    assert (stale.state, stale.actor) == (State.LAPSED, "sorwatch")
    assert f"in force is {sha(SLOWEST)[:12]}" in msgspec.json.decode(stale.body, type=Said).why
    assert "the catalogue is not a mapping" in msgspec.json.decode(unread.body, type=Said).why


def test_the_chain_shows_what_was_changed_or_taken_out() -> None:
    """The first link that does not hold is named."""
    desk = Desk()
    desk.approve(desk.propose())
    desk.propose(wanted(SLOWEST))
    whole = first_broken(desk.events)
    without = first_broken([desk.events[0], desk.events[2]])

    desk.forge(2, actor="kim")

    assert (whole, without, first_broken(desk.events)) == (None, 2, 2)
