"""`export not_evaluated`: every execution that no price rule could judge, counted by kind and reason."""

from __future__ import annotations

from rules.facts import Measures
from service.processed import Processed, RecordedFill
from service.store.engine import Database
from service.store.export import SqlRecords
from service.store.record import SqlStore
from tests.factories import TRADE_DATE
from tests.factories_store import a_recorded_fill, an_amendment


def a_fill_for(offset: int, reason: str | None, **named: object) -> RecordedFill:
    """Return an execution of 100 shares that was judged, or was not for that reason."""
    return a_recorded_fill(offset, measures=Measures(not_evaluated_reason=reason), **{"quote_source": "mqtt"} | named)


def rows(database: Database, day: str | None = None) -> list[tuple[object, ...]]:
    """Return what the export says, without what is the same in all."""
    shown = ("symbol", "venue", "quote_source", "reason", "executions", "shares", "of_executions", "of_shares")
    return [tuple(row[name] for name in shown) for row in SqlRecords(database).rows("not_evaluated", day)]


def test_they_are_counted_by_symbol_venue_source_and_reason(database: Database) -> None:
    """Beside all executions of the same kind; a kind of which all were judged has no row."""
    fills = [
        a_fill_for(1, "execution stale"),
        a_fill_for(2, "execution stale", quantity="50.5"),
        a_fill_for(3, "execution crossed"),
        a_fill_for(4, None),
        a_fill_for(5, "execution stale", venue="XBOS"),
        a_fill_for(6, "execution stale", quote_source=None),
        a_fill_for(7, None, symbol="IBM"),
    ]
    SqlStore(database).record(Processed(upto=7, fills=fills))

    found = rows(database)

    assert sorted(found, key=str) == sorted(
        [
            ("XYZ", "XBOS", "mqtt", "execution stale", 1, "100", 1, "100"),
            ("XYZ", "XNYS", None, "execution stale", 1, "100", 1, "100"),
            ("XYZ", "XNYS", "mqtt", "execution crossed", 1, "100", 4, "350.5"),
            ("XYZ", "XNYS", "mqtt", "execution stale", 2, "150.5", 4, "350.5"),
        ],
        key=str,
    )


def test_a_bust_is_not_counted_and_a_correction_with_its_own_values(database: Database) -> None:
    """The state of now: what was corrected to another venue counts there, with its own reason."""
    store = SqlStore(database)
    store.record(Processed(upto=2, fills=[a_fill_for(1, "auction"), a_fill_for(2, "auction")]))
    measures = Measures(not_evaluated_reason="receipt stale")
    corrected = an_amendment(4, "correction", "E2", quantity="7", measures=measures)
    store.record(Processed(upto=4, amendments=[an_amendment(3, "bust", "E1"), corrected]))

    assert rows(database) == [("XYZ", "XNAS", "mqtt", "receipt stale", 1, "7", 1, "7")]


def test_a_day_is_the_trade_date(database: Database) -> None:
    """Another has no rows."""
    SqlStore(database).record(Processed(upto=1, fills=[a_fill_for(1, "auction")]))

    assert len(rows(database, TRADE_DATE)) == 1
    assert rows(database, "2026-11-21") == []
