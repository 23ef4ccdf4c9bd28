"""Facts out of the ledger's steps: whose stamp counts, how precise it is, and which cannot be believed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.facts import SECOND, ExemptReason, Fill, Level, Nanos, OrderEventKind, Side
from service.facts_made import Making, amendment, changed_fact, corrected_fact, executed_at, fill_fact
from service.fix.events import Execution, Header
from service.market.enrich import SOURCE_IS_DEAD
from service.market.hours import Hours
from service.orders.steps import Busted, Changed, Corrected, Traded
from service.processed import Decision
from tests.factories import NOON, a_quote, price, shares
from tests.factories_orders import a_bust, a_correction, a_ledger, an_execution, an_order_event, seconds, the, where

MAKING = Making(where(), Decision(at_execution=a_quote()), Hours())


def a_traded(event: Execution | None = None, **named: Any) -> Traded:
    """Return the step of one execution applied to an empty ledger."""
    return the(Traded, a_ledger().apply(event or an_execution(**named), where()))


def filled(**stamps: Any) -> Fill:
    """Return the fill of an execution of an order received at noon, with these stamps."""
    ledger = a_ledger()
    ledger.apply(an_order_event(transacted_at=NOON), where())
    event = an_execution()
    event = msgspec.structs.replace(event, stamps=msgspec.structs.replace(event.stamps, **stamps))
    return fill_fact(the(Traded, ledger.apply(event, where())), MAKING)


def test_the_precision_is_that_of_the_stamp_that_was_used() -> None:
    """A regulatory stamp in microseconds beside a 60 in whole seconds."""
    by_60 = filled(transacted_at=seconds(1), transacted_digits=3)
    by_769 = filled(transacted_at=seconds(1), transacted_digits=0, executed=seconds(2), executed_digits=6)

    assert (by_60.executed_at, by_60.executed_at_digits) == (seconds(1), 3)
    assert (by_769.executed_at, by_769.executed_at_digits) == (seconds(2), 6)


def test_a_coarse_stamp_before_the_order_is_not_suspect_as_far_as_it_can_tell() -> None:
    """12:00:00 may be 12:00:00.999."""
    order_at = Nanos(NOON + 500_000_000)
    step = a_traded()
    step = msgspec.structs.replace(step, order=msgspec.structs.replace(step.order, working_at=order_at))

    coarse = fill_fact(with_digits(step, 0), MAKING)
    fine = fill_fact(with_digits(step, 12), MAKING)

    assert coarse.clock_suspect is None
    assert fine.clock_suspect == "executed 500000000 ns before the order could be executed"
    assert fine.measures.time_to_fill is None


def with_digits(step: Traded, digits: int) -> Traded:
    """Return the step with its 60 written to so many digits."""
    stamps = msgspec.structs.replace(step.event.stamps, transacted_digits=digits)
    return msgspec.structs.replace(step, event=msgspec.structs.replace(step.event, stamps=stamps))


def test_an_execution_without_any_stamp_is_timed_by_its_sending_or_by_us_and_is_suspect() -> None:
    """It is never left out, and its latency is never a number."""
    event = an_execution(transacted_at=None)
    sent = msgspec.structs.replace(event, header=Header(msg_type="8", sent_at=seconds(3)))

    fill = fill_fact(a_traded(sent), MAKING)

    assert fill.clock_suspect == "TransactTime (60) is missing"
    assert executed_at(sent, NOON) == seconds(3)
    assert executed_at(event, NOON) == NOON


def test_what_the_decoder_suspects_is_kept() -> None:
    """Its words say which stamp."""
    assert filled(suspect="52 is nonsense").clock_suspect == "52 is nonsense"


@pytest.mark.parametrize(
    ("at", "digits"),
    [(NOON, 0), (NOON + 1_000_000, 3), (NOON + 1_000, 6), (NOON + 1, 9)],
)
def test_a_corrected_fill_keeps_the_original_instant_with_the_fewest_digits_that_write_it(at: int, digits: int) -> None:
    """The ledger keeps the instant only."""
    step = a_corrected(transacted_at=Nanos(at))

    fill = corrected_fact(step, MAKING)

    assert (fill.executed_at, fill.executed_at_digits) == (at, digits)
    assert (fill.quantity, fill.amends) == (shares("60"), step.execution_id)
    assert fill.execution_id == f"{step.execution_id}/C1"


def a_corrected(correction: dict[str, Any] | None = None, **named: Any) -> Corrected:
    """Return the step of a correction of one execution."""
    ledger = a_ledger()
    ledger.apply(an_execution(**named), where())
    return the(Corrected, ledger.apply(a_correction(**(correction or {})), where(offset=2)))


def test_a_correction_of_an_execution_without_a_stamp_is_timed_by_the_clock() -> None:
    """And a correction without an ExecID of its own is named by its key."""
    step = a_corrected({"exec_id": None}, transacted_at=None)

    fill = corrected_fact(step, MAKING)

    assert fill.executed_at == NOON
    assert fill.execution_id == f"{step.execution_id}/{step.key}"


def test_an_amendment_says_what_became_of_the_execution() -> None:
    """A correction carries the new values and measures, a bust none."""
    ledger = a_ledger()
    ledger.apply(an_execution(), where())
    step = the(Corrected, ledger.apply(a_correction(at_price="10.02"), where(offset=2)))

    corrected, fill = amendment(step, MAKING)
    busted, nothing = amendment(the(Busted, ledger.apply(a_bust("C1"), where(offset=3))), MAKING)

    assert (corrected.kind, corrected.price, corrected.quantity) == ("correction", price("10.02"), shares("60"))
    assert fill is not None
    assert corrected.measures == fill.measures
    assert (busted.kind, busted.quantity, busted.measures, nothing) == ("bust", None, None, None)


def test_an_order_event_and_a_hidden_one_are_the_same_fact() -> None:
    """150=4 with a fill: the event that hid it is told by the execution."""
    plain = the(Changed, a_ledger().apply(an_order_event(), where()))
    hidden = the(Changed, a_ledger().apply(an_execution(order_event=OrderEventKind.CANCELED), where()))

    kinds = [changed_fact(step, MAKING).kind for step in (plain, hidden)]

    assert kinds == [OrderEventKind.NEW, OrderEventKind.CANCELED]


def test_an_event_without_60_is_timed_by_52_or_by_our_clock() -> None:
    """Never by nothing."""
    step = the(Changed, a_ledger().apply(an_order_event(transacted_at=None), where()))

    assert changed_fact(step, MAKING).at == NOON


def test_a_trade_without_a_side_is_an_error_never_silently_a_buy() -> None:
    """Decoding refuses it; were one to come, the core says so."""
    step = a_traded(side=None)

    with pytest.raises(ValueError, match="without a Side"):
        fill_fact(step, MAKING)


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({}, None),
        ({"exempt": ExemptReason.SWEEP, "auction": True}, ExemptReason.SWEEP),
        ({"auction": True}, ExemptReason.AUCTION),
        ({"level": Level.LEG}, ExemptReason.MULTILEG_LEG),
    ],
)
def test_why_an_execution_may_be_outside_the_quote(named: dict[str, Any], reason: ExemptReason | None) -> None:
    """What the message says comes first, then the auction, then the leg of a package."""
    event = an_execution()
    terms = msgspec.structs.replace(event.terms, **{key: named[key] for key in ("exempt", "level") if key in named})
    event = msgspec.structs.replace(event, terms=terms, auction=named.get("auction", False))

    assert fill_fact(a_traded(event), MAKING).exempt_reason is reason


def test_the_far_side_of_the_second_before_is_the_offer_of_a_buy_and_the_bid_of_a_sell() -> None:
    """With it the measures tell a race from a worse price, for the execution and for its correction."""
    asked = Decision(at_execution=a_quote(), lowest_bid=price("9.90"), highest_offer=price("10.10"))
    making = Making(where(), asked, Hours())

    bought = fill_fact(a_traded(side=Side.BUY, at_price="10.10"), making)
    sold = fill_fact(a_traded(side=Side.SELL, at_price="9.89"), making)
    corrected = corrected_fact(a_corrected({"at_price": "10.05"}), making)

    assert (bought.worst_touch, bought.measures.possible_flicker) == (price("10.10"), True)
    assert (sold.worst_touch, sold.measures.possible_flicker) == (price("9.90"), False)
    assert corrected.measures.possible_flicker is True


def test_a_quote_that_nobody_asked_for_is_absent() -> None:
    """A correction of an execution that memory does not time."""
    fill = fill_fact(a_traded(), Making(where(), Decision(), Hours()))

    assert fill.at_execution.note == "not asked for"


@pytest.mark.parametrize(
    ("decision", "behind"),
    [
        (Decision(at_execution=a_quote(), mark=seconds(-2)), 2 * SECOND),
        (Decision(at_execution=a_quote(), mark=seconds(2)), 0),
        (Decision(at_execution=a_quote()), None),
        (Decision(mark=seconds(-2)), None),
        (Decision(at_execution=a_quote(state="stale", note=SOURCE_IS_DEAD), mark=seconds(-2)), None),
    ],
)
def test_how_far_the_quotes_lay_behind_is_told_by_the_decision(decision: Decision, behind: int | None) -> None:
    """None where no source was asked, where none has ever spoken, and where it is dead."""
    fill = fill_fact(a_traded(transacted_at=NOON), Making(where(), decision, Hours()))

    assert fill.quotes_behind == behind
