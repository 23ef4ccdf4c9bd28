"""Certifies sessions and days out of the store, and appends what was certified to the chain of statements."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import and_, select

from rules.facts import Nanos
from service.statements.against import Comparison, FileError, Ours, compare, read_file
from service.statements.chain import Draft, Kind, Statement, packed
from service.statements.completeness import Certificate, certificate
from service.statements.day import Whose
from service.statements.gather import gathered
from service.store import tables
from service.store.engine import Database
from service.store.statements import SqlStatements
from service.store.views import execution_states


def certify(
    database: Database,
    counterparty: str,
    session: str,
    day: str,
    *,
    now: Nanos | None = None,
    against: Comparison | None = None,
) -> Certificate:
    """Return the certificate of one session and trade date (YYYY-MM-DD) as the store is now; it stores nothing."""
    as_of = Nanos(time.time_ns()) if now is None else now
    return certificate(gathered(database, Whose(counterparty, session, day), as_of), against)


def issued(database: Database, certificates: Iterable[Certificate], *, actor: str | None = None) -> list[Statement]:
    """Append certificates to the chain; return their statements."""
    drafts = [
        Draft(
            kind=Kind.COMPLETENESS,
            counterparty=one.counterparty,
            session=one.session,
            trade_date=one.trade_date,
            state=one.state.value,
            at=one.as_of,
            actor=actor,
            body=packed(one),
        )
        for one in certificates
    ]
    return SqlStatements(database).append(*drafts)


def compared(database: Database, counterparty: str, day: str, file: Path) -> Comparison:
    """Return a vendor's file beside the counterparty's executions of the day; raise FileError when it cannot be."""
    try:
        raw = file.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise FileError([f"{file.name}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise FileError([f"{file.name}: cannot be read: it is not UTF-8 at byte {error.start}"]) from None
    try:
        theirs = read_file(text.splitlines())
    except FileError as error:
        raise FileError([f"{file.name}: {problem}" for problem in error.problems]) from None
    return compare(file.name, hashlib.sha256(raw).hexdigest(), theirs, _executions(database, counterparty, day))


def _executions(database: Database, counterparty: str, day: str) -> list[Ours]:
    made, now, amended = tables.executions, execution_states, tables.amendments
    mine = (made.c.trade_date == day, made.c.counterparty == counterparty)
    wanted = (
        select(
            *(made.c[name] for name in ("exec_id", "execution_id", "quantity", "price", "side", "symbol", "venue")),
            *(now.c[name].label(f"now_{name}") for name in ("quantity", "price", "venue", "amended", "state")),
            made.c.venue_raw,
        )
        .join_from(made, now, and_(now.c.offset == made.c.offset, now.c.part == made.c.part))
        .where(*mine)
        .order_by(made.c.offset, made.c.part)
    )
    other = select(amended.c.execution_id, amended.c.exec_id).where(
        amended.c.counterparty == counterparty, amended.c.kind == "correction", amended.c.exec_id.is_not(None)
    )
    with database.reading() as connection:
        ids = {row.execution_id: row.exec_id for row in connection.execute(other.order_by(amended.c.offset))}
        return [
            Ours(
                exec_id=row.exec_id,
                other_id=ids.get(row.execution_id, ""),
                quantity=row.now_quantity if row.now_amended else row.quantity,
                price=row.now_price if row.now_amended else row.price,
                side=row.side,
                symbol=row.symbol,
                venue=row.now_venue if row.now_amended else row.venue,
                venue_raw=row.venue_raw or "",
                busted=row.now_state == "busted",
            )
            for row in connection.execute(wanted)
        ]
