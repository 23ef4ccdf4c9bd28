"""Which exceptions somebody wants to see, in which order, from where on; as an address says it. Pure.

`wanted()` takes the query of an address and `written()` gives it back. Page, interface, CSV and decisions over many ask
by this one value, so that what is exported or decided is what was shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec

from rules.facts import SECOND
from rules.finding import Severity
from rules.rule import Kind
from rules.units import EXPECTED, number
from service.cases.case import Case
from service.cases.states import WAITING, State

ME, NOBODY = "me", "nobody"
OVERDUE = "overdue"
LARGEST = 2**63 - 1
LAST = 2**62
"""Stands for what is not there: no clock, the least of all harms."""
MOST_VALUES = 20
MOST_LETTERS = 200
LONGEST = 10 * 366 * 24 * 3600 * SECOND


class Order(StrEnum):
    """In which order: the gravest, the dearest, the oldest, what is due first, or what was found last."""

    GRAVITY = "gravity"
    HARM = "harm"
    AGE = "age"
    DUE = "due"
    NEWEST = "newest"

    @property
    def falls(self) -> bool:
        """Return whether the largest place comes first."""
        return self not in (Order.AGE, Order.DUE)


PLACES: dict[Order, tuple[str, ...]] = {
    Order.GRAVITY: ("gravity", "last_at", "case_id"),
    Order.HARM: ("harm", "case_id"),
    Order.AGE: ("opened_at", "case_id"),
    Order.DUE: ("sla_at", "case_id"),
    Order.NEWEST: ("last_at", "case_id"),
}
"""What an order goes by."""
Place = tuple[int, ...]
"""Where an exception stands in an order; the cursor of a page is the place of its last one."""

STATES: dict[str, tuple[State, ...]] = {
    "waiting": WAITING,
    "in_hand": (State.ACKNOWLEDGED, State.IN_REVIEW, State.WAITING_ON_VENDOR),
    "open": tuple(state for state in State if state is not State.CLOSED),
    "all": tuple(State),
}
"""Names for several states at once."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which exceptions: those that have one of the values of every filter that is set.

    `assignee` is a name, ME or NOBODY. `older` and `younger` are lengths of time since the opening, `overdue` and
    `due_within` ask for the clock of ours that runs out first: over, or over within so long (what is over included).
    """

    states: tuple[State, ...] = WAITING
    severities: tuple[Severity, ...] = ()
    rules: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    counterparties: tuple[str, ...] = ()
    assignee: str | None = None
    older: int | None = None
    younger: int | None = None
    overdue: bool = False
    due_within: int | None = None
    incident: int | None = None
    shelving: int | None = None
    day: str | None = None
    text: str = ""
    order: Order = Order.GRAVITY
    after: Place | None = None

    @property
    def asks_closed(self) -> bool:
        """Return whether closed ones are wanted too."""
        return State.CLOSED in self.states

    @property
    def open_states(self) -> tuple[State, ...]:
        """Return the wanted states in which the work is not done."""
        return tuple(state for state in self.states if state is not State.CLOSED)


class Wrong(msgspec.Struct, frozen=True):
    """A query that cannot be understood: every problem of it in words."""

    problems: tuple[str, ...]


LISTS: dict[str, str] = {
    "severity": "severities",
    "rule": "rules",
    "venue": "venues",
    "symbol": "symbols",
    "desk": "desks",
    "account": "accounts",
    "counterparty": "counterparties",
}
"""Filters of an address that may be given several times, and what they are called in a Wanted."""


class _NoSuchError(ValueError):
    """A value of a filter that means nothing."""


def wanted(query: str) -> Wanted | Wrong:
    """Return what the query of an address asks for, or everything that is wrong with it; blanks ask for nothing."""
    told: dict[str, list[str]] = {}
    for name, value in parse_qsl(query):
        if value.strip():
            told.setdefault(name, []).append(value.strip())
    problems = [f"{name} is no filter; there are {', '.join(_READ)}" for name in told if name not in _READ]
    values: dict[str, object] = {}
    for name, read in _READ.items():
        try:
            values |= read(name, told[name]) if name in told else {}
        except _NoSuchError as error:
            problems.append(str(error))
    asked = msgspec.structs.replace(Wanted(), **values) if not problems else Wanted()
    if asked.after is not None and len(asked.after) != len(PLACES[asked.order]):
        problems.append(f"after: this is no place in the order by {asked.order}; begin at its head")
    return Wrong(tuple(problems)) if problems else asked


def written(asked: Wanted) -> str:
    """Return the query of an address that asks for this: the same again when it is read."""
    return urlencode(list(_told(asked)))


def place_of(case: Case, order: Order, runs_out: int | None) -> Place:
    """Return where an exception stands; `runs_out` is when the first clock of ours does."""
    values = {
        "gravity": case.severity.rank,
        "harm": -LAST if case.dollar_harm is None else case.dollar_harm,
        "opened_at": case.opened_at,
        "sla_at": LAST if runs_out is None else runs_out,
        "last_at": case.last_at,
        "case_id": case.case_id,
    }
    return tuple(values[name] for name in PLACES[order])


def spelled(length: int) -> str:
    """Return a length of time exactly, in the largest unit in which it is a whole number: "90 min"."""
    units = (("h", 3600 * SECOND), ("min", 60 * SECOND), ("s", SECOND), ("ns", 1))
    return next(f"{length // size} {unit}" for unit, size in units if length % size == 0)


def _told(asked: Wanted) -> Iterator[tuple[str, str]]:
    if asked.states != WAITING:
        group = next((name for name, states in STATES.items() if states == asked.states), None)
        yield from (("state", name) for name in ([group] if group else [state.value for state in asked.states]))
    for name, field in LISTS.items():
        yield from ((name, str(value)) for value in getattr(asked, field))
    lengths = (("older", asked.older), ("younger", asked.younger), ("sla", asked.due_within))
    yield from ((name, spelled(length)) for name, length in lengths if length is not None)
    if asked.overdue:
        yield "sla", OVERDUE
    plain = ((name, getattr(asked, name)) for name in ("assignee", "incident", "shelving", "day", "text"))
    yield from ((name, str(value)) for name, value in plain if value not in (None, ""))
    if asked.order is not Order.GRAVITY:
        yield "order", asked.order.value
    if asked.after is not None:
        yield "after", ".".join(map(str, asked.after))


Found = dict[str, object]
Kinds = TypeVar("Kinds", bound=StrEnum)


def _one(name: str, values: list[str]) -> str:
    if len(values) > 1:
        msg = f"{name} is given {len(values)} times; once is enough"
        raise _NoSuchError(msg)
    return _several(name, values)[0]


def _several(name: str, values: list[str]) -> tuple[str, ...]:
    if len(values) > MOST_VALUES or any(len(value) > MOST_LETTERS or not value.isprintable() for value in values):
        msg = f"{name} may have {MOST_VALUES} values at most, each of {MOST_LETTERS} characters that can be printed"
        raise _NoSuchError(msg)
    return tuple(dict.fromkeys(values))


def _list(name: str, values: list[str]) -> Found:
    return {LISTS[name]: _several(name, values)}


def _text(name: str, values: list[str]) -> Found:
    return {name: _one(name, values)}


def _severities(name: str, values: list[str]) -> Found:
    chosen = _several(name, values)
    return {"severities": tuple(_choice(name, value, Severity) for value in chosen)}


def _states(name: str, values: list[str]) -> Found:
    chosen: dict[State, None] = {}
    for value in _several(name, values):
        chosen |= dict.fromkeys(STATES[value] if value in STATES else (_choice(name, value, State, *STATES),))
    return {"states": tuple(state for state in State if state in chosen)}


def _order(name: str, values: list[str]) -> Found:
    return {"order": _choice(name, _one(name, values), Order)}


def _choice(name: str, value: str, kinds: type[Kinds], *others: str) -> Kinds:
    try:
        return kinds(value)
    except ValueError:
        known = ", ".join([*(kind.value for kind in kinds), *others])
        msg = f"{name} {value} is not there; there are {known}"
        raise _NoSuchError(msg) from None


def _length(name: str, value: str) -> int:
    length = number(Kind.DURATION, value)
    if length is None or not 0 < length <= LONGEST:
        msg = f'{name} "{value}" is no length of time; expected {EXPECTED[Kind.DURATION]}'
        raise _NoSuchError(msg)
    return length


def _lengths(name: str, values: list[str]) -> Found:
    return {name: _length(name, _one(name, values))}


def _sla(name: str, values: list[str]) -> Found:
    value = _one(name, values)
    return {"overdue": True} if value == OVERDUE else {"due_within": _length(name, value)}


def _count(name: str, values: list[str]) -> Found:
    value = _one(name, values)
    if not re.fullmatch(r"[0-9]{1,18}", value, re.ASCII):
        msg = f"{name} {value} is no number"
        raise _NoSuchError(msg)
    return {name: int(value)}


def _day(name: str, values: list[str]) -> Found:
    value = _one(name, values)
    try:
        return {name: date.fromisoformat(value).isoformat()}
    except ValueError:
        msg = f"{name} {value} is no trade date; expected for example 2026-11-20"
        raise _NoSuchError(msg) from None


def _after(name: str, values: list[str]) -> Found:
    value = _one(name, values)
    if not re.fullmatch(r"-?[0-9]{1,19}(\.-?[0-9]{1,19}){1,2}", value, re.ASCII):
        msg = f"{name} {value} is no place in a list; begin at its head"
        raise _NoSuchError(msg)
    return {name: tuple(max(-LARGEST, min(LARGEST, int(part))) for part in value.split("."))}


_READ: dict[str, Callable[[str, list[str]], Found]] = {
    "severity": _severities,
    "state": _states,
    **dict.fromkeys(("rule", "venue", "symbol", "desk", "account", "counterparty"), _list),
    "assignee": _text,
    **dict.fromkeys(("older", "younger"), _lengths),
    "sla": _sla,
    **dict.fromkeys(("incident", "shelving"), _count),
    "day": _day,
    "text": _text,
    "order": _order,
    "after": _after,
}
FILTERS = tuple(_READ)
"""What an address may say, in this order."""
