"""How long an order was pending, working and held is told by the vendor's clock, and the three add up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos, OrderEventKind, OrderOutcome, OrderType
from service.orders.ledger import Event
from service.orders.snapshot import LedgerState
from service.orders.steps import Ended, Restated
from tests.factories import NOON, TRADE_DATE, length
from tests.factories_orders import a_ledger, an_execution, an_order_event, seconds, the, where
from tests.service.test_order_properties import executed, play

KIND = OrderEventKind
TURNS = st.sampled_from([kind for kind in KIND if kind not in (KIND.CANCELED, KIND.EXPIRED, KIND.REJECTED)])


def event(kind: OrderEventKind, at: float, name: str = "", **named: Any) -> Event:
    """Return an order event of that time after noon."""
    return an_order_event(kind, name or f"{kind}-{at}", transacted_at=seconds(at), **named)


def lengths(outcome: OrderOutcome) -> tuple[Nanos | None, Nanos | None, Nanos | None]:
    """Return how long the order was pending, working and held."""
    return outcome.pending_time, outcome.working_time, outcome.held_time


def ended(*events: Event) -> OrderOutcome:
    """Return the outcome that the last of the events brought."""
    return the(Ended, play(a_ledger(), list(events))[-1]).outcome


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([event(KIND.PENDING_NEW, 0), event(KIND.NEW, 1), event(KIND.CANCELED, 5)], ("1 s", "4 s", "0 s")),
        ([event(KIND.NEW, 1, time_in=seconds(0)), event(KIND.EXPIRED, 3)], ("1 s", "2 s", "0 s")),
        ([event(KIND.PENDING_NEW, 0), event(KIND.REJECTED, 2)], ("2 s", "0 s", "0 s")),
        (
            [
                event(KIND.NEW, 0),
                event(KIND.SUSPENDED, 2),
                event(KIND.PENDING_CANCEL, 3),
                event(KIND.RESTATED, 4),
                event(KIND.NEW, 7, "again"),
                event(KIND.CANCELED, 8),
            ],
            ("0 s", "3 s", "5 s"),
        ),
        (
            [
                event(KIND.NEW, 0, order_type=OrderType.STOP),
                event(KIND.REPLACED, 1, order_type=OrderType.STOP),
                event(KIND.TRIGGERED, 10, order_type=OrderType.STOP),
                an_execution(filled="1000", executed=seconds(11), order_type=OrderType.STOP),
            ],
            ("0 s", "1 s", "10 s"),
        ),
        (
            [
                event(KIND.PENDING_NEW, 0),
                an_execution("E1", filled="1", executed=seconds(2)),
                event(KIND.NEW, 1),
                event(KIND.CANCELED, 4),
            ],
            ("2 s", "2 s", "0 s"),
        ),
    ],
)
def test_each_state_has_its_length(events: list[Event], expected: tuple[str, ...]) -> None:
    """Acknowledged late, never; suspended and resumed; a stop before its trigger; executed before acknowledged."""
    assert lengths(ended(*events)) == tuple(length(one) for one in expected)


@pytest.mark.parametrize(
    "events",
    [
        [an_execution(filled="1000", executed=seconds(2))],
        [event(KIND.PENDING_NEW, 0), event(KIND.NEW, 1, suspect="60 after 52"), event(KIND.CANCELED, 2)],
        [
            event(KIND.PENDING_NEW, 0),
            an_order_event(KIND.NEW, "N2", transacted_at=None),
            event(KIND.CANCELED, 2),
        ],
    ],
)
def test_without_a_receipt_or_with_a_stamp_that_cannot_be_believed_no_length_is_known(events: list[Event]) -> None:
    """A copy with fills only, a suspect stamp, no stamp at all: our own clock never stands in."""
    assert lengths(ended(*events)) == (None, None, None)


def test_the_real_end_replaces_the_length_up_to_a_synthesised_one() -> None:
    """The close ended it at 60 s; then its cancel at 9 s comes."""
    ledger = a_ledger()
    play(ledger, [event(KIND.NEW, 0)])
    closed = the(Ended, ledger.close(TRADE_DATE, seconds(60), where())).outcome

    stated = the(Restated, ledger.apply(event(KIND.CANCELED, 9), where())).outcome

    assert lengths(closed) == (0, length("60 s"), 0)
    assert lengths(stated) == (0, length("9 s"), 0)


@given(st.lists(st.tuples(TURNS, st.integers(0, 60)), max_size=8), st.integers(0, 60), st.integers(0, 8))
def test_the_lengths_add_up_to_the_life_and_survive_a_restart(
    turns: list[tuple[OrderEventKind, int]], last: int, cut: int
) -> None:
    """Whatever order stamps come in: none is below zero, and nothing of the time is lost or counted twice."""
    turns = [turn for turn in turns if turn[0] is not KIND.DONE_FOR_DAY]
    story = [event(KIND.PENDING_NEW, 0, "first")]
    story += [event(kind, at, f"{number}") for number, (kind, at) in enumerate(turns)]
    whole, halves = a_ledger(), a_ledger()
    play(whole, story)
    play(halves, story[:cut])
    again = a_ledger()
    again.restore(LedgerState(halves.snapshot().books))
    play(again, story[cut:], start=cut + 1)
    end = event(KIND.CANCELED, last, "last")

    outcomes = [the(Ended, ledger.apply(end, where())).outcome for ledger in (whole, again)]

    assert executed(whole) == {}
    assert lengths(outcomes[0]) == lengths(outcomes[1])
    told = [one for one in lengths(outcomes[0]) if one is not None]
    assert min(told) >= 0
    assert seconds(last) <= NOON + sum(told) <= seconds(max([last, *(at for _, at in turns)]))
