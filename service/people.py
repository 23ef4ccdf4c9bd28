"""The names of people who decide: that there is one, that it is not the program's own, and whether two are one. Pure.

At a command a name is what somebody says it is; but nobody is two persons by a blank or a capital letter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

PROGRAM = ("sorwatch", "caseworker", "timer", "seed")
"""The names under which the program itself acts."""


def same_person(one: str, other: str) -> bool:
    """Return whether two names are one person's: without case, blanks and ways of writing a letter."""
    return plain(one) == plain(other)


def named(actor: str) -> Iterator[str]:
    """Yield what is wrong with the name of somebody who acts."""
    if not plain(actor):
        yield "nobody is named; --actor says who decides"
    elif plain(actor) in PROGRAM:
        yield f"{actor.strip()} is the program's own name; act under your own"


def plain(name: str) -> str:
    """Return a name as names are compared: nobody is two by a blank, a capital or a way of writing a letter."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
