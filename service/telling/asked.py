"""What the commands about alerts do: open the folder's store, look or act, say what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from rules.facts import Nanos
from service.access.acting import acting
from service.access.actor import Actor
from service.access.permissions import May
from service.configuration import Configuration, read_configuration
from service.people import named
from service.plans import channel_names, configured_channels
from service.settings import ConfigurationError, read_settings
from service.store.cells import clean_text
from service.store.dead_letters import Dealt, Left, SqlDeadLetters
from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from service.store.upgrade import require_current
from service.telling.look import looked
from service.telling.printed import channel_line, dead_line, dealt_lines


class Said(msgspec.Struct, frozen=True):
    """What a command has to say, and whether it failed or was refused."""

    lines: tuple[str, ...]
    failed: bool = False


def channels(folder: Path, form: str) -> Said:
    """Return how each channel stands."""
    configuration = read_configuration(folder)
    with _store(folder) as database:
        now = _now()
        there = looked(lambda: configuration, SqlDeliveries(database), now)
    found = [(one, there.connected(one.channel)) for one in there.standings]
    if form == "json":
        return Said(tuple(_json(msgspec.structs.asdict(one) | {"connected": said}) for one, said in found))
    lines = tuple(channel_line(one, now, connected=connected) for one, connected in found)
    return Said(lines or ("no channel is configured, and no alert waits",))


def dead(folder: Path, channel: str | None, limit: int, form: str) -> Said:
    """Return the dead letters, the newest alert first."""
    with _store(folder) as database:
        deliveries = SqlDeliveries(database)
        if channel is not None:
            _known(channel, read_configuration(folder), deliveries)
        found = deliveries.dead(channel, most=limit)
    if form == "json":
        return Said(tuple(map(_json, found)))
    return Said(tuple(map(dead_line, found)) or ("none is dead",))


def again(folder: Path, which: Sequence[int] | str, actor: Actor) -> Said:
    """Send dead letters again, those that are named or all of a channel."""
    with _store(folder) as database:
        letters, who = SqlDeadLetters(database), _who(database, actor)
        if isinstance(which, str):
            return _told(letters.again_on(which, who, _now()), "goes out again", "go out again")
        return _told(letters.again(which, who, _now()), "goes out again", "go out again")


def set_aside(folder: Path, which: Sequence[int] | str, actor: Actor, words: str) -> Said:
    """Settle without sending: dead letters that are named, or all that is left on a channel."""
    with _store(folder) as database:
        letters, who = SqlDeadLetters(database), _who(database, actor)
        if isinstance(which, str):
            left = Left(which, configured_channels(read_configuration(folder).plan))
            return _told(letters.set_aside_left(left, who, words, _now()), "is set aside", "are set aside")
        return _told(letters.set_aside(which, who, words, _now()), "is set aside", "are set aside")


def _known(channel: str, configuration: Configuration, deliveries: SqlDeliveries) -> None:
    """Refuse a channel that is neither configured nor has any alert: a slip of the pen would say that none is dead."""
    there = [one.channel for one in deliveries.standings(_now(), channel_names(configuration.plan))]
    if channel not in there:
        raise ConfigurationError([f"there is no channel {clean_text(channel)}; there are: {', '.join(there)}"])


@contextmanager
def _store(folder: Path) -> Iterator[Database]:
    with Database(read_settings(folder).store_url) as database:
        require_current(database)
        yield database


def _who(database: Database, actor: Actor) -> Actor:
    if problems := list(named(actor.name)):
        raise ConfigurationError(problems)
    return acting(database, actor, May.SEND_AGAIN)


def _told(dealt: Dealt, one: str, many: str) -> Said:
    lines = tuple(dealt_lines(dealt.alerts, dealt.refused, dealt.problem, one if len(dealt.alerts) == 1 else many))
    return Said(lines, failed=bool(dealt.problem or dealt.refused))


def _json(told: object) -> str:
    return msgspec.json.encode(told).decode()


def _now() -> Nanos:
    return Nanos(time.time_ns())
