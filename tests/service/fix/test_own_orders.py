"""The firm's own orders, decoded: 35=D, G and F of a copy that an OMS sends."""

from __future__ import annotations

from typing import Any

import pytest

from rules.facts import Level, OrderType, Side, TimeInForce
from service.fix.decode import decode
from service.fix.dialect import Dialect, parse_dialect
from service.fix.events import Admin, Decoded, OwnOrder, OwnOrderKind, Status, Undecodable
from service.fix.habits import OwnOrderHabits
from tests.factories import price, shares
from tests.factories_messages import SOH, fix_message, framed
from tests.factories_road import at

OWN = "begin_string: FIX.4.4\nrole: own_orders\nown_orders: {vendor: broker}\n"
ROUTED = """
begin_string: FIX.4.4
role: own_orders
own_orders: {sent_to: [128, 57], codes: {A: broker, X: none}, level: parent}
"""
ORDER: dict[str, Any] = {
    "_35": "D",
    "_34": 3,
    "_49": "OMS",
    "_52": "20131007-14:30:02.000",
    "_56": "WATCH",
    "_11": "C1",
    "_1": "ACC-9",
    "_55": "IBM",
    "_54": "5",
    "_38": 300,
    "_40": "2",
    "_44": "181.96",
    "_59": "1",
    "_18": "1",
    "_47": "A",
    "_109": "CLIENT",
    "_58": "hello",
    "_60": "20131007-14:30:01.000",
}


def read(text: str = OWN, **by_tag: Any) -> Decoded:
    """Return what the message of an OMS is."""
    return decode(fix_message(**(ORDER | by_tag)), parse_dialect(text), "2013-10-08")


def an_own_order(text: str = OWN, **by_tag: Any) -> OwnOrder:
    """Return the own order that the message is."""
    own = read(text, **by_tag)
    assert isinstance(own, OwnOrder)
    return own


def test_an_order_says_whose_it_is_and_what_it_asks_for() -> None:
    """Account, client, instructions, terms, and when the firm had it: 60."""
    own = an_own_order()

    assert (own.kind, own.vendor, own.ids.order_key, own.ids.previous_key) == (OwnOrderKind.NEW, "broker", "C1", None)
    terms = own.terms
    assert (terms.account, terms.client, terms.held, terms.capacity) == ("ACC-9", "CLIENT", False, "A")
    assert (terms.symbol, terms.side, terms.quantity) == ("IBM", Side.SELL_SHORT, shares("300"))
    assert (terms.order_type, terms.limit_price) == (OrderType.LIMIT, price("181.96"))
    assert terms.time_in_force is TimeInForce.GTC
    assert (own.sent_at, own.trade_date, own.text) == (at(1), "2013-10-07", "hello")
    assert own.dedup_key == "2013-10-07|D|C1|"


def test_without_60_the_firm_had_it_when_it_sent_the_copy() -> None:
    """And the day is the session's."""
    own = an_own_order(_60=None)

    assert (own.sent_at, own.trade_date) == (at(2), "2013-10-08")


@pytest.mark.parametrize(("msg_type", "kind"), [("G", OwnOrderKind.REPLACE), ("F", OwnOrderKind.CANCEL)])
def test_a_request_names_the_order_that_it_is_about(msg_type: str, kind: OwnOrderKind) -> None:
    """By 41; nothing else of it is needed."""
    own = an_own_order(_35=msg_type, _41="C0", _54=None, _55=None)

    assert (own.kind, own.ids.order_key, own.ids.previous_key) == (kind, "C1", "C0")
    assert own.dedup_key == f"2013-10-07|{msg_type}|C1|C0"


def test_a_resend_is_the_same_order() -> None:
    """What a copy may change is not its content."""
    again = an_own_order(_34=9, _43="Y", _52="20131007-14:31:00.000", _122="20131007-14:30:02.000")

    assert again.content_hash == an_own_order().content_hash
    assert an_own_order(_38=400).content_hash != again.content_hash


@pytest.mark.parametrize(
    ("by_tag", "words"),
    [
        ({"_11": None}, "ClOrdID (11) is absent: nothing names the order"),
        ({"_35": "F", "_41": None}, "OrigClOrdID (41) is absent: nothing names the order that it is about"),
        ({"_55": None}, "Symbol (55) is absent: an order needs it"),
        ({"_54": ""}, "Side (54) is empty: an order needs it"),
        ({"_38": "many"}, "OrderQty (38) is 'many'"),
    ],
)
def test_what_an_order_lacks_is_said(by_tag: dict[str, Any], words: str) -> None:
    """It is undecodable, counted and seen."""
    found = read(**by_tag)

    assert isinstance(found, Undecodable)
    assert words in found.reason


def test_the_destination_says_which_vendor_is_meant() -> None:
    """By codes, at the level that the dialect names; what nobody watches is a status."""
    assert an_own_order(ROUTED, _128="A").vendor == "broker"
    assert an_own_order(ROUTED, _57="A").terms.level is Level.PARENT
    status = read(ROUTED, _57="X")
    assert isinstance(status, Status)
    assert status.reason == "own order to a destination that is not watched"


def test_an_order_to_nobody_known_is_undecodable() -> None:
    """Nothing is guessed."""
    unknown, silent = read(ROUTED, _57="Z"), read(ROUTED)

    assert isinstance(unknown, Undecodable)
    assert "own_orders.codes names no counterparty for it" in unknown.reason
    assert isinstance(silent, Undecodable)
    assert "nothing says to whom the order was sent" in silent.reason


def test_without_any_place_the_routing_tag_is_complained_of() -> None:
    """A dialect made by hand may leave out the places."""
    plain = parse_dialect(OWN)
    nowhere = Dialect(begin_string="FIX.4.4", role=plain.role, own_orders=OwnOrderHabits(sent_to=()))

    found = decode(fix_message(**ORDER), nowhere, "2013-10-08")

    assert isinstance(found, Undecodable)
    assert found.tag == 128


def test_an_execution_report_on_the_firm_s_copy_is_not_believed() -> None:
    """The vendor's own copy is; other messages are what they always are."""
    report = read(_35="8", _17="E1", _150="F", _37="O1", _32=100, _31="181.95")

    assert isinstance(report, Status)
    assert "the vendor's own copy is believed" in report.reason
    assert isinstance(read(_35="0"), Admin)
    assert isinstance(read(_35="9"), Status)


def test_an_order_message_on_a_vendor_s_session_is_a_status() -> None:
    """Only a copy of own orders is read for them."""
    found = decode(fix_message(**ORDER), parse_dialect("begin_string: FIX.4.4\n"), "2013-10-08")

    assert isinstance(found, Status)


def test_a_tag_that_contradicts_itself_is_undecodable() -> None:
    """As in any other message."""
    fields = [f"{tag[1:]}={value}" for tag, value in ORDER.items()]
    twice = framed("".join(f"{field}{SOH}" for field in [*fields, "11=C2"]))

    found = decode(twice, parse_dialect(OWN), "2013-10-08")

    assert isinstance(found, Undecodable)
