"""Lets a backtest of a proposal run in a process apart while the page goes on, and keeps what comes of it.

The process ends when this one does, whatever ends it; a backtest that nobody watches over any more is broken off.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import msgspec
import structlog
from sqlalchemy.exc import OperationalError

from rules.facts import Nanos
from service.backtest.kept import Kept, State
from service.backtest.order import Answer, Order
from service.backtest.outcome import digest, encode
from service.store.engine import Database
from service.store.proposal_backtests import SqlProposalBacktests

log = structlog.get_logger()

BEAT_S = 1.0
CHUNK = 1 << 16
COMMAND = (sys.executable, "-P", "-m", "service.backtest.apart")


class Beside:
    """Starts and ends backtests for the pages of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = SqlProposalBacktests(database)

    def start(self, proposal: int, name: str, text: str, days: tuple[str, ...], asked_by: str) -> Kept | str:
        """Begin a backtest of a proposal's text; return it, or why none begins."""
        one, begun = self._kept.begin(proposal, days, asked_by, _now())
        if not begun:
            return f"a backtest of proposal {one.proposal} is running, asked for by {one.asked_by}; one runs at a time"
        url = self._database.url.render_as_string(hide_password=False)
        order = Order(store_url=url, text=text, name=name, days=days)
        watch = threading.Thread(target=self._watch, args=(one, order), name=f"backtest-{one.seq}", daemon=True)
        watch.start()
        return one

    def cancel(self, seq: int, who: str) -> None:
        """End one that runs; whoever watches over it ends its process within a second or two."""
        self._kept.end(seq, State.CANCELLED, _now(), ended_by=who)

    def _watch(self, one: Kept, order: Order) -> None:
        """Follow the process to its end, or end it when it is not wanted any more."""
        with _process(order) as process:
            done = 0
            for answer in _answers(process):
                if answer is not None and answer.outcome is not None:
                    body = encode(answer.outcome)
                    self._kept.end(one.seq, State.DONE, _now(), body=body, digest=digest(body), done=len(one.days))
                    return
                if answer is not None and answer.problems:
                    self._kept.end(one.seq, State.FAILED, _now(), why="; ".join(answer.problems))
                    return
                done = max(done, answer.done) if answer is not None else done
                if not self._still_wanted(one.seq, done):
                    return
        self._kept.end(one.seq, State.FAILED, _now(), why=f"its process ended by itself ({process.returncode})")

    def _still_wanted(self, seq: int, done: int) -> bool:
        try:
            return self._kept.beat(seq, done, _now())
        except OperationalError as error:  # a store that is busy now is asked again in a second
            log.warning("backtest_beat", seq=seq, error=str(error.orig))
            return True


@contextlib.contextmanager
def _process(order: Order) -> Iterator[subprocess.Popen[bytes]]:
    """Give the process with its order; it ends with the block."""
    process = subprocess.Popen(  # noqa: S603 - our own program, no shell
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with contextlib.suppress(BrokenPipeError):  # it died at once; whoever reads its answers sees that
            process.stdin.write(msgspec.json.encode(order) + b"\n")
            process.stdin.flush()
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def _answers(process: subprocess.Popen[bytes]) -> Iterator[Answer | None]:
    """Yield each line as it comes, and None when nothing came for a while; end when the process does."""
    assert process.stdout is not None
    pipe, rest = process.stdout.fileno(), b""
    while True:
        ready, _, _ = select.select([pipe], [], [], BEAT_S)
        if not ready:
            yield None
            continue
        came = os.read(pipe, CHUNK)
        if not came:
            process.wait()
            return
        *lines, rest = (rest + came).split(b"\n")
        yield from (msgspec.json.decode(line, type=Answer) for line in lines)


def _now() -> Nanos:
    return Nanos(time.time_ns())
