"""QuickFIX with nothing to do: an empty callback, a store in memory, no log. The ceiling that the road is held against.

`python -m tests.benchmarks.noop_initiator PORT MESSAGES` prints the seconds from the first message to the last.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import quickfix as fix

POLL_S = 0.002


class Nothing(fix.Application):  # type: ignore[misc] # quickfix carries no types
    """Does nothing in every callback."""

    def onCreate(self, session: Any) -> None:  # noqa: N802 - quickfix's name
        """Do nothing."""

    def onLogon(self, session: Any) -> None:  # noqa: N802 - quickfix's name
        """Do nothing."""

    def onLogout(self, session: Any) -> None:  # noqa: N802 - quickfix's name
        """Do nothing."""

    def toAdmin(self, message: Any, session: Any) -> None:  # noqa: N802 - quickfix's name
        """Do nothing."""

    def toApp(self, message: Any, session: Any) -> None:  # noqa: N802 - quickfix's name
        """Do nothing."""

    def fromAdmin(self, message: Any, session: Any) -> None:  # noqa: N802 - quickfix's name
        """Do nothing."""

    def fromApp(self, message: Any, session: Any) -> None:  # noqa: N802 - quickfix's name
        """Do nothing."""


def main(port: int, messages: int) -> None:
    """Receive so many messages; print the seconds that took, read from the session's own number, and end."""
    settings, values = fix.SessionSettings(), fix.Dictionary()
    for key, value in {
        "ConnectionType": "initiator",
        "SocketConnectHost": "127.0.0.1",
        "SocketConnectPort": str(port),
        "HeartBtInt": "30",
        "ReconnectInterval": "1",
        "NonStopSession": "Y",
        "UseDataDictionary": "N",
        "CheckLatency": "N",
    }.items():
        values.setString(key, value)
    session_id = fix.SessionID("FIX.4.4", "FIRM", "SOR")
    settings.set(session_id, values)
    application, store = Nothing(), fix.MemoryStoreFactory()
    engine = fix.SocketInitiator(application, store, settings)
    engine.start()
    session = fix.Session.lookupSession(session_id)
    while session.getExpectedTargetNum() <= 2:
        time.sleep(POLL_S)
    began = time.perf_counter()
    while session.getExpectedTargetNum() < messages + 2:
        time.sleep(POLL_S)
    print(time.perf_counter() - began, flush=True)
    os._exit(0)  # the engine's parts must not be taken down while its thread uses them


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
