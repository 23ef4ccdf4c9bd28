"""Which symbol the quotes are asked for, and whose executions found none: once per symbol, counterparty and date. Pure.

The facts keep the symbol as the vendor wrote it; only the question to the quotes is in the canonical form.
"""

from __future__ import annotations

import msgspec

from rules.facts import FeedEvent, FeedEventKind, Fill, QuoteState
from rules.instruments import PHRASES, TEST, Instrument, instrument
from service.fix.habits import SymbolHabits
from service.market.symbols import canonical, is_test
from service.market.tape import absent
from service.processed import Decision

UNKNOWN = "unknown symbol"
NO_OPTIONS = "an option: no quotes of options"
MOST_KNOWN = 65_536
"""Symbols of a counterparty that are known by heart at most; then they are learnt anew."""
_PLAIN = SymbolHabits()
# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_STOCK, _OPTION, _ABSENT = Instrument.STOCK, Instrument.OPTION, QuoteState.ABSENT


class Sought(msgspec.Struct, frozen=True, gc=False):
    """A symbol in the `form` in which the quotes are asked for it; `test` when it trades nothing.

    `kind` is what it is; only a stock, or an option whose symbol is known whole, can have quotes.
    """

    form: str
    test: bool
    kind: Instrument = Instrument.STOCK


def sought(written: str, habits: SymbolHabits | None) -> Sought:
    """Return how the quotes are asked for the symbol: the counterparty's own table has the last word.

    But no table makes a stock of what is none: OSI, and whatever stands for it, has digits.
    """
    habits = habits or _PLAIN
    told = habits.table.get(written)
    form = canonical(written, habits.styles) if told is None else told
    test = written in habits.test or (told is None and (form in habits.test or is_test(form)))
    kind = instrument(written)
    if kind is _STOCK:
        return Sought(form, test, instrument(form))
    return Sought(form if kind is _OPTION and any(map(str.isdigit, form)) else written, test, kind)


class Asked:
    """How the quotes are asked for the symbols of one counterparty: each is worked out once, by these `habits`."""

    def __init__(self, habits: SymbolHabits | None) -> None:
        self.habits = habits
        self._known: dict[str, Sought] = {}

    def symbol(self, written: str) -> Sought:
        """Return how the quotes are asked for the symbol."""
        known = self._known.get(written)
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known = {}
            known = self._known[written] = sought(written, self.habits)
        return known


def judged(decision: Decision, symbol: Sought) -> Decision:
    """Return the decision as it counts: a test symbol has no market, and what is no stock has none of a stock's."""
    if symbol.test:
        return _without(decision, TEST)
    if symbol.kind is _STOCK:
        return decision
    if symbol.kind is _OPTION and not symbol.form.endswith("]"):
        return _without(decision, NO_OPTIONS, only=UNKNOWN)
    return _without(decision, note_of(symbol.kind))


def note_of(kind: Instrument) -> str:
    """Return why there is no quote for a security of that kind, of which nobody could have one."""
    if kind is _OPTION:
        return "an option whose symbol is not known whole: compared with no quote"
    return f"{PHRASES[kind]}: compared with no quote"


NO_STOCK = (TEST, NO_OPTIONS, *(note_of(kind) for kind in Instrument if kind is not _STOCK))
"""Every note that says why a security could not be compared with quotes of stocks."""


class Unmatched:
    """What was said already; `forget` it with its trade date."""

    def __init__(self) -> None:
        self._said: dict[str, set[tuple[str, str]]] = {}

    def look(self, fill: Fill, habits: SymbolHabits | None) -> FeedEvent | None:
        """Return the event when the quotes do not know the symbol, the first time on this date; else None."""
        quote, key = fill.at_execution, (fill.counterparty, fill.symbol)
        if quote.state is not _ABSENT or quote.note not in (UNKNOWN, TEST):
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


def _without(decision: Decision, note: str, only: str | None = None) -> Decision:
    """Return the decision without its quotes (`only` those of that note), and why; what was not asked for stays so."""
    receipt, execution = (
        absent(note) if quote is not None and only in (None, quote.note) else quote
        for quote in (decision.at_receipt, decision.at_execution)
    )
    return msgspec.structs.replace(decision, at_receipt=receipt, at_execution=execution)
