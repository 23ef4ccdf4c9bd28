"""Guesses → the text of a dialect: what was in force and differs from the default, then each guess with its evidence.

Pure. Whatever it writes parses; a guess that would not is left out and named in a comment.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from service.fix.dialect import DialectError, parse_dialect
from service.fix.trial.part import Guess

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*")
_HEAD = "# A draft by `sorwatch dialect try`. A line under a remark is a guess: have the vendor confirm it."


def draft(text: str, guesses: list[Guess]) -> str:
    """Return the draft: the dialect in force (`text`) with the guesses in it."""
    tree = _needed(yaml.load(text, yaml.BaseLoader))  # noqa: S506 # BaseLoader makes text only
    remarks: dict[tuple[str, ...], list[str]] = {}
    refused = []
    for guess in guesses:
        changed = _with(tree, guess)
        problems = _problems(changed)
        if problems:
            refused.append(f"# not drafted: {'.'.join(guess.path)} ({guess.evidence}): {'; '.join(problems)}")
        else:
            tree = changed
            remarks.setdefault(guess.path, []).append(guess.evidence)
    lines = [_HEAD, ""]
    for key, value in tree.items():
        lines += _section(key, value, remarks)
    return "\n".join([*lines, *refused]) + "\n"


def _with(tree: dict[str, Any], guess: Guess) -> dict[str, Any]:
    """Return the tree with the guess in it; lists and tables grow, everything else is replaced."""
    *sections, key = guess.path
    if sections:
        inner = tree.get(sections[0])
        below = Guess((key,), guess.value, guess.evidence, guess.replaces)
        return {**tree, sections[0]: _with(inner if isinstance(inner, dict) else {}, below)}
    before = tree.get(key)
    value: Any = guess.value
    if isinstance(value, dict):
        value = {**(before if isinstance(before, dict) else {}), **value}
    elif isinstance(value, list) and isinstance(before, list) and not guess.replaces:
        value = [*before, *(word for word in value if word not in before)]
    return {**tree, key: value}


def _needed(tree: dict[str, Any]) -> dict[str, Any]:
    """Return the tree without the keys that only repeat a default."""
    whole = parse_dialect(dumped(tree))
    kept = dict(tree)
    for key in tree:
        without = {name: value for name, value in kept.items() if name != key}
        if key != "begin_string" and parse_dialect(dumped(without)) == whole:
            kept = without
    return kept


def _problems(tree: dict[str, Any]) -> list[str]:
    try:
        parse_dialect(dumped(tree))
    except DialectError as error:
        return error.problems
    return []


def dumped(tree: dict[str, Any]) -> str:
    """Return the tree as YAML, a line for each key and a block for each section."""
    return "\n".join(line for key, value in tree.items() for line in _section(key, value, {}))


def _section(key: str, value: Any, remarks: dict[tuple[str, ...], list[str]]) -> list[str]:
    above = [f"# {_one_line(words)}" for words in remarks.get((key,), [])]
    if not isinstance(value, dict):
        return [*above, f"{key}: {_flow(value)}", ""]
    lines = [*above, f"{_word(key)}:"]
    for name, inner in value.items():
        lines += [f"  # {_one_line(words)}" for words in remarks.get((key, name), [])]
        lines.append(f"  {_word(name)}: {_flow(inner)}")
    return [*lines, ""] if value else [*above, f"{_word(key)}: {{}}", ""]


def _one_line(words: str) -> str:
    """Return a remark that stays one: what a vendor wrote can hold anything."""
    return "".join(each if each.isprintable() else "?" for each in words)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_word(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(inner) for inner in value) + "]"
    return _word(value)


def _word(text: str) -> str:
    """Return the text as one value: bare when nothing in it could be read otherwise, else in double quotes."""
    if (_WORD.fullmatch(text) and not text.endswith(("-", "."))) or re.fullmatch(r"[a-z]+ \d+|\d+ [a-z]+", text):
        return text
    return '"' + "".join(each if each.isprintable() and each not in '"\\' else _escaped(each) for each in text) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\{character}" if character in '"\\' else f"\\U{code:08x}"
