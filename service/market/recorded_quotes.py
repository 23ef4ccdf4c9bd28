"""Quotes without a source: none at all, or the decisions that were recorded with the facts. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rules.facts import Nanos, Quote
from service.market.tape import absent
from service.ports import QuoteRequest, Quotes
from service.processed import Decision

NO_SOURCE = "no quote source"
NOT_RECORDED = "not recorded"


class NoQuotes:
    """The port `Quotes` when there is no source: every quote is absent, and nothing waits."""

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision:
        """Release at once, with what was asked for absent."""
        del now
        return Decision(
            at_receipt=_absent_if_asked(request.receipt_at, NO_SOURCE),
            at_execution=_absent_if_asked(request.execution_at, NO_SOURCE),
            reason="no_source",
            marks=(absent(NO_SOURCE),) * len(request.marks),
        )


class RecordedQuotes:
    """The port `Quotes` for recovery and verification: what was decided before, and `then` for what was not."""

    def __init__(self, decisions: Mapping[int, Decision], then: Quotes) -> None:
        self._decisions = decisions
        self._then = then

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision | None:
        """Return the recorded decision of the request's offset; what is not recorded, `then` decides."""
        recorded = self._decisions.get(request.offset)
        if recorded is None:
            return self._then.decide(request, now)
        return msgspec.structs.replace(
            recorded,
            at_receipt=recorded.at_receipt or _absent_if_asked(request.receipt_at, NOT_RECORDED),
            at_execution=recorded.at_execution or _absent_if_asked(request.execution_at, NOT_RECORDED),
            reason="recorded",
            marks=recorded.marks + (absent(NOT_RECORDED),) * (len(request.marks) - len(recorded.marks)),
        )


def _absent_if_asked(at: Nanos | None, note: str) -> Quote | None:
    return None if at is None else absent(note)
