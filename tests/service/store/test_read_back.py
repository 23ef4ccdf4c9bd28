"""What a row holds is what was recorded: facts written as cells and read back are equal."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import (
    Answer,
    Executed,
    ExemptReason,
    Fade,
    FeedEvent,
    FeedEventKind,
    Fill,
    Level,
    Markout,
    Measures,
    Nanos,
    Order,
    OrderChanged,
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
from rules.population import Population
from service.processed import Amendment, Decision, RecordedOrderEvent, Requoted, RequotedKind
from service.store import rows, tables
from service.store.marks import fade_row, markout_row
from service.store.read_back import (
    amendment_of,
    change_of,
    end_of,
    event_of,
    fade_of,
    fill_of,
    markout_of,
    requoted_of,
)
from tests.factories_store import a_recorded_fill

_ENUMS = (Level, Side, OrderType, TimeInForce, OrderEnd, OrderEventKind, FeedEventKind, QuoteState, Population)
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
        **{each: st.sampled_from(list(each)) for each in _ENUMS},
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
)
maybe_quotes = st.none() | quotes
decisions = _of(Decision, at_receipt=maybe_quotes, at_execution=maybe_quotes, marks=st.just(()), apart=maybe_apart)
amendments = _of(Amendment, measures=st.none() | measures, decision=st.none() | decisions, corrected=st.none() | fills)
answers = st.none() | _of(Answer, asked=st.sampled_from(list(OrderEventKind)))
changes = _of(OrderChanged, order=orders, answer=answers, venue=st.sampled_from(["XNYS", "venue_unknown"]))
events = _of(
    FeedEvent,
    detail=st.dictionaries(words, maybe_words | number),
    related=st.lists(number).map(tuple),
)
executed = _of(Executed)
markouts = _of(Markout, quote=quotes, executed=executed, uncertain=st.just(False))
fades = _of(Fade, first=quotes, later=quotes, baseline=quotes, uncertain=st.just(False))
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
    """With whether it was in doubt, and whether it was stated anew."""
    assert end_of(cells(tables.order_outcomes, rows.order_outcome_row(end, 0))) == end


@given(changes)
def test_a_change_of_an_order_is_read_back_as_it_was_recorded(change: OrderChanged) -> None:
    """With the order as it was known after it."""
    recorded = RecordedOrderEvent(changed=change, dedup_key=None, content_hash=b"", exec_id=None)

    assert change_of(cells(tables.order_events, rows.order_event_row(recorded, 0))) == change


@given(events)
def test_what_the_watch_said_of_its_sight_is_read_back_as_it_was_recorded(event: FeedEvent) -> None:
    """With its details and the offsets that belong to it."""
    assert event_of(cells(tables.feed_events, rows.feed_event_row(event, 0))) == event


@given(markouts)
def test_a_mark_is_read_back_as_it_was_recorded(mark: Markout) -> None:
    """Its execution and the clocks of its record come from elsewhere."""
    row = cells(tables.markouts, markout_row(mark, 0)) | {"received_at": mark.received_at, "clock": mark.clock}

    assert markout_of(row, mark.executed) == mark


@given(fades)
def test_a_fade_is_read_back_as_it_was_recorded(fade: Fade) -> None:
    """All three quotes of it."""
    row = cells(tables.fades, fade_row(fade, 0)) | {"received_at": fade.received_at, "clock": fade.clock}

    assert fade_of(row) == fade


@given(amendments)
def test_an_amendment_is_read_back_as_it_was_recorded(amendment: Amendment) -> None:
    """One that measured nothing has no measures."""
    assert amendment_of(cells(tables.amendments, rows.amendment_row(amendment, 0))) == amendment


@given(requotes)
def test_what_late_quotes_made_of_a_fact_is_read_back_as_it_was_recorded(made: Requoted) -> None:
    """A side that was not asked for is none."""
    assert requoted_of(cells(tables.requotes, rows.requote_row(made, 0))) == made
