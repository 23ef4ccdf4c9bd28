"""One daemon a store: a lock that the operating system or the database lets go of when the process dies."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from service.store.engine import Database

log = structlog.get_logger()

NUMBER = {"number": int.from_bytes(hashlib.sha256(b"sorwatch daemon").digest()[:8], "big", signed=True)}
"""What PostgreSQL knows the lock by, in each data base its own."""


class StoreInUse(Exception):  # noqa: N818 - it is a state of the world, not a fault of the caller
    """Another daemon works on this store."""


@contextmanager
def only_daemon(database: Database) -> Iterator[None]:
    """Hold the store for one daemon while the block runs; raise StoreInUse when another has it.

    SQLite: an flock on the file beside the store, which names the holder. PostgreSQL: an advisory lock of a connection
    of its own, which `database.keep_hold` takes again after an outage. In memory there is nothing to share.
    """
    if not database.is_sqlite:
        with _advisory(database):
            yield
    elif database.file is not None:
        with _file_lock(database.file.with_name(f"{database.file.name}.lock")):
            yield
    else:
        yield


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 64).decode(errors="replace").strip() or "unknown"
            msg = f"{path.with_suffix('')} is in use by another sorwatch daemon (process {holder}); stop that one first"
            raise StoreInUse(msg) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield  # closing lets go of the lock; the file stays, since removing it would let two hold "it" at once
    finally:
        os.close(handle)


@contextmanager
def _advisory(database: Database) -> Iterator[None]:
    hold = _Advisory(database)
    hold.take()
    database.keep_hold = hold.keep
    try:
        yield
    finally:
        hold.let_go()


class _Advisory:
    """An advisory lock; it lasts as long as its connection, which a restart of the database ends without a word."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def take(self) -> None:
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not connection.execute(text("SELECT pg_try_advisory_lock(:number)"), NUMBER).scalar_one():
            connection.close()
            name = self._database.url.render_as_string(hide_password=True)
            msg = f"{name} is in use by another sorwatch daemon; stop that one first"
            raise StoreInUse(msg)
        self._connection = connection

    def keep(self) -> None:
        """Take the lock again when it went with its connection; raise StoreInUse when another daemon was quicker."""
        # while the database does not answer nobody else gets the lock either, and the next call tries again
        with suppress(OperationalError):
            if not self._is_held():
                self.take()
                log.warning("store_held_again", reason="the connection that held the store had ended")

    def let_go(self) -> None:
        if self._is_held() and self._connection is not None:
            self._connection.execute(text("SELECT pg_advisory_unlock(:number)"), NUMBER)
            self._connection.close()

    def _is_held(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
        except OperationalError:
            self._connection.close()
            self._connection = None
            return False
        return True
