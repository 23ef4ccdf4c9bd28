"""Only exactly this version's tables are worked on, and a store is brought there forward only, after a backup."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, delete, func, insert, select, text

from service.store import upgrade as upgrade_module
from service.store.columns import metadata
from service.store.engine import Database, parse_url
from service.store.export import SqlRecords
from service.store.journal import SqlJournal
from service.store.lock import StoreInUse, only_daemon
from service.store.not_evaluated import counted_since
from service.store.record import SqlStore
from service.store.tables import case_findings, findings
from service.store.upgrade import StoreVersionError, migrate, newest_version, require_current, upgrade, version_of
from service.store.views import execution_states
from tests.factories_cases import a_queue, gather_all
from tests.factories_page import a_morning
from tests.factories_recorded import admin, record_all, trade
from tests.factories_store import a_batch, a_frame
from tests.stores import empty_store, end_connections

EARLIER = [script.revision for script in upgrade_module._scripts().walk_revisions()][1:]
"""Every version of the tables but the newest."""
NOT_KEPT = (
    *("arrival_slippage", "arrival_slippage_dollars", "arrival_reason", "venue_shares"),
    *("shortfall", "shortfall_dollars", "shortfall_reason"),
    "session_of_day",
)
"""Columns that say "not recorded" of a fact from before the version that they came with."""


def test_the_migrations_lead_to_exactly_the_tables_of_the_program(database: Database) -> None:
    """A change of tables.py without a migration is caught here."""
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(select(execution_states)).all() == []


def test_a_new_store_is_made_and_then_left_alone(store_url: str) -> None:
    """The second time there is nothing to do."""
    made = upgrade(store_url)
    again = upgrade(store_url)

    assert made.endswith(f"was made with the tables of version {newest_version()}")
    assert again.endswith(f"has the tables of this version ({newest_version()})")
    with Database(store_url) as database:
        require_current(database)


def test_an_empty_store_is_refused_with_what_to_do(store_url: str) -> None:
    """The page says so instead of failing at its first question."""
    with Database(store_url) as database, pytest.raises(StoreVersionError, match="has no tables yet; expected version"):
        require_current(database)


@pytest.fixture(scope="module")
def source() -> Iterator[Database]:
    """Give a day as this version records it, only to be read."""
    with Database("sqlite://") as made:
        a_day(made)
        yield made


@pytest.mark.parametrize("version", EARLIER)
def test_a_store_of_each_earlier_version_is_brought_forward_with_its_rows(
    store_url: str, source: Database, version: str
) -> None:
    """Every table that it had keeps its rows, and they are exported as if this program had recorded them."""
    with Database(store_url) as old:
        held = as_of(version, old, source)

        done = migrate(old)

        assert f"was brought from version {version} to {newest_version()}" in done
        require_current(old)
        for name, found in held.items():
            now = rows_of(old, name, list(found[0]))  # a migration may add notes of its own
            assert [row for row in found if row not in now] == []
        for what in ("executions", "orders", "messages"):
            assert told(old, what) == told(source, what) != []
        with old.reading() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.parametrize("version", EARLIER)
def test_work_goes_on_in_a_store_that_was_brought_forward(store_url: str, source: Database, version: str) -> None:
    """What comes next follows what was there, and what was found before the upgrade still becomes exceptions."""
    with Database(store_url) as old:
        as_of(version, old, source)
        migrate(old)
        last = SqlJournal(old).last_offset()

        after = SqlJournal(old).append(a_frame(1))
        SqlStore(old).record(a_batch(after))
        gather_all(a_queue(old))

        known = {str(row["execution_id"]) for row in SqlRecords(source).rows("executions", None)}
        assert after == last + 1
        assert {str(row["execution_id"]) for row in SqlRecords(old).rows("executions", None)} == known | {f"E{after}"}
        with old.reading() as connection:
            found, taken = (select(func.count()).select_from(table) for table in (findings, case_findings))
            assert connection.execute(found).scalar_one() == connection.execute(taken).scalar_one() > 1


def told(database: Database, what: str) -> list[dict[str, object]]:
    """Return an export without what no earlier version kept."""
    rows = SqlRecords(database).rows(what, None)
    return [{name: cell for name, cell in row.items() if name not in NOT_KEPT} for row in rows]


def a_day(database: Database) -> None:
    """Record a day without gaps, and exceptions of which some are acknowledged: nothing that old versions lacked."""
    migrate(database)
    record_all(database, [admin(1, 0, "A"), *(trade(number) for number in range(2, 8))])
    a_morning(database)


def as_of(version: str, old: Database, source: Database) -> dict[str, list[dict[str, Any]]]:
    """Make a store as that version made it, with what it had of the source's rows; return them by table."""
    held = {}
    with old.writing() as connection:
        command.upgrade(upgrade_module._config(connection), version)
        tables = MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            found = rows_of(source, table.name, [column.name for column in table.columns])
            if found:
                # alerts are numbered by the store itself, which would not know of numbers that are given
                given = [{name: cell for name, cell in row.items() if name != "outbox_id"} for row in found]
                connection.execute(delete(table))  # what a migration noted itself is among them
                connection.execute(insert(table), given)
                held[table.name] = found
    return held


def rows_of(database: Database, name: str, columns: list[str]) -> list[dict[str, Any]]:
    """Return these columns of all rows of a table, in the order of its key."""
    if name not in metadata.tables:
        return []
    table = metadata.tables[name]
    wanted = select(*(table.c[column] for column in columns)).order_by(*table.primary_key)
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def test_an_older_store_is_backed_up_and_brought_forward(tmp_path: Path) -> None:
    """The copy holds what was committed, also what still stood in the write-ahead log."""
    url = f"sqlite:///{tmp_path / 'sorwatch.db'}"
    with Database(url) as database:
        with database.writing() as connection:
            command.upgrade(upgrade_module._config(connection), "0001")
        SqlJournal(database).append(a_frame(3))
        with pytest.raises(StoreVersionError, match="has the tables of version 0001; expected version"):
            require_current(database)
        done = migrate(database)
        assert version_of(database) == newest_version()

    backup = tmp_path / "sorwatch.db.backup-0001"
    assert done.endswith(f"kept at {backup}")
    with sqlite3.connect(backup) as copy:
        assert copy.execute("SELECT count(*) FROM journal").fetchone() == (3,)
    copy.close()


def test_a_store_that_counted_nothing_by_rule_remembers_up_to_where(tmp_path: Path) -> None:
    """A count that begins in the middle of a day must not look like one of the whole day."""
    with Database(f"sqlite:///{tmp_path / 'sorwatch.db'}") as database:
        with database.writing() as connection:
            command.upgrade(upgrade_module._config(connection), "0004")
            connection.execute(text("INSERT INTO offsets (name, value) VALUES ('processed', 17)"))

        migrate(database)

        with database.reading() as connection:
            assert counted_since(connection) == 17


def test_a_backup_never_overwrites_another(tmp_path: Path) -> None:
    """The name of a second one has a number."""
    taken = tmp_path / "sorwatch.db.backup-0001"
    taken.touch()

    assert upgrade_module._free(taken) == tmp_path / "sorwatch.db.backup-0001-2"


def test_a_store_of_a_newer_program_is_refused(database: Database) -> None:
    """There is no way back, so nothing is tried."""
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for attempt in (migrate, require_current):
        with pytest.raises(StoreVersionError, match="version 9999, which this sorwatch does not know"):
            attempt(database)


def test_a_second_daemon_on_the_same_store_is_refused(store_url: str) -> None:
    """Until the first lets go."""
    with Database(store_url) as one, Database(store_url) as two:
        with only_daemon(one), pytest.raises(StoreInUse, match="in use by another sorwatch daemon"), only_daemon(two):
            pass
        with only_daemon(two):
            pass


def test_the_refusal_names_the_process_that_holds_the_store(tmp_path: Path) -> None:
    """The person at 3 a.m. knows which one to stop; a killed holder holds nothing."""
    url = f"sqlite:///{tmp_path / 'sorwatch.db'}"
    program = (
        "import sys\nfrom service.store.engine import Database\nfrom service.store.lock import only_daemon\n"
        "with only_daemon(Database(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ}
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreInUse, match=rf"process {holder.pid}\)"), only_daemon(Database(url)):
            pass
        holder.kill()
        holder.wait(10)

    with only_daemon(Database(url)):
        pass


@contextmanager
def lost_hold(tmp_path: Path) -> Iterator[tuple[Database, str]]:
    """Hold a store on PostgreSQL that has just ended every connection; give it and its URL."""
    with empty_store("postgres", tmp_path) as url, Database(url) as held, only_daemon(held):
        end_connections(url)
        yield held, url


def test_a_daemon_that_the_database_has_let_go_of_takes_its_store_again(tmp_path: Path) -> None:
    """A restart of the database must not open the store to a second daemon; nor is it an error when the daemon ends."""
    with lost_hold(tmp_path) as (held, url):
        held.keep_hold()

        with Database(url) as second, pytest.raises(StoreInUse), only_daemon(second):
            pass


def test_a_daemon_whose_store_another_has_taken_meanwhile_is_told(tmp_path: Path) -> None:
    """It has to stop: two must not work on one store."""
    with lost_hold(tmp_path) as (held, url), Database(url) as second, only_daemon(second), pytest.raises(StoreInUse):
        held.keep_hold()


def test_an_upgrade_waits_for_no_daemon(store_url: str) -> None:
    """It is refused while a daemon works on the store."""
    with Database(store_url) as database, only_daemon(database), pytest.raises(StoreInUse):
        upgrade(store_url)


def test_a_store_in_memory_needs_no_lock() -> None:
    """Nobody else can reach it."""
    with Database("sqlite://") as database, only_daemon(database), only_daemon(database):
        assert "was made" in migrate(database)


@pytest.mark.parametrize("url", ["", "sorwatch.db", "mysql://host/db", "nonsense://"])
def test_a_url_that_names_no_store_is_refused_with_an_example(url: str) -> None:
    """What was expected stands in the message."""
    with pytest.raises(ValueError, match="expected for example sqlite:///sorwatch"):
        parse_url(url)


def test_postgresql_is_always_reached_by_psycopg() -> None:
    """However the URL spells it."""
    assert parse_url("postgresql://user@host/sorwatch").drivername == "postgresql+psycopg"
    assert parse_url("postgresql+psycopg://user@host/sorwatch").drivername == "postgresql+psycopg"
