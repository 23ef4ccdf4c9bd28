"""The access log as it is asked for: by person, deed and day, a page at a time, each by an index."""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from service.access.trail import Deed, Entry, holds
from service.people import plain
from service.store.cells import clean_text
from service.store.engine import Database
from service.store.export_text import day_bounds
from service.store.tables import access_log as kept
from service.store.trail import entry_of

PAGE = 100
LINKS = 400


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Whose entries (as actor or as subject), which deed, of which day in New York, from below which place on."""

    person: str = ""
    deed: Deed | None = None
    day: str = ""
    below: int | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the log, newest first; `more` is the place to go on below, None at the end."""

    entries: tuple[Entry, ...]
    more: int | None


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """The newest so many links, looked at one by one: `broken` is the place of the first that does not hold."""

    looked: int
    newest: int
    broken: int | None


def listed(database: Database, asked: Asked, most: int = PAGE) -> Listed:
    """Return a page of the log; raise ValueError where the day is none."""
    with database.reading() as connection:
        rules = list(_rules(connection, asked))
        names = (kept.c.actor == clean_text(asked.person.strip()), kept.c.subject == clean_text(plain(asked.person)))
        ways = [(name, *rules) for name in names] if plain(asked.person) else [tuple(rules)]
        newest = kept.c.seq.desc()
        found = {
            row.seq: entry_of(row)
            for way in ways
            for row in connection.execute(select(kept).where(*way).order_by(newest).limit(most + 1))
        }
    places = sorted(found, reverse=True)
    return Listed(
        entries=tuple(found[place] for place in places[:most]),
        more=places[most - 1] if len(places) > most else None,
    )


def newest_links(database: Database, most: int = LINKS) -> Links:
    """Look whether the newest links hold, each with the one before it."""
    with database.reading() as connection:
        rows = connection.execute(select(kept).order_by(kept.c.seq.desc()).limit(most + 1)).all()
    entries = [entry_of(row) for row in reversed(rows)]
    broken = next((one.seq for one, before in _pairs(entries, most) if not holds(one, before)), None)
    return Links(looked=min(len(entries), most), newest=entries[-1].seq if entries else 0, broken=broken)


def _pairs(entries: list[Entry], most: int) -> list[tuple[Entry, Entry | None]]:
    befores = [None, *entries]
    pairs = list(zip(entries, befores, strict=False))
    return pairs[1:] if len(entries) > most else pairs


def _rules(connection: Connection, asked: Asked) -> list[ColumnElement[bool]]:
    rules = [] if asked.deed is None else [kept.c.deed == asked.deed.value]
    if asked.below is not None:
        rules.append(kept.c.seq < asked.below)
    if asked.day:
        first, after = day_bounds(asked.day)
        within = kept.c.at >= first, kept.c.at < after
        low, high = connection.execute(select(func.min(kept.c.seq), func.max(kept.c.seq)).where(*within)).one()
        rules += [kept.c.seq.between(low or 0, high or 0), *within]
    return rules
