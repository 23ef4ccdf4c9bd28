"""What every store promises of decisions (service.ports.Store.decided), proved on the fake and on the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.processed import Processed
from service.requote import Decided
from service.store.export import SqlRecords
from service.store.record import SqlStore
from tests.factories_own import a_fill, a_replace, an_ack, an_own, with_own
from tests.factories_requote import FIRST, LOW, WIDE, a_market, a_requote
from tests.factories_road import (
    a_bust,
    a_correction,
    a_journal,
    a_pipeline,
    a_report,
    a_trade,
    an_order,
    go_on,
    run,
    versions,
)
from tests.fakes_store import FakeJournal, FakeStore
from tests.stores import KINDS, ready_store

RULES = "rules: {poor_fill: {parameters: {marketable_at_least: 50 %}}}"
SILENT = {"_32": None, "_31": None, "_30": None}
STORY = [
    an_order(1, 2, "O1"),
    a_trade(2, 3, "O1", "E1", _32=40, _31="290.00"),
    an_order(3, 3, "O2", _44="100.00"),
    a_requote(1, 4, execution=WIDE),
    a_trade(4, 4, "O1", "E2", _32=40, _31="290.00"),
    a_correction(5, 5, "O1", "E3", "E2", _31="280.00", _32=40),
    a_requote(0, 5, receipt=LOW),
    a_bust(6, 6, "O1", "E4", "E1"),
    a_report(7, 7, _37="O2", _11="O2", _17="X1", _150="4", _39="4", _14=0, **SILENT),
    a_requote(2, 8, receipt=a_market("98.00", "99.50")),
    a_requote(2, 9, receipt=a_market("98.00", "199.50")),
    a_requote(5, 9, execution=LOW),
    a_trade(8, 9, "O1", "E5", _32=20),
    a_requote(0, 10, receipt=WIDE),
]
OWN_STORY = [
    an_own(1, 0, "C1"),
    an_ack(1, 0.1, "O1", "C1"),
    a_fill(2, 1, "O1", "C1", 50),
    a_requote(1, 3, receipt=LOW),
    a_replace(2, 3.5, "C9", "C8"),
    a_fill(3, 4, "O1", "C1", 50),
]


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """Give an empty store of each real kind."""
    with ready_store(request.param, tmp_path) as database:
        yield SqlStore(database)


def journals() -> list[FakeJournal]:
    """Return the stories: a vendor's copy alone, and one beside the firm's own orders."""
    return [a_journal(STORY, versions(rulebook=RULES)), a_journal(OWN_STORY, with_own())]


@pytest.mark.parametrize("which", [0, 1])
def test_real_stores_know_of_every_decision_what_the_fake_one_knows(store: SqlStore, which: int) -> None:
    """At every record of the road, so that running a journal again meets what it met first."""
    journal = journals()[which]
    recorded = run(journal)
    fake = FakeStore()
    fake.record(recorded)
    store.record(recorded)
    places = range(FIRST, len(journal.records) + 2)

    known = {(offset, before): store.decided(offset, before) for offset in places for before in places}

    assert known == {(offset, before): fake.decided(offset, before) for offset, before in known}
    assert any(one.fills and one.stood for one in known.values())


@pytest.mark.parametrize("which", [0, 1])
def test_the_road_over_a_real_store_comes_to_what_it_comes_to_over_the_fake_one(store: SqlStore, which: int) -> None:
    """Whatever the batches: the store is asked when it holds what came before."""
    journal = journals()[which]

    go_on(a_pipeline(journal, store, batch=3))

    made, expected = store.reassessments("2013-10-07"), run(journal)
    assert made == expected.reassessments
    assert [one.finding_id for one in store.findings("2013-10-07")] == [one.finding_id for one in expected.findings]


def test_nothing_is_known_of_what_was_never_decided(store: SqlStore) -> None:
    """Of a tick, of a copy, of a record that is not there."""
    store.record(Processed(upto=4))

    assert store.decided(3, 5) == Decided()


def test_the_exports_show_what_late_quotes_made_of_executions(store: SqlStore) -> None:
    """Every number as it is now beside the one that was stated first, and the execution marked."""
    journal = journals()[0]
    go_on(a_pipeline(journal, store))
    records = SqlRecords(store._database)

    requotes = list(records.rows("requotes", "2013-10-07"))
    executions = {row["exec_id"]: row for row in records.rows("executions", None)}

    assert {row["kind"] for row in requotes} == {"decision", "execution", "order_end"}
    first = next(row for row in requotes if row["kind"] == "execution")
    assert (first["decided_offset"], first["execution_id"]) == (FIRST + 1, "demo/2013-10-07/E1")
    assert (first["execution_offer"], first["outside_amount"], first["reason"]) == ("300", "0", "a quote came late")
    assert executions["E1"]["outside_amount"] != "0"
    assert {exec_id: row["requoted"] for exec_id, row in executions.items()} == {"E1": True, "E2": True, "E5": True}
