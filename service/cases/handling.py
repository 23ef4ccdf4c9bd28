"""How long the work on a case took, from its events alone. Pure."""

from __future__ import annotations

import msgspec

from service.cases.case import CaseEvent
from service.cases.states import PERSONAL, State


class Handling(msgspec.Struct, frozen=True):
    """Nanoseconds from the opening to a person's first action and to the last closing, and those in each state.

    The time in the last state is not counted: it is not over.
    """

    to_first_action: int | None
    to_close: int | None
    in_state: dict[State, int]


class _Told(msgspec.Struct, frozen=True):
    """What is asked of an event's body."""

    state: State


def handling(events: list[CaseEvent]) -> Handling:
    """Return how long a case took (at least its opening), oldest event first."""
    opened = events[0].at
    first = next((event.at - opened for event in events if event.action in PERSONAL), None)
    states = [msgspec.json.decode(event.body, type=_Told).state for event in events]
    closed = [event.at for event, state in zip(events, states, strict=True) if state is State.CLOSED]
    spent: dict[State, int] = {}
    for event, following, state in zip(events, events[1:], states, strict=False):
        spent[state] = spent.get(state, 0) + following.at - event.at
    ends_closed = bool(closed) and states[-1] is State.CLOSED
    return Handling(first, _closed_at(events, states) - opened if ends_closed else None, spent)


def _closed_at(events: list[CaseEvent], states: list[State]) -> int:
    """Return when the last closing was: the first event of those at the end that find the case closed."""
    place = len(states)
    while place and states[place - 1] is State.CLOSED:
        place -= 1
    return events[place].at
