"""The catalogue as it is in force: a line a rule, by family, with what came of it lately. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from rules.finding import Scope
from rules.limit_words import limit_words
from rules.rule import Card, Limits, LooksAt, Rule
from rules.rulebook import Rulebook, RuleSettings
from rules.units import number
from service.quality.record import Record
from service.quality.tally import Quality, Share
from service.rule_counts import RuleRecord

FAMILIES = {
    "Executions": "price, speed and venue of each execution",
    "Orders": "what became of orders: filled, refused, answered, cancelled",
    "After the execution": "how the market moved behind the execution",
    "What could not be judged": "quotes and clocks that are missing, late or at odds",
    "Sessions and messages": "gaps, silence, messages that contradict each other, and the watch itself",
}
"""Name and what is in it, in the order of the page."""
NOTHING = RuleRecord()
_MILLION = 1_000_000


class LimitShown(msgspec.Struct, frozen=True, kw_only=True):
    """One limit in force; `default` is the card's where it differs."""

    name: str
    value: str
    default: str = ""


class RuleLine(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of the list; `state` is "on", "off", or "in scopes only"."""

    name: str
    title: str
    severity: str
    card_severity: str
    state: str
    limits: tuple[LimitShown, ...]
    scopes: int
    record: RuleRecord
    judged: str
    measured: str


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """Rules that look at the same side of the flow."""

    name: str
    about: str
    rules: tuple[RuleLine, ...]


def families(
    rules: Mapping[str, Rule], book: Rulebook, records: Mapping[str, RuleRecord], measured: Record | None
) -> list[Family]:
    """Return every rule of the catalogue in its family."""
    found = {one.rule: one for one in measured.rules} if measured else {}
    grouped: dict[str, list[RuleLine]] = {name: [] for name in FAMILIES}
    for name, rule in rules.items():
        line = rule_line(rule.card, book.settings(name), records.get(name, NOTHING), found.get(name))
        grouped[family_of(rule.card)].append(line)
    return [Family(name=name, about=FAMILIES[name], rules=tuple(lines)) for name, lines in grouped.items()]


def family_of(card: Card) -> str:
    """Return the family of a rule, by what it looks at."""
    if card.scope is Scope.FEED:
        return "What could not be judged" if LooksAt.FILL in card.looks_at else "Sessions and messages"
    if LooksAt.FILL in card.looks_at:
        return "Executions"
    return "After the execution" if {LooksAt.MARKOUT, LooksAt.FADE} & {*card.looks_at} else "Orders"


def rule_line(card: Card, settings: RuleSettings, record: RuleRecord, measured: Quality | None) -> RuleLine:
    """Return one rule's line."""
    return RuleLine(
        name=card.name,
        title=card.title,
        severity=settings.severity.value,
        card_severity=card.severity.value,
        state=state_of(settings),
        limits=tuple(limits_shown(card, settings.limits)),
        scopes=len(settings.scopes),
        record=record,
        judged=judged(record),
        measured=share_words(measured.precision) if measured and measured.precision else "",
    )


def state_of(settings: RuleSettings) -> str:
    """Return whether a rule is on."""
    if settings.enabled:
        return "on"
    return "in scopes only" if settings.in_force else "off"


def limits_shown(card: Card, limits: Limits) -> Iterable[LimitShown]:
    """Yield the limits in force in the order of the card, each beside the card's where they differ."""
    for name, parameter in card.parameters.items():
        own = number(parameter.kind, parameter.default) == limits[name]
        value = parameter.default if own else limit_words(parameter.kind, limits[name])
        yield LimitShown(name=name, value=value, default="" if own else parameter.default)


def judged(record: RuleRecord) -> str:
    """Return the precision by the reasons with which people closed: "34 of 36 true (94 %)", "" where none said."""
    decided = record.true + record.false
    return f"{record.true} of {decided} true ({record.true * 100 // decided} %)" if decided else ""


def share_words(share: Share) -> str:
    """Return a share with its interval: "292 of 293 (98–100 %)"."""
    low, high = share.low * 100 // _MILLION, -(-share.high * 100 // _MILLION)
    return f"{share.hits} of {share.count} ({low}–{high} %)"
