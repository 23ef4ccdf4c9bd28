"""The rulebook: the catalogue with the firm's overrides, frozen and hashed. Text in; files are the shell's business."""

from __future__ import annotations

import hashlib

import msgspec

from rules.cards import catalogue
from rules.facts import SECOND, Level, Nanos
from rules.finding import Severity
from rules.reading import Node, Reader, ReadingError
from rules.rule import Card, Kind, Parameter
from rules.units import setting

GROUPINGS = ("rule", "counterparty", "session", "cause", "subject", "symbol", "venue", "accounts", "trade_date")
"""What a case may be grouped by: fields of a finding."""
DEFAULT_GROUPING = ("rule", "counterparty", "cause")
DEFAULT_COOLDOWN = Nanos(15 * 60 * SECOND)
DEFAULT_INCIDENT_SPAN = Nanos(10 * 60 * SECOND)

_FLAG = Parameter(kind=Kind.FLAG, default="true", meaning="")
_COOLDOWN = Parameter(kind=Kind.DURATION, default="15 min", meaning="")
_SPAN = Parameter(kind=Kind.DURATION, default="10 min", meaning="")
_KEYS = ("enabled", "severity", "level", "parameters", "grouping", "cooldown")


class RulebookError(ReadingError):
    """The firm's rulebook cannot be used."""


class RuleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One rule as it is in force. `grouping` and `cooldown` are for cases only and never change a finding."""

    name: str
    version: int
    enabled: bool
    severity: Severity
    level: Level | None
    limits: dict[str, int]
    grouping: tuple[str, ...] = DEFAULT_GROUPING
    cooldown: Nanos = DEFAULT_COOLDOWN


class Rulebook(msgspec.Struct, frozen=True, kw_only=True):
    """Every rule of the catalogue as it is in force.

    `version` is the firm's own name for it. `hash` is the SHA-256 of the canonical JSON of all that can change a
    finding: not the version, the grouping or the cooldown, nor `incident_span`, within which what several rules find of
    one trouble is one incident.
    """

    version: str
    hash: str
    rules: tuple[RuleSettings, ...]
    incident_span: Nanos = DEFAULT_INCIDENT_SPAN

    def settings(self, rule: str) -> RuleSettings:
        """Return the settings of one rule of the catalogue; KeyError when there is no such rule."""
        for settings in self.rules:
            if settings.name == rule:
                return settings
        raise KeyError(rule)


def parse_rulebook(text: str) -> Rulebook:
    """Return catalogue + the firm's text (which may be empty); raise RulebookError with every problem and its line."""
    reader = Reader()
    top = reader.block(reader.tree(text), "the rulebook", ("version", "incident_span", "rules"))
    chosen = reader.block(top.items.get("rules"), "the catalogue", tuple(catalogue()))
    rules = tuple(_settings(reader, rule.card, chosen.items.get(name)) for name, rule in catalogue().items())
    version = reader.scalar(top.items.get("version"), "version") or "catalogue"
    span = Nanos(_number(reader, top.items.get("incident_span"), "incident_span", _SPAN))
    if reader.problems:
        raise RulebookError(reader.problems)
    return Rulebook(version=version, hash=_hash(rules), rules=rules, incident_span=span)


def _hash(rules: tuple[RuleSettings, ...]) -> str:
    judged = [msgspec.structs.replace(rule, grouping=(), cooldown=Nanos(0)) for rule in rules]
    return hashlib.sha256(msgspec.json.encode(judged, order="sorted")).hexdigest()


def _settings(reader: Reader, card: Card, node: Node | None) -> RuleSettings:
    item = reader.block(node, card.name, _KEYS).items.get
    severity = reader.word(item("severity"), f"{card.name}.severity", Severity)
    return RuleSettings(
        name=card.name,
        version=card.version,
        enabled=bool(_number(reader, item("enabled"), f"{card.name}.enabled", _FLAG)),
        severity=severity or card.severity,
        level=_level(reader, card, item("level")),
        limits=_limits(reader, card, item("parameters")),
        grouping=_grouping(reader, item("grouping"), f"{card.name}.grouping"),
        cooldown=Nanos(_number(reader, item("cooldown"), f"{card.name}.cooldown", _COOLDOWN)),
    )


def _limits(reader: Reader, card: Card, node: Node | None) -> dict[str, int]:
    block = reader.block(node, f"{card.name}.parameters", tuple(card.parameters))
    return {
        name: _number(reader, block.items.get(name), f"{card.name}.{name}", parameter)
        for name, parameter in card.parameters.items()
    }


def _number(reader: Reader, node: Node | None, what: str, parameter: Parameter) -> int:
    """Return the written value, the parameter's default where nothing (or nothing usable) is written."""
    text = reader.scalar(node, what)
    value = setting(parameter, parameter.default if text is None else text)
    if isinstance(value, int):
        return value
    reader.refuse(node or 0, f"{what}: {value}")
    return 0


def _level(reader: Reader, card: Card, node: Node | None) -> Level | None:
    if card.level is None and node is not None:
        reader.refuse(node, f"{card.name} counts no level; take the line out")
    return reader.word(node, f"{card.name}.level", Level) or card.level


def _grouping(reader: Reader, node: Node | None, what: str) -> tuple[str, ...]:
    items = reader.listing(node, what)
    words = tuple(reader.scalar(item, what) or "" for item in items)
    for item, word in zip(items, words, strict=True):
        if word not in GROUPINGS:
            reader.refuse(item, f'{what} cannot hold "{word}"; expected some of {", ".join(GROUPINGS)}')
    return words or DEFAULT_GROUPING
