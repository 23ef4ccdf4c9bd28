"""The chain of statements on both kinds of store: appended whole, never edited, proved from its first link."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from service.statements.chain import GENESIS, Kind
from service.store.engine import Database
from service.store.export import SqlRecords
from service.store.statements import SqlStatements
from service.store.tables import statements
from tests.factories_statements import DAY, EVENING, a_draft


def test_statements_are_numbered_and_chained_across_transactions(database: Database) -> None:
    """The head is read inside the transaction that appends."""
    store = SqlStatements(database)

    first, second = store.append(a_draft(), a_draft(state="reconciled"))
    (third,) = store.append(a_draft(session="T"))

    assert [one.seq for one in (first, second, third)] == [1, 2, 3]
    assert (first.prev_hash, second.prev_hash, third.prev_hash) == (GENESIS, first.hash, second.hash)
    assert store.of_day(DAY) == [first, second, third]
    assert store.verify() == (3, None)


def test_the_newest_certificate_of_a_session_counts(database: Database) -> None:
    """Earlier ones stay."""
    store = SqlStatements(database)
    store.append(a_draft(), a_draft(kind=Kind.READINESS), a_draft(state="reconciled"), a_draft(trade_date="2026-11-19"))

    newest = store.newest(days=1)

    assert {day: {whose: one.seq for whose, one in found.items()} for day, found in newest.items()} == {
        DAY: {("demo", a_draft().session): 3}
    }
    assert list(store.newest(days=9)) == [DAY, "2026-11-19"]
    assert {whose: one.seq for whose, one in store.newest_of(DAY).items()} == {("demo", a_draft().session): 3}
    assert [one.kind for one in store.of_day(DAY, Kind.READINESS)] == [Kind.READINESS]


@pytest.mark.parametrize("change", [{"state": "reconciled"}, {"body": b"{}x"}, {"actor": "sam"}])
def test_whoever_edits_a_statement_in_the_store_is_found(database: Database, change: dict[str, object]) -> None:
    """By the first link that does not hold."""
    store = SqlStatements(database)
    store.append(*(a_draft() for _ in range(4)))

    with database.writing() as connection:
        connection.execute(update(statements).where(statements.c.seq == 3).values(**change))

    assert store.verify() == (3, 3)


def test_a_signature_is_appended_with_what_it_signs(database: Database) -> None:
    """Both or none, one behind the other."""
    made, signed = SqlStatements(database).append_signed(a_draft(kind=Kind.CLOSE_OF_DAY), "pat", "seen")

    assert (made.seq, signed.seq, signed.kind, signed.actor) == (1, 2, Kind.SIGNATURE, "pat")
    assert made.hash.hex().encode() in signed.body
    assert signed.prev_hash == made.hash


def test_texts_that_a_store_refuses_are_cleaned_before_they_are_chained(database: Database) -> None:
    """What is stored is what was hashed."""
    store = SqlStatements(database)

    (made,) = store.append(a_draft(actor="pa\0t"))

    assert made.actor == "pa\\x00t"
    assert store.verify() == (1, None)


def test_appending_at_the_same_time_makes_one_chain(database: Database) -> None:
    """From the daemon, the page and the command line."""
    url = database.url.render_as_string(hide_password=False)

    def append(_: int) -> None:
        with Database(url) as another:
            SqlStatements(another).append(a_draft())

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(append, range(12)))

    assert SqlStatements(database).verify() == (12, None)


def test_statements_are_exported_as_links_of_their_chain(database: Database) -> None:
    """Enough to prove it elsewhere."""
    (made,) = SqlStatements(database).append(a_draft(body=b'{"a":"\xc3\xa9"}'))

    (row,) = SqlRecords(database).rows("statements", DAY)

    assert row == {
        "schema": 1,
        "seq": 1,
        "kind": "completeness",
        "counterparty": "demo",
        "session": made.session,
        "trade_date": DAY,
        "state": "red",
        "at": "2026-11-20T22:00:00.000000000Z",
        "actor": None,
        "body": '{"a":"é"}',
        "prev_hash": GENESIS.hex(),
        "hash": made.hash.hex(),
    }
    assert made.at == EVENING
    assert list(SqlRecords(database).rows("statements", "2026-11-19")) == []
