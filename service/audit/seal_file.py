"""The file of seals: a line is appended whole and on the disk, or again; nothing in it is ever changed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from service.audit.against import NO_FILE, Outside, read_file
from service.audit.seal import Seal

NAME = "seals.jsonl"


class SealFile:
    """The append-only file in a folder, made with its folder when the first seal comes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def read(self) -> Outside:
        """Return what it says; nothing when it is not there."""
        return read_file(self.path.read_bytes()) if self.path.exists() else NO_FILE

    def append(self, after: Callable[[int], Iterable[Seal]]) -> int:
        """Append every seal that it lacks behind its last; `after` gives those behind a number. Return how many."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # the daemon and a command may come at once
            written = self.path.read_bytes()
            missing = list(after(max(read_file(written).seals, default=0)))
            if not missing:
                return 0
            # what a crash cut short stays; the whole line comes behind it
            begun = b"\n" if written and not written.endswith(b"\n") else b""
            file.write(begun + b"".join(one.line + b"\n" for one in missing))
            file.flush()
            os.fsync(file.fileno())
        _on_disk(self.path.parent)
        return len(missing)


def _on_disk(folder: Path) -> None:
    """Have the folder's own entry of the file on the disk, too."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
