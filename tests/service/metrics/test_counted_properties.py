"""What must hold for any day: the metrics, added up over their labels, are what the store holds."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Row, Table, select

from rules.instruments import TEST
from service.core import Core
from service.journal import Entry
from service.metrics.daemon import Metrics
from service.metrics.sight import Sight
from service.pipeline import Pipeline
from service.store.engine import Database
from service.store.record import SqlStore
from service.store.tables import executions, message_outcomes, order_outcomes
from tests.factories_road import SteadyQuotes, a_bust, a_correction, a_journal, a_report, a_trade, an_order, go_on
from tests.service.test_core_properties import BEGIN
from tests.stores import ready_store

EXAMPLES = 20
DOLLARS = 1e15
SHARES = 1e6
TERMS = (
    {"_40": "1"},
    {"_40": "2", "_44": "182.50"},
    {"_40": "2", "_44": "181.00"},
    {"_40": "1", "_59": "3"},
    {"_40": "1", "_59": "7"},
)
"""Terms of orders: market, limit within and out of reach, immediate or cancel, at the close."""


class Traded(NamedTuple):
    """One order and what became of it: an execution of so many of its 100 shares (none at 0), and then `after`."""

    terms: int
    side: str
    cents: int
    quantity: int
    venue: str
    after: str


days = st.lists(
    st.builds(
        Traded,
        terms=st.integers(0, len(TERMS) - 1),
        side=st.sampled_from(["1", "2"]),
        cents=st.integers(18_185, 18_205),
        quantity=st.sampled_from([0, 40, 100]),
        venue=st.sampled_from(["XNYS", "XNAS", "XBOS"]),
        after=st.sampled_from(["nothing", "cancel", "bust", "correct", "cancel"]),
    ),
    min_size=1,
    max_size=12,
)


def entries_of(day: list[Traded]) -> list[Entry]:
    """Return the day as messages, a few seconds an order, so that the quotes change between them."""
    made: list[Entry] = []
    for place, one in enumerate(day):
        name, second, number = f"O{place}", place * 7.0 + 1, len(made) + 1
        own = TERMS[one.terms] | {"_54": one.side}
        done = {"_14": one.quantity, "_151": 100 - one.quantity}
        made.append(an_order(number, second, name, **own))
        if one.quantity:
            price = {"_32": one.quantity, "_31": f"{one.cents / 100:.2f}", "_30": one.venue}
            whole = {"_39": "2" if one.quantity == 100 else "1", "_150": "F"}
            made.append(a_trade(number + 1, second + 2, name, f"E{place}", **own, **price, **done, **whole))
        made.extend(_after(one, len(made) + 1, second + 4, name, own))
    return made


def _after(one: Traded, number: int, second: float, name: str, own: dict[str, str]) -> Iterator[Entry]:
    if one.after == "cancel" and one.quantity < 100:
        ended = {"_150": "4", "_39": "4", "_32": None, "_31": None, "_14": one.quantity, "_151": 0}
        yield a_report(number, second, _37=name, _11=name, _17=f"C{name}", **own, **ended)
    elif one.after == "bust" and one.quantity:
        yield a_bust(number, second, name, f"B{name}", f"E{name[1:]}", **own)
    elif one.after == "correct" and one.quantity:
        yield a_correction(number, second, name, f"G{name}", f"E{name[1:]}", **own, _31="181.90")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of an empty store, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    with ready_store("sqlite", folder) as made:
        made.fold()
    return folder / "sorwatch.db"


@contextmanager
def copied(template: Path) -> Iterator[Database]:
    """Give a store of its own to one example."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copy(template, Path(name) / "own.db")
        with Database(f"sqlite:///{Path(name) / 'own.db'}") as database:
            yield database


def counted(day: list[Traded], database: Database, batch: int) -> Metrics:
    """Run the day into the store, and return what the metrics made of it."""
    metrics = Metrics([], Sight)
    road = Pipeline(
        journal=a_journal(entries_of(day), BEGIN),
        store=SqlStore(database),
        quotes=SteadyQuotes(),
        core=Core(),
        batch=batch,
        watch=metrics.recorded,
    )
    go_on(road)
    return metrics


def sums(metrics: Metrics, name: str, *labels: str) -> dict[tuple[str, ...], float]:
    """Return a counter's values by some of its labels, added up over the others; what is zero is left out."""
    found: Counter[tuple[str, ...]] = Counter()
    list(metrics.registry.collect())  # what is new is zero at its first scrape
    for family in metrics.registry.collect():
        for sample in family.samples:
            if sample.name == f"sorwatch_{name}":
                found[tuple(sample.labels[label] for label in labels)] += sample.value  # type: ignore[assignment]
    return {key: value for key, value in found.items() if value}


def rows(database: Database, table: Table) -> list[Row[Any]]:
    """Return all rows of a table."""
    with database.reading() as connection:
        return list(connection.execute(select(table)))


def by_venue(made: Iterable[tuple[Row[Any], int]], scale: float) -> dict[tuple[str, ...], Any]:
    """Return the sums by counterparty and venue, in whole numbers until they are scaled."""
    found: Counter[tuple[str, ...]] = Counter()
    for row, number in made:
        found[row.counterparty, row.venue] += number
    return {key: pytest.approx(value / scale, rel=1e-12) for key, value in found.items() if value}


def compared(row: Row[Any]) -> bool:
    """Return whether the price of an execution in the store says something against the quote at receipt."""
    marketable = row.order_type == "market" or (row.order_type == "limit" and row.marketable)
    on_its_own = not row.auction and row.exempt_reason is None and not row.directed and row.receipt_quote_note != TEST
    return bool(
        row.level == "child"
        and marketable
        and on_its_own
        and row.time_in_force not in ("opening", "closing")
        and row.price_improvement is not None
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(days, st.integers(1, 9))
def test_executions_shares_and_dollars_are_those_of_the_store(template: Path, day: list[Traded], batch: int) -> None:
    """As they were reported: a bust and a correction are rows of their own, and no counter falls by them."""
    with copied(template) as database:
        metrics = counted(day, database, batch)

        made = rows(database, executions)

    children = [row for row in made if row.level == "child"]
    priced = [row for row in made if compared(row)]
    of_prices = {
        "priced_shares_total": ([(row, row.quantity) for row in priced], SHARES),
        "price_improvement_dollars_total": (
            [(row, row.quantity * max(0, row.price_improvement)) for row in priced],
            DOLLARS,
        ),
        "price_disimprovement_dollars_total": (
            [(row, row.quantity * max(0, -row.price_improvement)) for row in priced],
            DOLLARS,
        ),
        "effective_spread_dollars_total": (
            [(row, row.quantity * max(0, row.effective_spread)) for row in priced],
            DOLLARS,
        ),
        "effective_spread_gained_dollars_total": (
            [(row, row.quantity * max(0, -row.effective_spread)) for row in priced],
            DOLLARS,
        ),
        "quoted_spread_dollars_total": ([(row, row.quantity * row.quoted_spread) for row in priced], DOLLARS),
        "executions_total": ([(row, 1) for row in made], 1),
        "executed_shares_total": ([(row, row.quantity) for row in children], SHARES),
        "executed_dollars_total": ([(row, row.quantity * row.price) for row in children], DOLLARS),
    }
    for name, (told, scale) in of_prices.items():
        assert sums(metrics, name, "counterparty", "venue") == by_venue(told, scale), name


@settings(max_examples=EXAMPLES, deadline=None)
@given(days, st.integers(1, 9))
def test_messages_and_what_was_not_evaluated_are_those_of_the_store(
    template: Path, day: list[Traded], batch: int
) -> None:
    """Silence must never look like compliance."""
    with copied(template) as database:
        metrics = counted(day, database, batch)

        made, outcomes = rows(database, executions), rows(database, message_outcomes)

    missing = Counter((row.not_evaluated_reason,) for row in made if row.not_evaluated_reason is not None)
    assert sums(metrics, "not_evaluated_total", "reason") == missing
    assert sums(metrics, "messages_total", "outcome") == Counter((row.outcome,) for row in outcomes)


@settings(max_examples=EXAMPLES, deadline=None)
@given(days, st.integers(1, 9))
def test_orders_are_those_of_the_store_that_a_fill_rate_counts(template: Path, day: list[Traded], batch: int) -> None:
    """Customers' cancels, directed orders and an end that is said again are in no fill rate."""
    with copied(template) as database:
        metrics = counted(day, database, batch)

        ended = rows(database, order_outcomes)

    kept = [
        row
        for row in ended
        if row.order_level == "child"
        and not (row.restated or row.directed or row.end == "canceled_by_customer" or row.receipt_quote_note == TEST)
    ]
    outcome = {
        ("filled",): sum(row.executed >= row.ordered > 0 for row in kept),
        ("partly",): sum(0 < row.executed < row.ordered for row in kept),
        ("unfilled",): sum(row.executed == 0 for row in kept),
    }
    assert sums(metrics, "orders_ended_total", "outcome") == {key: count for key, count in outcome.items() if count}
    assert sum(sums(metrics, "ordered_shares_total").values()) == sum(row.ordered for row in kept) / SHARES
    assert sum(sums(metrics, "filled_shares_total").values()) == sum(row.executed for row in kept) / SHARES
