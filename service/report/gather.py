"""Reads what the report of a day is made of, in one state of the store but for the close of the day."""

from __future__ import annotations

from collections.abc import Iterable

from rules.facts import Nanos
from service.cases.rules import Rules
from service.report.day import report_of
from service.report.facts import DayFacts
from service.report.sheet import Sheet
from service.statements.gather_closing import gathered_close
from service.statements.gather_days import known_sessions
from service.store.engine import Database
from service.store.principals import SqlPrincipals
from service.store.report_list import (
    cases_of,
    did_of,
    groups_of,
    incidents_of,
    looks_of,
    shelved_of,
    venues_of,
    versions_of,
)


def gathered_report(
    database: Database, rules: Rules, day: str, configured: Iterable[tuple[str, str]], now: Nanos
) -> Sheet:
    """Return the report of a trade date; raise ValueError when it is none. `configured` sessions owe a certificate."""
    known = {(one.counterparty, one.session) for one in known_sessions(database, day)}
    close = gathered_close(database, day, sorted({*known, *configured}), digests=False)
    principals = tuple(SqlPrincipals(database).of(day))
    with database.reading() as connection:
        cases, cut = cases_of(connection, day)
        facts = DayFacts(
            day=day,
            as_of=now,
            close=close,
            groups=groups_of(connection, day),
            cases=cases,
            cut=cut,
            did=did_of(connection, day, cases[-1].case_id) if cases else (),
            looks=looks_of(connection, day),
            shelved=shelved_of(connection, day),
            incidents=incidents_of(connection, day),
            versions=versions_of(connection, day),
            venues=venues_of(connection, day),
            principals=principals,
        )
    return report_of(facts, rules)
