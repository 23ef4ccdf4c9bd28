"""Settings become sources: in their order, or every problem at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rules.facts import QuoteState
from service.market.calendar import ALWAYS
from service.market.liveness import SourceState
from service.market.recorded_quotes import NoQuotes
from service.market.sources import opened
from service.settings import ConfigurationError, Settings
from tests.factories_market import NOON, a_request, seconds
from tests.quote_files import write_csv


def settings(folder: Path, **quotes: Any) -> Settings:
    """Return settings with these keys of [quotes], and a broker."""
    return Settings(folder=folder, quotes=quotes, mqtt={})  # type: ignore[arg-type]


def test_no_source_is_none(tmp_path: Path) -> None:
    """Nothing is asked, nothing feeds."""
    sources = opened(settings(tmp_path), ALWAYS)

    assert isinstance(sources.quotes, NoQuotes)
    assert (sources.live, sources.feeds, sources.files) == ({}, {}, ())


def test_a_file_first_and_a_live_source_second(tmp_path: Path) -> None:
    """The answer names the file and says that the other had nothing."""
    write_csv(tmp_path / "quotes.csv", [(NOON, "IBM", "99.90", "100.10")])
    sources = opened(settings(tmp_path, source="file", file="quotes.csv", second="mqtt"), ALWAYS)

    decision = sources.quotes.decide(a_request(), seconds(9))
    sources.close()

    assert decision is not None
    assert decision.at_execution is not None
    assert (decision.source, decision.at_execution.state) == ("file", QuoteState.NORMAL)
    assert decision.apart is not None
    assert (decision.apart.source, decision.apart.bid) == ("mqtt", None)
    assert (set(sources.live), set(sources.feeds)) == ({"mqtt"}, {"mqtt"})


def test_each_live_source_tells_its_states_under_its_name(tmp_path: Path) -> None:
    """The journal must say which of them is down."""
    told: list[tuple[str, SourceState]] = []
    options = {"zeromq": {"address": "tcp://127.0.0.1:9"}}
    wanted = settings(tmp_path, source="zeromq", second="mqtt", options=options)
    sources = opened(wanted, ALWAYS, lambda name, state: told.append((name, state)))

    for live in sources.live.values():
        live.start(NOON)
        live.lost()

    assert told == [("zeromq", SourceState.DEAD), ("mqtt", SourceState.DEAD)]


def test_only_what_is_asked_for_is_opened(tmp_path: Path) -> None:
    """A back-fill asks the file and connects to nobody."""
    sources = opened(settings(tmp_path, source="mqtt"), ALWAYS, only="file")

    assert isinstance(sources.quotes, NoQuotes)
    assert sources.feeds == {}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "address is (); expected for example tcp://"),
        ({"address": 5556}, "address is"),
        ({"address": ["tcp://a:1", "b"]}, "expected for example"),
        ({"address": "tcp://a:1", "port": 1}, "unknown option port"),
    ],
)
def test_every_problem_of_every_source_stops_the_start(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    """Wrong options of one, and a file that is not there."""
    wanted = settings(tmp_path, source="zeromq", second="file", file="none.csv", options={"zeromq": options})

    with pytest.raises(ConfigurationError) as refused:
        opened(wanted, ALWAYS)

    first, second = refused.value.problems
    assert first.startswith("sorwatch.toml: quotes.options.zeromq: ")
    assert words in first
    assert "none.csv cannot be opened" in second


def test_a_source_that_nobody_brings_stops_the_start(tmp_path: Path) -> None:
    """With the names of those that are there."""
    with pytest.raises(ConfigurationError, match=r"there is no quote source 'carrier_pigeon'.*zeromq"):
        opened(settings(tmp_path, source="carrier_pigeon"), ALWAYS)
