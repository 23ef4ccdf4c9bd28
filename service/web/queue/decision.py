"""A decision over one or many exceptions, as the forms of the queue carry it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from rules.finding import Severity
from service.cases.asked import TAKES
from service.cases.case import Case
from service.cases.rules import Rules
from service.cases.states import Action

MOST_NAMED = 900
"""So many exceptions a form may name; a decision over more is one over a filter."""
MOST_DIGITS = 18
ACTIONS = (
    Action.ACKNOWLEDGE,
    Action.ESCALATE,
    Action.SHELVE,
    Action.CLOSE,
    Action.APPROVE_CLOSE,
    Action.REFUSE_CLOSE,
    Action.ASSIGN,
    Action.WAIT_ON_VENDOR,
    Action.NOTE,
)
"""What can be decided from the list."""
FIELDS = ("words", "reason", "until", "ticket", "assignee", "role")
_NEEDED = {
    Action.SHELVE: ("until", "words"),
    Action.CLOSE: ("reason", "words"),
    Action.PROPOSE_CLOSE: ("reason", "words"),
    Action.REFUSE_CLOSE: ("words",),
    Action.ASSIGN: ("assignee",),
    Action.WAIT_ON_VENDOR: ("ticket",),
    Action.NOTE: ("words",),
}


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which exceptions: those that a form names, or all that a question found (`print` tells the set from others).

    `seen` is the newest link of the history that was shown, where there is one exception.
    """

    numbers: tuple[int, ...] = ()
    query: str = ""
    print: str = ""
    over_all: bool = False
    seen: int | None = None


def chosen(fields: Iterable[tuple[str, str]]) -> Chosen | str:
    """Return which exceptions a form is about, or in words what is wrong."""
    pairs = list(fields)
    told = dict(pairs)
    if told.get("all"):
        return Chosen(query=told.get("query", ""), print=told.get("print", ""), over_all=True)
    numbers = [_number(value) for name, value in pairs if name == "case"]
    if not numbers:
        return "No exception is selected. Select some with their boxes, or x."
    found = tuple(dict.fromkeys(number for number in numbers if number is not None))
    if len(found) != len(set(numbers)) or len(found) > MOST_NAMED:
        return f"The form names exceptions that cannot be, or more than {MOST_NAMED:,}. Choose all that match instead."
    return Chosen(numbers=found, seen=_number(told.get("seen", "")) if len(found) == 1 else None)


def print_of(numbers: Iterable[int]) -> str:
    """Return what tells a set of exceptions from every other."""
    return hashlib.sha256(",".join(map(str, sorted(numbers))).encode()).hexdigest()


def needed(action: Action) -> tuple[str, ...]:
    """Return the fields that an action does not do without, of those that it takes."""
    return _NEEDED.get(action, ())


def takes(action: Action) -> tuple[str, ...]:
    """Return the fields of an action that a form of the list shows."""
    return (*(name for name in TAKES[action] if name in FIELDS and name != "words"), "words")


def by_action(action: Action, cases: Sequence[Case], rules: Rules) -> Mapping[Action, tuple[int, ...]]:
    """Return what is done to which: a closing is proposed where four eyes are needed, and done where they are not."""
    if action is not Action.CLOSE:
        return {action: tuple(case.case_id for case in cases)}
    four: Collection[Severity] = rules.four_eyes
    parts = {
        Action.CLOSE: tuple(case.case_id for case in cases if case.severity not in four),
        Action.PROPOSE_CLOSE: tuple(case.case_id for case in cases if case.severity in four),
    }
    return {each: numbers for each, numbers in parts.items() if numbers}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None
