"""YAML text as a tree with line numbers, read piece by piece while every problem is collected.

Refuses to open files and to guess: a scalar stays the text that was written, so that 0.01 never becomes a float.
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

import msgspec
import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20
_MOST_NODES = 50_000
_Word = TypeVar("_Word", bound=StrEnum)


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with a configuration text: on which line (0: the text as a whole), and what to do."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


class ReadingError(ValueError):
    """A configuration text cannot be used; `problems` says everything that is wrong with it, at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = [str(problem) for problem in sorted(problems, key=lambda problem: problem.line)]
        super().__init__("; ".join(self.problems))


class Scalar(msgspec.Struct, frozen=True):
    """A written value, as text."""

    text: str
    line: int


class Listing(msgspec.Struct, frozen=True):
    """A YAML sequence."""

    items: tuple[Node, ...]
    line: int


class Block(msgspec.Struct, frozen=True):
    """A YAML mapping; `lines` are those of its keys."""

    items: dict[str, Node]
    lines: dict[str, int]
    line: int


Node = Scalar | Listing | Block


class Reader:
    """Takes a tree apart and remembers everything that is wrong with it in `problems`; never stops at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._nodes = 0

    def refuse(self, node: Node | int, text: str) -> None:
        """Note a problem at a node or a line."""
        self.problems.append(Problem(node if isinstance(node, int) else node.line, text))

    def tree(self, text: str) -> Node | None:
        """Return the tree of a YAML text, None for an empty text and for one that is not YAML."""
        try:
            root = yaml.compose(text, Loader=_LOADER)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            said = getattr(error, "problem", None) or "it holds a character that YAML does not allow"
            self.refuse(mark.line + 1 if mark else 0, f"this is not YAML: {said}")
            return None
        return self._node(root, 0) if root else None

    def _node(self, node: yaml.Node, depth: int) -> Node:
        line = node.start_mark.line + 1
        self._nodes += 1
        if depth > _DEEPEST or self._nodes > _MOST_NODES:
            if self._nodes <= _MOST_NODES + 1:  # said once, however much follows
                self.refuse(line, f"nested deeper than {_DEEPEST} levels or longer than {_MOST_NODES} values")
            return Scalar("", line)
        if isinstance(node, yaml.SequenceNode):
            return Listing(tuple(self._node(item, depth + 1) for item in node.value), line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        return Scalar(str(node.value), line)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> Block:
        items: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key_node, value in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in items:
                self.refuse(line, f"{key} is written twice; first on line {lines[key]}")
            items[key] = self._node(value, depth + 1)
            lines[key] = line
        return Block(items, lines, node.start_mark.line + 1)

    def block(self, node: Node | None, what: str, known: tuple[str, ...]) -> Block:
        """Return a mapping (an empty one for nothing), with each key that is not known refused."""
        if node is None or (isinstance(node, Scalar) and not node.text):
            return Block({}, {}, node.line if node else 0)
        if not isinstance(node, Block):
            expected = f"keys among {', '.join(known)}" if known else "no keys"
            self.refuse(node, f"{what} is not a mapping; expected {expected}")
            return Block({}, {}, node.line)
        for key in node.items:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"expected {', '.join(known) or 'no keys'}"
                self.refuse(node.lines[key], f'{what} knows no "{key}"; {hint}')
        return node

    def scalar(self, node: Node | None, what: str) -> str | None:
        """Return a single value's text, None where there is none."""
        if node is None or isinstance(node, Scalar):
            return node.text if node else None
        self.refuse(node, f"{what} is one value, not a list or a mapping")
        return None

    def listing(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """Return a list's items, none where there is nothing."""
        if node is None or (isinstance(node, Scalar) and not node.text):
            return ()
        if isinstance(node, Listing):
            return node.items
        self.refuse(node, f"{what} is a list")
        return ()

    def word(self, node: Node | None, what: str, words: type[_Word]) -> _Word | None:
        """Return the member of an enum that is written, None where nothing is."""
        text = self.scalar(node, what)
        if node is None or text is None:
            return None
        try:
            return words(text)
        except ValueError:
            self.refuse(node, f'{what} cannot be "{text}"; expected one of {", ".join(words)}')
            return None
