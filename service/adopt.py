"""Puts a changed venue file in force as the register, under the name of the person who says so.

The register in the store wins over the file until then; the running daemon takes the new one up at once.
"""

from __future__ import annotations

import time
from pathlib import Path

from rules.facts import Nanos
from service.configuration import read_configuration
from service.journal import Frame
from service.settings import ConfigurationError
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.upgrade import require_current
from service.versions import Version, VersionKind


def adopt_venues(folder: Path, counterparty: str, actor: str) -> str:
    """Journal the counterparty's venues.yaml as its register; return what was done, in words."""
    configuration = read_configuration(folder)
    venues = {party.name: party.venues for party in configuration.counterparties}
    if counterparty not in venues:
        known = ", ".join(sorted(venues))
        raise ConfigurationError([f"there is no counterparty {counterparty}; expected one of {known}"])
    if not actor.strip():
        raise ConfigurationError(["nobody is named; --actor says who approved the venues"])
    text = venues[counterparty]
    if text is None:
        raise ConfigurationError([f"{counterparty} has no venues.yaml: a copy of our own orders trades nowhere"])
    register = Version(kind=VersionKind.REGISTER, name=counterparty, text=text, actor=actor)
    with Database(configuration.settings.store_url) as database:
        require_current(database)
        journal = SqlJournal(database)
        if journal.in_force().get(register.key) == register.hash:
            return f"the register of {counterparty} is already what venues.yaml says"
        offset = journal.append(Frame(entries=(register.entry(Nanos(time.time_ns())),)))
    return f"{actor} put venues.yaml in force as the register of {counterparty} (journal {offset})"
