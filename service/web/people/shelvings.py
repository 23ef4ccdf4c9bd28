"""Shelvings as lines of a page, and the scope that a form names. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from rules.facts import Nanos
from service.cases.case import Case
from service.cases.clocks import span
from service.cases.shelving import Scope, Shelving
from service.web.said import Instant, instant

SCOPE = Scope.__struct_fields__


class Hidden(msgspec.Struct, frozen=True, kw_only=True):
    """One exception that was hidden."""

    case_id: int
    severity: str
    sentence: str
    state: str


class ShelvingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One shelving in a line; `left` is how long it holds still, "" when it is over, which `over` says how."""

    number: int
    scope: str
    by: str
    why: str
    begins: Instant
    until: Instant
    left: str
    over: str
    hid: str
    hides: str
    hidden: tuple[Hidden, ...]
    more: int


class AloneLine(msgspec.Struct, frozen=True, kw_only=True):
    """One exception that is on the shelf by itself."""

    hidden: Hidden
    by: str
    why: str
    until: Instant | None


def shelving_line(one: Shelving, hid: int, hides: int, hidden: Iterable[Case], now: Nanos) -> ShelvingLine:
    """Return one shelving in a line, with the newest exceptions that it hid."""
    shown = tuple(hidden_line(case) for case in hidden)
    return ShelvingLine(
        number=one.number,
        scope=one.scope.words,
        by=one.by,
        why=one.why,
        begins=instant(one.at),
        until=instant(one.until),
        left=f"for another {span(one.until - now)}" if one.in_force(now) else "",
        over=_over(one, now),
        hid=f"{hid:,}",
        hides=f"{hides:,}",
        hidden=shown,
        more=max(0, hid - len(shown)),
    )


def _over(one: Shelving, now: Nanos) -> str:
    if one.ended_at is not None:
        ended = instant(one.ended_at)
        return f"ended early by {one.ended_by}, {ended.day} {ended.time}"
    return "" if now < one.until else "its time ran out"


def hidden_line(case: Case) -> Hidden:
    """Return one exception in a line."""
    return Hidden(case_id=case.case_id, severity=case.severity.value, sentence=case.sentence, state=case.state.words)


def alone_line(case: Case, by: str, why: str) -> AloneLine:
    """Return one exception that somebody shelved by itself."""
    until = None if case.shelved_until is None else instant(case.shelved_until)
    return AloneLine(hidden=hidden_line(case), by=by, why=why, until=until)


def scope_of(given: Mapping[str, str]) -> Scope:
    """Return the scope that a form names: what was left empty names nothing."""
    return Scope(**{name: text for name in SCOPE if (text := given.get(name, "").strip())})
