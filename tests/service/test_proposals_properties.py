"""Whatever people do in whatever order: nobody decides alone, nothing comes into force twice or on the wrong ground."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as some

from rules.facts import Nanos
from service.change.proposal_events import State, first_broken
from service.change.proposals import Asked, activated, activation, due
from service.versions import Version
from tests.factories_proposals import HOUR, Desk, wanted

proposing = some.tuples(some.just("propose"), some.none() | some.integers(0, 4))
approving = some.tuples(some.sampled_from(("sam", "sam", "sam", "pat")), some.integers(0, 2))
ending = some.tuples(some.sampled_from((State.REFUSED, State.WITHDRAWN)), some.integers(0, 2))
passing = some.integers(0, 2)
Step = tuple[str, int | None] | int
steps_of_a_day = some.lists(some.one_of(proposing, approving, ending, passing), min_size=15, max_size=30)


def activate(desk: Desk) -> None:
    """Do what the daemon does with what is due."""
    for one in due(desk.standing.proposals, desk.now):
        made = activation(desk.standing, one, desk.now)
        assert isinstance(made, Version), made
        assert desk.in_force[one.wanted.key] == one.based_on
        desk.force(made)
        desk.put(activated(one, len(desk.events), desk.now))


@settings(max_examples=300)
@given(steps_of_a_day)
def test_what_is_approved_always_comes_into_force_once_by_two_people(steps: list[Step]) -> None:
    """Nothing that could be approved ever lapses: each stands on the one that is in force when its turn comes."""
    desk = Desk()
    for number, step in enumerate(steps):
        if isinstance(step, int):
            desk.now = Nanos(desk.now + step * HOUR // 2)
            activate(desk)
            continue
        word, count = step
        known = desk.standing.proposals
        if word == "propose":
            effective = None if count is None else Nanos(desk.now + count * HOUR)
            what = msgspec.structs.replace(wanted(f"version: v{number}"), effective=effective)
            desk.ask(Asked(state=State.PROPOSED, actor="pat", wanted=what))
        elif known:
            state = State(word) if word in list(State) else State.APPROVED
            actor = {State.WITHDRAWN: "pat", State.REFUSED: "sam"}.get(state, word)
            desk.do(state, known[-1 - (count or 0) % len(known)], actor, why="because")
    desk.now = Nanos(desk.now + 99 * HOUR)
    activate(desk)

    done = desk.standing.proposals
    assert first_broken(desk.events) is None
    assert not [one for one in done if one.state in (State.APPROVED, State.LAPSED)]
    for one in done:
        assert [step.state for step in one.history].count(State.ACTIVATED) <= 1
        if one.state is State.ACTIVATED:
            assert one.approved is not None
            assert one.approved.actor != one.proposer
