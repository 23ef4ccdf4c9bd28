"""Whatever people, findings and clocks do in whatever order: held against a small model that knows no table.

Never an illegal state, four eyes never passed by, no notice after an acknowledgement but for the three reasons, the
chain whole, and the case made again from its events alone.
"""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.actor import THE_CASEWORKER, THE_TIMER, Actor
from service.cases.case import Acted, Case, Refused
from service.cases.chain import first_broken, rebuilt
from service.cases.clocks import as_of, next_timer
from service.cases.door import act, allowed
from service.cases.gathering import add_findings
from service.cases.given import NOTHING, Given
from service.cases.rules import HOUR, MINUTE, Rules
from service.cases.states import PERSONAL, Action, State
from tests.case_reference import THREE, Reference
from tests.factories_cases import NOON, a_finding, an_opening
from tests.factories_work import GIVEN

RULES = Rules()
NAMES = ("pat", "PAT ", "sam", "kim")
ACTORS = st.sampled_from(NAMES).map(lambda name: Actor(name=name))
Step = tuple[str, Action | Severity | None, Actor | None]
CLOSING = (Action.ACKNOWLEDGE, Action.PROPOSE_CLOSE, Action.APPROVE_CLOSE)
"""What must happen in this order, and would seldom by chance."""
ONE_STEP = st.one_of(
    st.tuples(st.just("person"), st.sampled_from(PERSONAL), ACTORS),
    st.tuples(st.just("finding"), st.sampled_from(Severity), st.none()),
    st.tuples(st.just("resolve"), st.none(), st.none()),
    st.tuples(st.just("clock"), st.none(), st.none()),
)
A_CLOSING = st.tuples(*(st.tuples(st.just("person"), st.just(action), ACTORS) for action in CLOSING))
STEPS = st.one_of(ONE_STEP.map(lambda step: (step,)), A_CLOSING)
PAUSES = st.sampled_from([0, MINUTE, 10 * MINUTE, HOUR, 9 * HOUR])


class Play:
    """One case and its reference, side by side."""

    def __init__(self, severity: Severity) -> None:
        opened = an_opening(a_finding(severity=severity))
        self.now = NOON
        self.case: Case = opened.case
        self.events = [opened.event]
        self.reference = Reference(grave=severity.rank >= Severity.HIGH.rank)
        self.findings = 1

    def step(self, kind: str, what: Action | Severity | None, actor: Actor | None) -> None:
        """Take one step on both and hold them against each other."""
        if kind == "person":
            assert isinstance(what, Action)
            assert actor is not None
            self._person(what, actor)
        elif kind == "finding":
            assert isinstance(what, Severity)
            self._finding(what)
        elif kind == "resolve":
            self._take(act(self.case, Action.RESOLVE, THE_CASEWORKER, NOTHING, self.now, RULES))
        else:
            self._clock()
        assert self.case.state.value == self.reference.state
        assert (self.case.acknowledged_at is not None) == self.reference.acknowledged

    def _person(self, action: Action, actor: Actor) -> None:
        may = self.reference.may(action.value, actor.name)
        offered = action in allowed(self.case, actor, RULES)
        result = act(self.case, action, actor, _given(action, self.now), self.now, RULES)
        assert isinstance(result, Acted) == may == offered
        if isinstance(result, Refused):
            assert f"exception {self.case.case_id}" in result.words
            return
        if result.case.state is State.CLOSED and self.reference.grave and action is not Action.NOTE:
            assert action is Action.APPROVE_CLOSE
            assert actor.name.strip().lower() != self.reference.proposer.strip().lower()
        self._take(result)
        self.reference.person(action.value, actor.name)

    def _finding(self, severity: Severity) -> None:
        self.findings += 1
        graver = severity.rank > self.case.severity.rank
        self._take(add_findings(self.case, [a_finding(self.findings, severity=severity)], self.now, RULES))
        self.reference.finding(graver=graver)
        self.reference.grave |= severity.rank >= Severity.HIGH.rank

    def _clock(self) -> None:
        while (due := next_timer(self.case, RULES)) is not None and due.at <= self.now:
            assert due.action is not None
            seen = as_of(self.case, RULES, self.now)
            self._take(act(self.case, due.action, THE_TIMER, NOTHING, self.now, RULES))
            self.reference.clock(due.action.value)
            assert as_of(self.case, RULES, self.now).state is seen.state

    def _take(self, result: Acted | Refused) -> None:
        if isinstance(result, Refused):
            assert self.case.state is State.CLOSED
            return
        if result.notice is not None and self.case.acknowledged_at is not None:
            assert result.notice.reason in THREE
        self.case = result.case
        self.events.append(result.event)


def _given(action: Action, now: Nanos) -> Given:
    needed = GIVEN.get(action, NOTHING)
    return needed if needed.until is None else msgspec.structs.replace(needed, until=Nanos(now + 2 * HOUR))


@settings(max_examples=500, deadline=None)
@given(severity=st.sampled_from(Severity), steps=st.lists(st.tuples(PAUSES, STEPS), min_size=10, max_size=25))
def test_the_work_on_a_case_is_as_the_reference_says(
    severity: Severity, steps: list[tuple[int, tuple[Step, ...]]]
) -> None:
    """Random actors, actions and times."""
    play = Play(severity)

    for pause, several in steps:
        play.now = Nanos(play.now + pause)
        for step in several:
            play.step(*step)

    assert first_broken(play.events) is None
    assert rebuilt(play.events) == play.case
