"""What came from a file is compared with what came by the line by its meaning, in whichever order they come."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import OrderEventKind, Side
from service.fix.events import Bust, Correction, Execution, OrderEvent
from service.orders.again import NOT_COMPARED, OTHER_STAMPS, content, from_a_file
from service.orders.ledger import Ledger
from service.orders.snapshot import KnownExecution
from service.orders.steps import Busted, Conflict, Duplicate, Step, Traded
from tests.factories import TRADE_DATE, price, shares
from tests.factories_orders import a_bust, a_correction, a_ledger, an_execution, an_order_event, the, where

Event = Execution | OrderEvent | Bust | Correction


def after(*events: Event) -> Ledger:
    """Return a ledger to which these came."""
    ledger = a_ledger()
    for offset, event in enumerate(events, start=1):
        ledger.apply(event, where(offset=offset))
    return ledger


def last(*events: Event) -> Step:
    """Return what the last of these events was."""
    *before, event = events
    return after(*before).apply(event, where(offset=99))[0]


def test_the_bytes_of_the_line_in_a_file_are_a_plain_duplicate() -> None:
    """A log holds what was sent."""
    assert last(an_execution(), from_a_file(an_execution())) == Duplicate(key=f"{TRADE_DATE}|E1")
    assert last(from_a_file(an_execution()), an_execution()) == Duplicate(key=f"{TRADE_DATE}|E1")


def test_a_row_that_says_less_is_a_duplicate_in_either_order() -> None:
    """A CSV without account and venue must not conflict with the live copy."""
    live, row = an_execution(account="A7"), from_a_file(an_execution(venue="venue_unknown"))

    assert last(live, row) == last(row, live) == Duplicate(key=f"{TRADE_DATE}|E1")


@pytest.mark.parametrize("changed", [{"filled": "200"}, {"at_price": "9.99"}, {"symbol": "MSFT"}, {"side": Side.SELL}])
def test_a_row_that_says_something_else_is_a_conflict(changed: dict[str, object]) -> None:
    """Shares, price, symbol and side are what a trade is."""
    assert isinstance(last(an_execution(), from_a_file(an_execution(**changed))), Conflict)
    assert isinstance(last(from_a_file(an_execution()), an_execution(**changed)), Conflict)


def test_two_live_copies_with_other_content_conflict_as_ever() -> None:
    """Only files are given the benefit of their poverty."""
    assert isinstance(last(an_execution(), an_execution(account="A7")), Conflict)


def test_an_amended_trade_is_compared_as_it_was_reported() -> None:
    """The file holds the report, not what became of it."""
    row = from_a_file(an_execution(venue="venue_unknown"))

    assert last(an_execution(), a_correction(filled="60"), row) == Duplicate(key=f"{TRADE_DATE}|E1")
    assert last(an_execution(), a_bust(), row) == Duplicate(key=f"{TRADE_DATE}|E1")


def test_a_bust_or_correction_from_a_file_is_compared_with_the_link_that_it_was() -> None:
    """By what it names and what it makes of it."""
    bust, correction = a_bust(symbol=None), a_correction(symbol=None)

    assert last(an_execution(), a_bust(), from_a_file(bust)) == Duplicate(key=f"{TRADE_DATE}|B1")
    assert last(an_execution(), a_correction(), from_a_file(correction)) == Duplicate(key=f"{TRADE_DATE}|C1")
    other = from_a_file(a_correction(filled="70"))
    assert isinstance(last(an_execution(), a_correction(), other), Conflict)


def test_what_memory_has_only_a_hash_of_is_a_duplicate_that_says_so() -> None:
    """An order event's key came before: there is nothing to compare with."""
    event = from_a_file(an_order_event(OrderEventKind.NEW, account="A7"))
    held = from_a_file(a_bust("E9", symbol=None))

    assert last(an_order_event(), event) == Duplicate(key=f"{TRADE_DATE}|N1", note=NOT_COMPARED)
    assert last(a_bust("E9"), held) == Duplicate(key=f"{TRADE_DATE}|B1", note=NOT_COMPARED)


def test_a_trade_under_the_key_of_something_else_is_a_conflict_both_ways() -> None:
    """It would otherwise be lost without a word."""
    assert isinstance(last(an_order_event(exec_id="E1"), from_a_file(an_execution())), Conflict)
    assert isinstance(last(an_execution(), from_a_file(an_order_event(exec_id="E1"))), Conflict)


def test_a_report_without_a_key_is_known_by_its_content_from_a_file_too() -> None:
    """The mark of the file is no part of it."""
    live, row = an_order_event(exec_id=None), from_a_file(an_order_event(exec_id=None))

    assert isinstance(last(live, row), Duplicate)
    assert content(row.content_hash) == live.content_hash


def test_a_trade_of_a_day_in_the_store_alone_is_asked_for_before_it_is_compared() -> None:
    """Its hash differs and one side came from a file; as it was reported, not as it was amended, is what counts."""
    day, key = "2026-11-19", "2026-11-19|E1"
    live = an_execution(trade_date=day)
    row = from_a_file(an_execution(trade_date=day, venue="venue_unknown"))
    ledger = a_ledger()
    before = ledger.missing_execution("demo", row)
    ledger.load_keys("demo", day, {key: live.content_hash})

    asked = ledger.missing_execution("demo", row)
    ledger.load_execution("demo", a_known(day, live))
    step = ledger.apply(row, where())[0]

    assert (before, asked, ledger.missing_execution("demo", live)) == (None, "E1", None)
    assert step == Duplicate(key=key)
    busted = the(Busted, ledger.apply(a_bust(), where()))
    assert (busted.was_quantity, busted.live) == (shares("60"), False)


def a_known(day: str, live: Execution) -> KnownExecution:
    """Return the trade as a store knows it, corrected to 60 shares since."""
    return KnownExecution(
        trade_date=day,
        key=f"{day}|E1",
        exec_id="E1",
        content_hash=live.content_hash,
        order=the(Traded, a_ledger().apply(live, where())).order,
        session="FIX.4.4:FIRM->SOR",
        quantity=shares("60"),
        price=price("10.00"),
        venue="XNYS",
        executed_at=None,
        by_venue=(("XNYS", shares("60")),),
        notional=0,
        reported=(live.quantity, live.price),
    )


@pytest.mark.parametrize(("second", "told"), [("SPARE", OTHER_STAMPS), ("SOR", None)])
def test_a_second_session_may_stamp_its_copy_itself(second: str, told: str | None) -> None:
    """The content hash has the stamps in its second half; one session alone that changes them changes the content."""
    ledger = a_ledger()
    ledger.apply(a_hashed(b"contents" + b"stamped1"), where(offset=1, session="SOR"))

    step = ledger.apply(a_hashed(b"contents" + b"stamped2"), where(offset=2, session=second))[0]

    assert isinstance(step, Duplicate if told else Conflict)
    assert getattr(step, "note", None) == told


def test_a_second_session_with_other_content_conflicts() -> None:
    """Only stamps may differ."""
    ledger = a_ledger()
    ledger.apply(a_hashed(b"contents" + b"stamped1"), where(offset=1, session="SOR"))

    step = ledger.apply(a_hashed(b"changed!" + b"stamped1"), where(offset=2, session="SPARE"))[0]

    assert isinstance(step, Conflict)


def test_that_a_counterparty_has_two_sessions_is_known_after_a_restart() -> None:
    """A copy that comes after the restart is judged like one before it."""
    ledger, again = a_ledger(), a_ledger()
    ledger.apply(a_hashed(b"contents" + b"stamped1"), where(offset=1, session="SOR"))
    ledger.apply(an_execution(exec_id="E2"), where(offset=2, session="SPARE"))
    again.restore(ledger.snapshot())

    step = again.apply(a_hashed(b"contents" + b"stamped2"), where(offset=3, session="SOR"))[0]

    assert step == Duplicate(key=f"{TRADE_DATE}|E1", note=OTHER_STAMPS)


def a_hashed(content_hash: bytes) -> Execution:
    """Return an execution whose message had this content hash."""
    return msgspec.structs.replace(an_execution(), content_hash=content_hash)
