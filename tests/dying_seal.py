"""`sorwatch audit seal`, killed as by SIGKILL at an instant of it.

`python -m tests.dying_seal FOLDER INSTANT`. "heads": they are noted, the seal is not made. "store": the seal and its
outbox row are committed, the file has nothing of it. "line": most of its line is on the disk.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from service.audit.asked import sealed
from service.audit.seal import Seal
from service.audit.seal_file import SealFile
from service.store.seals import SqlSeals

INSTANTS = ("heads", "store", "line")


def die() -> None:
    """End as a process ends that is killed."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(instant: str) -> None:
    """Put the bomb where it belongs."""
    note = SqlSeals.note_heads

    def noting(seals: SqlSeals) -> None:
        note(seals)
        if instant == "heads":
            die()

    def appending(file: SealFile, after: Callable[[int], Iterable[Seal]]) -> int:
        if instant == "line":
            text = b"".join(one.line + b"\n" for one in after(0))
            file.path.parent.mkdir(parents=True, exist_ok=True)
            file.path.write_bytes(text[:-100])
        die()
        return 0

    SqlSeals.note_heads = noting  # type: ignore[method-assign]
    SealFile.append = appending  # type: ignore[method-assign]


if __name__ == "__main__":
    assert sys.argv[2] in INSTANTS
    arm(sys.argv[2])
    sealed(Path(sys.argv[1]), again=False)
