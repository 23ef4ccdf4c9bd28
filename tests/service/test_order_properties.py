"""Whatever order things come in, and however often: cumulative quantity is the sum of live executions."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import OrderEventKind
from service.fix.events import Bust, Correction, Execution, OrderEvent
from service.orders.answers import REFUSALS
from service.orders.ledger import Event, Ledger
from service.orders.snapshot import LedgerState
from service.orders.steps import Busted, Changed, Conflict, Corrected, Duplicate, Orphaned, Step, Traded, Unplaced
from tests.factories import TRADE_DATE, price, shares
from tests.factories_orders import a_bust, a_correction, a_ledger, an_execution, an_order_event, seconds, where

DAYS = (TRADE_DATE, "2026-11-23")


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    """Draw trades of two orders, and at most one bust and one correction of each thing that can be named."""
    names: list[tuple[str, str]] = []
    events: list[Event] = []
    for number in range(draw(st.integers(1, 4))):
        order = draw(st.sampled_from(["O1", "O2"]))
        filled = str(draw(st.integers(1, 90)))
        events.append(an_execution(f"E{number}", order_key=order, filled=filled))
        names.append((f"E{number}", order))
    for number in range(draw(st.integers(0, 6))):
        named, order = draw(st.sampled_from(names))
        bust = draw(st.booleans())
        kind = Bust if bust else Correction
        if any(isinstance(one, kind) and one.refers_to == named for one in events):
            continue
        exec_id = f"A{number}"
        filled = str(draw(st.integers(1, 90)))
        events.append(
            a_bust(named, exec_id, order_key=order)
            if bust
            else a_correction(named, exec_id, order_key=order, filled=filled)
        )
        names.append((exec_id, order))
    return events


def live(events: list[Event], order: str) -> int:
    """Return the order's live shares, worked out afresh: follow each trade to the end of its chain, busts first."""
    amends = [one for one in events if isinstance(one, Bust | Correction)]
    total = 0
    for trade in events:
        if not isinstance(trade, Execution) or trade.ids.order_key != order:
            continue
        name, shares_left = trade.exec_id, int(trade.quantity)
        while found := [one for one in amends if one.refers_to == name]:
            last = next((one for one in found if isinstance(one, Bust)), found[0])
            name, shares_left = last.exec_id, 0 if isinstance(last, Bust) else int(last.quantity)
        total += shares_left
    return total


def executed(ledger: Ledger) -> dict[str, int]:
    """Return what each order has executed."""
    books = ledger._books.values()
    return {life.order.order_key: life.executed for book in books for life in book.lives() if life.executed}


def play(ledger: Ledger, events: list[Event], start: int = 1) -> list[tuple[Step, ...]]:
    """Apply the events one after the other."""
    return [ledger.apply(event, where(offset=start + at)) for at, event in enumerate(events)]


@given(st.data(), stories())
def test_cumulative_is_the_sum_of_live_executions_in_any_order(data: st.DataObject, story: list[Event]) -> None:
    """Trades, busts, corrections and copies of them, shuffled."""
    copies = data.draw(st.lists(st.sampled_from(story), max_size=5))
    shuffled = data.draw(st.permutations(story + copies))
    ledger = a_ledger()

    play(ledger, shuffled)

    assert executed(ledger) == {order: left for order in ("O1", "O2") if (left := live(story, order))}
    assert ledger.deadline() is None


@given(st.data(), stories())
def test_notional_and_venues_agree_with_the_quantity(data: st.DataObject, story: list[Event]) -> None:
    """All totals are made of the same live executions (every price is 10.00 here)."""
    ledger = a_ledger()

    play(ledger, data.draw(st.permutations(story)))

    for life in ledger._books["demo"].lives():
        assert life.notional == life.executed * 10_000_000_000
        assert sum(quantity for _, quantity in life.by_venue) == life.executed


@given(st.data(), stories())
def test_nothing_is_lost(data: st.DataObject, story: list[Event]) -> None:
    """Every event is news once and a duplicate afterwards; every amendment is applied or held."""
    copies = data.draw(st.lists(st.sampled_from(story), max_size=5))
    kept = data.draw(st.lists(st.sampled_from(story), unique_by=lambda one: one.exec_id)) + copies
    ledger = a_ledger()

    steps = [step for group in play(ledger, kept) for step in group]

    count = {kind: sum(isinstance(step, kind) for step in steps) for kind in (Traded, Busted, Corrected, Duplicate)}
    news = {one.exec_id: one for one in kept}
    held = ledger._orphans()
    assert count[Duplicate] == len(kept) - len(news)
    assert count[Traded] == sum(isinstance(one, Execution) for one in news.values())
    amending = sum(isinstance(one, Bust | Correction) for one in news.values())
    assert count[Busted] + count[Corrected] + len(held) == amending
    assert not any(isinstance(step, Conflict) for step in steps)


@given(st.data(), stories())
def test_repeating_a_part_changes_no_state(data: st.DataObject, story: list[Event]) -> None:
    """What came before is known, whatever its sequence number now."""
    ledger = a_ledger()
    play(ledger, story)
    before = msgspec.msgpack.encode(ledger.snapshot())

    steps = play(ledger, data.draw(st.lists(st.sampled_from(story), max_size=8)))

    assert all(isinstance(step, Duplicate) for group in steps for step in group)
    assert msgspec.msgpack.encode(ledger.snapshot()) == before


@dataclass(frozen=True)
class Life:
    """What may happen to orders beside trades."""

    kind: OrderEventKind
    order: str
    day: str
    previous: str | None


LIVES = st.lists(
    st.builds(
        Life,
        st.sampled_from(list(OrderEventKind)),
        st.sampled_from(["O1", "O2", "O3"]),
        st.sampled_from(DAYS),
        st.sampled_from([None, "O1", "11-O2"]),
    ),
    max_size=8,
)


def happenings(lives: list[Life]) -> list[Event]:
    """Return the order events, each under its own ExecID."""
    return [
        an_order_event(
            life.kind,
            f"N{number}",
            order_key=life.order,
            previous_key=life.previous,
            cl_ord_id=f"11-{life.order}",
            trade_date=life.day,
            transacted_at=seconds(number),
            quantity=shares(str(50 + number)),
        )
        for number, life in enumerate(lives)
    ]


def written_and_read(ledger: Ledger) -> Ledger:
    """Return a new ledger with the state of this one, as bytes had carried it."""
    again = a_ledger()
    again.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(ledger.snapshot()), type=LedgerState))
    return again


@given(st.data(), stories(), LIVES, st.integers(0, 20))
def test_writing_the_state_down_in_the_middle_changes_nothing(
    data: st.DataObject, story: list[Event], lives: list[Life], cut: int
) -> None:
    """A restart says the same and ends the same, orphans, chains, closes and forgotten days included."""
    events = data.draw(st.permutations(story + happenings(lives)))
    whole, parted = a_ledger(), a_ledger()

    expected = play(whole, events)
    before = play(parted, events[:cut])
    parted = written_and_read(parted)
    after = play(parted, events[cut:], start=1 + len(before))
    for ledger in (whole, parted):
        ledger.load_keys("demo", "2026-11-19", {"old": b"h"})
    closed = [ledger.close(DAYS[0], seconds(99), where(counterparty="")) for ledger in (whole, parted)]
    ticks = [ledger.tick(seconds(9999)) for ledger in (whole, parted)]
    for ledger in (whole, parted):
        ledger.forget(DAYS[1])

    assert before + after == expected
    assert closed[0] == closed[1]
    assert ticks[0] == ticks[1]
    assert msgspec.msgpack.encode(whole.snapshot()) == msgspec.msgpack.encode(parted.snapshot())
    assert msgspec.msgpack.encode(written_and_read(whole).snapshot()) == msgspec.msgpack.encode(whole.snapshot())


def test_a_large_order_can_be_written_down() -> None:
    """Price times quantity outgrows 64 bits at nine thousand dollars."""
    ledger = a_ledger()
    play(ledger, [an_execution(filled="900000", at_price="999.99", quantity=shares("900001"))])

    (life,) = written_and_read(ledger)._books["demo"].lives()

    assert life.notional == shares("900000") * price("999.99")


@given(st.data(), LIVES)
def test_any_order_event_is_applied_or_known(data: st.DataObject, lives: list[Life]) -> None:
    """No sequence of events is too strange for the ledger; only a refusal may be of an order that nobody knows."""
    ledger = a_ledger()
    events = data.draw(st.permutations(happenings(lives)))

    steps = play(ledger, events)

    unplaced = [event for event, group in zip(events, steps, strict=True) if isinstance(group[0], Unplaced)]
    assert {event.kind for event in unplaced if isinstance(event, OrderEvent)} <= REFUSALS
    assert all(isinstance(group[0], Changed | Unplaced) for group in steps)
    assert not any(isinstance(step, Orphaned) for group in steps for step in group)
