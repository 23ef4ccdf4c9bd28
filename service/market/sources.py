"""Opens the quote source that the settings name: none, a file, or the live tape that MQTT feeds."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from rules.facts import MILLISECOND, Nanos
from service.market.calendar import TradingCalendar
from service.market.enrich import QuotePolicy
from service.market.file_quotes import BadRow, FileQuotes, QuoteFileError
from service.market.live_quotes import LiveQuotes
from service.market.liveness import Liveness, SourceState
from service.market.recorded_quotes import NoQuotes
from service.market.symbols import canonical
from service.market.tape import Tape
from service.settings import ConfigurationError, QuoteSourceKind, Settings

log = structlog.get_logger()


def opened(
    settings: Settings, calendar: TradingCalendar, on_state: Callable[[SourceState], None]
) -> LiveQuotes | FileQuotes | NoQuotes:
    """Return the source; `on_state` is told when a live one comes, lags or dies."""
    wanted = settings.quotes
    if wanted.source is QuoteSourceKind.NONE:
        return NoQuotes()
    if wanted.source is QuoteSourceKind.FILE:
        return _file(settings, calendar)
    policy = QuotePolicy(
        grace=Nanos(wanted.grace_ms * MILLISECOND), bound=Nanos(wanted.bound_ms * MILLISECOND), calendar=calendar
    )
    tape = Tape(canonical=lambda symbol: canonical(symbol, wanted.symbols), watchlist=_watchlist(settings))
    return LiveQuotes(tape, policy, Liveness.of_settings(wanted.dead_after_ms), on_state=on_state)


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


def _file(settings: Settings, calendar: TradingCalendar) -> FileQuotes:
    path = settings.folder / str(settings.quotes.file)

    def bad_row(row: BadRow) -> None:
        log.warning("bad_quote", file=path.name, line=row.line, reason=row.reason)

    try:
        return FileQuotes(path, calendar=calendar, symbols=settings.quotes.symbols, report=bad_row)
    except QuoteFileError as error:
        raise ConfigurationError([str(error)]) from None
