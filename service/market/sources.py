"""Opens the quote sources that the settings name: none, a file, the live tape that MQTT feeds, or those of others."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine

import msgspec
import structlog

from rules.facts import MILLISECOND, SECOND, Nanos
from service.market.calendar import TradingCalendar
from service.market.daily_quotes import DailyQuotes, opened_quotes
from service.market.enrich import QuotePolicy
from service.market.file_quotes import BadRow, FileQuotes
from service.market.foreign_quotes import ForeignQuotes, NoSuchSourceError, loaded
from service.market.live_quotes import LiveQuotes
from service.market.liveness import Liveness, SourceState
from service.market.mqtt_quotes import MqttQuotes, subscription_of
from service.market.quote_rows import QuoteFileError
from service.market.quote_sink import CheckedSink
from service.market.ranked_quotes import Ranked, RankedQuotes
from service.market.recorded_quotes import NoQuotes
from service.market.symbols import canonical
from service.market.tape import Tape
from service.ports import Quotes
from service.settings import SETTINGS_FILE, ConfigurationError, QuoteSourceKind, Settings

log = structlog.get_logger()

Feed = Callable[[], Coroutine[None, None, None]]
OnState = Callable[[str, SourceState], None]


class QuoteSources(msgspec.Struct, frozen=True, kw_only=True):
    """What was opened: the quotes to ask, the live ones among them by name, what feeds these, and what to close.

    `history` is the source of the first rank, whose quotes are kept as evidence.
    """

    quotes: Quotes
    live: dict[str, LiveQuotes] = {}
    feeds: dict[str, Feed] = {}
    files: tuple[FileQuotes | DailyQuotes, ...] = ()
    history: LiveQuotes | FileQuotes | DailyQuotes | None = None

    def close(self) -> None:
        """Close the files."""
        for file in self.files:
            file.close()


def opened(
    settings: Settings, calendar: TradingCalendar, on_state: OnState = lambda *_: None, *, only: str | None = None
) -> QuoteSources:
    """Return the sources; `on_state` is told when a live one comes, lags or dies, `only` leaves out all others.

    Raise ConfigurationError with everything that is wrong with any of them.
    """
    problems: list[str] = []
    ranked: list[Ranked] = []
    history: LiveQuotes | FileQuotes | DailyQuotes | None = None
    live: dict[str, LiveQuotes] = {}
    feeds: dict[str, Feed] = {}
    files: list[FileQuotes | DailyQuotes] = []
    for name in settings.quotes.by_priority:
        if only is not None and name != only:
            continue
        try:
            if name == QuoteSourceKind.FILE:
                files.append(_file(settings, calendar))
                ranked.append(Ranked(name, files[-1]))
                history = history or files[-1]
                continue
            live[name] = _live(name, settings, calendar, on_state)
            made = _mqtt if name == QuoteSourceKind.MQTT else _foreign
            feeds[name] = made(name, settings, live[name])
            ranked.append(Ranked(name, live[name], _still_live(live[name])))
            history = history or live[name]
        except (QuoteFileError, NoSuchSourceError, _BadOptionsError) as error:
            problems.append(str(error))
    if problems:
        raise ConfigurationError(problems)
    quotes = RankedQuotes(*ranked) if ranked else NoQuotes()
    return QuoteSources(quotes=quotes, live=live, feeds=feeds, files=tuple(files), history=history)


class _BadOptionsError(ValueError):
    """A source of others refuses its options."""


def _live(name: str, settings: Settings, calendar: TradingCalendar, on_state: OnState) -> LiveQuotes:
    wanted = settings.quotes
    policy = QuotePolicy(
        grace=Nanos(wanted.grace_ms * MILLISECOND), bound=Nanos(wanted.bound_ms * MILLISECOND), calendar=calendar
    )
    tape = Tape(canonical=lambda symbol: canonical(symbol, wanted.symbols), watchlist=_watchlist(settings))
    liveness = Liveness.of_settings(wanted.dead_after_ms)
    amend_for = Nanos(wanted.amend_for_s * SECOND)
    return LiveQuotes(tape, policy, liveness, on_state=lambda state: on_state(name, state), amend_for=amend_for)


def _watchlist(settings: Settings) -> frozenset[str] | None:
    """Return the symbols of the watchlist, None when there is none: then every symbol is watched."""
    if settings.quotes.watchlist is None:
        return None
    path = settings.folder / settings.quotes.watchlist
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"quotes.watchlist {settings.quotes.watchlist} cannot be read: {error}; expected one symbol a line"
        raise ConfigurationError([msg]) from None
    return frozenset(filter(None, (line.partition("#")[0].strip() for line in lines)))


def _still_live(live: LiveQuotes) -> Callable[[Nanos], bool]:
    return lambda now: live.report(now).state is SourceState.LIVE


def _mqtt(name: str, settings: Settings, live: LiveQuotes) -> Feed:
    del name
    mqtt = settings.mqtt
    assert mqtt is not None  # the settings see to it
    return MqttQuotes(subscription_of(settings, mqtt), live).run


def _foreign(name: str, settings: Settings, live: LiveQuotes) -> Feed:
    opening = loaded(name)
    options = settings.quotes.options.get(name, {})
    try:
        source = opening(options, CheckedSink(live, time.time_ns))
    except Exception as error:
        msg = f"{SETTINGS_FILE}: quotes.options.{name}: {error}"
        raise _BadOptionsError(msg) from error
    return ForeignQuotes(name, source, live).run


def _file(settings: Settings, calendar: TradingCalendar) -> FileQuotes | DailyQuotes:
    path = settings.folder / str(settings.quotes.file)

    def bad_row(row: BadRow) -> None:
        log.warning("bad_quote", file=row.file, line=row.line, reason=row.reason)

    return opened_quotes(path, calendar=calendar, symbols=settings.quotes.symbols, report=bad_row)
