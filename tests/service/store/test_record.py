"""The store on a real database: whole or not at all, once, and nothing lost of what went in."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Thread
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from rules.facts import Fill, Measures, Order, Price, Quote, QuotesApart
from rules.finding import Scope
from service.kept_days import kept_days
from service.ports import Checkpoint
from service.processed import Processed
from service.store import record as record_module
from service.store import tables
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.not_evaluated import counted_since, skipped_of
from service.store.record import SqlStore
from tests.factories import TRADE_DATE, a_feed_event, an_outcome
from tests.factories_store import (
    a_batch,
    a_finding,
    a_frame,
    a_markout,
    a_recorded_event,
    a_recorded_fill,
    an_amendment,
    an_outcome_of,
)

FACT_TABLES = (
    tables.message_outcomes,
    tables.executions,
    tables.order_events,
    tables.amendments,
    tables.order_outcomes,
    tables.markouts,
    tables.feed_events,
    tables.findings,
)


def counts(database: Database) -> dict[str, int]:
    """Return how many rows each table of facts has."""
    with database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in FACT_TABLES
        }


def everything() -> Processed:
    """Return a batch with something for every table, two ends of orders at one offset among it."""
    return Processed(
        upto=9,
        outcomes=[an_outcome_of(1), an_outcome_of(4, "bust"), an_outcome_of(7, "undecodable", reason="tag 44")],
        fills=[a_recorded_fill(1)],
        order_events=[a_recorded_event(2)],
        amendments=[an_amendment(4, "bust")],
        order_outcomes=[an_outcome(offset=5, order_key="O1"), an_outcome(offset=5, order_key="O2")],
        markouts=[a_markout(9, part) for part in range(5)],
        feed_events=[a_feed_event(offset=6, detail={"from": 1, "to": None}, related=[3, 4])],
        findings=[a_finding("F1"), a_finding("F2")],
    )


def test_every_kind_of_fact_has_its_row(database: Database) -> None:
    """One batch fills every table."""
    SqlStore(database).record(everything())

    assert list(counts(database).values()) == [3, 1, 1, 1, 2, 5, 1, 2]


def test_recording_a_batch_twice_changes_nothing(database: Database) -> None:
    """The processed offset refuses it; and if that were lost, so do the unique keys."""
    store = SqlStore(database)
    store.record(everything())
    before = counts(database)

    store.record(everything())
    with database.writing() as connection:
        record_module.write_offset(connection, record_module.PROCESSED, 0)
    store.record(everything())

    assert counts(database) == before
    assert store.processed_offset() == 9


def test_what_rules_skipped_is_counted_once_a_batch_and_added_up(database: Database) -> None:
    """By trade date, rule and reason; a batch that is recorded twice counts once, and survives its process."""
    resting, auction = (TRADE_DATE, "slow_fill", "resting"), (TRADE_DATE, "slow_fill", "auction")
    other = ("2026-11-19", "poor_fill", "resting")
    first = Processed(upto=3, skipped=[resting, auction, resting, other])
    for batch in (first, first, Processed(upto=4, skipped=[resting]), Processed(upto=5)):
        SqlStore(database).record(batch)

    with database.reading() as connection:
        found, since = skipped_of(connection, TRADE_DATE), counted_since(connection)

    assert (found, since) == ({("slow_fill", "auction"): 1, ("slow_fill", "resting"): 3}, 0)


def test_the_first_execution_of_a_key_wins(database: Database) -> None:
    """Were a duplicate ever to pass the ledger, the unique index would still stop it."""
    store = SqlStore(database)
    store.record(Processed(upto=1, fills=[a_recorded_fill(1, price="10.00")]))

    store.record(Processed(upto=2, fills=[a_recorded_fill(2, price="11.00", dedup_key=f"{TRADE_DATE}|17-1")]))

    with database.reading() as connection:
        assert connection.execute(select(tables.executions.c.price)).scalars().all() == [10_000_000_000]


def test_what_breaks_in_the_middle_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts without their findings, or an offset without its facts, never exist."""
    store = SqlStore(database)

    def broken(*_: object) -> None:
        msg = "the disk is full"
        raise OSError(msg)

    monkeypatch.setattr(record_module, "_insert_numbered", broken)
    with pytest.raises(OSError, match="the disk is full"):
        store.record(everything())

    assert set(counts(database).values()) == {0}
    assert store.processed_offset() == 0
    monkeypatch.undo()
    store.record(everything())
    assert counts(database)["executions"] == 1


def test_an_execution_row_holds_every_value_of_the_fact(database: Database) -> None:
    """No field of the fact, its order, quotes or measures is without a column, and none is in the wrong one."""
    order = _numbered(Order, 100, order_key="key", receipt=_numbered(Quote, 200, state="normal"))
    measures = _numbered(Measures, 300)
    at_execution = _numbered(Quote, 400, state="locked")
    apart = _numbered(QuotesApart, 600)
    parts = {"order": order, "measures": measures, "at_execution": at_execution, "quotes_apart": apart}
    fill = _numbered(Fill, 500, **parts, offset=1, trade_date="day")
    recorded = msgspec.structs.replace(a_recorded_fill(1), fill=fill)

    SqlStore(database).record(Processed(upto=1, fills=[recorded]))

    with database.reading() as connection:
        row = connection.execute(select(tables.executions)).mappings().one()
    values = {**_cells(order, "order"), **_cells(fill, ""), **_cells(measures, "")}
    values |= {**_cells(order.receipt, "receipt"), **_cells(at_execution, "execution")}
    values |= {"compared_source": apart.source, "bid_apart": apart.bid, "offer_apart": apart.offer}
    values |= {"quote_lag": apart.lag}
    assert {name: row[name] for name in values} == values
    assert set(row) - set(values) == {"part", "dedup_key", "content_hash", "decision"}


def _numbered(kind: type[Any], start: int, **named: object) -> Any:
    """Build a struct with another value in every field."""
    values = {}
    for n, field in enumerate(msgspec.structs.fields(kind), start=start):
        text = str(field.type)
        whole = any(name in text for name in ("Nanos", "Price", "Quantity", "int"))
        values[field.name] = n % 2 == 0 if "bool" in text else n if whole else f"v{n}"
    return kind(**(values | named))


def _cells(struct: Any, prefix: str) -> dict[str, object]:
    renamed = {
        "order": {"level", "symbol", "side", "quantity", "received_at"},
        "receipt": {"bid", "bid_size", "offer", "offer_size"},
        "execution": {"bid", "bid_size", "offer", "offer_size"},
    }
    special = {"at": f"{prefix}_quote_at", "state": f"{prefix}_quote_state", "note": f"{prefix}_quote_note"}
    return {
        special[name] if name in special else f"{prefix}_{name}" if name in renamed.get(prefix, ()) else name: value
        for name, value in msgspec.structs.asdict(struct).items()
        if not isinstance(value, msgspec.Struct)
    }


def test_a_message_carries_the_trade_date_of_its_fact(database: Database) -> None:
    """What made no fact has no trade date of its own."""
    SqlStore(database).record(everything())

    with database.reading() as connection:
        kept = tables.message_outcomes
        days = connection.execute(select(kept.c.trade_date).order_by(kept.c.offset)).scalars().all()
    assert days == [TRADE_DATE, TRADE_DATE, None]


def test_findings_come_back_whole_for_the_digest(database: Database) -> None:
    """What verify compares is what was found; a day and a scope of it can be asked for."""
    store = SqlStore(database)
    market, feed = a_finding("F1"), a_finding("F2", scope=Scope.FEED, dollar_harm=5)
    store.record(Processed(upto=1, findings=[market, feed, a_finding("F3", trade_date="2026-11-19")]))

    assert store.findings(TRADE_DATE) == [market, feed]
    assert store.findings(TRADE_DATE, Scope.FEED) == [feed]


def test_findings_are_numbered_in_the_order_of_commitment(database: Database) -> None:
    """The caseworker's cursor depends on it."""
    store = SqlStore(database)

    store.record(Processed(upto=1, findings=[a_finding("F9"), a_finding("F1")]))
    store.record(Processed(upto=2, findings=[a_finding("F1"), a_finding("F5")]))

    with database.reading() as connection:
        kept = tables.findings
        assert connection.execute(select(kept.c.finding_id).order_by(kept.c.seq)).scalars().all() == ["F9", "F1", "F5"]


def test_text_and_numbers_that_no_database_takes_do_not_stop_the_watch(database: Database) -> None:
    """A NUL or a broken character from the wire is written out, a number beyond 64 bits held to 64."""
    wild = a_recorded_fill(1, venue_raw="X\0\udcff", cumulative=10**30)
    found = a_finding("F1", values={"text": "\udcff", "harm": 10**30}, sentence="a\udcffb")

    SqlStore(database).record(Processed(upto=1, fills=[wild, a_recorded_fill(2)], findings=[found]))

    with database.reading() as connection:
        kept = tables.executions
        row = connection.execute(select(kept).order_by(kept.c.offset)).mappings().first()
    assert row is not None
    assert row["venue_raw"].endswith("\\udcff")
    assert row["cumulative"] == 2**63 - 1
    assert SqlStore(database).findings(TRADE_DATE)[0].values == {"text": "\\udcff", "harm": 10**30}


def test_old_checkpoints_go(database: Database) -> None:
    """They are a cache of the journal: two are enough, another schema's are none."""
    store = SqlStore(database)

    for schema, offset in (("1", 1), ("2", 2), ("2", 3), ("2", 4), ("2", 4)):
        store.save_checkpoint(Checkpoint(offset=offset, schema=schema, state=b"x" * offset))

    with database.reading() as connection:
        kept = tables.checkpoints
        assert connection.execute(select(kept.c.offset).order_by(kept.c.offset)).scalars().all() == [3, 4]


def test_checkpoints_of_days_are_kept_beside_the_newest_two(database: Database) -> None:
    """A day is run again from the one before it; the state comes back as it was."""
    store = SqlStore(database)
    for number in range(1, 41):
        day = (date(2026, 1, 1) + timedelta(days=number)).isoformat()
        store.save_checkpoint(Checkpoint(offset=10 * number, schema="1", state=b"day" * number, day=day))
        store.save_checkpoint(Checkpoint(offset=10 * number + 5, schema="1", state=b"quick"))

    with database.reading() as connection:
        kept = connection.execute(select(tables.checkpoints.c.day)).scalars().all()

    assert kept.count(None) == 2
    assert set(kept) - {None} == kept_days((date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(1, 41))
    assert store.checkpoint("1") == Checkpoint(offset=405, schema="1", state=b"quick")
    assert store.checkpoint_before("1", 381) == Checkpoint(offset=380, schema="1", state=b"day" * 38, day="2026-02-08")
    assert store.checkpoint_before("1", 10) is None
    assert store.checkpoint_before("2", 400) is None


def test_journalling_and_recording_go_side_by_side(database: Database) -> None:
    """Two writers and a reader for a while: nobody is refused, nothing is lost."""
    journal, store = SqlJournal(database), SqlStore(database)
    seen: list[int] = []
    journalling = Thread(target=lambda: [journal.append(a_frame(5)) for _ in range(60)])
    recording = Thread(target=_record_many, args=(store, 60))

    journalling.start()
    recording.start()
    while journalling.is_alive() or recording.is_alive():
        seen.append(len(journal.read(0, 1000)))
    journalling.join(30)
    recording.join(30)

    assert (journal.last_offset(), store.processed_offset()) == (300, 60)
    assert all(count % 5 == 0 for count in seen)


def _record_many(store: SqlStore, batches: int) -> None:
    for offset in range(1, batches + 1):
        store.record(a_batch(offset))


def test_prices_are_exact_beyond_what_a_float_holds(database: Database) -> None:
    """Nanodollars of a large price keep their last digit."""
    exact = Price(9_007_199_254_740_993)
    fill = msgspec.structs.replace(a_recorded_fill(1).fill, price=exact)

    SqlStore(database).record(Processed(upto=1, fills=[msgspec.structs.replace(a_recorded_fill(1), fill=fill)]))

    with database.reading() as connection:
        assert connection.execute(select(tables.executions.c.price)).scalar_one() == exact
