"""The port `Quotes` over a tape that another thread feeds: one lock around tape and liveness, held for moments.

A large batch is taken in pieces, so that the pipeline never waits for the whole of it; the mark moves only at its end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from rules.facts import SECOND, Nanos
from service.market.amend import Amendable
from service.market.around import Around, around
from service.market.enrich import QuotePolicy, decide
from service.market.liveness import Liveness, SourceState
from service.market.numbering import Numbering, SavedNumbering, Step
from service.market.quote_json import QuoteMessage
from service.market.tape import Tape
from service.market.tape_words import SavedTape, TapeCounts
from service.market.update import QuoteUpdate
from service.ports import QuoteRequest
from service.processed import Decision
from service.requote import Requote

PIECE = 256
"""Quotes that are taken without letting the pipeline in between."""
AMEND_FOR = Nanos(60 * SECOND)
AMENDED_AT_ONCE = 256
"""Decisions that are looked at again without letting anybody in between."""


class SourceReport(msgspec.Struct, frozen=True, kw_only=True):
    """How the source does, for health and metrics; `lag` is our clock less the mark, None before the first word.

    `missed` batches are those whose numbers never came, `repeated` came twice, `in_doubt` symbols had no quote since
    the last gap, `forgotten` decisions could not be kept for as long as late quotes are looked out for.
    """

    state: SourceState
    mark: Nanos
    lag: Nanos | None
    heard_at: Nanos | None
    bad_quotes: int
    gaps: int
    dropped: int
    tape: TapeCounts
    missed: int = 0
    repeated: int = 0
    in_doubt: int = 0
    forgotten: int = 0


class SavedQuotes(msgspec.Struct, frozen=True, kw_only=True):
    """All that a live source knows, for its next start; only the same `schema` can be read."""

    tape: SavedTape
    numbering: SavedNumbering
    schema: Literal[1] = 1


class LiveQuotes:
    """Decides from a live tape: `decide` belongs to the pipeline's thread, all else to the source's.

    `on_state` is told every change of the source's state, on the source's thread and outside of the lock. Decisions are
    remembered for as long as `amend_for`; `amended` tells which of them late quotes have changed.
    """

    def __init__(
        self,
        tape: Tape,
        policy: QuotePolicy,
        liveness: Liveness,
        *,
        on_state: Callable[[SourceState], None] = lambda _: None,
        amend_for: Nanos = AMEND_FOR,
    ) -> None:
        self._tape = tape
        self._policy = policy
        self._liveness = liveness
        self._on_state = on_state
        self._on_late: Callable[[], None] = lambda: None
        self._amendable = Amendable(amend_for)
        self._lock = threading.Lock()
        self._numbering = Numbering()
        self._in_doubt = False
        self._bad_quotes = self._gaps = self._dropped = self._repeated = 0

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision | None:
        """Return the quotes for the record, or None while the source has not come far enough and may still."""
        with self._lock:
            decision = decide(request, self._tape, self._liveness.state, self._policy, now)
            if decision is not None:
                for at in (request.receipt_at, request.execution_at):
                    if at is not None:
                        self._tape.decided(request.symbol, at)
                self._amendable.remember(self._tape.named(request.symbol), request, decision, now)
        return decision

    def around(self, symbol: str, at: Nanos, span: Nanos, *, final: bool = True) -> Around | None:
        """Return the quotes around an instant; None while the source has not passed them and it is not `final`."""
        with self._lock:
            if not final and self._tape.mark <= at + span + self._policy.grace:
                return None
            return around(self._tape, symbol, at, span)

    def asked(self, offset: int) -> QuoteRequest | None:
        """Return what was asked for a record lately, None when that is forgotten."""
        with self._lock:
            return self._amendable.request(offset)

    def tell_late(self, listener: Callable[[], None]) -> None:
        """Let the listener be told, on the source's thread, that there may be something to ask `amended` for."""
        self._on_late = listener

    def amended(self, now: Nanos, most: int = AMENDED_AT_ONCE) -> list[Requote]:
        """Return what was decided lately and would be decided otherwise now; ask again until there is no more."""
        with self._lock:
            self._amendable.note(self._tape.touched())
            state = self._liveness.state

            def decided(request: QuoteRequest) -> Decision | None:
                return decide(request, self._tape, state, self._policy, now)

            mark = Nanos(self._tape.mark - self._policy.grace)
            made = self._amendable.again(mark, most, decided)
            while not made and self._amendable.more:
                made = self._amendable.again(mark, most, decided)
            return made

    def saved(self) -> bytes:
        """Return what this source knows, for `restore` after a restart."""
        with self._lock:
            return msgspec.msgpack.encode(SavedQuotes(tape=self._tape.saved(), numbering=self._numbering.saved()))

    def restore(self, saved: bytes) -> None:
        """Know again what was saved, before the start; what was lost since, the next message tells.

        Raises msgspec.DecodeError when it is no such thing.
        """
        known = msgspec.msgpack.decode(saved, type=SavedQuotes)
        with self._lock:
            self._tape.restore(known.tape)
            self._numbering.restore(known.numbering)
            self._in_doubt = known.tape.mark > 0

    def start(self, now: Nanos) -> None:
        """Begin to wait for the source; what was before `now` and is not on the tape, our start has lost."""
        with self._lock:
            self._liveness.awaited(now)
            self._tape.begin(now)

    def take(self, message: QuoteMessage, now: Nanos) -> None:
        """Put what one message said on the tape; a message that says nothing readable is no sign of life."""
        with self._lock:
            self._bad_quotes += len(message.bad)
            quotes = message.quotes if self._follow(message, now) else ()
            latest = self._tape.put(quotes[:PIECE])
        for first in range(PIECE, len(quotes), PIECE):
            with self._lock:
                latest = max(latest, self._tape.put(quotes[first : first + PIECE]))
        with self._lock:
            self._move(quotes, latest, message.mark)
            heard = bool(message.quotes) or message.mark is not None
            changed = self._liveness.heard(self._tape.mark, now) if heard else None
            late = self._tape.has_touched or self._amendable.passed(Nanos(self._tape.mark - self._policy.grace))
        self._tell(changed)
        if late:
            self._on_late()

    def check(self, now: Nanos) -> None:
        """Judge the source again, for silence is no message."""
        with self._lock:
            changed = self._liveness.check(self._tape.mark, now)
        self._tell(changed)

    def lost(self, messages: int = 0) -> None:
        """Note that `messages` of the source were dropped, or (0) that its connection is gone.

        Whether quotes were lost with them, the number of the next batch tells; without numbers it is a gap.
        """
        with self._lock:
            self._dropped += messages
            self._in_doubt = self._tape.mark > 0
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
                missed=self._numbering.missed,
                repeated=self._repeated,
                in_doubt=self._tape.in_doubt(),
                forgotten=self._amendable.forgotten,
            )

    def _follow(self, message: QuoteMessage, now: Nanos) -> bool:
        """Notice what was lost before this message; return whether its quotes are to be taken."""
        if message.sequence is None or not (message.quotes or message.mark):
            if message.quotes:
                self._numbering.unnumbered()
            if self._in_doubt and not self._numbering.sure:
                self._gap(now)
            return True
        self._in_doubt = False
        at = message.quotes[0].at if message.mark is None else message.mark
        step = self._numbering.follow(message.sequence, at, self._tape.mark)
        self._repeated += step is Step.REPEATED
        if step in (Step.HOLE, Step.ANEW):
            self._gap(now)
        elif step is Step.FILLED:
            self._fill(message.sequence)
        return step is not Step.REPEATED

    def _fill(self, number: int) -> None:
        """Take a batch that was missing; when it was the last one, nothing is in doubt any more."""
        mark = self._numbering.filled(number)
        if mark is not None:
            self._tape.heal(mark)
            self._liveness.healed()

    def _gap(self, now: Nanos) -> None:
        self._in_doubt = False
        self._tape.gap()
        self._liveness.gapped(now)
        self._gaps += 1

    def _move(self, quotes: Sequence[QuoteUpdate], latest: Nanos, mark: Nanos | None) -> None:
        """Move the mark to the end of a message; not by a heartbeat while the next batch is to tell what was lost."""
        if quotes:
            self._tape.begin(quotes[0].at)
            self._tape.advance(latest)
        if mark is not None and not self._in_doubt:
            self._tape.advance(mark)

    def _tell(self, changed: SourceState | None) -> None:
        if changed is not None:
            self._on_state(changed)
