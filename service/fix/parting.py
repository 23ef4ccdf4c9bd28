"""Who ended a session and in which words: the first Logout (35=5) of a connection, the other one answers it. Pure."""

from __future__ import annotations

import msgspec

LOGON_REFUSED = "logon_refused"
"""The session event that says that a Logout came, or was sent, in place of a logon."""
THEIRS, OURS = "counterparty", "us"
TOO_LOW = "MsgSeqNum too low"
"""The engine's words for a counterparty whose numbers fell behind without a reset."""
_TEXT = "\x0158="


class Words(msgspec.Struct, frozen=True, gc=False):
    """Whose Logout it was, and its Text (58)."""

    by: str
    text: str


class Parting:
    """Remembers the first Logout of each connection."""

    def __init__(self) -> None:
        self._first: Words | None = None

    def logout(self, by: str, message: str) -> None:
        """Take note of a Logout, whole as it was sent."""
        if self._first is None:
            _, _, rest = message.partition(_TEXT)
            self._first = Words(by, rest.partition("\x01")[0])

    def take(self) -> Words | None:
        """Return who ended it and how, None when the line broke without a word; forget it."""
        first, self._first = self._first, None
        return first
