"""One or several sources of quotes by priority: the port `Quotes`. The first that can answer does, and is named.

Pure. What another source said of the same instant is put beside the answer. Absent, stale, crossed and one-sided are no
answers while another source has one; halted and closed are: the market said so.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rules.facts import Nanos, Quote, QuotesApart, QuoteState
from service.ports import QuoteRequest, Quotes
from service.processed import Decision

_ANSWERS = (QuoteState.NORMAL, QuoteState.LOCKED, QuoteState.HALTED, QuoteState.CLOSED)
_UNCOMPARED = (QuoteState.ABSENT, QuoteState.STALE)


class Ranked(msgspec.Struct, frozen=True):
    """A source under its name; `live` says whether it is worth waiting for at our clock."""

    name: str
    quotes: Quotes
    live: Callable[[Nanos], bool] = lambda _: True


class RankedQuotes:
    """Asks the sources in the order of their rank."""

    def __init__(self, *sources: Ranked) -> None:
        self._sources = sources
        self._only = sources[0] if len(sources) == 1 else None

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision | None:
        """Return the decision of the first source that has an answer; None while a live one may still have one."""
        if self._only is not None:
            alone = self._only.quotes.decide(request, now)
            return None if alone is None else msgspec.structs.replace(alone, source=self._only.name)
        made: list[tuple[str, Decision]] = []
        waiting = False
        for source in self._sources:
            decision = source.quotes.decide(request, now)
            if decision is not None:
                made.append((source.name, decision))
            elif source.live(now):
                return None
            else:
                waiting = True
        if waiting and not any(_whole(decision) for _, decision in made):
            return None
        return _named(made)


def _named(made: list[tuple[str, Decision]]) -> Decision:
    """Return the best decision under its source's name, with the next source's quote beside it."""
    name, decision = max(made, key=lambda each: _merit(each[1]))  # of equals the first
    other = next(((source, quotes) for source, quotes in made if source != name), None)
    if other is None:
        return msgspec.structs.replace(decision, source=name)
    marks = _marks([decision.marks, *(each.marks for _, each in made)])
    return msgspec.structs.replace(decision, source=name, apart=compared(*other, decision), marks=marks)


def _marks(ranked: list[tuple[Quote, ...]]) -> tuple[Quote, ...]:
    """Return for each mark the first quote that is an answer, else what the best decision said."""
    return tuple([next((quote for quote in said if _answers(quote)), said[0]) for said in zip(*ranked, strict=True)])


def compared(name: str, other: Decision, ours: Decision) -> QuotesApart:
    """Return by how much another source's quote differs at the execution, at the receipt where none was asked for."""
    mine, its = ours.at_execution or ours.at_receipt, other.at_execution or other.at_receipt
    if mine is None or its is None or mine.state in _UNCOMPARED or its.state in _UNCOMPARED:
        return QuotesApart(source=name)
    return QuotesApart(
        source=name,
        bid=_less(mine.bid, its.bid),
        offer=_less(mine.offer, its.offer),
        lag=None if mine.at is None or its.at is None else Nanos(mine.at - its.at),
    )


def _less(mine: int | None, its: int | None) -> int | None:
    return None if mine is None or its is None else mine - its


def _whole(decision: Decision) -> bool:
    return _answers(decision.at_receipt) and _answers(decision.at_execution)


def _merit(decision: Decision) -> tuple[bool, bool]:
    """Rank a decision: all that was asked is answered, else at least the quote at execution."""
    return _whole(decision), _answers(decision.at_execution)


def _answers(quote: Quote | None) -> bool:
    return quote is None or quote.state in _ANSWERS
