"""The daemon certifies by itself: a day that ended while it was down gets its certificate soon after the start."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from rules.facts import SECOND, Nanos
from service.configuration import read_configuration
from service.journal import Frame, SessionPoint
from service.market.calendar import ALWAYS, trade_date
from service.statements.chain import Kind
from service.store.journal import SqlJournal
from service.store.statements import SqlStatements
from service.store.upgrade import migrate
from service.versions import Version, VersionKind
from tests.live_daemon import LiveDaemon

pytestmark = pytest.mark.journey

DAY_NS = 24 * 3_600 * SECOND


def test_a_day_that_ended_while_the_daemon_was_down_is_certified_after_the_start(
    tmp_path: Path, store_url: str
) -> None:
    """Red: nothing was heard on it. And once: a second start issues nothing more."""
    with LiveDaemon(tmp_path, store=store_url) as daemon:
        (tmp_path / "quotes.csv").write_text("time_ns,symbol,bid,bid_size,offer,offer_size\n", encoding="utf-8")
        configuration = read_configuration(tmp_path)
        ((party, session),) = configuration.sessions
        two_days_ago = Nanos(time.time_ns() - 2 * DAY_NS)
        _was_there(daemon, party, session, two_days_ago)
        store = SqlStatements(daemon.database)
        missed = trade_date(two_days_ago)

        daemon.start()
        daemon.wait(lambda: bool(store.of_day(missed, Kind.COMPLETENESS)), "the missed day is certified", 60)
        code = daemon.stop()
        daemon.start()
        daemon.wait(lambda: daemon.answers("readyz"), "the daemon is ready again", 60)
        daemon.stop()

        (statement,) = store.of_day(missed, Kind.COMPLETENESS)
        assert code == 0
        assert (statement.session, statement.state, statement.actor) == (session, "red", None)
        assert b"nothing was heard of this session" in statement.body
        assert store.verify()[1] is None


def _was_there(daemon: LiveDaemon, party: str, session: str, at: Nanos) -> None:
    """Let the store know the session from that instant on."""
    migrate(daemon.database)
    dialect = (daemon.folder / "fix_configs" / party / "dialect.yaml").read_text(encoding="utf-8")
    known = (
        Version(kind=VersionKind.CALENDAR, name="always", text=_calendar()).entry(at),
        Version(kind=VersionKind.DIALECT, name=party, text=dialect).entry(at),
    )
    point = SessionPoint(counterparty=party, session=session, epoch="e1", expected=1)
    SqlJournal(daemon.database).append(Frame(entries=known, points=(point,)))


def _calendar() -> str:
    return msgspec.json.encode(ALWAYS).decode()
