"""The real daemon with a bomb in it: at planned journal offsets it, or its gateway, is killed as by SIGKILL.

`python -m tests.dying_daemon FOLDER PLAN DONE`: the plan is a JSON list of `Death`, each due when the journal reaches
its offset; those that struck are noted in DONE, so that the next start goes on with the rest. Nothing else differs from
`sorwatch run`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from enum import StrEnum
from pathlib import Path

import msgspec

from rules.facts import Nanos
from service.app import run_daemon
from service.fix.children import Gateways
from service.journal import Frame
from service.logs import configure_logs
from service.processed import Processed
from service.store.journal import SqlJournal
from service.store.record import SqlStore


class Instant(StrEnum):
    """At which point of the work on the offset it strikes."""

    BEFORE_APPEND = "before append"
    AFTER_APPEND = "after append"
    BEFORE_RECORD = "before record"
    AFTER_RECORD = "after record"


class Death(msgspec.Struct, frozen=True, kw_only=True):
    """One kill: whom, at which journal offset, at which point; `lose_store` is for the one who starts it again."""

    offset: int
    victim: str
    instant: Instant
    lose_store: bool = False


class Bomb:
    """Strikes when the next death of the plan is due; one death at a time, in order."""

    def __init__(self, plan: list[Death], done: Path) -> None:
        self.gateways: Gateways | None = None
        self._done = done
        self._left = plan[len(struck(done)) :]

    def pass_by(self, offset: int, instant: Instant) -> None:
        """Strike if a death is due at this point of the work."""
        if not self._left or self._left[0].offset > offset or self._left[0].instant is not instant:
            return
        death = self._left[0]
        if death.victim == "core":
            self._note(death)
            os.kill(os.getpid(), signal.SIGKILL)
        elif (pid := self._gateway(death)) is not None:
            self._left = self._left[1:]
            self._note(death)
            os.kill(pid, signal.SIGKILL)

    def _gateway(self, death: Death) -> int | None:
        running = [state.pid for state in self.gateways.states() if state.pid] if self.gateways else []
        return running[death.offset % len(running)] if running else None

    def _note(self, death: Death) -> None:
        with self._done.open("ab") as done:
            done.write(msgspec.json.encode((death, time.time_ns())) + b"\n")


def struck(done: Path) -> list[tuple[Death, Nanos]]:
    """Return the deaths that have struck, with their times."""
    lines = done.read_bytes().splitlines() if done.exists() else []
    return [msgspec.json.decode(line, type=tuple[Death, Nanos]) for line in lines]


def arm(bomb: Bomb) -> None:
    """Put the bomb beside the journal's commit and the store's, and let it know who the gateways are."""
    append, record, start = SqlJournal.append, SqlStore.record, Gateways.start

    def appending(journal: SqlJournal, frame: Frame) -> int:
        bomb.pass_by(journal.last_offset() + len(frame.entries), Instant.BEFORE_APPEND)
        last = append(journal, frame)
        bomb.pass_by(last, Instant.AFTER_APPEND)
        return last

    def recording(store: SqlStore, processed: Processed) -> None:
        bomb.pass_by(processed.upto, Instant.BEFORE_RECORD)
        record(store, processed)
        bomb.pass_by(processed.upto, Instant.AFTER_RECORD)

    def starting(gateways: Gateways) -> None:
        bomb.gateways = gateways
        start(gateways)

    SqlJournal.append = appending  # type: ignore[method-assign,assignment]
    SqlStore.record = recording  # type: ignore[method-assign,assignment]
    Gateways.start = starting  # type: ignore[method-assign,assignment]


def main(folder: Path, plan: Path, done: Path) -> int:
    """Run the daemon of the folder with its plan."""
    arm(Bomb(msgspec.json.decode(plan.read_bytes(), type=list[Death]), done))
    configure_logs()
    return run_daemon(folder)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
