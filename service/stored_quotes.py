"""The decisions that were recorded with the facts, as the quotes of a second run (recovery). Pure: a store comes in."""

from __future__ import annotations

from rules.facts import Nanos
from service.market.recorded_quotes import NoQuotes, RecordedQuotes
from service.ports import QuoteRequest, Store
from service.processed import Decision

STRETCH = 8_192


class StoredQuotes:
    """The port Quotes over what the store has, read in stretches of the journal; ask in journal order."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._upto = 0
        self._recorded = RecordedQuotes({}, NoQuotes())

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision | None:
        """Return the recorded decision of the request's offset."""
        before = request.offset - 1
        if before >= self._upto:
            self._upto = before + STRETCH
            self._recorded = RecordedQuotes(self._store.decisions(before, self._upto), NoQuotes())
        return self._recorded.decide(request, now)
