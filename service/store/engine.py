"""The way to the database: how connections are made, and who may write when. It knows no table.

One `Database` a process and store. Its writer lock is handed round in turn, so that the threads that write never meet
in SQLite's busy sleep and none starves another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

BUSY_TIMEOUT_MS = 10_000
WAL_PAGES = 32_768
"""Pages after which a commit folds the log itself; the daemon's housekeeping calls `fold` long before."""
EXAMPLE = "expected for example sqlite:///sorwatch.db or postgresql+psycopg://user@host/sorwatch"


def parse_url(url: str) -> URL:
    """Return the store's URL, PostgreSQL always by psycopg 3; raise ValueError saying what was expected."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        msg = f"store.url cannot be read; {EXAMPLE}"
        raise ValueError(msg) from None
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return parsed
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    msg = f"store.url names the database {kind}, which is not supported; {EXAMPLE}"
    raise ValueError(msg)


def sqlite_file(url: URL) -> Path | None:
    """Return the file of a SQLite store, None when it is in memory or not SQLite."""
    inside = url.database in (None, "", ":memory:")
    return None if url.get_backend_name() != "sqlite" or inside else Path(str(url.database))


class Database:
    """One store: reads go side by side, writes one at a time; `ping` says whether it answers."""

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.file = sqlite_file(self.url)
        self.engine = self._make_engine()
        self.keep_hold: Callable[[], None] = lambda: None  # store/lock.py puts its own here while a daemon holds us
        self._turnstile = threading.Lock()
        self._writer = threading.Lock()
        self._holder: int | None = None
        self._alone = self.is_sqlite and self.file is None

    def __enter__(self) -> Self:
        """Be its own context: leaving it closes every connection."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection."""
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def ping(self) -> None:
        """Ask the database for an answer; raise what it raises."""
        with self.reading() as connection:
            connection.execute(text("SELECT 1"))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give one write transaction: committed when the block ends, undone when it raises; never nested."""
        if self._holder == threading.get_ident():
            msg = "this thread already holds a transaction on the store; expected it to use that connection"
            raise RuntimeError(msg)
        with self._turnstile:
            self._writer.acquire()
        self._holder = threading.get_ident()
        try:
            with self.engine.connect() as connection:
                connection.execution_options(sorwatch_writes=True)
                with connection.begin():
                    yield connection
        finally:
            self._holder = None
            self._writer.release()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give one read transaction over a single state of the store; keep it short."""
        if self._alone:  # one connection for all threads
            with self.writing() as connection:
                yield connection
            return
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    def tend(self) -> None:
        """Do what a daemon owes its store every now and then; raise StoreInUse when it is another's by now."""
        self.fold()
        self.keep_hold()

    def fold(self) -> None:
        """Move SQLite's write-ahead log into the file as far as readers allow; never waits, elsewhere does nothing."""
        if self.file is not None:
            with self.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def _make_engine(self) -> Engine:
        if not self.is_sqlite:
            return create_engine(self.url, pool_pre_ping=True)
        arguments: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}}
        if self.file is None:
            arguments["poolclass"] = StaticPool
        engine = create_engine(self.url, **arguments)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Set what every connection needs: WAL, durable commits, foreign keys, and our own BEGIN."""
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"wal_autocheckpoint = {WAL_PAGES}",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """Begin as a writer or as a reader: a reader that turns writer is what makes `database is locked`."""
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("sorwatch_writes") else "BEGIN")
