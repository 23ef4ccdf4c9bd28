"""The real daemon with a notebook: when each journal commit and each commit of findings was done. Nothing else differs.

`python -m tests.benchmarks.instrumented FOLDER NOTES`: at its end it writes (offset, UTC ns) of both kinds as JSON.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import msgspec

from service.app import run_daemon
from service.journal import Frame
from service.logs import configure_logs
from service.processed import Processed
from service.store.journal import SqlJournal
from service.store.record import SqlStore


class Notes(msgspec.Struct, kw_only=True):
    """Up to which offset what was committed when, in UTC ns."""

    journalled: list[tuple[int, int]] = []
    recorded: list[tuple[int, int]] = []


def take(notes: Notes) -> None:
    """Note every commit from now on; a tuple in a list is all that it costs."""
    append, record = SqlJournal.append, SqlStore.record

    def appending(journal: SqlJournal, frame: Frame) -> int:
        last = append(journal, frame)
        notes.journalled.append((last, time.time_ns()))
        return last

    def recording(store: SqlStore, processed: Processed) -> None:
        record(store, processed)
        notes.recorded.append((processed.upto, time.time_ns()))

    SqlJournal.append = appending  # type: ignore[method-assign,assignment]
    SqlStore.record = recording  # type: ignore[method-assign,assignment]


def main(folder: Path, path: Path) -> int:
    """Run the daemon of the folder; write the notes when it has ended."""
    notes = Notes()
    take(notes)
    configure_logs()
    code = run_daemon(folder)
    path.write_bytes(msgspec.json.encode(notes))
    return code


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
