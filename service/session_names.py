"""Names of our sessions at the firm's broker."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

ALERTS = "alerts of "


def session_name(firm: str, folder: Path) -> str:
    """Name our session for quotes: the same after a restart, another for another installation."""
    place = f"{firm} {socket.gethostname()} {folder.resolve()}"
    # 23 letters and digits are what every broker must take
    return f"sorwatch{hashlib.sha256(place.encode()).hexdigest()[:15]}"


def alerts_name(firm: str, folder: Path) -> str:
    """Name our session for alerts."""
    return session_name(f"{ALERTS}{firm}", folder)
