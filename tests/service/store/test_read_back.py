"""What a row holds is what was recorded: facts written as cells and read back are equal."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import (
    Answer,
    ExemptReason,
    Fill,
    Level,
    Measures,
    Nanos,
    Order,
    OrderEnd,
    OrderEventKind,
    OrderOutcome,
    OrderType,
    Price,
    Quantity,
    Quote,
    QuotesApart,
    QuoteState,
    SessionOfDay,
    Side,
    TimeInForce,
)
from service.processed import Amendment, Decision, Requoted, RequotedKind
from service.store import rows, tables
from service.store.read_back import amendment_of, answer_of, end_of, fill_of, requoted_of
from tests.factories_store import a_recorded_event, a_recorded_fill

number = st.integers(-(2**62), 2**62)
words = st.text(max_size=8)
maybe_number, maybe_words, maybe = st.none() | number, st.none() | words, st.none() | st.booleans()


def _of(struct: Any, /, **strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return values of a struct, by the kind of each of its fields."""
    by_type = {
        str: words,
        str | None: maybe_words,
        bool: st.booleans(),
        bool | None: maybe,
        **dict.fromkeys((int, Nanos, Price, Quantity), number),
        **dict.fromkeys((int | None, Nanos | None, Price | None, Quantity | None), maybe_number),
        **{each: st.sampled_from(list(each)) for each in (Level, Side, OrderType, TimeInForce, OrderEnd, QuoteState)},
        Side | None: st.none() | st.sampled_from(list(Side)),
        ExemptReason | None: st.none() | st.sampled_from(list(ExemptReason)),
        SessionOfDay | None: st.none() | st.sampled_from(list(SessionOfDay)),
        bytes: st.binary(max_size=8),
    }
    fields = msgspec.structs.fields(struct)
    told = {field.name: by_type[field.type] for field in fields if field.name not in strategies}
    return st.builds(struct, **told, **strategies)


quotes = _of(Quote)
measures = _of(Measures)
orders = _of(Order, receipt=quotes)
maybe_apart = st.none() | _of(QuotesApart)
fills = _of(Fill, order=orders, at_execution=quotes, measures=measures, quotes_apart=maybe_apart)
ends = _of(
    OrderOutcome,
    order=orders,
    venues=st.lists(words).map(tuple),
    venue_shares=st.lists(number).map(tuple),
    notional=st.none() | st.integers(-(2**90), 2**90),
    uncertain=st.just(False),
)
maybe_quotes = st.none() | quotes
decisions = _of(Decision, at_receipt=maybe_quotes, at_execution=maybe_quotes, marks=st.just(()), apart=maybe_apart)
amendments = _of(Amendment, measures=st.none() | measures, decision=st.none() | decisions)
requotes = _of(
    Requoted,
    kind=st.just(RequotedKind.EXECUTION),
    receipt=st.none() | quotes,
    execution=st.none() | quotes,
    measures=measures,
    decision=st.none() | decisions,
)


def cells(table: Any, row: rows.Row) -> dict[str, Any]:
    """Return a row by the names of its columns."""
    return dict(zip([column.name for column in table.columns], row, strict=True))


@given(fills)
def test_an_execution_is_read_back_as_it_was_recorded(fill: Fill) -> None:
    """With its order, both quotes and every measure."""
    recorded = msgspec.structs.replace(a_recorded_fill(), fill=fill)

    assert fill_of(cells(tables.executions, rows.execution_row(recorded, 0))) == fill


@given(ends)
def test_an_orders_end_is_read_back_as_it_was_recorded(end: OrderOutcome) -> None:
    """All but whether it was uncertain, which no row keeps."""
    assert end_of(cells(tables.order_outcomes, rows.order_outcome_row(end, 0))) == end


@given(st.none() | _of(Answer, asked=st.sampled_from(list(OrderEventKind))))
def test_what_an_order_event_answers_is_read_back_as_it_was_recorded(answer: Answer | None) -> None:
    """Most answer nothing."""
    recorded = a_recorded_event()
    recorded = msgspec.structs.replace(recorded, changed=msgspec.structs.replace(recorded.changed, answer=answer))

    assert answer_of(cells(tables.order_events, rows.order_event_row(recorded, 0))) == answer


@given(amendments)
def test_an_amendment_is_read_back_as_it_was_recorded(amendment: Amendment) -> None:
    """One that measured nothing has no measures."""
    assert amendment_of(cells(tables.amendments, rows.amendment_row(amendment, 0))) == amendment


@given(requotes)
def test_what_late_quotes_made_of_a_fact_is_read_back_as_it_was_recorded(made: Requoted) -> None:
    """A side that was not asked for is none."""
    assert requoted_of(cells(tables.requotes, rows.requote_row(made, 0))) == made
