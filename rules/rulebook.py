"""The rulebook: the catalogue with the firm's overrides, frozen and hashed. Text in; files are the shell's business."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from rules.cards import catalogue
from rules.facts import SECOND, Level, Nanos
from rules.finding import Severity
from rules.reading import Block, Node, Reader, ReadingError
from rules.rule import Card, Kind, Parameter
from rules.scope_reading import SymbolLists, read_symbol_lists, read_when
from rules.scopes import MOST_COMBINATIONS, Scoped, clashes, combinations, specificity
from rules.units import number, setting

GROUPINGS = ("rule", "counterparty", "session", "cause", "subject", "symbol", "venue", "accounts", "trade_date")
"""What a case may be grouped by: fields of a finding."""
DEFAULT_GROUPING = ("rule", "counterparty", "cause")
DEFAULT_COOLDOWN = Nanos(15 * 60 * SECOND)
DEFAULT_INCIDENT_SPAN = Nanos(10 * 60 * SECOND)

_FLAG = Parameter(kind=Kind.FLAG, default="true", meaning="")
_COOLDOWN = Parameter(kind=Kind.DURATION, default="15 min", meaning="")
_SPAN = Parameter(kind=Kind.DURATION, default="10 min", meaning="")
_CHOICE = ("enabled", "severity", "level", "parameters")
_KEYS = (*_CHOICE, "scopes", "grouping", "cooldown")
_SCOPE_KEYS = ("when", *_CHOICE)
Choice = dict[str, Any]
"""What one line chooses: whether it is enabled, severity, level, and the limits by name."""


class RulebookError(ReadingError):
    """The firm's rulebook cannot be used."""


class RuleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One rule as it is in force. `grouping` and `cooldown` are for cases only and never change a finding.

    `scopes` are the lines that decide in place of the rule's own, the most specific first.
    """

    name: str
    version: int
    enabled: bool
    severity: Severity
    level: Level | None
    limits: dict[str, int]
    grouping: tuple[str, ...] = DEFAULT_GROUPING
    cooldown: Nanos = DEFAULT_COOLDOWN
    scopes: tuple[Scoped, ...] = ()

    @property
    def in_force(self) -> bool:
        """Return whether the rule is enabled at all, be it in one of its scopes alone."""
        return self.enabled or any(scope.enabled for scope in self.scopes)

    def under(self, scope: Scoped) -> RuleSettings:
        """Return the settings of the line that the scope is."""
        chosen = {name: getattr(scope, name) for name in ("enabled", "severity", "level", "limits")}
        return msgspec.structs.replace(self, **chosen, scopes=())


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


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """On which line of a text a rule's own words or one of its scopes begins, and each setting; no line: not written.

    A setting is named as in the text: "enabled", "severity", "level", or a parameter.
    """

    line: int | None
    settings: dict[str, int]


Lines = dict[str, dict[str, Written]]
"""By rule, the lines of each scope under its key, and those of the rule's own words under ""."""


def parse_rulebook(text: str) -> Rulebook:
    """Return catalogue + the firm's text (which may be empty); raise RulebookError with every problem and its line."""
    return read_rulebook(text)[0]


def read_rulebook(text: str) -> tuple[Rulebook, Lines]:
    """Return the rulebook of a text, and on which of its lines what is written."""
    reader, lines = Reader(), Lines()
    top = reader.block(reader.tree(text), "the rulebook", ("version", "incident_span", "symbol_lists", "rules"))
    lists = read_symbol_lists(reader, top.items.get("symbol_lists"))
    chosen = reader.block(top.items.get("rules"), "the catalogue", tuple(catalogue()))
    rules = []
    for name, rule in catalogue().items():
        lines[name] = {}
        rules.append(_settings(reader, rule.card, chosen, lists, lines[name]))
    version = reader.scalar(top.items.get("version"), "version") or "catalogue"
    span = Nanos(_number(reader, top.items.get("incident_span"), "incident_span", _SPAN, DEFAULT_INCIDENT_SPAN))
    if reader.problems:
        raise RulebookError(reader.problems)
    return Rulebook(version=version, hash=_hash(rules), rules=tuple(rules), incident_span=span), lines


def _hash(rules: list[RuleSettings]) -> str:
    judged = [msgspec.structs.replace(rule, grouping=(), cooldown=Nanos(0)) for rule in rules]
    return hashlib.sha256(msgspec.json.encode(judged, order="sorted")).hexdigest()


def _settings(reader: Reader, card: Card, chosen: Block, lists: SymbolLists, lines: dict[str, Written]) -> RuleSettings:
    block = reader.block(chosen.items.get(card.name), card.name, _KEYS)
    item = block.items.get
    own = _choice(reader, card, block, _of_card(card))
    lines[""] = _written(block, chosen.lines.get(card.name))
    return RuleSettings(
        name=card.name,
        version=card.version,
        **own,
        grouping=_grouping(reader, item("grouping"), f"{card.name}.grouping"),
        cooldown=Nanos(_number(reader, item("cooldown"), f"{card.name}.cooldown", _COOLDOWN, DEFAULT_COOLDOWN)),
        scopes=_scopes(reader, card, reader.listing(item("scopes"), f"{card.name}.scopes"), own, lists, lines),
    )


def _of_card(card: Card) -> Choice:
    limits = {name: number(parameter.kind, parameter.default) for name, parameter in card.parameters.items()}
    return {"enabled": True, "severity": card.severity, "level": card.level, "limits": limits}


def _choice(reader: Reader, card: Card, block: Block, default: Choice) -> Choice:
    """Return what a rule's own lines, or one of its scopes, choose; where they are silent, the default holds."""
    item = block.items.get
    severity = reader.word(item("severity"), f"{card.name}.severity", Severity)
    return {
        "enabled": bool(_number(reader, item("enabled"), f"{card.name}.enabled", _FLAG, default["enabled"])),
        "severity": severity or default["severity"],
        "level": _level(reader, card, item("level")) or default["level"],
        "limits": _limits(reader, card, item("parameters"), default["limits"]),
    }


def _written(block: Block, line: int | None) -> Written:
    settings = {name: block.lines[name] for name in _CHOICE if name in block.lines}
    parameters = block.items.get("parameters")
    return Written(line=line, settings=settings | (parameters.lines if isinstance(parameters, Block) else {}))


def _scopes(
    reader: Reader, card: Card, nodes: tuple[Node, ...], own: Choice, lists: SymbolLists, lines: dict[str, Written]
) -> tuple[Scoped, ...]:
    """Return the lines that decide in place of the rule's own; refuse those of which none is the more specific."""
    problems, scopes = len(reader.problems), []
    for node in nodes:
        block = reader.block(node, f"{card.name}.scopes", _SCOPE_KEYS)
        when, words = read_when(reader, block.items.get("when"), card, lists, node.line)
        scopes.append(Scoped(when=when, words=words, **_choice(reader, card, block, own)))
        lines[scopes[-1].key] = _written(block, node.line)
    if len(reader.problems) == problems:
        _unclear(reader, card, nodes, scopes)
    return tuple(sorted(scopes, key=lambda scope: (*specificity(scope.when), scope.words)))


def _unclear(reader: Reader, card: Card, nodes: tuple[Node, ...], scopes: list[Scoped]) -> None:
    """Note each pair of scopes that may decide for one fact, and scopes that name too much to tell."""
    whens = [scope.when for scope in scopes]
    named = sum(map(combinations, whens))
    if named > MOST_COMBINATIONS:
        most = f"expected at most {MOST_COMBINATIONS}"
        reader.refuse(nodes[0], f"the scopes of {card.name} name {named} combinations of words; {most}")
        return
    for first, second in clashes(whens):
        reader.refuse(
            nodes[second],
            f"{card.name}: this scope ({scopes[second].words}) and that of line {nodes[first].line} "
            f"({scopes[first].words}) name the same and overlap: neither is the more specific",
        )


def _limits(reader: Reader, card: Card, node: Node | None, default: dict[str, int]) -> dict[str, int]:
    block = reader.block(node, f"{card.name}.parameters", tuple(card.parameters))
    return {
        name: _number(reader, block.items.get(name), f"{card.name}.{name}", parameter, default[name])
        for name, parameter in card.parameters.items()
    }


def _number(reader: Reader, node: Node | None, what: str, parameter: Parameter, default: int) -> int:
    """Return the written value, the default where nothing (or nothing usable) is written."""
    text = reader.scalar(node, what)
    if node is None or text is None:
        return default
    value = setting(parameter, text)
    if isinstance(value, int):
        return value
    reader.refuse(node, f"{what}: {value}")
    return default


def _level(reader: Reader, card: Card, node: Node | None) -> Level | None:
    if card.level is None and node is not None:
        reader.refuse(node, f"{card.name} counts no level; take the line out")
    return reader.word(node, f"{card.name}.level", Level)


def _grouping(reader: Reader, node: Node | None, what: str) -> tuple[str, ...]:
    items = reader.listing(node, what)
    words = tuple(reader.scalar(item, what) or "" for item in items)
    for item, word in zip(items, words, strict=True):
        if word not in GROUPINGS:
            reader.refuse(item, f'{what} cannot hold "{word}"; expected some of {", ".join(GROUPINGS)}')
    return words or DEFAULT_GROUPING
