"""What somebody wants to see, in words: "high and critical at venue XTOX, nobody has them". Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from service.cases.clocks import span
from service.cases.states import WAITING, State
from service.cases.wanted import ME, NOBODY, STATES, Order, Wanted, written

GROUPS = {"waiting": "to look at", "in_hand": "in hand", "open": "open", "all": "open or closed"}
ORDERS = {
    Order.GRAVITY: "the gravest first",
    Order.HARM: "the dearest first",
    Order.AGE: "the oldest first",
    Order.DUE: "what is due first",
    Order.NEWEST: "the newest first",
}


class Part(msgspec.Struct, frozen=True):
    """One filter that is set, in words, and the address of the same without it."""

    field: str
    words: str
    without: str


def in_words(asked: Wanted, titles: Callable[[str], str] = str) -> str:
    """Return a whole filter in words; `titles` gives the title of a rule."""
    told = dict(_parts(asked, titles))
    severities = told.pop("severities", "all")
    states = told.pop("states", "")
    after_comma = [told.pop(name) for name in ("assignee", "overdue", "due_within") if name in told]
    first = " ".join([severities, *told.values()])
    return ", ".join([first, *([states] if states else []), *after_comma])


def parts(asked: Wanted, titles: Callable[[str], str] = str) -> list[Part]:
    """Return each filter that is set."""
    return [Part(field, words, written(without(asked, field))) for field, words in _parts(asked, titles)]


def without(asked: Wanted, field: str) -> Wanted:
    """Return the same without one filter, from its head on."""
    changed: dict[str, Any] = {field: getattr(Wanted(), field), "after": None}
    return msgspec.structs.replace(asked, **changed)


def states_in_words(states: tuple[State, ...]) -> str:
    """Return states in words: "in hand", "new or reopened"."""
    group = next((words for name, words in GROUPS.items() if STATES[name] == states), None)
    return group or _either(state.words for state in states)


def _parts(asked: Wanted, titles: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    if asked.severities:
        yield "severities", " and ".join(severity.value for severity in asked.severities)
    if asked.states != WAITING:
        yield "states", states_in_words(asked.states)
    lists: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("rules", "of", map(titles, asked.rules)),
        ("venues", "at venue", asked.venues),
        ("symbols", "in", asked.symbols),
        ("desks", "of desk", asked.desks),
        ("accounts", "of account", asked.accounts),
        ("counterparties", "from", asked.counterparties),
    )
    yield from ((field, f"{words} {_either(values)}") for field, words, values in lists if getattr(asked, field))
    yield from _times(asked)
    if asked.incident is not None:
        yield "incident", f"of incident {asked.incident}"
    if asked.shelving is not None:
        yield "shelving", f"hidden by shelving {asked.shelving}"
    if asked.day is not None:
        yield "day", f"of {asked.day}"
    if asked.text:
        yield "text", f"with “{asked.text}”"
    if asked.assignee is not None:
        whose = {ME: "mine", NOBODY: "nobody has them"}
        yield "assignee", whose.get(asked.assignee, f"{asked.assignee} has them")


def _times(asked: Wanted) -> Iterator[tuple[str, str]]:
    if asked.older is not None:
        yield "older", f"older than {span(asked.older)}"
    if asked.younger is not None:
        yield "younger", f"younger than {span(asked.younger)}"
    if asked.overdue:
        yield "overdue", "overdue"
    if asked.due_within is not None:
        yield "due_within", f"due within {span(asked.due_within)}"


def _either(values: Iterable[str]) -> str:
    *others, last = values
    return f"{', '.join(others)} or {last}" if others else last
