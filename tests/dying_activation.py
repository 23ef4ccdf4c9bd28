"""The real daemon, killed as by SIGKILL while it puts a proposed version in force.

`python -m tests.dying_activation FOLDER INSTANT`. "between": the version is in the journal's transaction, its event is
not, nothing is committed. "after": both are committed and nothing else knows yet. Nothing else differs from
`sorwatch run`.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import Connection

from rules.facts import Nanos
from service.app import run_daemon
from service.journal import Frame
from service.logs import configure_logs
from service.store import proposals as store
from service.store.proposals import Activation, SqlProposals

INSTANTS = ("between", "after")


def arm(instant: str) -> None:
    """Put the bomb beside the commit."""
    append_in, activate = store.append_in, SqlProposals.activate

    def appending(connection: Connection, frame: Frame) -> int:
        offset = append_in(connection, frame)
        if instant == "between":
            os.kill(os.getpid(), signal.SIGKILL)
        return offset

    def activating(proposals: SqlProposals, now: Nanos) -> list[Activation]:
        done = activate(proposals, now)
        if done and instant == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    store.append_in = appending
    SqlProposals.activate = activating  # type: ignore[method-assign,assignment]


def main(folder: Path, instant: str) -> int:
    """Run the daemon of the folder until it strikes."""
    assert instant in INSTANTS
    arm(instant)
    configure_logs()
    return run_daemon(folder)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
