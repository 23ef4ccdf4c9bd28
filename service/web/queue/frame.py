"""What stands around the rows: tabs with counts, chips, sorted heads, the values to choose from. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from rules.finding import Severity
from service.cases.states import State
from service.cases.tally import Tally
from service.cases.wanted import LISTS, ME, NOBODY, OVERDUE, STATES, Order, Wanted, spelled, written
from service.cases.wanted_words import ORDERS, Part, in_words, parts

TABS: tuple[tuple[str, tuple[State, ...]], ...] = (
    ("To look at", STATES["waiting"]),
    ("In hand", STATES["in_hand"]),
    ("Closing proposed", (State.IN_REVIEW,)),
    ("Shelved", (State.SHELVED,)),
    ("All open", STATES["open"]),
    ("Closed", (State.CLOSED,)),
)
LENGTHS = ("5 min", "15 min", "1 h", "4 h", "24 h", "72 h")
MARKS = tuple(reversed(Severity))


DEEDS = (
    ("acknowledge", "Acknowledge"),
    ("escalate", "Escalate"),
    ("shelve", "Shelve"),
    ("close", "Close"),
    ("approve_close", "Approve closing"),
)
"""What the list offers to do to those that are selected."""
KEYS = (
    ("j k", "next, previous exception"),
    ("Enter", "open it"),
    ("x", "select it, or not"),
    ("X", "select all shown, or none"),
    ("a", "acknowledge it, or all selected"),
    ("e", "escalate"),
    ("c", "close, or propose to close"),
    ("s", "shelve"),
    ("/", "search"),
    ("n", "show what is new"),
    ("g q", "go to the exceptions"),
    ("g d", "go to the days"),
    ("g r", "go to the start of day"),
    ("Esc", "leave a form or the search"),
    ("?", "these keys"),
)


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    """States to look at together, how many stand there ("" where nobody counts), and whether they are shown."""

    words: str
    count: str
    query: str
    here: bool


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One filter of the form: its name, what it is called, values with their words, and what is chosen."""

    name: str
    words: str
    options: tuple[tuple[str, str], ...]
    chosen: str
    more: tuple[str, ...] = ()


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    query: str
    words: str
    tabs: tuple[Tab, ...]
    chips: tuple[Part, ...]
    severities: tuple[tuple[str, int, str, bool], ...]
    choices: tuple[Choice, ...]
    orders: tuple[tuple[str, str, str, bool], ...]
    hidden: tuple[tuple[str, str], ...]
    text: str
    waiting: int
    is_filtered: bool


def around(asked: Wanted, tally: Tally, titles: Callable[[str], str]) -> Around:
    """Return what stands around the rows of a question."""
    head = msgspec.structs.replace(asked, after=None)
    chips = tuple(part for part in parts(head, titles) if part.field != "states")
    states = tally.states()
    return Around(
        query=written(head),
        words=in_words(head, titles),
        tabs=tuple(_tab(head, words, wanted, states) for words, wanted in TABS),
        chips=chips,
        severities=_severities(head, tally),
        choices=tuple(_choices(head, tally, titles)),
        orders=tuple(_orders(head)),
        hidden=tuple(_kept(head)),
        text=head.text,
        waiting=sum(states[state] for state in STATES["waiting"]),
        is_filtered=bool(chips),
    )


def _tab(asked: Wanted, words: str, wanted: tuple[State, ...], states: Mapping[State, int]) -> Tab:
    count = "" if wanted == (State.CLOSED,) else f"{sum(states.get(state, 0) for state in wanted):,}"
    here = asked.states == wanted
    return Tab(words=words, count=count, query=written(_with(asked, states=wanted)), here=here)


def _severities(asked: Wanted, tally: Tally) -> tuple[tuple[str, int, str, bool], ...]:
    """Return each severity with how many of the shown states have it, where its mark leads, and whether it is set."""
    counted = tally.severities(asked.states)
    found = []
    for one in MARKS:
        here = one in asked.severities
        chosen = tuple(each for each in MARKS if (each in asked.severities) is not (each is one))
        found.append((one.value, counted[one], written(_with(asked, severities=chosen)), here))
    return tuple(found)


def _choices(asked: Wanted, tally: Tally, titles: Callable[[str], str]) -> Iterable[Choice]:
    there = tally.values()
    for name, words in (("rule", "Rule"), ("venue", "Venue"), ("symbol", "Symbol"), ("counterparty", "Counterparty")):
        yield _list(asked, name, words, there[name], titles if name == "rule" else str)
    people = [(ME, "me"), (NOBODY, "nobody"), *((name, name) for name in there["assignee"])]
    yield _plain("assignee", "Who has it", people, asked.assignee or "")
    yield _list(asked, "desk", "Desk", there["desk"], str)
    yield _list(asked, "account", "Account", (), str)
    dues = [(OVERDUE, "overdue"), *((length, f"due within {length}") for length in LENGTHS)]
    yield _plain("sla", "Clock", dues, OVERDUE if asked.overdue else _length(asked.due_within))
    yield _plain("older", "Older than", [(length, length) for length in LENGTHS], _length(asked.older))
    yield _plain("younger", "Younger than", [(length, length) for length in LENGTHS], _length(asked.younger))


def _list(asked: Wanted, name: str, words: str, there: Iterable[str], say: Callable[[str], str]) -> Choice:
    chosen: tuple[str, ...] = getattr(asked, LISTS[name])
    first, more = (chosen[0], chosen[1:]) if chosen else ("", ())
    options = dict.fromkeys([*there, *([first] if first else [])])
    said = tuple((value, say(value)) for value in options)
    return Choice(name=name, words=words, options=said, chosen=first, more=more)


def _plain(name: str, words: str, options: list[tuple[str, str]], chosen: str) -> Choice:
    known = options if not chosen or chosen in dict(options) else [*options, (chosen, chosen)]
    return Choice(name=name, words=words, options=tuple(known), chosen=chosen)


def _length(length: int | None) -> str:
    return "" if length is None else spelled(length)


def _orders(asked: Wanted) -> Iterable[tuple[str, str, str, bool]]:
    for order in Order:
        yield order.value, ORDERS[order], written(_with(asked, order=order)), order is asked.order


def _kept(asked: Wanted) -> Iterable[tuple[str, str]]:
    """Return what the form carries beside its own fields, so that it asks for the rest as before."""
    bare = Wanted(
        states=asked.states,
        severities=asked.severities,
        incident=asked.incident,
        shelving=asked.shelving,
        day=asked.day,
        order=asked.order,
    )
    return parse_qsl(written(bare))


def _with(asked: Wanted, **changes: Any) -> Wanted:
    return msgspec.structs.replace(asked, **changes)
