"""The daemon's seals by a clock of the test's own: into store, outbox and file, each once, whatever cuts it off."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.ports import Settled
from rules.facts import SECOND, Nanos
from service.audit import sealer as module
from service.audit.seal import Seal
from service.audit.seal_file import SealFile
from service.audit.sealer import Sealer
from service.audit.verify import verify
from service.market.calendar import ALWAYS
from service.store.engine import Database
from service.store.outbox import SqlOutbox
from service.store.seals import SqlSeals
from service.store.tables import outbox
from tests.factories_audit import a_record, sealed
from tests.factories_cases import NOON

AFTER_S = 3_600.0
DAY_NS = 24 * 3_600 * SECOND
CLOSE = Nanos(1_760_068_800 * SECOND)
"""Midnight in New York of the day of NOON, where the calendar `always` ends it."""
DUE = Nanos(CLOSE + 3_600 * SECOND)
DAY = "2025-10-09"


class Clock:
    """A clock that stands where the test puts it."""

    def __init__(self, now: int = DUE) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the time."""
        return self.now


class KilledError(Exception):
    """The process ends here."""


def a_sealer(database: Database, folder: Path, clock: Clock) -> Sealer:
    """Return the sealer of a store and a folder."""
    return Sealer(SqlSeals(database, "demo"), SealFile(folder), ALWAYS, AFTER_S, clock=clock)


def waiting(database: Database) -> list[bytes]:
    """Return the seals in the outbox."""
    with database.reading() as connection:
        wanted = select(outbox.c.body).where(outbox.c.topic == "seals").order_by(outbox.c.outbox_id)
        return list(connection.execute(wanted).scalars())


@pytest.fixture
def record(database: Database) -> Database:
    """Give a store with work, and two seals made during it."""
    a_record(database)
    return database


def test_a_day_is_sealed_once_when_it_is_due(record: Database, tmp_path: Path) -> None:
    """Not a moment before; store, outbox and file get the same."""
    clock = Clock(DUE - 1)
    sealer = a_sealer(record, tmp_path, clock)

    early = sealer.work()
    clock.now = DUE
    made = [sealer.work() for _ in range(3)]

    assert early is None
    assert made[0] is not None
    assert (made[0].day, made[0].at, made[1:]) == (DAY, DUE, [None, None])
    assert (tmp_path / "seals.jsonl").read_bytes().splitlines() == waiting(record)
    assert len(waiting(record)) == 3
    assert verify(record, SealFile(tmp_path).read()).broken == ()


def test_days_that_were_missed_are_made_up_for_at_the_next_start(record: Database, tmp_path: Path) -> None:
    """By one seal that names them."""
    a_sealer(record, tmp_path, Clock()).work()

    made = a_sealer(record, tmp_path, Clock(DUE + 3 * DAY_NS)).work()

    assert made is not None
    assert (made.day, made.missed) == ("2025-10-12", ("2025-10-10", "2025-10-11"))


def test_what_somebody_sealed_by_command_is_not_sealed_again(record: Database, tmp_path: Path) -> None:
    """The store is asked before a seal is made, not only at the start."""
    clock = Clock(DUE - 1)
    sealer = a_sealer(record, tmp_path, clock)
    sealer.work()
    sealed(record, DAY, DUE + 1)

    clock.now = DUE + 2

    assert sealer.work() is None


def test_a_kill_between_store_and_file_is_made_good_by_the_next_start(
    record: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file gets what it lacks; nothing is sealed, sent or written twice."""

    def killed(_: SealFile, after: object) -> int:
        raise KilledError

    with monkeypatch.context() as patched:
        sealer = a_sealer(record, tmp_path, Clock())
        sealer._file.append(sealer._seals.after)
        sealer._known = sealer._read()
        patched.setattr(SealFile, "append", killed)
        with pytest.raises(KilledError):
            sealer.work()

    again = a_sealer(record, tmp_path, Clock(DUE + 1)).work()

    assert again is None
    assert (tmp_path / "seals.jsonl").read_bytes().splitlines() == waiting(record)
    assert len(waiting(record)) == 3


def test_a_kill_before_the_seal_leaves_nothing_of_it_but_heads_that_count_in_the_next(
    record: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seal and outbox are one transaction."""

    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(SqlSeals, "_stands", killed)
        with pytest.raises(KilledError):
            a_sealer(record, tmp_path, Clock()).work()

    made = a_sealer(record, tmp_path, Clock(DUE + 1)).work()

    assert made is not None
    assert (made.seq, made.cases.heads, len(waiting(record))) == (3, 1, 3)
    assert verify(record, SealFile(tmp_path).read()).broken == ()


def test_a_line_that_a_crash_cut_short_is_written_again_behind_it(record: Database, tmp_path: Path) -> None:
    """Nothing in the file is ever changed; the file still holds."""
    file = SealFile(tmp_path)
    file.append(SqlSeals(record, "demo").after)
    whole = file.path.read_bytes()
    file.path.write_bytes(whole[:-50])

    added = file.append(SqlSeals(record, "demo").after)

    assert added == 1
    assert file.path.read_bytes().startswith(whole[:-50] + b"\n")
    assert file.read().broken == ()
    assert len(file.read().seals) == 2
    assert verify(record, file.read()).whole


def test_a_file_that_has_all_is_left_alone(record: Database, tmp_path: Path) -> None:
    """And one that was taken away is made anew, with every seal."""
    file = SealFile(tmp_path / "deep" / "seals")
    before = file.read()

    added = [file.append(SqlSeals(record, "demo").after) for _ in range(2)]

    assert before.seals == {}
    assert added == [2, 0]


def test_seals_leave_in_their_order_and_beside_the_alerts(record: Database) -> None:
    """One at a time: the next when the one before was taken."""
    box = SqlOutbox(record)
    first = [item for item in box.waiting("mqtt", 50, NOON) if item.topic is not None]

    box.settle([Settled(first[0].outbox_id, "sent", "sealed")], NOON)

    second = [item for item in box.waiting("mqtt", 50, NOON) if item.topic is not None]
    assert [(item.case_id, item.topic, item.body, item.acknowledged) for item in (*first, *second)] == [
        (None, "seals", body, False) for body in waiting(record)
    ]


async def test_what_fails_is_tried_again_and_the_watch_goes_on(
    record: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that cannot be written keeps nobody but the file waiting."""
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    (tmp_path / "seals").write_text("a file where the folder should be", encoding="utf-8")
    sealer = Sealer(
        SqlSeals(record, "demo"), SealFile(tmp_path / "seals"), ALWAYS, AFTER_S, clock=Clock(), after=lambda: None
    )
    work = sealer.work

    def looked() -> Seal | None:
        try:
            made = work()
        except OSError:
            (tmp_path / "seals").unlink()
            raise
        loop.call_soon_threadsafe(done.set)
        return made

    monkeypatch.setattr(sealer, "work", looked)
    task = asyncio.create_task(sealer.run())

    await asyncio.wait_for(done.wait(), 20)

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(SealFile(tmp_path / "seals").read().seals) == 3
