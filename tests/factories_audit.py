"""A record with something in every chain, and hands that change it behind the program's back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from sqlalchemy import text

from rules.facts import Nanos
from rules.finding import Severity
from service.access.trail import Deed
from service.audit.due import Due
from service.audit.seal import Seal
from service.cases.case import Acted
from service.cases.given import NOTHING, Given
from service.cases.shelving import Scope
from service.cases.states import Action
from service.change.proposal_events import State
from service.change.proposals import Asked
from service.journal import Frame
from service.statements.chain import Draft, Kind, packed
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.principals import Principal, SqlPrincipals
from service.store.proposals import SqlProposals
from service.store.queue import SqlQueue
from service.store.seals import SqlSeals
from service.store.statements import SqlStatements
from service.store.trail import SqlTrail
from service.versions import Version, VersionKind
from tests.factories_access import a_draft
from tests.factories_cases import MINUTE, NOON, PAT, SAM, a_finding, a_look, a_queue, gather_all, looked, recorded
from tests.factories_proposals import SLOWER, SLOWEST, wanted

DAY, NEXT_DAY = "2026-11-20", "2026-11-23"
CAUSES = ("venue XTST", "venue XOTH", "venue XNYS", "venue XBOS")


def sealed(database: Database, day: str = DAY, now: int = NOON) -> Seal:
    """Seal the store for a day."""
    return SqlSeals(database, "demo").make(Due(day), Nanos(now))


def a_record(database: Database) -> None:
    """Record two days of work with a seal behind each, and something in every chain behind the last."""
    seed = Version(kind=VersionKind.RULEBOOK, name="rulebook", text="", actor="seed")
    SqlJournal(database).append(Frame(entries=(seed.entry(NOON),)))
    recorded(database, *(a_finding(number, cause=cause) for number, cause in enumerate(CAUSES, start=1)))
    queue = a_queue(database)
    gather_all(queue)
    _work(queue, 1, Action.ACKNOWLEDGE, NOTHING)
    _proved(database, "one")
    sealed(database)
    recorded(database, a_finding(5, severity=Severity.HIGH, dollar_harm=7_000), a_finding(6, cause=CAUSES[1]))
    looked(database, a_look(a_finding(1)))
    gather_all(queue, Nanos(NOON + MINUTE))
    _work(queue, 2, Action.ESCALATE, Given(words="look", role="compliance"))
    _work(queue, 3, Action.ACKNOWLEDGE, NOTHING)
    _work(queue, 3, Action.PROPOSE_CLOSE, Given(words="it was the router", reason="router_fault"))
    _proved(database, "two")
    sealed(database, NEXT_DAY, NOON + 10 * MINUTE)
    _work(queue, 4, Action.NOTE, Given(words="seen"))
    SqlTrail(database).append(a_draft(Deed.READ))


def _work(queue: SqlQueue, case_id: int, action: Action, given: Given) -> None:
    acted = queue.act(case_id, action, PAT, given, Nanos(NOON + 2 * MINUTE))
    assert isinstance(acted, Acted), acted


def _proved(database: Database, word: str) -> None:
    """Append something to every other chain, and to what is sealed without one."""
    body = packed({"said": word})
    draft = Draft(kind=Kind.READINESS, trade_date=DAY, state="ok", at=NOON, actor="pat", body=body)
    SqlStatements(database).append(draft, draft)
    SqlTrail(database).append(a_draft(Deed.LOGGED_IN), a_draft(Deed.ADDED))
    asked = Asked(state=State.PROPOSED, actor="pat", wanted=wanted(SLOWER if word == "one" else SLOWEST))
    SqlProposals(database).ask(lambda _: asked, NOON)
    SqlPrincipals(database).name(Principal(trade_date=DAY, name="kim", deputies=("lee",), by="pat", at=NOON, note=word))
    until = Nanos(NOON + 60 * MINUTE)
    a_queue(database).shelvings.shelve(Scope(rule="late", venue=word), SAM, "known", until, NOON)


def meddle(database: Database, *statements: str, **values: Any) -> None:
    """Change the store behind the program's back, whatever refers to what."""
    if database.file is not None:
        with closing(sqlite3.connect(database.file)) as connection, connection:
            for statement in statements:
                connection.execute(statement, values)
        return
    with database.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.execute(text(statement), values)
