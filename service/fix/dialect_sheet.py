"""One section of a dialect read key by key: typed values out, every problem noted with its line, unknown keys too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from rules.facts import Nanos
from rules.reading import Block, Listing, Node, Reader, Scalar
from rules.rule import Kind
from rules.units import EXPECTED, number
from service.fix.habits import Marks, Places

T = TypeVar("T")
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_SPREAD = ("party", "stamp")
_MOST_CHOICES = 12


class Sheet:
    """A block of YAML; a key that is absent has its default, a key that nobody asked for is a problem."""

    def __init__(self, node: Node, name: str, reader: Reader) -> None:
        self._reader = reader
        self._name = name
        self._asked: set[str] = set()
        self._block = node if isinstance(node, Block) else Block({}, {}, node.line)
        if not isinstance(node, Block) and not _empty(node):
            self.say("", "expected keys and values")

    def section(self, key: str) -> Sheet:
        """Return the section under a key; an absent one is empty."""
        node = self._take(key)
        return Sheet(node or Block({}, {}, self._block.line), self._path(key), self._reader)

    def has(self, key: str) -> bool:
        """Return whether the key is written."""
        return key in self._block.items

    def done(self) -> None:
        """Complain of every key that nobody asked for."""
        for key in self._block.items:
            if key not in self._asked:
                self.say(key, f"unknown key; known here: {', '.join(sorted(self._asked))}")

    def say(self, key: str, words: str) -> None:
        """Note a problem with a key, or with the section."""
        line = self._block.lines.get(key, self._block.line)
        path = self._path(key) if key else self._name
        self._reader.refuse(line, f"{path}: {words}" if path else words)

    def text(self, key: str, default: str) -> str:
        """Return the words under a key."""
        node = self._take(key)
        if node is None:
            return default
        if isinstance(node, Scalar):
            return node.text
        self.say(key, "expected one value")
        return default

    def choice(self, key: str, choices: Mapping[str, T], default: T) -> T:
        """Return what the written word stands for."""
        node = self._take(key)
        if node is None:
            return default
        if isinstance(node, Scalar) and node.text in choices:
            return choices[node.text]
        written = f"{node.text!a} is not known" if isinstance(node, Scalar) else "expected one value"
        known = f"; expected {', '.join(choices)}" if len(choices) <= _MOST_CHOICES else ""
        self.say(key, f"{written}{known}")
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        return self.choice(key, _FLAGS, default)

    def duration(self, key: str, default: Nanos) -> Nanos:
        """Return a length of time, which is written with its unit: `5 s`."""
        text = self.text(key, "")
        if not text:
            return default
        length = number(Kind.DURATION, text)
        if length is None:
            self.say(key, f"{text!a} is not usable; expected {EXPECTED[Kind.DURATION]}")
        return default if length is None else Nanos(length)

    def words(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return a list of words; one word alone is a list of one."""
        node = self._take(key)
        return default if node is None else self._words(key, node)

    def table(self, key: str, default: dict[str, str]) -> dict[str, str]:
        """Return code → word."""
        node = self._take(key)
        return default if node is None else self._table(key, node)

    def tables(self, key: str, default: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        """Return place → code → word."""
        node = self._take(key)
        if node is None:
            return default
        return {self._place(key, place): self._table(key, codes) for place, codes in self._items(key, node)}

    def marks(self, key: str, default: Marks) -> Marks:
        """Return place → values that count there."""
        node = self._take(key)
        if node is None:
            return default
        items = self._items(key, node)
        return tuple((self._place(key, place), frozenset(self._words(key, values))) for place, values in items)

    def places(self, key: str, default: Places) -> Places:
        """Return places in the order in which they are asked: tags, `party ROLE`, `stamp TYPE`."""
        node = self._take(key)
        return default if node is None else tuple(self._place(key, word) for word in self._words(key, node))

    def kinds(self, key: str, name: str, default: Places) -> Places:
        """Return places of one group by their kinds: `[1]` is `stamp 1`."""
        node = self._take(key)
        if node is None:
            return default
        return tuple(f"{name} {self.checked_tag(key, word)}" for word in self._words(key, node))

    def tag(self, key: str, default: str) -> str:
        """Return one tag number."""
        return self.checked_tag(key, self.text(key, default))

    def checked_tag(self, key: str, word: str) -> str:
        """Return the word, complaining when it is no tag number."""
        if not (word.isascii() and word.isdigit() and word[0] != "0"):
            self.say(key, f"{word!a} is no tag number")
        return word

    def _place(self, key: str, word: str) -> str:
        name, _, number = word.partition(" ")
        if name in _SPREAD:
            self.checked_tag(key, number.strip() or word)
            return f"{name} {number.strip()}"
        return self.checked_tag(key, word)

    def _take(self, key: str) -> Node | None:
        self._asked.add(key)
        return self._block.items.get(key)

    def _words(self, key: str, node: Node) -> tuple[str, ...]:
        items = node.items if isinstance(node, Listing) else (node,)
        words = tuple(item.text for item in items if isinstance(item, Scalar))
        if len(words) != len(items):
            self.say(key, "expected a list of plain values")
        return words

    def _table(self, key: str, node: Node) -> dict[str, str]:
        items = self._items(key, node)
        return {code: value.text for code, value in items if self._plain(key, code, value)}  # type: ignore[union-attr] # plain

    def _plain(self, key: str, code: str, value: Node) -> bool:
        if not isinstance(value, Scalar):
            self.say(key, f"{code} needs one plain value")
        return isinstance(value, Scalar)

    def _items(self, key: str, node: Node) -> list[tuple[str, Node]]:
        if isinstance(node, Block):
            return list(node.items.items())
        if not _empty(node):
            self.say(key, "expected codes and their meanings")
        return []

    def _path(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key


def _empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text in ("", "null", "~")
