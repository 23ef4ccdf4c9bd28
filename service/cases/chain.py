"""The chain of a case's history: each event covers the one before, and says what it changed. Pure.

The body of an event holds what was done and, under `now`, each value of the case that it changed, so that the case can
be made again from its events alone.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from rules.facts import Nanos
from rules.finding import Value
from service.cases.case import GENESIS, Acted, Case, CaseEvent, Notice, Touch
from service.cases.states import PERSONAL, Action

_OF_THE_LINK = ("n", "head", "updated_at", "touch")
"""Values that the event itself tells."""
_TOLD = tuple(field for field in Case.__struct_fields__ if field not in _OF_THE_LINK)
Said = dict[str, Value | list[str]]


def link(previous: bytes, case_id: int, n: int, at: int, actor: str, action: str, body: bytes) -> bytes:
    """Return the SHA-256 that chains one event to the one before."""
    text = msgspec.json.encode([case_id, n, at, actor, action])
    return hashlib.sha256(previous + text + body).digest()


def first_broken(events: list[CaseEvent]) -> int | None:
    """Return the n of the first event whose link does not hold, None when the chain is whole."""
    previous = GENESIS
    for expected, event in enumerate(events, start=1):
        good = link(previous, event.case_id, expected, event.at, event.actor, event.action.value, event.body)
        if (event.n, event.previous, event.hash) != (expected, previous, good):
            return expected
        previous = event.hash
    return None


def linked(
    before: Case | None, after: Case, action: Action, actor: str, at: Nanos, said: Said, why: str | None
) -> Acted:
    """Return the case with one more link that says what was done; `why` is the reason of a notice, if any."""
    body = {**said, "state": after.state.value, "severity": after.severity.value, "now": _changed(before, after)}
    text = msgspec.json.encode(body)
    n = after.n + 1
    made = link(after.head, after.case_id, n, at, actor, action.value, text)
    event = CaseEvent(
        case_id=after.case_id, n=n, at=at, actor=actor, action=action, body=text, previous=after.head, hash=made
    )
    case = _told(after, event)
    return Acted(case=case, event=event, notice=None if why is None else Notice(case=case, reason=why))


def rebuilt(events: list[CaseEvent]) -> Case | None:
    """Return the case that its events tell of; None where they begin before events told what they changed."""
    values: dict[str, Any] = {}
    touch: Touch | None = None
    for event in events:
        now = msgspec.json.decode(event.body).get("now", {})
        if not values and "case_id" not in now:
            return None
        values.update(now)
        touch = _touch(event) or touch
    if not events:
        return None
    case = msgspec.convert({**values, "updated_at": events[-1].at}, Case)
    return msgspec.structs.replace(case, n=events[-1].n, head=events[-1].hash, touch=touch)


def _told(case: Case, event: CaseEvent) -> Case:
    """Return the case with what the event itself tells."""
    touch = _touch(event) or case.touch
    return msgspec.structs.replace(case, n=event.n, head=event.hash, updated_at=event.at, touch=touch)


def _touch(event: CaseEvent) -> Touch | None:
    if event.action not in PERSONAL or event.action is Action.NOTE:
        return None
    return Touch(event.actor, event.action, event.at, event.n)


def _changed(before: Case | None, after: Case) -> dict[str, Any]:
    return {
        name: msgspec.to_builtins(getattr(after, name))
        for name in _TOLD
        if before is None or getattr(before, name) != getattr(after, name)
    }
