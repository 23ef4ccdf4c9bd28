"""The firm's own orders in the store: recorded with their decision, known again, listed where the two sides differ."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from service.processed import Processed
from service.store.engine import Database
from service.store.export import SqlRecords
from service.store.export_columns import EXPORTS
from service.store.record import SqlStore
from service.stored_quotes import StoredQuotes
from tests.factories_own import (
    CALENDAR,
    OMS,
    OVER,
    a_cancel,
    a_day,
    a_fill,
    an_ack,
    an_event,
    an_own,
    later,
    story,
    the_journal,
)
from tests.factories_road import PARTY, a_pipeline, a_tick, at, go_on, quote_at

DAY = "2013-10-07"


def rows(database: Database, what: str, done: Processed) -> list[dict[str, Any]]:
    """Record what a story came to; return one export of it."""
    SqlStore(database).record(done)
    return list(SqlRecords(database).rows(what, DAY))


def test_an_own_order_is_written_in_the_units_of_people(database: Database) -> None:
    """An order and its cancel: one row each."""
    done = story(an_own(1, 1, "C1", _18="5", _47="A"), a_cancel(2, 2, "C2", "C1"))

    first, second = rows(database, "own_orders", done)

    assert list(first) == list(EXPORTS["own_orders"])
    assert [(row["kind"], row["cl_ord_id"], row["previous_id"]) for row in (first, second)] == [
        ("new", "C1", None),
        ("cancel", "C2", "C1"),
    ]
    assert (first["vendor"], first["at"], first["limit_price"], first["quantity"], first["held"]) == (
        PARTY,
        "2013-10-07T14:30:01.000000000Z",
        "181.96",
        "100",
        True,
    )
    assert {row["outcome"] for row in SqlRecords(database).rows("messages", None)} <= {"own_order"}


def test_the_store_knows_own_orders_and_their_quotes_again(database: Database) -> None:
    """A copy is known by its key; a second run is given the quote at the firm's receipt."""
    store = SqlStore(database)
    done = story(an_own(1, 1, "C1"))
    store.record(done)
    (row,) = done.own_orders

    assert store.known_keys(OMS, DAY, row.offset + 1) == {"2013-10-07|D|C1|": row.content_hash}
    assert store.decisions(0, row.offset)[row.offset].at_receipt == quote_at(at(1))


def test_a_restart_from_the_store_comes_to_the_same(database: Database) -> None:
    """Receipt quotes included: they are recorded with the own orders."""
    entries = [an_own(1, 1, "C1"), a_fill(1, 2, "O1", "C1", 40), an_own(2, 3, "C2"), a_fill(2, 9, "O1", "C1", 60)]
    journal = the_journal([*entries, a_tick(OVER)], calendar=CALENDAR)
    store = SqlStore(database)
    first = a_pipeline(journal, store, batch=1)
    for _ in range(8):
        first.turn(at(0))
    second = a_pipeline(journal, store)

    second.warm(StoredQuotes(store))
    go_on(second)

    ended = {row["order_key"]: row for row in SqlRecords(database).rows("orders", DAY)}
    assert {key: (row["state"], row["executed"]) for key, row in ended.items()} == {
        "O1": ("filled", "100"),
        "C2": ("close", "0"),
    }
    assert {row["firm_received_at"] for row in ended.values()} == {
        "2013-10-07T14:30:01.000000000Z",
        "2013-10-07T14:30:03.000000000Z",
    }
    assert all(row["receipt_quote_state"] != "absent" for row in ended.values())


def test_what_cannot_be_matched_is_listed_from_both_sides(database: Database) -> None:
    """Ours that the vendor never named or never ended, and his that we never sent."""
    done = a_day(
        an_own(1, 1, "C1"),
        an_own(2, 2, "C2"),
        an_own(3, 2, "C3"),
        an_ack(1, 3, "O2", "C2"),
        a_fill(2, 4, "O7", "C7", 60),
        an_ack(3, 4, "O3", "C3"),
        an_event(4, 5, "O3", "C3", "4"),
    )

    listed = rows(database, "unmatched", done)

    assert [(row["whose"], row["own_id"], row["order_key"], row["executed_shares"]) for row in listed] == [
        ("ours", "C1", "C1", "0"),
        ("ours", "C2", "O2", "0"),
        ("theirs", None, "O7", "60"),
    ]
    assert list(listed[0]) == list(EXPORTS["unmatched"])
    assert (listed[0]["counterparty"], listed[0]["symbol"], listed[0]["sent_at"]) == (
        PARTY,
        "IBM",
        "2013-10-07T14:30:01.000000000Z",
    )
    assert listed[2]["why"] == "the firm's own records do not hold it"


@pytest.mark.parametrize("answered", [True, False])
def test_an_unanswered_order_is_listed_until_it_is_answered(database: Database, *, answered: bool) -> None:
    """Before the close, too."""
    answer = [an_ack(1, 20, "O1", "C1")] if answered else []
    done = story(an_own(1, 1, "C1"), a_tick(10), *answer)

    listed = rows(database, "unmatched", done)

    assert [(row["whose"], row["own_id"], row["why"]) for row in listed] == (
        [] if answered else [("ours", "C1", "the vendor's copy has not answered it")]
    )


def test_what_is_settled_late_is_not_listed(database: Database) -> None:
    """The end that came after the close, and the own order that came as a file at night."""
    done = story(
        an_own(1, 1, "C1"),
        an_ack(1, 2, "O1", "C1"),
        an_ack(2, 3, "O7", "C7"),
        a_tick(OVER),
        later(an_event(3, 4, "O1", "C1", "4", _75="20131007"), OVER + 5),
        later(an_own(2, 2, "C7"), OVER + 6),
        calendar=CALENDAR,
    )
    told = {(event.kind.value, event.subject) for event in done.feed_events}

    assert {("unreported_order", "C1"), ("unknown_order", "O7")} <= told
    assert rows(database, "unmatched", done) == []


def test_a_repeated_batch_changes_no_own_order(database: Database) -> None:
    """Recording twice is recording once."""
    done = story(an_own(1, 1, "C1"))
    store = SqlStore(database)

    store.record(done)
    store.record(msgspec.structs.replace(done, upto=done.upto + 1))

    assert len(list(SqlRecords(database).rows("own_orders", None))) == 1
