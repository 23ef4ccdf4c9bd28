"""What is found at the start of a day: the daemon's own word, the schedule, the last certificate, the symbols."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rules.facts import Nanos, QuoteState
from service.configuration import read_configuration
from service.health import Readiness, endpoint, serving
from service.metrics.daemon import Metrics
from service.metrics.sight import SessionSight, Sight
from service.processed import Processed
from service.statements.issue import certify, issued
from service.statements.look import look
from service.statements.readiness import Found
from service.store.engine import Database
from service.store.record import SqlStore
from tests.factories import a_quote
from tests.factories_folder import a_working_folder, settings_on
from tests.factories_recorded import ROAD_DAY, admin, record_all, trade
from tests.factories_road import PARTY, SESSION, at
from tests.factories_store import a_recorded_fill
from tests.stores import lay_tables

WHOLE = [admin(1, 0, "A"), *(trade(number) for number in range(2, 8))]
NEXT_MORNING = Nanos(at(24 * 3_600))


def looked(folder: Path, store: str, cfg: str = "", *, port: int | None = None, certificate: bool = True) -> Found:
    """Fill a store with a day and look at the folder on the next morning."""
    a_working_folder(folder, settings=settings_on(store, port))
    if cfg:
        path = folder / "fix_configs" / "demo" / "session.cfg"
        text = path.read_text(encoding="utf-8").replace("NonStopSession=Y", cfg)
        path.write_text(text, encoding="utf-8")
    configuration = read_configuration(folder)
    with Database(store) as database:
        lay_tables(database)
        record_all(database, WHOLE)
        if certificate:
            issued(database, [certify(database, PARTY, SESSION, ROAD_DAY)])
        unknown = a_quote(state=QuoteState.ABSENT, bid=None, offer=None, note="unknown symbol")
        store = SqlStore(database)
        offset = store.processed_offset() + 1
        fill = a_recorded_fill(offset, trade_date="2099-01-01", symbol="ZZT", at_execution=unknown)
        store.record(Processed(upto=offset, fills=[fill]))
        return look(configuration, database, NEXT_MORNING)


def test_a_daemon_that_does_not_answer_is_said_and_the_rest_is_looked_at(tmp_path: Path, store_url: str) -> None:
    """Sessions are not known then; the store, the disk and the schedule are."""
    found = looked(tmp_path / "work", store_url)

    assert found.daemon is None
    assert [(one.session, one.logged_on, one.certificate) for one in found.sessions] == [
        (SESSION, None, "complete_not_reconciled")
    ]
    assert (found.day, found.last_day, found.trading_day) == ("2013-10-08", ROAD_DAY, True)
    assert (found.registers, found.unmatched) == ({"demo": 0}, ("ZZT",))
    assert found.disk_free > 0


async def test_a_daemon_that_answers_says_who_is_logged_on(tmp_path: Path, store_url: str) -> None:
    """By its own metrics."""
    sight = Sight(
        sessions=(
            SessionSight(counterparty=PARTY, session=SESSION, logged_on=True, last_inbound_age=0.1, gap_open=False),
        ),
        quote_lag={"none": 0.25},
    )
    metrics = Metrics([], lambda: sight)
    app = endpoint(metrics, lambda: Readiness(state="failing", problems=("the gateway is not running",)))
    async with serving(app, "127.0.0.1", 0) as port:
        found = await asyncio.to_thread(looked, tmp_path / "work", store_url, port=port, certificate=False)

    assert (found.daemon, found.problems) == ("failing", ("the gateway is not running",))
    assert [(one.logged_on, one.certificate, one.recovery) for one in found.sessions] == [(True, None, "resend")]
    assert found.quotes_lag == 0.25


@pytest.mark.parametrize(
    ("cfg", "open_now", "words"),
    [
        ("StartTime=12:00:00\nEndTime=22:00:00", True, "open Tue 08:00 to Tue 18:00 New York"),
        ("StartTime=15:00:00\nEndTime=22:00:00", False, "open Tue 11:00 to Tue 18:00 New York"),
        ("NonStopSession=Y", True, "it never closes"),
    ],
)
def test_the_schedule_says_whether_a_session_should_be_open(
    tmp_path: Path, store_url: str, cfg: str, *, open_now: bool, words: str
) -> None:
    """As the engine reads it."""
    found = looked(tmp_path / "work", store_url, cfg)

    assert datetime.fromtimestamp(NEXT_MORNING / 1e9, UTC).isoformat() == "2013-10-08T14:30:00+00:00"
    assert [(one.open_now, one.schedule) for one in found.sessions] == [(open_now, words)]
