"""A daemon in simulated time: the unmodified pipeline, core, tape and liveness; only the clock is the simulation's.

What a daemon does by threads happens here at every beat of the market: quotes are taken, the source is judged, due
records are journalled, the pipeline is turned, a tick is written when a deadline has passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from rules.facts import MILLISECOND, SECOND, Nanos
from rules.finding import Finding
from service.core import Core
from service.journal import Entry, Frame, RecordKind
from service.market.calendar import TradingCalendar
from service.market.enrich import QuotePolicy
from service.market.live_quotes import LiveQuotes
from service.market.liveness import Liveness, SourceState
from service.market.quote_json import QuoteMessage
from service.market.ranked_quotes import Ranked, RankedQuotes
from service.market.symbols import canonical
from service.market.tape import Tape
from service.passing import PassingJournal, PassingStore
from service.pipeline import Pipeline
from service.processed import Processed
from service.settings_quotes import QuotesSettings
from service.versions import Version

OnFinding = Callable[[Finding, int], None]


class Road:
    """Journal records and quotes in, findings out, each with the instant at which it was recorded."""

    def __init__(
        self,
        versions: Iterable[Version],
        calendar: TradingCalendar,
        settings: QuotesSettings,
        on_finding: OnFinding,
        *,
        sources: tuple[str, ...] = ("simulated",),
    ) -> None:
        self.messages = 0
        self.sources = sources
        self._on_finding = on_finding
        self._now = Nanos(0)
        self._journal = PassingJournal()
        self._live = {name: _source(settings, calendar, self._told(name)) for name in sources}
        ranked = [Ranked(name, live, _still_live(live)) for name, live in self._live.items()]
        self._pipeline = Pipeline(
            journal=self._journal,
            store=PassingStore(),
            quotes=RankedQuotes(*ranked),
            core=Core(),
            watch=self._watch,
        )
        self._pipeline.warm(RankedQuotes(*ranked))
        self.journal([version.entry(None) for version in versions])

    def start(self, at: int) -> None:
        """Begin to wait for the quotes."""
        self._now = Nanos(at)
        for live in self._live.values():
            live.start(self._now)

    def quotes(self, source: str, messages: Iterable[QuoteMessage], at: int) -> None:
        """Take what came from a source, and judge it."""
        self._now = Nanos(at)
        live = self._live[source]
        for message in messages:
            live.take(message, self._now)
        live.check(self._now)

    def journal(self, entries: Iterable[Entry]) -> None:
        """Append records as a gateway's frame does."""
        frame = tuple(entries)
        if frame:
            self._journal.append(Frame(entries=frame))

    def turn(self, at: int) -> None:
        """Process what can be processed by now; write the ticks that are due."""
        self._now = Nanos(at)
        while True:
            while self._pipeline.turn(self._now).processed is not None:
                pass
            if not self._pipeline.tick(self._now):
                return

    def close(self) -> int:
        """Let time pass until every day is over and nothing is due any more; return when that is."""
        last, end = Nanos(-1), self._pipeline.core.end_of_log()
        while end is not None and end > last:
            for live in self._live.values():
                live.check(Nanos(end))
            self.journal([Entry(kind=RecordKind.TICK, received_at=end, body=b'{"deadline":null}')])
            self.turn(end + 10 * SECOND)
            last, end = end, self._pipeline.core.end_of_log()
        return last

    def _watch(self, processed: Processed, *_: object) -> None:
        self.messages += len(processed.outcomes)
        for finding in processed.findings:
            self._on_finding(finding, self._now)

    def _told(self, source: str) -> Callable[[SourceState], None]:
        def tell(state: SourceState) -> None:
            body = msgspec.json.encode({"source": source, "state": state.value})
            self.journal([Entry(kind=RecordKind.QUOTE_SOURCE, received_at=self._now, body=body)])

        return tell


def _source(wanted: QuotesSettings, calendar: TradingCalendar, on_state: Callable[[SourceState], None]) -> LiveQuotes:
    policy = QuotePolicy(
        grace=Nanos(wanted.grace_ms * MILLISECOND), bound=Nanos(wanted.bound_ms * MILLISECOND), calendar=calendar
    )
    tape = Tape(canonical=lambda symbol: canonical(symbol, wanted.symbols))
    return LiveQuotes(tape, policy, Liveness.of_settings(wanted.dead_after_ms), on_state=on_state)


def _still_live(live: LiveQuotes) -> Callable[[Nanos], bool]:
    return lambda now: live.report(now).state is SourceState.LIVE
