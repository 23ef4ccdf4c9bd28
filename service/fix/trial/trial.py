"""A trial of a log: every message once through every part, then one report and one draft. Pure.

Each message is split once more beside decoding: a trial is asked what the vendor sent, not only what we made of it.
"""

from __future__ import annotations

from typing import Any

from rules.facts import Nanos
from service.fix.decode import decode
from service.fix.dialect import parse_dialect
from service.fix.events import Undecodable
from service.fix.groups import places
from service.fix.message import Flaw, split
from service.fix.trial.clocks import Clocks
from service.fix.trial.contents import Contents, Kinds, Tags, Unread
from service.fix.trial.draft import draft
from service.fix.trial.duplicates import Duplicates
from service.fix.trial.ids import Identities
from service.fix.trial.part import Part, Taken
from service.fix.trial.places import Venues
from service.fix.trial.sequences import Sequences
from service.fix.trial.symbols import Symbols

_NO_DAY = "1970-01-01"
SCHEMA = 1


class Trial:
    """A log under one dialect; `quoted` are the symbols of the quote source, None when there is none."""

    def __init__(self, dialect: str, quoted: frozenset[str] | None = None) -> None:
        self._text = dialect
        self._dialect = parse_dialect(dialect)
        self._unread = Unread()
        self.messages = 0
        self.parts: tuple[Part, ...] = (
            Contents(),
            Tags(),
            Kinds(self._dialect),
            Identities(self._dialect),
            Venues(self._dialect),
            Clocks(self._dialect),
            Duplicates(self._dialect),
            Symbols(self._dialect, quoted),
            Sequences(self._dialect),
            self._unread,
        )

    def take(self, number: int, received_at: Nanos | None, body: bytes) -> None:
        """Look at the message on a line of the log."""
        self.messages += 1
        decoded = decode(body, self._dialect, _NO_DAY)
        message = split(body)
        if isinstance(message, Flaw):
            assert isinstance(decoded, Undecodable)
            self._unread.note(decoded, number)
            return
        pairs = message.pairs
        places(message, frozenset())  # lays parties and stamps beside the tags
        one = Taken(
            number=number, received_at=received_at, body=body, pairs=pairs, fields=message.fields, decoded=decoded
        )
        for part in self.parts:
            part.take(one)

    def problems(self) -> dict[str, int]:
        """Return what the dialect leaves open: words → how often; nothing that is never."""
        return {words: count for part in self.parts for words, count in part.problems() if count}

    def draft(self) -> str:
        """Return the text of a dialect that answers what could be guessed."""
        return draft(self._text, [guess for part in self.parts for guess in part.guesses()])

    def found(self) -> dict[str, Any]:
        """Return the whole report as plain values."""
        parts = {part.title: part.found() for part in self.parts}
        return {"schema": SCHEMA, "messages": self.messages, "parts": parts, "problems": self.problems()}

    def lines(self) -> list[str]:
        """Return the whole report in words."""
        lines = []
        for part in self.parts:
            if shown := part.lines():
                lines += [f"== {part.title}", *shown, ""]
        return [*lines, f"{self.messages:,} messages; open: {_open(self.problems())}"]


def _open(problems: dict[str, int]) -> str:
    return ", ".join(f"{words} {count:,}" for words, count in problems.items()) or "nothing"
