"""The identity of one life of a session's FIX store: every reset of the sequence numbers begins another.

The engine's own record of it has whole seconds, so the session file's inode and modification time go with it.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """An epoch as text, and what the file system must go on saying for it to be still the same."""

    text: str
    inode: int
    modified_ns: int


class SessionFile:
    """The `*.session` file of one session in the FIX store; the engine writes it anew at every reset."""

    def __init__(self, store: Path, stem: str) -> None:
        self._path = os.fspath(store / f"{stem}.session")

    def read(self) -> Epoch | None:
        """Return the epoch; None while the engine is in the middle of a reset."""
        try:
            before = os.stat(self._path)
            with open(self._path, encoding="ascii", errors="replace") as file:
                created = file.read(64).strip()
        except OSError:
            return None
        if not created or not self._same(before.st_ino, before.st_mtime_ns):
            return None
        text = f"{created}-{before.st_ino}-{before.st_mtime_ns}"
        return Epoch(text=text, inode=before.st_ino, modified_ns=before.st_mtime_ns)

    def is_still(self, epoch: Epoch) -> bool:
        """Return whether the file has not been touched since `epoch` was read."""
        return self._same(epoch.inode, epoch.modified_ns)

    def _same(self, inode: int, modified_ns: int) -> bool:
        try:
            now = os.stat(self._path)
        except OSError:
            return False
        return now.st_ino == inode and now.st_mtime_ns == modified_ns
