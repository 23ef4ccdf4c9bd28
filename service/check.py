"""Proves a working folder before a start: every problem at once, and when the sessions will be open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rules.rulebook import parse_rulebook
from service.configuration import Configuration, read_configuration
from service.fix.schedule import next_seven_days


def check_folder(folder: Path) -> Iterator[str]:
    """Yield what is configured, in words; raise ConfigurationError with every problem instead."""
    configuration = read_configuration(folder)
    yield f"firm {configuration.settings.firm}: the configuration is sound"
    rulebook = parse_rulebook(configuration.rulebook)
    enabled = [rule.name for rule in rulebook.rules if rule.enabled]
    yield f"rulebook {rulebook.hash[:12]}: {len(enabled)} of {len(rulebook.rules)} rules enabled"
    yield from _sessions(configuration)


def _sessions(configuration: Configuration) -> Iterator[str]:
    now = datetime.now(UTC)
    for party in configuration.counterparties:
        for session in party.sessions.sessions:
            yield f"{party.name}: {session.name} ({party.sessions.connection}), the next seven days:"
            yield from (f"  {line}" for line in next_seven_days(session.values, now))
