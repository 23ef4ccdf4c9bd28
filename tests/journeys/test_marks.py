"""Marks after an execution on a running daemon: taken on time, across a kill, and the same from the journal again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rules.facts import SECOND, Nanos
from service.core import Core
from service.pipeline import Pipeline
from service.store.export import SqlRecords
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.stored_quotes import StoredQuotes
from tests.fakes_store import FakeStore
from tests.fix_peer import FixPeer
from tests.live_daemon import LiveDaemon

pytestmark = pytest.mark.journey

PATIENCE_S = 60.0
CENT = 10_000_000


def write_rising_quotes(path: Path, first: int) -> None:
    """Write a market that is a cent higher in every second of ten minutes."""
    rows = (
        f"{(first + number) * SECOND},IBM,{99 + number / 100:.2f},100,{99 + number / 100 + 0.02:.2f},100"
        for number in range(600)
    )
    path.write_text("time_ns,symbol,bid,bid_size,offer,offer_size\n" + "\n".join(rows) + "\n", encoding="utf-8")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[LiveDaemon, FixPeer, int]]:
    """Give a daemon with the rising market as its quotes, logged on to a vendor, and the market's first second."""
    quotes, vendor, first = tmp_path / "rising.csv", FixPeer(), int(time.time()) - 30
    write_rising_quotes(quotes, first)
    with LiveDaemon(tmp_path / "daemon", quotes=quotes) as daemon, vendor.listening(daemon.ports.fix):
        daemon.start()
        vendor.wait_logged_on(PATIENCE_S)
        yield daemon, vendor, first


def marks(daemon: LiveDaemon) -> list[dict[str, Any]]:
    """Return the marks that are recorded, as the export shows them."""
    return [row for row in SqlRecords(daemon.database).rows("markouts", None) if row["horizon"] is not None]


def test_marks_come_on_time_across_a_kill_and_are_the_same_from_the_journal(
    running: tuple[LiveDaemon, FixPeer, int],
) -> None:
    """Two before the kill, the third after it; each second the market rose by a cent."""
    daemon, vendor, first = running

    vendor.send_executions(range(1, 2))
    daemon.wait(lambda: len(marks(daemon)) == 2, "two marks are taken", PATIENCE_S)
    daemon.kill_core()
    daemon.start()
    daemon.wait(lambda: len(marks(daemon)) == 3, "the third is taken after the kill", PATIENCE_S)

    taken = marks(daemon)
    assert [row["horizon"] for row in taken] == ["0.050000000", "1.000000000", "15.000000000"]
    assert {row["not_evaluated_reason"] for row in taken} <= {None, "receipt absent: no receipt time"}
    assert [cents(row["mark_bid"]) for row in taken] == [9_900 + second(row["at"]) - first for row in taken]
    assert daemon.stop() == 0
    assert again(daemon) == [(row["execution_id"], cents(row["mark_bid"])) for row in taken]


def cents(dollars: str) -> int:
    """Return an amount in cents."""
    return int(Decimal(dollars) * 100)


def second(at: str) -> int:
    """Return the whole second of an instant as an export writes it."""
    return int(datetime.fromisoformat(f"{at[:19]}+00:00").timestamp())


def again(daemon: LiveDaemon) -> list[tuple[str, int]]:
    """Run the whole journal again with the recorded decisions; return the marks that it comes to."""
    store = FakeStore()
    quotes = StoredQuotes(SqlStore(daemon.database))
    pipeline = Pipeline(journal=SqlJournal(daemon.database), store=store, quotes=quotes, core=Core())
    while pipeline.turn(Nanos(0)).processed is not None:
        pass
    return [(mark.execution_id, (mark.quote.bid or 0) // CENT) for mark in store.recorded.markouts]
