"""The hand-over between two threads: order, waking, waiting for the commit, and holding the engine back."""

from __future__ import annotations

import threading

from service.fix.inbox import Inbox, Item
from service.journal import RecordKind


def an_item(body: str) -> Item:
    """Return a tapped message."""
    return Item(RecordKind.MESSAGE, "S", "E", 1, body)


def test_items_leave_in_the_order_in_which_they_came() -> None:
    """At most as many as were asked for."""
    inbox = Inbox()
    for number in range(5):
        inbox.put(an_item(str(number)))

    taken = [inbox.take(2), inbox.take(9), inbox.take(1)]

    assert [[item.body for item in items] for items in taken] == [["0", "1"], ["2", "3", "4"], []]
    assert inbox.tapped == 5


def test_a_sleeping_pump_is_woken_by_the_first_item() -> None:
    """It does not sleep its whole time."""
    inbox = Inbox()
    woken = threading.Event()

    def sleep() -> None:
        inbox.wait(30)
        woken.set()

    thread = threading.Thread(target=sleep)
    thread.start()
    while not inbox._idle:
        pass
    inbox.put(an_item("first"))

    assert woken.wait(10)
    thread.join(10)


def test_waiting_for_the_commit_ends_with_the_acknowledgement_of_all_that_was_tapped() -> None:
    """An acknowledgement of an earlier batch is not enough."""
    inbox = Inbox(on_receipt=True, wait_s=0.05)
    inbox.put(an_item("1"))
    inbox.take(1)
    inbox.sent(1)
    inbox.put(an_item("2"))
    inbox.take(1)
    inbox.sent(2)
    inbox.acknowledge(1)

    early = inbox.wait_for_commit()
    inbox.acknowledge(2)

    assert not early
    assert inbox.wait_for_commit()


def test_a_wait_for_the_commit_is_bounded_and_counted() -> None:
    """A journal that stands still does not hold the engine's thread for ever."""
    inbox = Inbox(on_receipt=True, wait_s=0.01)
    inbox.put(an_item("1"))

    inbox.hold_back()

    assert inbox.overdue == 1


def test_a_full_inbox_holds_the_engine_until_the_pump_has_taken_all() -> None:
    """So TCP slows the counterparty down instead of memory filling up."""
    inbox = Inbox(wait_s=30, room=2)
    for number in range(2):
        inbox.put(an_item(str(number)))
    thread = threading.Thread(target=inbox.hold_back)
    thread.start()
    inbox.take(2)
    thread.join(10)

    assert not thread.is_alive()


def test_the_first_failure_is_the_one_that_is_told() -> None:
    """What followed from it is not the reason."""
    inbox = Inbox()
    inbox.fail("first")
    inbox.fail("second")

    assert inbox.failure == "first"
