"""One daemon a store: a lock that the operating system or the database lets go of when the process dies."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from service.store.engine import Database


class StoreInUse(Exception):  # noqa: N818 - it is a state of the world, not a fault of the caller
    """Another daemon works on this store."""


@contextmanager
def only_daemon(database: Database) -> Iterator[None]:
    """Hold the store for one daemon while the block runs; raise StoreInUse when another has it.

    SQLite: an flock on the file beside the store, which names the holder. PostgreSQL: an advisory lock of a connection
    of its own. In memory there is nothing to share.
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
    name = database.url.render_as_string(hide_password=True)
    number = int.from_bytes(hashlib.sha256(b"sorwatch daemon").digest()[:8], "big", signed=True)
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        if not connection.execute(text("SELECT pg_try_advisory_lock(:number)"), {"number": number}).scalar_one():
            msg = f"{name} is in use by another sorwatch daemon; stop that one first"
            raise StoreInUse(msg)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number})
