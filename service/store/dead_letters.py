"""What people do about alerts that the other side would not take: send them again, or set them aside with words.

Who did it is kept in the row, and in the access log within the same transaction. Of two at one time the second is told
who was first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, update

from rules.facts import Nanos
from service.access.actor import Actor
from service.access.trail import Deed, Draft
from service.cases.given import MOST_WORDS
from service.people import plain
from service.store.cells import clean_text
from service.store.deliveries import DEAD
from service.store.engine import Database
from service.store.tables import outbox
from service.store.trail import append_in
from service.telling.dealt import numbers, why_not
from service.telling.delivered import Fate

CHUNK = 500
"""So many alerts at most in one transaction."""


class Dealt(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: the alerts that it was done to, and which others were refused why; or `problem`: of none."""

    alerts: tuple[int, ...] = ()
    refused: tuple[tuple[int, str], ...] = ()
    problem: str = ""


class SqlDeadLetters:
    """Acts on the dead letters of one database; `place` is the address that somebody acts from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def again(self, alerts: Sequence[int], actor: Actor, now: Nanos, place: str = "") -> Dealt:
        """Put alerts back to what waits, so that they go out under the same key."""
        draft = Draft(at=now, actor=actor.name, deed=Deed.SENT_AGAIN, subject=plain(actor.name), place=place)
        return self._dealt(alerts, {"dead_at": None, "not_before": None, "decision": None}, draft)

    def again_on(self, channel: str, actor: Actor, now: Nanos, place: str = "") -> Dealt:
        """Put everything that is dead on a channel by now back to what waits."""
        with self._database.reading() as connection:
            wanted = select(outbox.c.outbox_id).where(outbox.c.channel == channel, *DEAD)
            found = list(connection.execute(wanted.order_by(outbox.c.outbox_id)).scalars())
        return self.again(found, actor, now, place) if found else Dealt(problem=f"nothing is dead on {channel}")

    def set_aside(self, alerts: Sequence[int], actor: Actor, words: str, now: Nanos, place: str = "") -> Dealt:
        """Settle alerts without sending them, with words that are kept with each."""
        told = clean_text(words.strip())
        if not told or len(told) > MOST_WORDS:
            return Dealt(problem=f"say why they are set aside, in at most {MOST_WORDS:,} characters")
        draft = Draft(at=now, actor=actor.name, deed=Deed.SET_ASIDE, subject=plain(actor.name), place=place, words=told)
        return self._dealt(alerts, {"sent_at": now, "decision": Fate.SET_ASIDE.value, "reason": told}, draft)

    def _dealt(self, alerts: Sequence[int], values: dict[str, Any], draft: Draft) -> Dealt:
        wanted = list(dict.fromkeys(alerts))
        if not wanted:
            return Dealt(problem="no alert is chosen")
        done: list[int] = []
        for first in range(0, len(wanted), CHUNK):
            with self._database.writing() as connection:
                done += _chunk(connection, wanted[first : first + CHUNK], values, draft)
        return Dealt(alerts=tuple(done), refused=tuple(self._refused(wanted, set(done))))

    def _refused(self, wanted: Sequence[int], done: set[int]) -> Iterator[tuple[int, str]]:
        """Yield each alert to which nothing was done, with what stood against it."""
        left = [alert for alert in wanted if alert not in done]
        for first in range(0, len(left), CHUNK):
            part = left[first : first + CHUNK]
            with self._database.reading() as connection:
                rows = connection.execute(select(outbox).where(outbox.c.outbox_id.in_(part))).all()
            found = {row.outbox_id: row for row in rows}
            yield from ((alert, _why(found.get(alert))) for alert in part)


def _chunk(connection: Connection, alerts: Sequence[int], values: dict[str, Any], draft: Draft) -> list[int]:
    """Do it to those that are dead still, and write it into the access log; return which they were."""
    where = (outbox.c.outbox_id.in_(alerts), *DEAD)
    found = connection.execute(select(outbox.c.outbox_id, outbox.c.channel).where(*where).with_for_update()).all()
    if not found:
        return []
    done = sorted(row.outbox_id for row in found)
    changed = update(outbox).where(outbox.c.outbox_id.in_(done))
    connection.execute(changed.values(by=clean_text(draft.actor), **values))
    append_in(connection, msgspec.structs.replace(draft, words=numbers(found, draft.words)))
    return done


def _why(row: Row[Any] | None) -> str:
    if row is None:
        return "there is no such alert"
    return why_not(row.decision, row.by, row.sent_at)
