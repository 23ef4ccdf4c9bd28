"""One rule's own lines changed in the text of a rulebook: every other line, comments included, stays as it is. Pure.

Scopes are not touched; what a scope does not say itself follows the rule's own lines. A text whose form makes that
impossible (a line that two rules share by an anchor) is refused rather than rewritten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import yaml

from rules.cards import catalogue
from rules.facts import Level
from rules.finding import Severity
from rules.limit_words import limit_words
from rules.reading import ReadingError
from rules.rule import Card, Kind
from rules.rulebook import Rulebook, RuleSettings, parse_rulebook
from rules.rulebook_changes import rulebook_changes
from rules.units import number, setting
from service.change.proposals import Refused

Path = tuple[str, ...]
FLAGS = {True: "true", False: "false"}
SHARED = "the rulebook's text is written so that this rule cannot be changed alone; propose the whole text instead"


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody filled in for a rule, as text; "" leaves a setting as it is."""

    enabled: str = ""
    severity: str = ""
    level: str = ""
    parameters: Mapping[str, str] = {}


def filled_of(card: Card, settings: RuleSettings) -> Filled:
    """Return a rule's own lines as somebody would fill them in."""
    return Filled(
        enabled=FLAGS[settings.enabled],
        severity=settings.severity.value,
        level=settings.level.value if settings.level else "",
        parameters={
            name: limit_words(parameter.kind, settings.limits[name]) for name, parameter in card.parameters.items()
        },
    )


def changed_text(text: str, rule: str, filled: Filled) -> str | Refused:
    """Return the rulebook's text with the rule set as filled in, or everything that stands against it."""
    card, before = catalogue()[rule].card, parse_rulebook(text)
    problems = list(_problems(card, filled))
    if problems:
        return Refused(tuple(problems))
    edits = list(_edits(card, before.settings(rule), filled))
    if not edits:
        return Refused((f"nothing of {rule} would change",))
    made = text
    try:
        for path, value in edits:
            made = written(made, ("rules", rule, *path), value)
    except yaml.YAMLError:
        return Refused((SHARED,))
    return made if changes_only(rule, before, made, edits) else Refused((SHARED,))


def _problems(card: Card, filled: Filled) -> Iterator[str]:
    if filled.enabled and number(Kind.FLAG, filled.enabled) is None:
        yield f'enabled: "{filled.enabled}" is not usable; expected true or false'
    if filled.severity and filled.severity not in list(Severity):
        yield f'severity: "{filled.severity}" is none; expected one of {", ".join(Severity)}'
    if filled.level and (card.level is None or filled.level not in list(Level)):
        yield f'level: "{filled.level}" is none; expected one of {", ".join(Level)}'
    for name, text in filled.parameters.items():
        value = (
            setting(card.parameters[name], text) if name in card.parameters else f"{card.name} has no such parameter"
        )
        if text and isinstance(value, str):
            yield f"{name}: {value}"


def _edits(card: Card, before: RuleSettings, filled: Filled) -> Iterator[tuple[Path, str]]:
    """Yield what is to be written where: that which means something else than what is in force."""
    if filled.enabled and number(Kind.FLAG, filled.enabled) != before.enabled:
        yield ("enabled",), filled.enabled
    if filled.severity and filled.severity != before.severity:
        yield ("severity",), filled.severity
    if filled.level and filled.level != before.level:
        yield ("level",), filled.level
    for name, text in filled.parameters.items():
        if text and number(card.parameters[name].kind, text) != before.limits[name]:
            yield ("parameters", name), text.strip()


def changes_only(rule: str, before: Rulebook, text: str, edits: Sequence[tuple[Path, str]]) -> bool:
    """Return whether the new text changes this rule, every setting that was to change, and nothing else."""
    try:
        changes = rulebook_changes(before, parse_rulebook(text))
    except ReadingError:
        return False
    told = {change.what for change in changes}
    return {change.rule for change in changes} == {rule} and {path[-1] for path, _ in edits} <= told


def written(text: str, path: Path, value: str) -> str:
    """Return a YAML text with the value at a path of keys; what is not there yet comes at the head of its block."""
    node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        head = text if not text or text.endswith("\n") else f"{text}\n"
        return f"{head}{_nested(path, value)}\n"
    for depth, key in enumerate(path):
        if not isinstance(node, yaml.MappingNode):
            return _replaced(text, node, f"{{{_nested(path[depth:], value)}}}")
        found = next((one for name, one in node.value if name.value == key), None)
        if found is None:
            return _inserted(text, node, _nested(path[depth:], value))
        node = found
    return _replaced(text, node, value)


def _nested(path: Path, value: str) -> str:
    """Return keys within keys: "a: {b: {c: value}}"."""
    first, *rest = path
    return f"{first}: {{{_nested(tuple(rest), value)}}}" if rest else f"{first}: {value}"


def _replaced(text: str, node: yaml.Node, value: str) -> str:
    begin, end = node.start_mark.index, node.end_mark.index
    space = "" if text[begin - 1 : begin].isspace() else " "  # an empty value stands right behind its colon
    return f"{text[:begin]}{space}{value}{text[end:]}"


def _inserted(text: str, node: yaml.MappingNode, entry: str) -> str:
    begin = node.start_mark.index
    if node.flow_style:
        return f"{text[: begin + 1]}{entry}{', ' if node.value else ''}{text[begin + 1 :]}"
    return f"{text[:begin]}{entry}\n{' ' * node.start_mark.column}{text[begin:]}"
