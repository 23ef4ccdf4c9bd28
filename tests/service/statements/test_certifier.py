"""The daemon's certificates by a clock of the test's own: due after the close, made up for when missed, never twice."""

from __future__ import annotations

import asyncio

import pytest

import service.statements.certifier
from rules.facts import SECOND, Nanos
from service.journal import Frame, SessionPoint
from service.market.calendar import ALWAYS
from service.statements.certifier import PATIENCE, Certifier
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.record import write_offset
from service.store.statements import SqlStatements
from tests.factories_recorded import ROAD_DAY, admin, record_all, trade
from tests.factories_road import PARTY, SESSION, at, versions

WHOLE = [admin(1, 0, "A"), *(trade(number) for number in range(2, 8))]
AFTER_S = 1_800.0
CLOSE = at(13.5 * 3_600)
"""Midnight in New York, where the calendar `always` ends its day."""
DUE = Nanos(CLOSE + 1_800 * SECOND)
DAY_NS = 24 * 3_600 * SECOND


class Clock:
    """A clock that stands where the test puts it."""

    def __init__(self, now: Nanos) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the time."""
        return self.now


def a_certifier(database: Database, clock: Clock, *sessions: str) -> Certifier:
    """Return the certifier of the demo session, or of those named."""
    named = [(PARTY, session) for session in sessions or (SESSION,)]
    return Certifier(database, ALWAYS, named, AFTER_S, clock=clock)


def heard(database: Database) -> None:
    """Record the day, the versions with stamps, and that a gateway knows the session."""
    point = SessionPoint(counterparty=PARTY, session=SESSION, epoch="e1", expected=8)
    first = tuple(version.entry(at(0)) for version in versions())
    SqlJournal(database).append(Frame(entries=first, points=(point,)))
    record_all(database, WHOLE, before=[])


def certified(database: Database) -> list[tuple[str, str, str]]:
    """Return day, session and state of every statement."""
    days = sorted(SqlStatements(database).newest(99))
    return [(one.trade_date, one.session, one.state) for day in days for one in SqlStatements(database).of_day(day)]


def test_a_day_is_certified_once_when_it_is_due(database: Database) -> None:
    """Not a second before, and not again by a look that follows."""
    heard(database)
    clock = Clock(at(3_600))
    certifier = a_certifier(database, clock)

    clock.now = Nanos(DUE - 1)
    early = certifier.work()
    clock.now = DUE
    issued = [certifier.work() for _ in range(3)]

    assert (early, issued) == (0, [1, 0, 0])
    assert certified(database) == [(ROAD_DAY, SESSION, "complete_not_reconciled")]
    (statement,) = SqlStatements(database).of_day(ROAD_DAY)
    assert (statement.at, statement.actor) == (DUE, None)


def test_a_daemon_that_starts_later_makes_up_for_the_days_that_were_missed_and_no_others(database: Database) -> None:
    """Since the counterparty is configured; a session that was never heard owes nothing before the start."""
    heard(database)
    clock = Clock(Nanos(DUE + 2 * DAY_NS))

    assert a_certifier(database, clock, SESSION, "FIX.4.4:FIRM->NEW").work() == 3
    assert a_certifier(database, clock, SESSION, "FIX.4.4:FIRM->NEW").work() == 0

    assert certified(database) == [
        (ROAD_DAY, SESSION, "complete_not_reconciled"),
        ("2013-10-08", SESSION, "red"),
        ("2013-10-09", SESSION, "red"),
    ]


def test_a_session_that_is_never_heard_is_certified_red_from_the_first_day_on(database: Database) -> None:
    """Its silence is a statement."""
    clock = Clock(at(3_600))
    certifier = a_certifier(database, clock, "FIX.4.4:FIRM->NEW")
    clock.now = DUE

    assert certifier.work() == 1
    assert certified(database) == [(ROAD_DAY, "FIX.4.4:FIRM->NEW", "red")]


def test_what_somebody_asked_for_meanwhile_is_not_issued_again(database: Database) -> None:
    """The newest counts, whoever issued it."""
    heard(database)
    clock = Clock(at(3_600))
    first, second = a_certifier(database, clock), a_certifier(database, clock)
    assert first.work() == second.work() == 0
    clock.now = DUE

    assert (first.work(), second.work()) == (1, 0)


def test_a_certificate_waits_for_what_is_not_processed_but_not_for_ever(database: Database) -> None:
    """Then it says so."""
    heard(database)
    with database.writing() as connection:
        write_offset(connection, "processed", 9)
    clock = Clock(DUE)
    certifier = a_certifier(database, clock)

    waited = certifier.work()
    clock.now = Nanos(DUE + PATIENCE)
    issued = certifier.work()

    assert (waited, issued) == (0, 1)
    assert certified(database) == [(ROAD_DAY, SESSION, "red")]


async def test_a_look_that_fails_is_tried_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch goes on."""
    certifier = a_certifier(database, Clock(DUE))
    looks = asyncio.Queue[None]()
    loop = asyncio.get_running_loop()

    def broken() -> int:
        loop.call_soon_threadsafe(looks.put_nowait, None)
        msg = "the disk is full"
        raise OSError(msg)

    monkeypatch.setattr(service.statements.certifier, "RETRY_S", 0.0)
    monkeypatch.setattr(certifier, "work", broken)
    running = asyncio.create_task(certifier.run())
    async with asyncio.timeout(30):
        for _ in range(2):
            await looks.get()

    running.cancel()
    assert not running.done() or running.cancelled()
