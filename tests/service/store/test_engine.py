"""Who may write when: one at a time, in turn, never nested; what raises leaves nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text

from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.upgrade import migrate
from tests.factories_store import a_frame


def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    """As a crash in the middle would."""
    with pytest.raises(KeyError):
        _write_and_fail(database)

    with database.reading() as connection:
        found = connection.execute(text("SELECT count(*) FROM offsets WHERE name = 'processed'"))
        assert found.scalar_one() == 0


def _write_and_fail(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("INSERT INTO offsets VALUES ('processed', 5)"))
        raise KeyError


def test_a_transaction_inside_another_is_refused_instead_of_waiting_for_itself(database: Database) -> None:
    """A deadlock of one thread with itself would be found at 3 a.m."""
    with database.writing(), pytest.raises(RuntimeError, match="already holds"), database.writing():
        pass


def test_writers_take_turns(database: Database) -> None:
    """A thread that waits goes before the one that has just written."""
    order: list[str] = []
    inside, waiting = Event(), Event()

    def second() -> None:
        inside.wait(10)
        waiting.set()
        with database.writing():
            order.append("second")

    thread = Thread(target=second)
    thread.start()
    with database.writing():
        inside.set()
        waiting.wait(10)
        while not database._turnstile.locked():
            pass
        order.append("first")
    with database.writing():
        order.append("first again")
    thread.join(10)

    assert order == ["first", "second", "first again"]


def test_sqlite_is_opened_durable(tmp_path: Path) -> None:
    """Write-ahead log, every commit on the disk, foreign keys watched."""
    with Database(f"sqlite:///{tmp_path / 's.db'}") as database, database.reading() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]

    assert found == ["wal", 2, 1, 10_000]


def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    """What is committed during a read belongs to the next one."""
    journal = SqlJournal(database)
    journal.append(a_frame(1))
    with database.reading() as connection:
        count = text("SELECT count(*) FROM journal")
        before = connection.execute(count).scalar_one()
        thread = Thread(target=journal.append, args=(a_frame(1),))
        thread.start()
        thread.join(10)
        assert (before, connection.execute(count).scalar_one()) == (1, 1)

    assert journal.last_offset() == 2


def test_folding_moves_the_log_into_the_file(tmp_path: Path) -> None:
    """Afterwards the file alone holds everything."""
    file = tmp_path / "s.db"
    with Database(f"sqlite:///{file}") as database:
        migrate(database)
        SqlJournal(database).append(a_frame(3))

        database.fold()

        alone = tmp_path / "alone.db"
        alone.write_bytes(file.read_bytes())
        copy = sqlite3.connect(alone)
        assert copy.execute("SELECT count(*) FROM journal").fetchone() == (3,)
        copy.close()


def test_a_store_in_memory_is_one_for_all_threads() -> None:
    """A replay into memory needs no file."""
    with Database("sqlite://") as database:
        migrate(database)
        journal = SqlJournal(database)
        thread = Thread(target=journal.append, args=(a_frame(2),))
        thread.start()
        thread.join(10)
        database.fold()
        database.ping()

        assert journal.last_offset() == 2
