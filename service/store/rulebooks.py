"""Which rulebook was in force where in the journal, for those who obey its terms for cases; each is read once."""

from __future__ import annotations

from bisect import bisect_right

import structlog
from sqlalchemy import Connection, select

from rules.rulebook import Rulebook, RulebookError, parse_rulebook
from service.grouping import Terms, terms_of
from service.store.tables import journal, versions
from service.versions import VersionKind, version_of

log = structlog.get_logger()


class Rulebooks:
    """Remembers where each version begins, and those that were asked for."""

    def __init__(self) -> None:
        self._begins: list[int] = []
        self._read: dict[int, Rulebook] = {0: parse_rulebook("")}

    def catch_up(self, connection: Connection) -> None:
        """Learn of the versions that were put in force since the last time; they precede what was found under them."""
        known = self._begins[-1] if self._begins else 0
        newer = select(versions.c.offset).where(
            versions.c.kind == VersionKind.RULEBOOK.value, versions.c.offset > known
        )
        self._begins += connection.execute(newer.order_by(versions.c.offset)).scalars()

    def terms(self, connection: Connection, offset: int, rule: str) -> Terms:
        """Return the terms for a rule at a journal offset; before the first version they are the catalogue's."""
        place = bisect_right(self._begins, offset)
        begins = self._begins[place - 1] if place else 0
        if begins not in self._read:
            self._read[begins] = _rulebook(connection, begins)
        return terms_of(self._read[begins], rule)


def _rulebook(connection: Connection, offset: int) -> Rulebook:
    """Return the rulebook of a version; one that only another version of this program could read is the catalogue's.

    Its findings are made and must become cases all the same.
    """
    body = connection.execute(select(journal.c.body).where(journal.c.offset == offset)).scalar_one()
    try:
        return parse_rulebook(version_of(body).text)
    except RulebookError as error:
        log.warning("rulebook_unreadable", offset=offset, problems=error.problems, cases="grouped by the defaults")
        return parse_rulebook("")
