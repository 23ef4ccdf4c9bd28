"""The words of scopes, read from the rulebook's text: lists of symbols, and when a line decides. Pure.

A name of a list is in small letters, so that it is no symbol; a word in small letters that names no list is refused.
"""

from __future__ import annotations

import re
from enum import StrEnum

from rules.facts import OrderType
from rules.reading import Block, Listing, Node, Reader, Scalar
from rules.rule import Card
from rules.scopes import Dimension, When, in_words, tellable
from rules.session_of_day import SessionOfDay

SymbolLists = dict[str, tuple[str, ...]]
_LIST_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_CLOSED: dict[Dimension, type[StrEnum]] = {
    Dimension.ORDER_TYPE: OrderType,
    Dimension.SESSION_OF_DAY: SessionOfDay,
}


def read_symbol_lists(reader: Reader, node: Node | None) -> SymbolLists:
    """Return the symbols of each list; `reader` keeps what is wrong with them."""
    block = reader.block(node, "symbol_lists", _keys(node))
    for name, line in block.lines.items():
        if not _LIST_NAME.fullmatch(name):
            reader.refuse(line, f'symbol_lists: "{name}" is no name; expected small letters, digits, "_" and "-"')
    return {name: _words(reader, symbols, f"symbol_lists.{name}", None) for name, symbols in block.items.items()}


def read_when(reader: Reader, node: Node | None, card: Card, lists: SymbolLists, line: int) -> tuple[When, str]:
    """Return when a line decides, and the same in words; `line` is where it begins."""
    what = f"{card.name}.scopes.when"
    block = reader.block(node, what, tuple(Dimension))
    if not block.items:
        reader.refuse(line, f"{what} names nothing; expected some of {', '.join(tellable(card))}")
    said = {
        dimension: _words(reader, block.items[dimension], f"{what}.{dimension}", _CLOSED.get(dimension))
        for dimension in Dimension
        if dimension in block.items and _told(reader, block, card, dimension)
    }
    when = {dimension: _meant(reader, block, dimension, words, lists) for dimension, words in said.items()}
    return when, in_words(when, said)


def _keys(node: Node | None) -> tuple[str, ...]:
    return tuple(node.items) if isinstance(node, Block) else ("names of lists",)


def _told(reader: Reader, block: Block, card: Card, dimension: Dimension) -> bool:
    """Return whether the rule's facts can tell the dimension; note it where they cannot."""
    known = tellable(card)
    if dimension not in known:
        kinds = " and ".join(kind.replace("_", " ") for kind in card.looks_at)
        words = f"{card.name} looks at facts ({kinds}) that tell no {dimension}; expected some of {', '.join(known)}"
        reader.refuse(block.lines[dimension], words)
    return dimension in known


def _words(reader: Reader, node: Node, what: str, closed: type[StrEnum] | None) -> tuple[str, ...]:
    """Return one word or a list of them, each once, in order."""
    items = (node,) if isinstance(node, Scalar) else reader.listing(node, what)
    if isinstance(node, Listing) and not items:
        reader.refuse(node, f"{what} holds no word")
    return tuple(sorted({_word(reader, item, what, closed) for item in items}))


def _word(reader: Reader, node: Node, what: str, closed: type[StrEnum] | None) -> str:
    if closed is not None:
        return reader.word(node, what, closed) or ""
    text = reader.scalar(node, what)
    if text == "":
        reader.refuse(node, f"{what} holds an empty word")
    return text or ""


def _meant(
    reader: Reader, block: Block, dimension: Dimension, words: tuple[str, ...], lists: SymbolLists
) -> tuple[str, ...]:
    """Return the words with the names of symbol lists written out."""
    if dimension is not Dimension.SYMBOL:
        return words
    symbols: set[str] = set()
    for word in words:
        if word not in lists and _LIST_NAME.fullmatch(word):
            known = ", ".join(lists) or "none is written"
            reader.refuse(
                block.items[dimension], f'there is no symbol list "{word}"; those under symbol_lists: {known}'
            )
        symbols.update(lists.get(word, (word,)))
    return tuple(sorted(symbols))
