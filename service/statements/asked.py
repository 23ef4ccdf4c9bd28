"""What the commands about a day do: read the folder, open its store, ask, and give back what is to be printed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from rules.facts import Nanos
from service.access.acting import acting
from service.access.actor import Actor, Way
from service.access.permissions import May
from service.calling import wanted_store_url
from service.configuration import read_configuration
from service.settings import ConfigurationError
from service.statements.against import Comparison, FileError
from service.statements.closing import close_lines
from service.statements.completeness import Certificate
from service.statements.gather_closing import gathered_close
from service.statements.gather_days import known_sessions
from service.statements.issue import certify, compared, issued
from service.statements.look import look
from service.statements.readiness import Line, lines
from service.statements.signing import said, sign_close, sign_readiness
from service.statements.words import certificate_lines
from service.store.engine import Database
from service.store.proposals import SqlProposals
from service.store.statements import SqlStatements
from service.store.trail import SqlTrail
from service.store.upgrade import require_current


def certificates(
    folder: Path, day: str, counterparty: str | None, against: Path | None, *, keep: bool
) -> list[Certificate]:
    """Return a certificate for each session of the day, kept unless told otherwise."""
    configuration = read_configuration(folder)
    with _store(configuration.settings.store_url) as database:
        wanted = {(one.counterparty, one.session) for one in known_sessions(database, day)} | set(
            configuration.sessions
        )
        if counterparty is not None:
            wanted = {whose for whose in wanted if whose[0] == counterparty}
        if not wanted:
            raise ConfigurationError([f"there is no session of {counterparty}"])
        compare = None
        if against is not None:
            compare = _compared(database, {whose[0] for whose in wanted}, day, against)
        made = [certify(database, name, session, day, against=compare) for name, session in sorted(wanted)]
        if keep:
            issued(database, made)
    return made


def shown(made: list[Certificate], form: str) -> str:
    """Return certificates as text, or as JSON, one a line."""
    if form == "json":
        return "\n".join(msgspec.json.encode(one, order="sorted").decode() for one in made)
    return "\n".join(line for one in made for line in certificate_lines(one))


def ready(folder: Path, actor: str | None, comment: str) -> tuple[tuple[Line, ...], str | None]:
    """Return the lines of the start of the day, and what was signed when somebody signs."""
    configuration = read_configuration(folder)
    now = Nanos(time.time_ns())
    with _store(configuration.settings.store_url) as database:
        found = look(configuration, database, now)
        told = lines(found)
        if actor is None:
            return told, None
        signed = sign_readiness(database, found.day, told, _signer(database, actor), comment, now)
    if isinstance(signed, str):
        raise ConfigurationError([f"not signed: {signed}"])
    return told, said(signed)


def closed(folder: Path, day: str, actor: str | None, comment: str) -> tuple[list[str], str | None]:
    """Return the close of a day in lines, and what was signed when somebody signs."""
    configuration = read_configuration(folder)
    with _store(configuration.settings.store_url) as database:
        close = gathered_close(database, day, configuration.sessions)
        told = list(close_lines(close))
        if actor is None:
            return told, None
        signed = sign_close(database, close, _signer(database, actor), comment, Nanos(time.time_ns()))
    if isinstance(signed, str):
        raise ConfigurationError([f"not signed: {signed}"])
    return told, said(signed)


def verified(folder: Path, store_url: str | None) -> tuple[str, bool]:
    """Return in words whether the chains hold, of statements, proposals and the access log, and whether all do."""
    with _store(wanted_store_url(store_url, folder)) as database:
        stated, broken = SqlStatements(database).verify()
        proposed, forged = SqlProposals(database).verify()
        logged, edited = SqlTrail(database).verify()
    if broken is not None:
        return f"the chain is broken at statement {broken}: it, or one before it, is not what was stated", False
    if forged is not None:
        return f"the chain of proposals is broken at event {forged}: it, or one before it, is not what was done", False
    if edited is not None:
        return f"the access log is broken at entry {edited}: it, or one before it, is not what was written", False
    others = f"{proposed:,} events of proposals, theirs holds; {logged:,} entries of the access log, theirs holds"
    return f"{stated:,} statements, the chain holds; {others}", True


def _signer(database: Database, actor: str) -> str:
    """Return the name that signs, where there are accounts that of one which may."""
    return acting(database, Actor(name=actor, how=Way.COMMAND), May.SIGN).name


def _compared(database: Database, names: set[str], day: str, against: Path) -> Comparison:
    if len(names) > 1:
        raise ConfigurationError(["--against is one counterparty's file: name it with --counterparty"])
    try:
        return compared(database, names.pop(), day, against)
    except FileError as error:
        raise ConfigurationError(error.problems) from None


@contextmanager
def _store(url: str) -> Iterator[Database]:
    with Database(url) as database:
        require_current(database)
        yield database
