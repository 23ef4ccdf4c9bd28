"""The quotes around an execution that is in a finding, kept with it: when they are taken, and what is kept. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from rules.facts import SECOND, Nanos
from rules.finding import Finding
from service.market.around import Around

PATIENCE = Nanos(5 * SECOND)
"""So long beyond the quotes' own time a finding waits for its source, then what is there is kept."""
MOST_WAITING = 2_000


class QuoteHistory(Protocol):
    """Gives out the quotes around an instant, or says None: not yet, the source has not come so far."""

    def around(self, symbol: str, at: Nanos, span: Nanos, *, final: bool) -> Around | None:
        """Return the quotes from `span` before to `span` after; never None when it is `final`."""
        ...


class Numbered(msgspec.Struct, frozen=True):
    """A finding with its number in the order of commitment."""

    seq: int
    finding: Finding


class FindingQuotes(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept with a finding."""

    finding_id: str
    symbol: str
    around: Around


class Taken(msgspec.Struct, frozen=True):
    """What is to be kept now; `upto` is the last finding that needs no other look."""

    upto: int
    kept: tuple[FindingQuotes, ...]


class Collecting:
    """Takes the quotes of findings in their order; `form` says how the source writes a counterparty's symbol."""

    def __init__(self, history: QuoteHistory, span: Nanos, form: Callable[[str, str], str]) -> None:
        self._history = history
        self._span = span
        self._form = form
        self._waiting: deque[tuple[Numbered, Nanos]] = deque()

    @property
    def wanted(self) -> int:
        """Return how many more findings it can hold."""
        return MOST_WAITING - len(self._waiting)

    @property
    def last(self) -> int | None:
        """Return the number of the last finding that it holds, None when it holds none."""
        return self._waiting[-1][0].seq if self._waiting else None

    def hold(self, findings: Iterable[Numbered], now: Nanos) -> None:
        """Take findings that came after all that it holds."""
        self._waiting.extend((one, now) for one in findings)

    def take(self, now: Nanos) -> Taken | None:
        """Return the quotes of the findings at the head whose time has come, None when there is none.

        They are held until `done` says that they are kept.
        """
        kept: list[FindingQuotes] = []
        upto = None
        for one, since in self._waiting:
            finding = one.finding
            if is_about_a_price(finding):
                final = now - since >= self._span + PATIENCE
                symbol = finding.symbol or ""
                found = self._history.around(
                    self._form(symbol, finding.counterparty), finding.at, self._span, final=final
                )
                if found is None:
                    break
                kept.append(FindingQuotes(finding_id=finding.finding_id, symbol=symbol, around=found))
            upto = one.seq
        return None if upto is None else Taken(upto, tuple(kept))

    def done(self, taken: Taken) -> None:
        """Let go of what is kept now."""
        while self._waiting and self._waiting[0][0].seq <= taken.upto:
            self._waiting.popleft()


def is_about_a_price(finding: Finding) -> bool:
    """Return whether a finding is about an execution, whose quotes are evidence."""
    return "execution" in finding.quotes and bool(finding.symbol)
