"""The port `Quotes` over a tape that another thread feeds: one lock around tape and liveness, held for moments."""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

from rules.facts import Nanos
from service.market.enrich import QuotePolicy, decide
from service.market.liveness import Liveness, SourceState
from service.market.quote_json import QuoteMessage
from service.market.tape import Tape, TapeCounts
from service.ports import QuoteRequest
from service.processed import Decision


class SourceReport(msgspec.Struct, frozen=True, kw_only=True):
    """How the source does, for health and metrics; `lag` is our clock less the mark, None before the first word."""

    state: SourceState
    mark: Nanos
    lag: Nanos | None
    heard_at: Nanos | None
    bad_quotes: int
    gaps: int
    dropped: int
    tape: TapeCounts


class LiveQuotes:
    """Decides from a live tape: `decide` belongs to the pipeline's thread, all else to the source's.

    `on_state` is told every change of the source's state, on the source's thread and outside of the lock.
    """

    def __init__(
        self,
        tape: Tape,
        policy: QuotePolicy,
        liveness: Liveness,
        *,
        on_state: Callable[[SourceState], None] = lambda _: None,
    ) -> None:
        self._tape = tape
        self._policy = policy
        self._liveness = liveness
        self._on_state = on_state
        self._lock = threading.Lock()
        self._sequence: int | None = None
        self._bad_quotes = self._gaps = self._dropped = 0

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision | None:
        """Return the quotes for the record, or None while the source has not come far enough and may still."""
        with self._lock:
            return decide(request, self._tape, self._liveness.state, self._policy, now)

    def start(self, now: Nanos) -> None:
        """Begin to wait for the source; what was before `now` and is not on the tape, our start has lost."""
        with self._lock:
            self._liveness.awaited(now)
            self._tape.begin(now)

    def take(self, message: QuoteMessage, now: Nanos) -> None:
        """Put what one message said on the tape; a message that says nothing readable is no sign of life."""
        with self._lock:
            self._bad_quotes += len(message.bad)
            self._follow(message.sequence)
            self._tape.update_many(message.quotes)
            if message.mark is not None:
                self._tape.advance(message.mark)
            heard = bool(message.quotes) or message.mark is not None
            changed = self._liveness.heard(self._tape.mark, now) if heard else None
        self._tell(changed)

    def check(self, now: Nanos) -> None:
        """Judge the source again, for silence is no message."""
        with self._lock:
            changed = self._liveness.check(self._tape.mark, now)
        self._tell(changed)

    def lost(self, messages: int = 0) -> None:
        """Note that `messages` of the source were dropped, or (0) that its connection is gone."""
        with self._lock:
            self._dropped += messages
            if self._tape.mark:
                self._gap()
            changed = None if messages else self._liveness.lost()
        self._tell(changed)

    def report(self, now: Nanos) -> SourceReport:
        """Say how the source does."""
        with self._lock:
            mark = self._tape.mark
            return SourceReport(
                state=self._liveness.state,
                mark=mark,
                lag=Nanos(now - mark) if mark else None,
                heard_at=self._liveness.heard_at,
                bad_quotes=self._bad_quotes,
                gaps=self._gaps,
                dropped=self._dropped,
                tape=self._tape.counts,
            )

    def _follow(self, sequence: int | None) -> None:
        """Notice a hole in the batches' own numbering; the same number again is the same batch again."""
        if sequence is None:
            return
        if self._sequence is not None and sequence not in (self._sequence, self._sequence + 1):
            self._gap()
        self._sequence = sequence

    def _gap(self) -> None:
        self._tape.gap()
        self._gaps += 1
        self._sequence = None

    def _tell(self, changed: SourceState | None) -> None:
        if changed is not None:
            self._on_state(changed)
