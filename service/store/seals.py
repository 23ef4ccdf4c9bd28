"""Seals in the store: made over all heads in one state of the store, kept with the outbox row that carries them out.

The heads of the cases are noted first, in chunks, so that the writer is never held for long; what a run noted that was
cut off counts in the next seal, for it was true when it was noted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, literal, select, text

from rules.facts import Nanos
from service.audit.chains import CHAINS, Chain
from service.audit.due import Due
from service.audit.seal import Cases, Head, Seal, Stretch, head_line, read_text
from service.audit.stretches import STRETCHES, Table, summed
from service.cases.case import GENESIS
from service.store.columns import metadata
from service.store.engine import Database
from service.store.tables import cases, journal, outbox, sealed_heads, seals, versions

CHUNK = 2_000
"""So many heads at most in one transaction."""
PAGE = 1_000
TOPIC = "seals"


class _Read(msgspec.Struct, frozen=True):
    """What a seal would say, as read in one state of the store."""

    seal: Seal
    noted: int


class SqlSeals:
    """The seals of one store; each goes out on every channel."""

    def __init__(self, database: Database, firm: str, channels: tuple[str, ...] = ("mqtt",)) -> None:
        self._database = database
        self._firm = firm
        self._channels = channels

    def newest(self) -> Seal | None:
        """Return the newest seal, None before the first."""
        with self._database.reading() as connection:
            return _newest(connection)

    def after(self, seq: int) -> list[Seal]:
        """Return the seals behind one, oldest first."""
        wanted = select(seals.c.body).where(seals.c.seq > seq).order_by(seals.c.seq)
        with self._database.reading() as connection:
            return [read_text(body) for body in connection.execute(wanted).scalars()]

    def began(self) -> Nanos | None:
        """Return when the store began: when its first version came into force; None before that."""
        with self._database.reading() as connection:
            began: Nanos | None = connection.execute(select(func.min(versions.c.activated_at))).scalar_one()
        return began

    def make(self, due: Due, now: Nanos) -> Seal:
        """Seal the store as it is, and put the seal into the outbox: both or neither."""
        while True:
            self.note_heads()
            with self._database.reading() as connection:
                read = _read(connection, self._firm, due, now)
            with self._database.writing() as connection:
                if self._stands(connection, read):
                    self._keep(connection, read.seal)
                    return read.seal

    def note_heads(self) -> None:
        """Note for the next seal which links are heads of cases and were not at a seal before."""
        last = 0
        while True:
            with self._database.reading() as connection:
                ids = connection.execute(_fresh(cases.c.case_id).where(cases.c.case_id > last)).scalars().all()
            if not ids:
                return
            with self._database.writing() as connection:
                _alone(connection)
                columns = (cases.c.case_id, cases.c.head_n, cases.c.head_hash, literal(_next(connection)))
                rows = _fresh(*columns).where(cases.c.case_id.in_(ids))
                connection.execute(insert(sealed_heads).from_select(list(sealed_heads.c.keys()), rows))
            last = ids[-1]

    def _stands(self, connection: Connection, read: _Read) -> bool:
        """Return whether nobody sealed meanwhile, nor noted a head, nor wrote a row below those that were read."""
        _alone(connection)
        if _next(connection) != read.seal.seq or _count(connection, sealed_heads, _noted(read.seal.seq)) != read.noted:
            return False
        spans = {one.name: one for one in read.seal.stretches}
        return all(
            _count(connection, *_span(one, spans[one.name])) == spans[one.name].rows for one in _quiet(connection)
        )

    def _keep(self, connection: Connection, seal: Seal) -> None:
        links = {"prev_hash": bytes.fromhex(seal.previous), "hash": bytes.fromhex(seal.hash)}
        connection.execute(insert(seals).values(seq=seal.seq, day=seal.day, at=seal.at, body=seal.text, **links))
        said = {"rule": "seal", "severity": "", "reason": "sealed", "topic": TOPIC, "body": seal.line}
        kept = {"n": seal.seq, "idempotency_key": f"{TOPIC}/{seal.seq}", "created_at": seal.at, "attempts": 0}
        for channel in self._channels:
            connection.execute(insert(outbox).values(channel=channel, **said, **kept))


def _read(connection: Connection, firm: str, due: Due, now: Nanos) -> _Read:
    before = _newest(connection)
    seq = 1 if before is None else before.seq + 1
    noted, heads = _heads(connection, seq, 0 if before is None else before.cases.count)
    offset = connection.execute(select(func.coalesce(func.max(journal.c.offset), 0))).scalar_one()
    seal = Seal(
        firm=firm,
        seq=seq,
        day=due.day,
        missed=due.missed,
        at=now,
        journal_offset=offset,
        cases=heads,
        chains=tuple(_head(connection, chain) for chain in CHAINS),
        stretches=tuple(_stretch(connection, one, before) for one in STRETCHES),
        previous=GENESIS.hex() if before is None else before.hash,
    )
    return _Read(seal, noted)


def _newest(connection: Connection) -> Seal | None:
    body = connection.execute(select(seals.c.body).order_by(seals.c.seq.desc()).limit(1)).scalar_one_or_none()
    return None if body is None else read_text(body)


def _heads(connection: Connection, seq: int, count: int) -> tuple[int, Cases]:
    """Return how many heads are noted for a seal, and what it says of them; `count` are the cases sealed before."""
    of, other = sealed_heads, sealed_heads.alias()
    known = select(other.c.n).where(other.c.case_id == of.c.case_id, other.c.seal < seq).exists()
    wanted = select(of.c.case_id, of.c.n, of.c.hash, known.label("known")).where(of.c.seal == seq)
    made, noted, last = hashlib.sha256(), 0, None
    for case_id, n, link, is_known in _streamed(connection, wanted.order_by(of.c.case_id, of.c.n)):
        made.update(head_line(case_id, n, link))
        noted, count = noted + 1, count + (not is_known and case_id != last)
        last = case_id
    return noted, Cases(count=count, heads=noted, digest=made.hexdigest())


def _head(connection: Connection, chain: Chain) -> Head:
    of = metadata.tables[chain.table]
    key = of.c[chain.key]
    row = connection.execute(select(key, of.c["hash"]).order_by(key.desc()).limit(1)).first()
    n, link = (0, GENESIS) if row is None else row
    return Head(name=chain.name, n=n, hash=link.hex())


def _stretch(connection: Connection, one: Table, before: Seal | None) -> Stretch:
    told = None if before is None else before.stretch(one.name)
    after = 0 if told is None else told.last
    columns = covered(one)
    found = summed(_streamed(connection, select(*columns).where(columns[0] > after).order_by(columns[0])), after)
    return Stretch(name=one.name, after=after, last=found.last, rows=found.rows, digest=found.digest)


def covered(one: Table) -> list[ColumnElement[Any]]:
    """Return the columns of a table that its digest is over, the key first."""
    of = metadata.tables[one.table]
    return [of.c[one.key], *(column for column in of.c if column.name not in (one.key, *one.left_out))]


def _streamed(connection: Connection, wanted: Select[Any]) -> Iterator[Any]:
    with connection.execution_options(yield_per=PAGE).execute(wanted) as rows:
        yield from rows


def _fresh(*columns: ColumnElement[Any]) -> Select[Any]:
    """Select from cases whose head is not noted."""
    same = and_(sealed_heads.c.case_id == cases.c.case_id, sealed_heads.c.n == cases.c.head_n)
    known = select(sealed_heads.c.n).where(same).exists()
    return select(*columns).where(~known).order_by(cases.c.case_id).limit(CHUNK)


def _alone(connection: Connection) -> None:
    """Keep others that seal out; SQLite lets one write at a time in any case."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("LOCK TABLE seals IN EXCLUSIVE MODE"))


def _quiet(connection: Connection) -> list[Table]:
    """Return the tables where a lower key may come after a higher one, once nobody is writing to them."""
    if connection.dialect.name == "sqlite":
        return []
    found = [one for one in STRETCHES if one.keyed_by_database]
    for one in found:
        connection.execute(text(f"LOCK TABLE {one.table} IN SHARE MODE"))
    return found


def _next(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(seals.c.seq), 0))).scalar_one()) + 1


def _noted(seq: int) -> ColumnElement[bool]:
    return sealed_heads.c.seal == seq


def _span(one: Table, told: Stretch) -> tuple[Any, ColumnElement[bool]]:
    of = metadata.tables[one.table]
    return of, and_(of.c[one.key] > told.after, of.c[one.key] <= told.last)


def _count(connection: Connection, of: Any, which: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(of).where(which)).scalar_one())
