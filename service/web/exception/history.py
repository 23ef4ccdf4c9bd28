"""The history of an exception as lines: who did what when, in which words, with the hash of each link. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from rules.reassessment import Verdict
from service.cases.actor import CASEWORKER, TIMER
from service.cases.case import CaseEvent
from service.cases.rules import Rules
from service.cases.states import Action
from service.web.said import Instant, instant

PROGRAM = "sorwatch"
FOLDED = 4
"""So many steps of the program in a row by which an exception only grew are told as one."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One link of a case's history: `more` is what was given besides words, `under` in which roles and by which way."""

    n: int
    at: Instant
    actor: str
    action: str
    note: str
    more: str
    under: str
    hash: str


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Steps that are told together: in `summary`, or where that is "" each by itself."""

    steps: tuple[Step, ...]
    summary: str


def history(events: Sequence[CaseEvent], rules: Rules) -> tuple[Stretch, ...]:
    """Return the history, oldest first; long runs in which it only grew are folded."""
    return tuple(_stretches(events, rules))


def _stretches(events: Sequence[CaseEvent], rules: Rules) -> Iterator[Stretch]:
    for grew, run in groupby(events, key=lambda event: event.action is Action.ADD):
        found = list(run)
        steps = tuple(step(event, rules) for event in found)
        if grew and len(found) >= FOLDED:
            count = sum(int(msgspec.json.decode(event.body).get("findings", 0)) for event in found)
            yield Stretch(steps=steps, summary=f"grew {len(found):,} times, {_count(count)}")
        else:
            yield from (Stretch(steps=(one,), summary="") for one in steps)


def step(event: CaseEvent, rules: Rules) -> Step:
    """Return one line of history."""
    body = msgspec.json.decode(event.body)
    return Step(
        n=event.n,
        at=instant(event.at),
        actor=PROGRAM if event.actor in (CASEWORKER, TIMER) else event.actor,
        action=event.action.past,
        note=body.get("note") or "",
        more="; ".join((*_given(body, rules), *_done(body))),
        under=_under(body),
        hash=event.hash.hex(),
    )


def _given(body: Mapping[str, Any], rules: Rules) -> Iterator[str]:
    """Yield what goes with an action besides words."""
    if body.get("counts_as"):
        reason = rules.reason(body.get("reason"))
        yield reason.words if reason else f"reason {body.get('reason')}"
        yield f"counts as {str(body['counts_as']).replace('_', ' ')}"
    if isinstance(until := body.get("until"), int):
        yield f"until {instant(until).day} {instant(until).time}"
    for name, words in (("ticket", "ticket"), ("assignee", "to"), ("role", "to"), ("shelving", "shelving")):
        if body.get(name) is not None:
            yield f"{words} {body[name]}"
    if body.get("bulk"):
        yield f"one decision with others, {body['bulk'][:8]}"


def _under(body: Mapping[str, Any]) -> str:
    """Return in which roles somebody acted, and by which way if not by the page."""
    roles = ", ".join(body.get("roles", ()))
    way = {"api": "by the API", "command": "at the command line"}.get(body.get("how", ""), "")
    return ", ".join(part for part in (roles, way) if part)


def _done(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the program did: findings that came in, the incident that it is part of, or second looks."""
    if "incident" in body:
        yield f"incident {body['incident']} ({body['about']})"
    elif isinstance(findings := body.get("findings"), int):
        yield _count(findings)
    elif verdicts := [f"{body[verdict.value]} {verdict.value}" for verdict in Verdict if verdict.value in body]:
        yield ", ".join(verdicts)


def _count(findings: int) -> str:
    return "1 finding" if findings == 1 else f"{findings:,} findings"
