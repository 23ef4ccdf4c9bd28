"""What an execution report is: the precedence list of domain.md §4.2, line by line."""

from __future__ import annotations

from typing import Any

import pytest

from rules.facts import OrderEventKind
from service.fix.decode import decode
from service.fix.dialect import parse_dialect
from service.fix.events import Bust, Correction, Decoded, Execution, OrderEvent, Status, Undecodable
from tests.factories_messages import execution_report

PLAIN = "begin_string: FIX.4.4"


def decoded(dialect: str = PLAIN, **by_tag: Any) -> Decoded:
    """Decode a trade that is changed by tag."""
    return decode(execution_report(**by_tag), parse_dialect(dialect), "2013-10-04")


@pytest.mark.parametrize(
    ("by_tag", "kind"),
    [
        ({"_20": "3"}, Status),
        ({"_150": "I"}, Status),
        ({"_150": "I", "_20": "1", "_19": "E-0"}, Status),
        ({"_20": "3", "_17": "0"}, Status),
        ({"_20": "1", "_19": "E-0"}, Bust),
        ({"_150": "H", "_19": "E-0"}, Bust),
        ({"_20": "1", "_19": "E-0", "_31": None, "_32": None}, Bust),
        ({"_20": "2", "_19": "E-0"}, Correction),
        ({"_150": "G", "_19": "E-0"}, Correction),
        ({"_20": "1"}, Undecodable),
        ({"_20": "2"}, Undecodable),
        ({"_20": "9"}, Undecodable),
        ({"_150": "G"}, Undecodable),
        ({"_150": "H"}, Undecodable),
        ({"_150": "1"}, Execution),
        ({"_150": "2"}, Execution),
        ({"_150": "F"}, Execution),
        ({"_20": "0", "_150": "2"}, Execution),
        ({"_20": "", "_150": "F"}, Execution),
        ({"_150": "F", "_32": "0"}, Undecodable),
        ({"_150": "F", "_32": None}, Undecodable),
        ({"_150": "2", "_32": "-5"}, Undecodable),
        ({"_150": None}, Undecodable),
        ({"_150": ""}, Undecodable),
        ({"_150": "M"}, Undecodable),
        ({"_150": "ZZ"}, Undecodable),
    ],
)
def test_the_first_line_that_matches_wins(by_tag: dict[str, Any], kind: type[Decoded]) -> None:
    """Status, bust, correction, ambiguous amendment, trade, event, and always an otherwise."""
    assert type(decoded(**by_tag)) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("0", OrderEventKind.NEW),
        ("3", OrderEventKind.DONE_FOR_DAY),
        ("4", OrderEventKind.CANCELED),
        ("5", OrderEventKind.REPLACED),
        ("6", OrderEventKind.PENDING_CANCEL),
        ("7", OrderEventKind.STOPPED),
        ("8", OrderEventKind.REJECTED),
        ("9", OrderEventKind.SUSPENDED),
        ("A", OrderEventKind.PENDING_NEW),
        ("B", OrderEventKind.CALCULATED),
        ("C", OrderEventKind.EXPIRED),
        ("D", OrderEventKind.RESTATED),
        ("E", OrderEventKind.PENDING_REPLACE),
        ("J", OrderEventKind.CLEARING_HOLD),
        ("K", OrderEventKind.CLEARING_HOLD),
        ("L", OrderEventKind.TRIGGERED),
    ],
)
def test_every_event_of_the_standard_is_an_order_event(code: str, kind: OrderEventKind) -> None:
    """ExecType (150) in words."""
    event = decoded(_150=code, _32=None, _31=None)

    assert isinstance(event, OrderEvent)
    assert event.kind is kind


@pytest.mark.parametrize("code", ["3", "4", "5", "B", "C"])
def test_an_order_event_with_shares_hides_a_real_fill(code: str) -> None:
    """It is a trade and the event."""
    hidden = decoded(_150=code)

    assert isinstance(hidden, Execution)
    assert hidden.order_event is not None
    assert hidden.quantity == 100_000_000


@pytest.mark.parametrize("code", ["0", "8", "D", "6", "A"])
def test_other_events_repeat_the_last_shares_and_hide_nothing(code: str) -> None:
    """An acknowledgement with 32 is no trade."""
    assert isinstance(decoded(_150=code), OrderEvent)


def test_a_hidden_fill_without_a_price_cannot_be_read() -> None:
    """Neither the shares nor the cancel may vanish."""
    hidden = decoded(_150="4", _31=None)

    assert isinstance(hidden, Undecodable)
    assert hidden.reason == "LastPx (31) is absent: a trade needs a price"


@pytest.mark.parametrize(
    ("by_tag", "tag", "reason"),
    [
        ({"_20": "1"}, 19, "ExecRefID (19) is absent: ExecTransType (20) 1 must name an execution"),
        ({"_20": "2"}, 19, "ExecRefID (19) is absent: ExecTransType (20) 2 must name an execution"),
        ({"_20": "7"}, 20, "ExecTransType (20) is '7': expected 0, 1, 2 or 3"),
        ({"_150": "H"}, 19, "ExecRefID (19) is absent: 150=H must name an execution"),
        ({"_150": "F", "_32": "0"}, 32, "LastQty (32) is '0': ExecType (150) F is a trade and needs shares"),
        ({"_150": "1", "_32": ""}, 32, "LastQty (32) is absent: ExecType (150) 1 is a trade and needs shares"),
        ({"_150": None}, 150, "ExecType (150) is absent"),
        ({"_150": "Z"}, 150, "ExecType (150) is 'Z': not known"),
    ],
)
def test_the_reason_names_the_tag(by_tag: dict[str, Any], tag: int, reason: str) -> None:
    """In words, for the person who has to ask the vendor."""
    undecodable = decoded(**by_tag)

    assert isinstance(undecodable, Undecodable)
    assert (undecodable.tag, undecodable.reason) == (tag, reason)


def test_the_dialect_may_call_a_correction_without_reference_a_plain_fill() -> None:
    """Some vendors mark every fill with 20=2."""
    dialect = PLAIN + "\nsemantics: {plain_fill_with_trans_type_2: true}"

    assert isinstance(decoded(dialect, _20="2"), Execution)
    assert isinstance(decoded(dialect, _20="2", _19="E-0"), Correction)
    assert isinstance(decoded(dialect, _20="1"), Undecodable)


def test_the_dialect_may_do_without_exec_type() -> None:
    """Shares and a price are a trade then, else OrdStatus (39) tells the event."""
    dialect = PLAIN + "\nsemantics: {fill_without_exec_type: true}"

    trade = decoded(dialect, _150=None)
    event = decoded(dialect, _150=None, _32="0", _39="4")
    nothing = decoded(dialect, _150=None, _32="0", _39="2")
    priceless = decoded(dialect, _150=None, _31=None, _39="1")

    assert isinstance(trade, Execution)
    assert isinstance(event, OrderEvent)
    assert event.kind is OrderEventKind.CANCELED
    assert isinstance(nothing, Undecodable)
    assert nothing.reason == "ExecType (150) is absent, and OrdStatus (39) '2' is no event"
    assert isinstance(priceless, Undecodable)


def test_the_vendor_s_own_status_mark_counts() -> None:
    """A report that the vendor marks as a mere status changes nothing."""
    dialect = PLAIN + "\nstatus: {9999: [S]}"

    assert isinstance(decoded(dialect, _9999="S"), Status)
    assert isinstance(decoded(dialect, _9999="T"), Execution)
