"""What people look at and sign of a day, and whether it still says what they saw: the same for page and API."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from rules.facts import Nanos
from service.configuration import Configuration
from service.market.calendar import trade_date
from service.settings import ConfigurationError
from service.statements.chain import Statement, digest, packed
from service.statements.closing import CloseOfDay
from service.statements.gather_closing import gathered_close
from service.statements.gather_days import known_sessions
from service.statements.issue import certify, issued
from service.statements.look import look
from service.statements.readiness import FAIL, Line, lines
from service.statements.signing import sign_close, sign_readiness
from service.store.engine import Database

CHANGED = "it has changed since you saw it; look at it again"


class DayDesk:
    """Looks at days and signs them; `configured` reads the working folder, and may raise ConfigurationError."""

    def __init__(self, database: Database, configured: Callable[[], Configuration]) -> None:
        self._database = database
        self._configured = configured

    def sessions(self, day: str) -> list[tuple[str, str]]:
        """Return the sessions of a trade date, those that are configured among them; raise ValueError on no date."""
        known = {(one.counterparty, one.session) for one in known_sessions(self._database, day)}
        try:
            return sorted({*known, *self._configured().sessions})
        except ConfigurationError:
            return sorted(known)

    def close(self, day: str) -> CloseOfDay:
        """Return what would be signed of a trade date; raise ValueError on no date."""
        return gathered_close(self._database, day, self.sessions(day))

    def certify(self, day: str, actor: str) -> list[Statement]:
        """Issue a certificate for every session of a trade date; raise ValueError on no date."""
        made = [certify(self._database, *whose, day) for whose in self.sessions(day)]
        return issued(self._database, made, actor=actor)

    def sign(self, day: str, shown: str, actor: str, comment: str, now: Nanos) -> tuple[Statement, Statement] | str:
        """Sign the close of a day as it was shown, or return in words why not; raise ValueError on no date."""
        close = self.close(day)
        return CHANGED if shown != seen(close) else sign_close(self._database, close, actor, comment, now)

    def look(self, now: Nanos) -> tuple[str, tuple[Line, ...]]:
        """Return the day, and what is ready and what is not."""
        try:
            found = look(self._configured(), self._database, now)
        except ConfigurationError as error:
            told = (Line(verdict=FAIL, subject="configuration", words=problem) for problem in error.problems)
            return trade_date(now), tuple(told)
        return found.day, lines(found)

    def sign_readiness(self, shown: str, actor: str, comment: str, now: Nanos) -> tuple[Statement, Statement] | str:
        """Sign what is found now, when it says what was shown; else return in words why not."""
        day, told = self.look(now)
        if shown != verdicts(told):
            return CHANGED
        return sign_readiness(self._database, day, told, actor, comment, now)


def seen(close: CloseOfDay) -> str:
    """Return what tells whether the close still says what was shown; how far the journal is, is no part of it."""
    return digest(packed(msgspec.structs.replace(close, upto=0)))


def verdicts(told: Sequence[Line]) -> str:
    """Return what tells whether the start of day still says what was shown."""
    return digest(packed([[line.subject, line.verdict] for line in told]))
