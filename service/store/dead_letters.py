"""What people do about alerts that nobody took: send them again, or set them aside with words.

Who did it is kept in the row, and in the access log within the same transaction. Of two at one time the second is told
who was first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, select, update

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


class Left(NamedTuple):
    """A channel of which alerts are left, and the channels that there are."""

    channel: str
    configured: Collection[str]


class SqlDeadLetters:
    """Acts on the dead letters of one database; `place` is the address that somebody acts from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def again(self, alerts: Sequence[int], actor: Actor, now: Nanos, place: str = "") -> Dealt:
        """Put alerts back to what waits, so that they go out under the same key."""
        draft = Draft(at=now, actor=actor.name, deed=Deed.SENT_AGAIN, subject=plain(actor.name), place=place)
        return self._dealt(alerts, {"dead_at": None, "not_before": None, "decision": None}, draft, and_(*DEAD))

    def again_on(self, channel: str, actor: Actor, now: Nanos, place: str = "") -> Dealt:
        """Put everything that is dead on a channel by now back to what waits."""
        with self._database.reading() as connection:
            wanted = select(outbox.c.outbox_id).where(outbox.c.channel == channel, *DEAD)
            found = list(connection.execute(wanted.order_by(outbox.c.outbox_id)).scalars())
        return self.again(found, actor, now, place) if found else Dealt(problem=f"nothing is dead on {channel}")

    def set_aside(self, alerts: Sequence[int], actor: Actor, words: str, now: Nanos, place: str = "") -> Dealt:
        """Settle alerts without sending them, with words that are kept with each."""
        return self._set_aside(alerts, actor, words, now, place, and_(*DEAD))

    def set_aside_left(self, left: Left, actor: Actor, words: str, now: Nanos, place: str = "") -> Dealt:
        """Settle everything that is left on a channel which the plan knows no more: what waits, and what is dead."""
        if left.channel in left.configured:
            return Dealt(problem=f"{left.channel} is in the plan: what waits there goes out")
        with self._database.reading() as connection:
            wanted = select(outbox.c.outbox_id).where(outbox.c.channel == left.channel, outbox.c.sent_at.is_(None))
            found = sorted(connection.execute(wanted).scalars())
        if not found:
            return Dealt(problem=f"nothing is left on {left.channel}")
        return self._set_aside(found, actor, words, now, place, outbox.c.sent_at.is_(None))

    def _set_aside(
        self,
        alerts: Sequence[int],
        actor: Actor,
        words: str,
        now: Nanos,
        place: str,
        which: ColumnElement[bool],
    ) -> Dealt:
        told = clean_text(words.strip())
        if not told or len(told) > MOST_WORDS:
            return Dealt(problem=f"say why they are set aside, in at most {MOST_WORDS:,} characters")
        draft = Draft(at=now, actor=actor.name, deed=Deed.SET_ASIDE, subject=plain(actor.name), place=place, words=told)
        return self._dealt(alerts, {"sent_at": now, "decision": Fate.SET_ASIDE.value, "reason": told}, draft, which)

    def _dealt(self, alerts: Sequence[int], values: dict[str, Any], draft: Draft, which: ColumnElement[bool]) -> Dealt:
        wanted = list(dict.fromkeys(alerts))
        if not wanted:
            return Dealt(problem="no alert is chosen")
        done: list[int] = []
        for first in range(0, len(wanted), CHUNK):
            with self._database.writing() as connection:
                done += _chunk(connection, wanted[first : first + CHUNK], values, draft, which)
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


def _chunk(
    connection: Connection, alerts: Sequence[int], values: dict[str, Any], draft: Draft, which: ColumnElement[bool]
) -> list[int]:
    """Do it to those that are so still, and write it into the access log; return which they were."""
    where = (outbox.c.outbox_id.in_(alerts), which)
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
