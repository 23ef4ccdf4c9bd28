"""How fast the store writes: python -m tests.benchmarks.bench_store [rows] [store URL]; prints rows a second.

Batches of 512 a transaction, each on the disk when the call returns. `together` runs both writers at once, as the
daemon does, and prints how long an append takes then.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import msgspec

from service.journal import Frame
from service.processed import Processed, RecordedFill
from service.store.engine import Database
from service.store.export import SqlRecords
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.store.upgrade import migrate
from tests.factories_store import a_decision, a_point, a_recorded_fill, an_entry, an_outcome_of

BATCH = 512
BODY = b"8=FIX.4.4\x019=420\x0135=8\x01" + b"58=" + b"x" * 400 + b"\x0110=000\x01"


def main(rows: int, url: str | None) -> None:
    """Measure each part on a store of its own."""
    for name, measure in (("journal", bench_journal), ("record", bench_record), ("together", bench_together)):
        with tempfile.TemporaryDirectory() as folder, Database(url or f"sqlite:///{Path(folder) / 's.db'}") as database:
            migrate(database)
            measure(name, database, rows)


def bench_journal(name: str, database: Database, rows: int) -> None:
    """Append frames of 512 messages of about 450 bytes."""
    journal = SqlJournal(database)
    frame = Frame(entries=tuple(an_entry(body=BODY) for _ in range(BATCH)), points=(a_point(7),))
    timed(name, rows, lambda: [journal.append(frame) for _ in range(rows // BATCH)])
    timed("read", rows, lambda: [journal.read(at, BATCH) for at in range(0, rows, BATCH)])


def bench_record(name: str, database: Database, rows: int) -> None:
    """Record batches of 512 executions with their outcomes, then read them back."""
    store = SqlStore(database)
    batches = list(all_batches(rows))
    timed(name, rows, lambda: record_all(store, batches))
    timed("record again", rows, lambda: record_all(store, batches))
    timed("decisions", rows, lambda: store.decisions(0, rows))
    timed("known keys", rows, lambda: store.known_keys("demo", batches[0].fills[0].fill.trade_date, rows))
    for what in ("executions", "orders"):
        timed(f"export {what}", rows, lambda what=what: sum(1 for _ in SqlRecords(database).rows(what, None)))  # type: ignore[misc]


def bench_together(name: str, database: Database, rows: int) -> None:
    """Append small frames while another thread records."""
    journal, store = SqlJournal(database), SqlStore(database)
    batches = list(all_batches(rows))
    recording = Thread(target=record_all, args=(store, batches))
    frame = Frame(entries=tuple(an_entry(body=BODY) for _ in range(16)))
    waits = []
    recording.start()
    while recording.is_alive():
        start = time.perf_counter()
        journal.append(frame)
        waits.append(time.perf_counter() - start)
        time.sleep(0.002)
    recording.join()
    waits.sort()
    p50, p99 = (waits[int(len(waits) * q)] * 1000 for q in (0.5, 0.99))
    print(f"{name:>16}: append beside recording: p50 {p50:.1f} ms, p99 {p99:.1f} ms, most {waits[-1] * 1000:.1f} ms")


def record_all(store: SqlStore, batches: list[Processed]) -> None:
    """Record every batch in a transaction of its own."""
    for batch in batches:
        store.record(batch)


def all_batches(rows: int) -> Iterator[Processed]:
    """Give batches of executions that differ in all their ids."""
    model = a_recorded_fill(1, decision=a_decision(at_receipt=None))
    for start in range(1, rows, BATCH):
        offsets = range(start, start + BATCH)
        fills = [another(model, offset) for offset in offsets]
        yield Processed(upto=offsets[-1], fills=fills, outcomes=[an_outcome_of(offset) for offset in offsets])


def another(model: RecordedFill, offset: int) -> RecordedFill:
    """Return the model with ids of its own."""
    order = msgspec.structs.replace(model.fill.order, order_key=f"O{offset // 3}", cl_ord_id=f"CL{offset // 3}")
    fill = msgspec.structs.replace(
        model.fill, offset=offset, exec_id=f"X{offset}", execution_id=f"demo|X{offset}", order=order
    )
    return msgspec.structs.replace(model, fill=fill, dedup_key=f"2026-11-20|X{offset}")


def timed(name: str, rows: int, work: Callable[[], object]) -> None:
    """Run the work once and print rows a second, by the wall and by this process's processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"{name:>16}: {rows / wall:>10,.0f} rows/s, {1e6 * processor / rows:6.1f} µs of processor a row")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 51_200, sys.argv[2] if len(sys.argv) > 2 else None)
