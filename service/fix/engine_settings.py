"""What the FIX engine is told of its sessions: our session.cfg as its own settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import quickfix

from service.fix.dictionaries import with_dictionaries
from service.fix.session_cfg import SessionConfig, SessionSettings

_SHARED = ("ReconnectInterval", "SocketNodelay", "SocketSendBufferSize", "SocketReceiveBufferSize")
"""What an initiator reads from its defaults alone."""


def session_id(session: SessionSettings) -> Any:
    """Return the engine's SessionID of a session."""
    return quickfix.SessionID(session.begin_string, session.sender, session.target, session.qualifier)


def engine_settings(config: SessionConfig, store: Path) -> Any:
    """Return the settings of all sessions."""
    settings = quickfix.SessionSettings()
    shared = config.sessions[0].engine_values()
    settings.set(_dictionary({key: shared[key] for key in _SHARED if key in shared}))
    for session in config.sessions:
        values = with_dictionaries(session.engine_values(), config.folder, store)
        settings.set(session_id(session), _dictionary(values))
    return settings


def _dictionary(values: dict[str, str]) -> Any:
    dictionary = quickfix.Dictionary()
    for key, value in values.items():
        dictionary.setString(key, value)
    return dictionary
