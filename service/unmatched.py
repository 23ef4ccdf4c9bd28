"""Which symbol the quotes are asked for, and whose executions found none: once per symbol, counterparty and date. Pure.

The facts keep the symbol as the vendor wrote it; only the question to the quotes is in the canonical form.
"""

from __future__ import annotations

import msgspec

from rules.facts import FeedEvent, FeedEventKind, Fill, Quote, QuoteState
from service.fix.habits import SymbolHabits
from service.market.symbols import canonical, is_test
from service.market.tape import absent
from service.processed import Decision

UNKNOWN = "unknown symbol"
TEST = "test symbol"
_PLAIN = SymbolHabits()


class Sought(msgspec.Struct, frozen=True, gc=False):
    """A symbol in the `form` in which the quotes are asked for it; `test` when it trades nothing."""

    form: str
    test: bool


def sought(written: str, habits: SymbolHabits | None) -> Sought:
    """Return how the quotes are asked for the symbol: the counterparty's own table has the last word."""
    habits = habits or _PLAIN
    told = habits.table.get(written)
    form = canonical(written, habits.styles) if told is None else told
    test = written in habits.test or (told is None and (form in habits.test or is_test(form)))
    return Sought(form, test)


def untested(decision: Decision) -> Decision:
    """Return the decision for a test symbol: whatever quote it has is no market."""
    return msgspec.structs.replace(
        decision, at_receipt=_no_market(decision.at_receipt), at_execution=_no_market(decision.at_execution)
    )


class Unmatched:
    """What was said already; `forget` it with its trade date."""

    def __init__(self) -> None:
        self._said: dict[str, set[tuple[str, str]]] = {}

    def look(self, fill: Fill, habits: SymbolHabits | None) -> FeedEvent | None:
        """Return the event when the quotes do not know the symbol, the first time on this date; else None."""
        quote, key = fill.at_execution, (fill.counterparty, fill.symbol)
        if quote.state is not QuoteState.ABSENT or quote.note not in (UNKNOWN, TEST):
            return None
        said = self._said.setdefault(fill.trade_date, set())
        if key in said:
            return None
        said.add(key)
        return FeedEvent(
            kind=FeedEventKind.SYMBOL_UNMATCHED,
            subject=fill.symbol,
            at=fill.executed_at,
            detail={
                "symbol": fill.symbol,
                "asked_for": sought(fill.symbol, habits).form,
                "exec_id": fill.exec_id,
                "reason": quote.note,
            },
            related=(fill.offset,),
            offset=fill.offset,
            counterparty=fill.counterparty,
            session=fill.session,
            trade_date=fill.trade_date,
            received_at=fill.received_at,
            clock=fill.clock,
            uncertain=fill.uncertain,
        )

    def forget(self, before: str) -> None:
        """Drop what was said of trade dates before this one."""
        self._said = {day: said for day, said in self._said.items() if day >= before}

    def snapshot(self) -> dict[str, list[tuple[str, str]]]:
        """Return the whole state."""
        return {day: sorted(said) for day, said in self._said.items()}

    def restore(self, state: dict[str, list[tuple[str, str]]]) -> None:
        """Take up a state that `snapshot` gave."""
        self._said = {day: set(said) for day, said in state.items()}


def _no_market(quote: Quote | None) -> Quote | None:
    return None if quote is None else absent(TEST)
