"""The forms of the work on an exception: what this visitor may do to it, in words, and what was written. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from rules.facts import Nanos
from service.access.permissions import May
from service.cases.actor import Actor
from service.cases.asked import LONGEST, TAKES
from service.cases.case import Case, Refused
from service.cases.clocks import span
from service.cases.door import act, allowed
from service.cases.given import MOST_WORDS, NOTHING
from service.cases.permitted import needed
from service.cases.rules import CountsAs, Rules
from service.cases.states import Action, State
from service.web.exception.told import LABELS, NEEDED, ORDER, TOLD, Told, label_of

_COUNTS = {
    CountsAs.TRUE: "The rule was right",
    CountsAs.FALSE: "The rule was wrong",
    CountsAs.NOT_DECIDED: "Not decided",
}


class Group(msgspec.Struct, frozen=True):
    """Choices under one heading: value and words of each."""

    heading: str
    choices: tuple[tuple[str, str], ...]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field: what is asked, what was written, what is wrong with that; with `groups` one of these is chosen."""

    id: str
    name: str
    label: str
    asks: str
    needed: bool
    most: int
    value: str
    wrong: str
    groups: tuple[Group, ...]


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """One action that is offered; `open` is the one at hand, or the one that was refused."""

    action: str
    path: str
    told: Told
    fields: tuple[Field, ...]
    open: bool


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A form that was sent and refused: what was written, and what is wrong with which field."""

    action: Action
    written: Mapping[str, str]
    wrong: Mapping[str, str] = MappingProxyType({})
    over_all: bool = False


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """All that is offered; `barred` says why something is not, `lost` what was written for what is gone meanwhile."""

    forms: tuple[Form, ...]
    barred: str
    lost: tuple[tuple[str, str], ...]
    over_all: bool


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks at the page: as whom, what is allowed, and to whom work can be given."""

    actor: Actor
    may: Collection[May]
    people: Sequence[str] = ()


def work(case: Case, asker: Asker, rules: Rules, now: Nanos, tried: Tried | None = None) -> Work:
    """Return what the visitor may do to a case as it stands."""
    can = {action for action in allowed(case, asker.actor, rules) if needed(action) in asker.may}
    actions = [action for action in ORDER if action in can]
    at_hand = _at_hand(actions, tried)
    return Work(
        forms=tuple(_form(case, action, asker, rules, _written(action, tried, can), at_hand) for action in actions),
        barred=_barred(case, asker, rules, now, can),
        lost=() if tried is None or tried.action in can else tuple(_lost(tried)),
        over_all=tried is not None and tried.over_all,
    )


def _lost(tried: Tried) -> Iterator[tuple[str, str]]:
    for name, text in tried.written.items():
        if name in LABELS and text.strip():
            yield label_of(tried.action, name), text


def path_of(case_id: int, action: Action) -> str:
    """Return where the form of an action goes to: closings have a door of their own."""
    door = "closing" if needed(action) is May.APPROVE_CLOSING else "act"
    return f"/exceptions/{case_id}/{door}/{action.value}"


def _at_hand(actions: Sequence[Action], tried: Tried | None) -> Action | None:
    if tried is not None:
        return tried.action if tried.action in actions else Action.NOTE
    return actions[0] if actions and actions[0] is not Action.NOTE else None


def _written(action: Action, tried: Tried | None, can: Collection[Action]) -> Tried:
    """Return what belongs in a form: what was written into it, or words whose own form is gone into the note."""
    if tried is not None and tried.action is action:
        return tried
    kept = tried is not None and action is Action.NOTE and tried.action not in can
    return Tried(action=action, written={"words": tried.written.get("words", "")} if tried and kept else {})


def _barred(case: Case, asker: Asker, rules: Rules, now: Nanos, can: Collection[Action]) -> str:
    """Return why a closing cannot be approved, or nothing at all be done, by somebody whose role would let them."""
    wanted = Action.APPROVE_CLOSE if case.state is State.IN_REVIEW else Action.NOTE
    if wanted in can or May.ACT not in asker.may:
        return ""
    result = act(case, wanted, asker.actor, NOTHING, now, rules)
    return result.words if isinstance(result, Refused) else ""


def _form(case: Case, action: Action, asker: Asker, rules: Rules, written: Tried, at_hand: Action | None) -> Form:
    return Form(
        action=action.value,
        path=path_of(case.case_id, action),
        told=TOLD[action],
        fields=tuple(_field(case, action, name, asker, rules, written) for name in TAKES[action] if name in LABELS),
        open=action is at_hand,
    )


def _field(case: Case, action: Action, name: str, asker: Asker, rules: Rules, written: Tried) -> Field:
    asks = {
        "words": TOLD[action].asks,
        "until": f"2 h, or 2026-11-20 16:00; at most {span(rules.longest_shelving)}",
        "ticket": "as the vendor calls it",
        "assignee": "name",
    }
    return Field(
        id=f"{action.value}-{name}",
        name=name,
        label=label_of(action, name),
        asks=asks.get(name, ""),
        needed=name in NEEDED.get(action, ()),
        most=MOST_WORDS if name == "words" else LONGEST,
        value=written.written.get(name, ""),
        wrong=written.wrong.get(name, ""),
        groups=_groups(case, name, asker.people, rules),
    )


def _groups(case: Case, name: str, people: Sequence[str], rules: Rules) -> tuple[Group, ...]:
    if name == "reason":
        found = {
            counts: tuple((one.code, one.words) for one in rules.reasons if one.counts_as is counts)
            for counts in CountsAs
        }
        return tuple(Group(_COUNTS[counts], choices) for counts, choices in found.items() if choices)
    if name == "assignee":
        return (Group("", tuple((one, one) for one in people)),) if people else ()
    if name == "role":
        usual = rules.limits[case.severity].escalate_to
        others = {limits.escalate_to for limits in rules.limits.values()} | {"supervisor", "compliance"}
        return (Group("", ((usual, usual), *((one, one) for one in sorted(others - {usual})))),)
    return ()
