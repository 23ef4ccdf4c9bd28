"""What each stage of the road costs a message: stopwatches around the stages while a log is replayed into a store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rules.engine import Engine
from service.core import Core
from service.feed.feeds import Feeds
from service.fix.decode import decode
from service.fix.dialect import parse_dialect
from service.market.file_quotes import FileQuotes
from service.orders.ledger import Ledger
from service.replay_file import replay_file
from service.simulator.folder import free_ports, write_folder
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from tests.simulations import Written

STAGES: tuple[tuple[str, type, str], ...] = (
    ("journal append", SqlJournal, "append"),
    ("journal read", SqlJournal, "read"),
    ("prepare (decode and what it wants)", Core, "prepare"),
    ("quotes as of (decide)", FileQuotes, "decide"),
    ("apply (orders, facts, rules, feed)", Core, "apply"),
    ("  of it orders (ledger)", Ledger, "apply"),
    ("  of it rules (engine)", Engine, "assess"),
    ("  of it feed (sequence, gaps)", Feeds, "observe"),
    ("record", SqlStore, "record"),
)


class Stopwatch:
    """Adds up the calls of one stage, their time by the wall and by the processor."""

    def __init__(self) -> None:
        self.wall = 0.0
        self.processor = 0.0
        self.calls = 0

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the work with the watch running."""

        def timed(*args: Any, **named: Any) -> Any:
            wall, processor = time.perf_counter(), time.thread_time()
            try:
                return work(*args, **named)
            finally:
                self.wall += time.perf_counter() - wall
                self.processor += time.thread_time() - processor
                self.calls += 1

        return timed


@contextmanager
def watched() -> Iterator[dict[str, Stopwatch]]:
    """Put a stopwatch around every stage for the length of a block."""
    plain = [(kind, name, getattr(kind, name)) for _, kind, name in STAGES]
    watches = {title: Stopwatch() for title, _, _ in STAGES}
    for (title, _, _), (kind, name, work) in zip(STAGES, plain, strict=True):
        setattr(kind, name, watches[title].around(work))
    try:
        yield watches
    finally:
        for kind, name, work in plain:
            setattr(kind, name, work)


def budgets(folder: Path, written: Written) -> str:
    """Replay the messages into a store of their own; return the table of stages in µs a message."""
    write_folder(folder, free_ports())
    with watched() as watches:
        replay_file(
            written.folder / "messages.fix",
            quotes=written.quotes,
            counterparty="demo",
            store_url=f"sqlite:///{folder / 'stages.db'}",
            folder=folder,
        )
    lines = [f"{'stage, µs a message':<36} {'wall':>8} {'processor':>10} {'calls':>9}"]
    lines += [_line(title, [watch], written.messages) for title, watch in watches.items()]
    lines.append(_line("together", [watches[title] for title in watches if title[0] != " "], written.messages))
    lines.append(_line("decode alone, a part of prepare", [_decoding(folder, written)], written.messages))
    return "\n".join(lines)


def _line(title: str, watches: list[Stopwatch], messages: int) -> str:
    wall, processor = (
        1e6 * sum(spent) / messages for spent in zip(*((w.wall, w.processor) for w in watches), strict=True)
    )
    return f"{title:<36} {wall:>8.1f} {processor:>10.1f} {sum(watch.calls for watch in watches):>9,}"


def _decoding(folder: Path, written: Written) -> Stopwatch:
    """Decode every message without anything around it."""
    dialect = parse_dialect((folder / "fix_configs/demo/dialect.yaml").read_text(encoding="utf-8"))
    bodies = [line.partition(b" : ")[2] for line in (written.folder / "messages.fix").read_bytes().splitlines()]
    watch = Stopwatch()
    watch.around(lambda: [decode(body, dialect, "2026-01-05") for body in bodies])()
    return watch
