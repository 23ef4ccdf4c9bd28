"""How long an order and a cancel waited for the vendor's answer: by his own stamps, and beside them from the firm."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.facts import SECOND, Answer, Nanos, OrderEventKind, OrderType
from service.fix.events import OrderEvent
from service.orders.answers import NO_STAMP, ONLY_THE_ANSWER, SUSPECT
from service.orders.ledger import Event, Ledger
from service.orders.snapshot import LedgerState
from service.orders.steps import Answered, Changed, Step, Unanswered, Unplaced
from tests.factories import NOON, length, shares
from tests.factories_orders import a_ledger, an_execution, an_order_event, seconds, the, where

KIND = OrderEventKind
LIMIT = length("5 s")
MILLI = Nanos(1_000_000)


def event(kind: OrderEventKind, at: float, name: str = "", **named: Any) -> OrderEvent:
    """Return an order event of that time after noon, stamped in milliseconds."""
    made = an_order_event(kind, name or f"{kind}-{at}", **({"transacted_at": seconds(at)} | named))
    stamps = msgspec.structs.replace(made.stamps, transacted_digits=named.get("digits", 3))
    return msgspec.structs.replace(made, stamps=stamps)


def a_watch(**named: Any) -> Ledger:
    """Return a ledger in which an answer may take five seconds."""
    return a_ledger(**({"unanswered_after": LIMIT} | named))


def play(ledger: Ledger, *events: Event) -> list[tuple[Step, ...]]:
    """Apply events, each at the clock of its own stamp."""
    done = []
    for number, one in enumerate(events, 1):
        at = one.stamps.transacted_at or NOON
        done.append(ledger.apply(one, where(offset=number, clock=at)))
    return done


def answer(*events: Event, **named: Any) -> Answer | None:
    """Return what the last of the events answers."""
    return the(Changed, play(a_watch(**named), *events)[-1]).answer


@pytest.mark.parametrize("kind", [KIND.NEW, KIND.REJECTED])
def test_an_order_waits_from_pending_new_to_its_answer(kind: OrderEventKind) -> None:
    """Both stamps are the vendor's; the first may be cut by a millisecond."""
    found = answer(event(KIND.PENDING_NEW, 0.5), event(kind, 2))

    assert found == Answer(asked=KIND.PENDING_NEW, waited=length("1.5 s"), grain=MILLI)


def test_a_time_in_stamp_is_a_receipt_too() -> None:
    """One message may tell both ends; how precise the first was is seen from it."""
    found = answer(event(KIND.NEW, 2, time_in=Nanos(NOON + 1)))

    assert found == Answer(asked=KIND.PENDING_NEW, waited=Nanos(2 * SECOND - 1))


@pytest.mark.parametrize(
    ("events", "unknown"),
    [
        ([event(KIND.NEW, 2)], ONLY_THE_ANSWER),
        ([event(KIND.PENDING_NEW, 0, suspect="60"), event(KIND.NEW, 2)], ONLY_THE_ANSWER),
        ([event(KIND.PENDING_NEW, 0), event(KIND.NEW, 2, transacted_at=None)], NO_STAMP),
        ([event(KIND.PENDING_NEW, 0), event(KIND.NEW, 2, suspect="60")], SUSPECT),
        ([event(KIND.PENDING_NEW, 3), event(KIND.NEW, 2)], SUSPECT),
    ],
)
def test_what_the_stamps_cannot_tell_is_said_and_not_guessed(events: list[Event], unknown: str) -> None:
    """The acknowledgement is no receipt; a stamp that is missing, suspect or before the first gives no length."""
    found = answer(*events)

    assert found is not None
    assert (found.waited, found.unknown) == (None, unknown)


def test_a_wait_within_the_grain_of_its_last_stamp_is_none() -> None:
    """Written in whole seconds, the answer may seem to be before the question."""
    found = answer(event(KIND.PENDING_NEW, 0.5), event(KIND.NEW, 0, digits=0))

    assert found == Answer(asked=KIND.PENDING_NEW, waited=Nanos(0), grain=MILLI)


@pytest.mark.parametrize(("acked", "waited"), [(7, "1 s"), (4, "4 s")])
def test_an_order_from_before_the_open_counts_from_the_open(acked: float, waited: str) -> None:
    """But one that was acknowledged before the open counts from its receipt."""
    found = answer(event(KIND.PENDING_NEW, 0), event(KIND.NEW, acked), opening=lambda *_: seconds(6))

    assert found is not None
    assert found.waited == length(waited)


def test_a_stop_is_acknowledged_long_before_it_works() -> None:
    """It counts from its receipt."""
    told = {"order_type": OrderType.STOP}

    found = answer(event(KIND.PENDING_NEW, 0, **told), event(KIND.NEW, 1, **told))

    assert found is not None
    assert found.waited == length("1 s")


@pytest.mark.parametrize("between", [KIND.NEW, KIND.REPLACED, KIND.SUSPENDED])
def test_only_the_first_answer_counts(between: OrderEventKind) -> None:
    """A second acknowledgement says nothing of how long the order waited."""
    found = answer(event(KIND.PENDING_NEW, 0), event(between, 1), event(KIND.NEW, 9, "again"))

    assert found is None


def test_a_restatement_answers_nothing() -> None:
    """The order is as pending as before."""
    ledger = a_watch()

    play(ledger, event(KIND.PENDING_NEW, 0), event(KIND.RESTATED, 1))

    assert ledger.deadline() == NOON + LIMIT


def test_a_cancel_waits_from_pending_cancel_and_tells_what_was_executed_meanwhile() -> None:
    """Shares from before the request are not its own."""
    found = answer(
        event(KIND.NEW, 0),
        an_execution("E1", filled="300", transacted_at=seconds(1)),
        event(KIND.PENDING_CANCEL, 2),
        an_execution("E2", filled="200", transacted_at=seconds(3)),
        event(KIND.CANCELED, 4),
    )

    assert found == Answer(asked=KIND.PENDING_CANCEL, waited=length("2 s"), grain=MILLI, executed=shares("200"))


def test_a_cancel_of_the_vendor_s_own_answers_nothing() -> None:
    """Nobody had asked for it."""
    assert answer(event(KIND.NEW, 0), event(KIND.CANCELED, 4)) is None


def test_a_refused_cancel_is_an_answer_and_changes_nothing() -> None:
    """The order is found by its OrderID, whatever its level, and lives on."""
    ledger = a_watch()
    told = {"order_id": "O1", "level": "parent"}
    refusal = event(KIND.CANCEL_REJECTED, 3)

    done = play(ledger, event(KIND.NEW, 0, **told), event(KIND.PENDING_CANCEL, 1, **told), refusal)

    changed = the(Changed, done[-1])
    assert changed.answer == Answer(asked=KIND.PENDING_CANCEL, waited=length("2 s"), grain=MILLI)
    assert (changed.after, changed.before.end) == (changed.before, None)


def test_a_refused_replace_is_no_answer_to_a_cancel() -> None:
    """It ends the replace alone; a cancel goes on waiting."""
    ledger = a_watch()
    asked = [event(KIND.PENDING_REPLACE, 1), event(KIND.PENDING_CANCEL, 2)]

    done = play(ledger, event(KIND.NEW, 0), *asked, event(KIND.REPLACE_REJECTED, 3))

    assert the(Changed, done[-1]).answer is None
    assert ledger.deadline() == seconds(2) + LIMIT


def test_a_refusal_of_an_unknown_order_makes_no_order() -> None:
    """There is nothing that it could be said of."""
    ledger = a_watch()

    done = play(ledger, event(KIND.CANCEL_REJECTED, 3))

    assert [type(step) for step in done[0]] == [Unplaced]
    assert list(ledger.book("demo").lives()) == []


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ([event(KIND.PENDING_NEW, 0)], KIND.PENDING_NEW),
        ([event(KIND.NEW, 0), event(KIND.PENDING_REPLACE, 0)], KIND.PENDING_REPLACE),
        ([event(KIND.NEW, 0), event(KIND.PENDING_CANCEL, 0), event(KIND.PENDING_CANCEL, 3)], KIND.PENDING_CANCEL),
    ],
)
def test_what_stays_pending_is_told_once_when_its_time_is_up(asked: list[Event], kind: OrderEventKind) -> None:
    """The ledger announces when; a second word that it is pending gives no more time."""
    ledger = a_watch()
    play(ledger, *asked)

    assert ledger.deadline() == NOON + LIMIT
    assert ledger.tick(Nanos(NOON + LIMIT - 1)) == ()
    told = the(Unanswered, ledger.tick(Nanos(NOON + LIMIT)))

    assert (told.asked, told.at, told.order.order_key) == (kind, NOON + LIMIT, "O1")
    assert (ledger.tick(seconds(60)), ledger.deadline()) == ((), None)


def test_the_answer_that_comes_late_is_told_too() -> None:
    """It ends the condition, and is measured all the same; the second time it is no news."""
    ledger = a_watch()
    play(ledger, event(KIND.PENDING_NEW, 0))
    ledger.tick(seconds(6))

    steps = ledger.apply(event(KIND.NEW, 8), where(clock=seconds(8)))

    late, changed = the(Answered, steps), the(Changed, steps)
    assert (late.asked, late.late) == (KIND.PENDING_NEW, True)
    assert changed.answer is not None
    assert changed.answer.waited == length("8 s")


def test_an_execution_answers_the_order() -> None:
    """In time it says nothing more; late it says so."""
    prompt, late = a_watch(), a_watch()
    for ledger in (prompt, late):
        play(ledger, event(KIND.PENDING_NEW, 0))
    late.tick(seconds(6))
    fill = an_execution(transacted_at=seconds(7))

    in_time, after = (ledger.apply(fill, where(clock=seconds(7))) for ledger in (prompt, late))

    assert [type(step) for step in in_time if isinstance(step, Answered)] == []
    assert the(Answered, after).asked is KIND.PENDING_NEW
    assert prompt.deadline() is None


def test_a_fill_that_hides_a_cancel_answers_it() -> None:
    """150=4 with shares: the event inside is an answer as any other."""
    hidden = an_execution("E1", order_event=KIND.CANCELED, transacted_at=seconds(3))

    found = answer(event(KIND.NEW, 0), event(KIND.PENDING_CANCEL, 1), hidden)

    assert found is not None
    assert (found.asked, found.waited, found.executed) == (KIND.PENDING_CANCEL, length("2 s"), shares("100"))


@pytest.mark.parametrize(
    "after",
    [
        [event(KIND.NEW, 0), event(KIND.PENDING_NEW, 1)],
        [an_execution("E0", transacted_at=seconds(0)), event(KIND.PENDING_NEW, 1)],
        [event(KIND.REJECTED, 0), event(KIND.PENDING_CANCEL, 1)],
    ],
)
def test_what_was_answered_before_is_not_pending(after: list[Event]) -> None:
    """Copies come out of order: an order that was taken, executed or ended asks for nothing."""
    ledger = a_watch()

    play(ledger, *after)

    assert ledger.deadline() is None


def test_an_order_that_ended_waits_for_nothing() -> None:
    """A cancel that was overtaken by the last fill is not blamed on the vendor, and is forgotten with its day."""
    ledger = a_watch()
    play(ledger, event(KIND.NEW, 0), event(KIND.PENDING_CANCEL, 1))
    ledger.tick(seconds(7))
    play(ledger, an_execution(filled="1000", transacted_at=seconds(8)))
    other = a_watch()
    play(other, event(KIND.NEW, 0), event(KIND.PENDING_CANCEL, 1))
    play(other, an_execution(filled="1000", transacted_at=seconds(2)))

    assert other.tick(seconds(60)) == ()
    ledger.forget("2026-11-21")
    assert ledger.book("demo").overdue == {}


def test_what_is_asked_before_the_open_may_wait_until_after_it() -> None:
    """Nobody trades before."""
    ledger = a_watch(opening=lambda *_: seconds(3600))

    play(ledger, event(KIND.PENDING_NEW, 0))

    assert ledger.deadline() == seconds(3600) + LIMIT


def test_a_restart_forgets_no_question() -> None:
    """Neither one that waits nor one that was told."""
    ledger = a_watch()
    play(ledger, event(KIND.PENDING_NEW, 0, order_key="O1"))
    ledger.tick(seconds(6))
    play(ledger, event(KIND.PENDING_NEW, 7, order_key="O2"))
    again = a_watch()

    again.restore(msgspec.json.decode(msgspec.json.encode(ledger.snapshot()), type=LedgerState))

    assert again.deadline() == ledger.deadline() == seconds(7) + LIMIT
    assert the(Answered, again.apply(event(KIND.NEW, 8, order_key="O1"), where(clock=seconds(8)))).late
    assert the(Unanswered, again.tick(seconds(12))).order.order_key == "O2"
