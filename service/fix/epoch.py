"""The identity of one life of a session's FIX store: every reset of the sequence numbers begins another.

The engine's own record of it has whole seconds, so the session file's inode and modification time go with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

_CREATED = re.compile(r"\d{8}-\d\d:\d\d:\d\d")
_NUMBERS = re.compile(r"\s*\d+ : \s*\d+")


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """An epoch as text, and what the file system must go on saying for it to be still the same."""

    text: str
    inode: int
    modified_ns: int


class SessionFile:
    """The `*.session` file of one session in the FIX store; the engine writes it anew at every reset."""

    def __init__(self, store: Path, stem: str) -> None:
        self._path = store / f"{stem}.session"

    def read(self) -> Epoch | None:
        """Return the epoch; None while the engine is in the middle of a reset."""
        try:
            before = self._path.stat()
            created = self._path.read_text(encoding="ascii", errors="replace").strip()
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
            now = self._path.stat()
        except OSError:
            return False
        return now.st_ino == inode and now.st_mtime_ns == modified_ns


def mend(store: Path, stem: str) -> Iterator[str]:
    """Put right what a full disk may have left of a session's files, and say what was done.

    An unreadable session file goes, which begins a new epoch. Unreadable numbers are made from the messages sent: the
    counterparty would refuse a sender that begins at 1 again. The inbound number is the journal's business.
    """
    session, numbers, sent = (store / f"{stem}.{kind}" for kind in ("session", "seqnums", "header"))
    if session.exists() and not _CREATED.match(_text(session)):
        session.unlink()
        yield f"{session.name} could not be read; a new epoch begins"
    if numbers.exists() and not _NUMBERS.fullmatch(_text(numbers)):
        last = max((int(entry.split(",")[0]) for entry in _text(sent).split() if entry[:1].isdigit()), default=0)
        numbers.write_text(f"{last + 1:020d} : {1:020d}", encoding="ascii")
        yield f"{numbers.name} could not be read; the next number sent is {last + 1}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
