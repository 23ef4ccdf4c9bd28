"""The watchlist: a file of symbols that get a history on the tape from the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.facts import QuoteState
from service.market.calendar import ALWAYS
from service.market.live_quotes import LiveQuotes
from service.market.quote_json import QuoteMessage
from service.market.sources import opened
from service.settings import ConfigurationError, MqttSettings, Settings
from service.settings_quotes import QuoteSourceKind, QuotesSettings
from tests.factories_market import NOON, a_request, an_update, seconds


def watching(folder: Path, name: str | None) -> LiveQuotes:
    """Open a live source with that watchlist."""
    quotes = QuotesSettings(source=QuoteSourceKind.MQTT, watchlist=name)
    return opened(Settings(folder=folder, quotes=quotes, mqtt=MqttSettings()), ALWAYS).live[QuoteSourceKind.MQTT]


def test_only_the_symbols_of_the_list_have_a_history(tmp_path: Path) -> None:
    """One symbol a line, in any form that the source may write; what follows a # is a remark."""
    (tmp_path / "watched.txt").write_text("# ours\nBRK B  # class shares\n\nIBM\n", encoding="utf-8")
    live = watching(tmp_path, "watched.txt")
    symbols = ("BRK.B", "IBM", "MSFT")

    live.take(QuoteMessage(quotes=tuple(an_update(seconds(at), symbol=s) for at in range(99) for s in symbols)), NOON)

    decisions = [live.decide(a_request(symbol=symbol), NOON) for symbol in symbols]
    found = [each.at_execution for each in decisions if each is not None and each.at_execution is not None]
    assert [quote.state for quote in found] == [QuoteState.NORMAL, QuoteState.NORMAL, QuoteState.ABSENT]
    assert found[2].note == "older than the tape"


def test_without_a_list_every_symbol_has_a_history(tmp_path: Path) -> None:
    """That is the default."""
    live = watching(tmp_path, None)

    live.take(QuoteMessage(quotes=tuple(an_update(seconds(at)) for at in range(99))), NOON)

    decision = live.decide(a_request(), NOON)
    assert decision is not None
    assert decision.at_execution is not None
    assert decision.at_execution.state is QuoteState.NORMAL


def test_a_list_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    """The operator is told which setting names what."""
    with pytest.raises(ConfigurationError, match=r"quotes.watchlist nowhere.txt cannot be read"):
        watching(tmp_path, "nowhere.txt")
