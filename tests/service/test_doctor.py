"""What the doctor sees of symbols without quotes and of the sessions' clocks."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from rules.facts import Nanos
from service.doctor import FAIL, OK, WARN, Examined, examine
from service.health import Readiness, endpoint, serving
from service.market.calendar import trade_date
from service.metrics.daemon import Metrics
from service.metrics.sight import SessionSight, Sight
from service.processed import Processed
from service.store.engine import Database
from service.store.record import SqlStore
from service.store.unmatched import unmatched_symbols
from tests.factories import TRADE_DATE
from tests.factories_folder import a_working_folder, settings_on
from tests.factories_store import a_recorded_fill
from tests.factories_telling import a_dead_letter, an_alert
from tests.servers import free_port
from tests.stores import lay_tables


def a_batch_of(day: str, *symbols: str) -> Processed:
    """Return executions of that day: the first in IBM with its quote, then one in each symbol without."""
    unknown = {"execution_state": "absent", "note": "unknown symbol", "trade_date": day}
    fills = [a_recorded_fill(n, symbol=symbol, **unknown) for n, symbol in enumerate(symbols, start=2)]
    return Processed(upto=99, fills=[a_recorded_fill(1, symbol="IBM", trade_date=day), *fills])


def lines(found: list[Examined], subject: str) -> list[tuple[str, str]]:
    """Return verdict and words of that subject."""
    return [(each.verdict, each.words) for each in found if each.subject == subject]


def test_symbols_without_quotes_are_counted_most_first(database: Database) -> None:
    """Of one trade date, by counterparty; an absent quote for another reason is none of them."""
    store = SqlStore(database)
    store.record(a_batch_of(TRADE_DATE, "ABC-A", "XYZ", "ABC-A"))
    restart = a_recorded_fill(50, symbol="IBM", execution_state="absent", note="restart")
    store.record(Processed(upto=100, fills=[restart]))

    found = unmatched_symbols(database, TRADE_DATE)
    other = unmatched_symbols(database, "2026-11-19")

    assert (found.executions, found.symbols) == (5, (("demo", "ABC-A", 2), ("demo", "XYZ", 1)))
    assert (other.executions, other.symbols) == (0, ())


@pytest.mark.parametrize(
    ("symbols", "verdict", "words"),
    [
        ((), OK, "none of today's 1 executions lacks its quotes by its symbol"),
        (("ABC-A",), WARN, "1 symbols of today's 2 executions have no quotes: ABC-A (demo, 1)"),
        (tuple("ABCDEF"), WARN, "6 symbols of today's 7 executions have no quotes: A (demo, 1), B (demo, 1), "),
    ],
)
def test_the_doctor_names_the_first_few_symbols(
    symbols: tuple[str, ...], verdict: str, words: str, tmp_path: Path, store_url: str
) -> None:
    """Five of them, and that there are more."""
    folder = a_working_folder(tmp_path, settings=settings_on(store_url))
    with Database(store_url) as database:
        lay_tables(database)
        SqlStore(database).record(a_batch_of(trade_date(Nanos(time.time_ns())), *symbols))

    ((found, said),) = lines(examine(folder), "symbols")

    assert found == verdict
    assert said.startswith(words)
    assert said.endswith(", …") is (len(symbols) > 5)


def test_the_doctor_counts_executions_in_what_is_no_stock(tmp_path: Path, store_url: str) -> None:
    """By the reason why no price rule judges them; without any there is no line."""
    folder = a_working_folder(tmp_path, settings=settings_on(store_url))
    day = trade_date(Nanos(time.time_ns()))
    notes = ["test symbol", "a bond: compared with no quote", "a bond: compared with no quote", "restart"]
    fills = [
        a_recorded_fill(n, trade_date=day, execution_state="absent", note=note) for n, note in enumerate(notes, start=2)
    ]
    with Database(store_url) as database:
        lay_tables(database)
        store = SqlStore(database)
        store.record(a_batch_of(day))
        without = lines(examine(folder), "instruments")
        store.record(Processed(upto=100, fills=fills))

    counts = "a bond: compared with no quote (2), test symbol (1)"
    assert without == []
    assert lines(examine(folder), "instruments") == [(WARN, f"today's executions that no price rule judges: {counts}")]


async def test_the_doctor_shows_each_session_s_clock(tmp_path: Path) -> None:
    """From the daemon's metrics: one that is off is a warning, one without an estimate has no line."""
    offsets = {"FIX.4.4:FIRM->A": 0.0021, "FIX.4.4:FIRM->B": -0.3, "FIX.4.4:FIRM->C": None}
    sessions = tuple(
        SessionSight(
            counterparty="demo", session=name, logged_on=True, last_inbound_age=1.0, gap_open=False, clock_offset=offset
        )
        for name, offset in offsets.items()
    )
    app = endpoint(Metrics([], lambda: Sight(sessions=sessions)), lambda: Readiness(state="ready"))
    async with serving(app, "127.0.0.1", 0) as port:
        folder = a_working_folder(tmp_path, settings=f'firm = "x"\n[http]\nport = {port}\n')

        found = await asyncio.to_thread(examine, folder)

    way = "(our clock less theirs, the way included)"
    assert lines(found, "clock") == [
        (OK, f"FIX.4.4:FIRM->A of demo: +2.1 ms {way}"),
        (WARN, f"FIX.4.4:FIRM->B of demo: -300.0 ms {way}"),
    ]


def test_the_doctor_says_how_each_channel_stands(tmp_path: Path) -> None:
    """What waits since when and what is dead; a store of another version is said once."""
    folder = a_working_folder(tmp_path, settings=f'firm = "x"\n[mqtt]\nport = {free_port()}\n')
    bare = lines(examine(folder), "channel")
    with Database(f"sqlite:///{folder / 'sorwatch.db'}") as database:
        lay_tables(database)
        calm = lines(examine(folder), "channel")
        a_dead_letter(database, channel="mqtt")
        troubled = lines(examine(folder), "channel")

    assert bare == []
    assert calm == [(OK, "mqtt: not known: the daemon does not say; nothing waits; nothing sent yet")]
    ((verdict, words),) = troubled
    assert verdict == WARN
    assert words.endswith("1 dead, the first since Oct 9 04:54:20")


async def test_the_doctor_says_which_channel_the_daemon_has_lost(tmp_path: Path) -> None:
    """By the daemon's own word."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        told = {"/readyz": '{"state": "ready"}', "/metrics": 'sorwatch_channel_connected{channel="mqtt"} 0.0\n'}
        kind = "# TYPE sorwatch_channel_connected gauge\n"
        path = scope["path"]
        await PlainTextResponse((kind if path == "/metrics" else "") + told[path])(scope, receive, send)

    async with serving(answer, "127.0.0.1", 0) as port:
        settings = f'firm = "x"\n[http]\nport = {port}\n[mqtt]\nport = {free_port()}\n'
        folder = a_working_folder(tmp_path, settings=settings)
        with Database(f"sqlite:///{folder / 'sorwatch.db'}") as database:
            lay_tables(database)

        found = await asyncio.to_thread(examine, folder)

    assert lines(found, "channel") == [(FAIL, "mqtt: not connected; nothing waits; nothing sent yet")]


def test_the_doctor_says_what_becomes_of_alerts_without_a_broker(tmp_path: Path) -> None:
    """They go by the other channels; where there are none they wait, and it is said that nobody sends them."""
    folder = a_working_folder(tmp_path)
    with Database(f"sqlite:///{folder / 'sorwatch.db'}") as database:
        lay_tables(database)
        an_alert(database, channel="mqtt")
    none = examine(folder)
    (folder / "alerts.yaml").write_text("channels: {log: {kind: console}, night: {kind: console}}\n", encoding="utf-8")
    others = examine(folder)

    assert lines(none, "broker") == [(WARN, "no [mqtt] section: alerts wait in the outbox")]
    ((verdict, words),) = lines(none, "channel")
    assert verdict == WARN
    assert words.startswith("mqtt: not configured: nobody sends what waits; 1 alert waiting, the oldest for ")
    assert lines(others, "broker") == [(OK, "no [mqtt] section: alerts go by log, night")]
