"""The recorded decisions as quotes of a second run."""

from __future__ import annotations

from rules.facts import Nanos, QuoteState
from service.ports import QuoteRequest
from service.processed import Decision, Processed
from service.stored_quotes import STRETCH, StoredQuotes
from tests.factories import NOON
from tests.factories_store import a_decision, a_recorded_fill
from tests.fakes_store import FakeStore


class CountingStore(FakeStore):
    """Counts how often it is asked for decisions."""

    asked = 0

    def decisions(self, after: int, upto: int) -> dict[int, Decision]:
        """Count, and answer."""
        self.asked += 1
        return super().decisions(after, upto)


def wanted(offset: int) -> QuoteRequest:
    """Return a request for the quote at execution."""
    return QuoteRequest(offset=offset, symbol="XYZ", execution_at=NOON)


def test_what_was_decided_is_decided_again() -> None:
    """The store is asked once for a whole stretch of the journal, and again after it."""
    store = CountingStore()
    offsets = (1, 5, STRETCH + 1)
    store.record(Processed(upto=STRETCH + 1, fills=[a_recorded_fill(offset) for offset in offsets]))
    quotes = StoredQuotes(store)

    decided = [quotes.decide(wanted(offset), Nanos(0)) for offset in offsets]

    assert [one and one.at_execution for one in decided] == [a_decision().at_execution] * 3
    assert store.asked == 2


def test_what_was_not_recorded_is_absent() -> None:
    """A duplicate asked for quotes and made no fact."""
    decided = StoredQuotes(FakeStore()).decide(wanted(3), Nanos(0))

    assert decided is not None
    assert decided.at_execution is not None
    assert decided.at_execution.state is QuoteState.ABSENT
