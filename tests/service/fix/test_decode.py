"""Bytes → Decoded: every point of domain.md §4.2 beside the precedence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import ExemptReason, Level, OrderType, Side, TimeInForce
from service.fix.decode import decode, segment_of
from service.fix.dialect import Dialect, parse_dialect
from service.fix.events import Admin, Bust, Correction, Decoded, Execution, OrderEvent, Status, Undecodable
from service.fix.habits import HEADER_AND_TRAILER, SequenceHabits, one_of
from service.fix.message import Message, split
from service.fix.report import content_hash
from tests.factories_messages import SOH, execution_report, fix_message, framed
from tests.prove_decode import run

PLAIN = "begin_string: FIX.4.4"
SESSION_DAY = "2013-10-04"
NOON_ISH = 1381156200_125_000_000


def read(body: bytes, dialect: str = PLAIN) -> Decoded:
    """Decode with a dialect's text."""
    return decode(body, parse_dialect(dialect), SESSION_DAY)


def execution(dialect: str = PLAIN, *, more: str = "", **by_tag: Any) -> Execution:
    """Decode a trade that must be one."""
    decoded = read(execution_report(more=more, **by_tag), dialect)
    assert isinstance(decoded, Execution), decoded
    return decoded


def event(dialect: str = PLAIN, **by_tag: Any) -> OrderEvent:
    """Decode an order event (a cancel, if nothing else is said) that must be one."""
    decoded = read(execution_report(**{"_150": "4", "_32": None, "_31": None} | by_tag), dialect)
    assert isinstance(decoded, OrderEvent), decoded
    return decoded


def undecodable(dialect: str = PLAIN, *, more: str = "", **by_tag: Any) -> Undecodable:
    """Decode a trade that must be unreadable."""
    decoded = read(execution_report(more=more, **by_tag), dialect)
    assert isinstance(decoded, Undecodable), decoded
    return decoded


@pytest.mark.parametrize(
    ("by_tag", "route"),
    [
        ({"_9001": "D"}, "direct"),
        ({"_9001": "X"}, "X"),
        ({"_9001": "D", "_1": "CTRL-1"}, "direct"),
        ({"_1": "CTRL-1"}, "control"),
        ({"_1": "ACC-7"}, None),
        ({"_1": None}, None),
    ],
)
def test_the_way_an_order_was_sent_is_told_by_a_code_or_by_its_account(
    by_tag: dict[str, Any], route: str | None
) -> None:
    """So that a control group can be compared: the tag comes first, a code without a name is kept."""
    dialect = f"{PLAIN}\nroute: {{from: [9001], codes: {{D: direct}}, accounts: {{CTRL-1: control}}}}"

    assert execution(dialect, **by_tag).terms.route == route


def test_a_trade_is_read_whole() -> None:
    """Ids, terms, stamps, venue and claims of a plain execution."""
    fill = execution(_41="C-0", _526="P-1", _528="A", _851="1", _12="0.35", _58="hello", _109="CLIENT", _18="1")

    assert (fill.quantity, fill.price) == (100_000_000, 181_950_000_000)
    assert (fill.venue, fill.book, fill.venue_raw) == ("XNYS", "XNYS", "XNYS")
    assert (fill.ids.order_key, fill.ids.order_id, fill.ids.cl_ord_id) == ("O-1", "O-1", "C-1")
    assert (fill.ids.previous_key, fill.ids.parent_id) == ("C-0", "P-1")
    assert (fill.terms.account, fill.terms.client, fill.terms.desk) == ("ACC-7", "CLIENT", None)
    assert (fill.terms.symbol, fill.terms.side) == ("IBM", Side.BUY)
    assert (fill.terms.order_type, fill.terms.limit_price) == (OrderType.LIMIT, 181_960_000_000)
    assert (fill.terms.time_in_force, fill.terms.quantity) == (TimeInForce.DAY, 100_000_000)
    assert (fill.terms.held, fill.terms.capacity, fill.terms.level) == (False, "A", Level.CHILD)
    assert (fill.stamps.transacted_at, fill.stamps.transacted_digits) == (NOON_ISH, 3)
    assert (fill.header.sequence, fill.header.sent_at) == (2, NOON_ISH + 125_000_000)
    assert (fill.trade_date, fill.exec_id, fill.dedup_key) == ("2013-10-07", "E-1", "2013-10-07|E-1")
    assert (fill.claimed_cumulative, fill.claimed_leaves) == (100_000_000, 0)
    assert (fill.liquidity, fill.fees, fill.text, fill.auction) == ("added", "0.35", "hello", False)
    assert fill.order_event is None
    assert not fill.by_customer


# --- amendments ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["E-0", "-489178", " 10430", "0"])
def test_a_bust_names_the_execution_as_it_is_written(reference: str) -> None:
    """Negative ids and blanks around them are real."""
    bust = read(execution_report(_150="H", _19=reference, _17="-489178"))

    assert isinstance(bust, Bust)
    assert bust.refers_to == reference.strip()
    assert bust.exec_id == "-489178"


def test_an_amendment_claims_nothing_of_the_order() -> None:
    """14, 151, 6 and 39 of a bust or correction are ignored, even when they are nonsense."""
    bust = read(execution_report(_150="H", _19="E-0", _14="x", _151="y", _6="z", _39="?"))
    correction = read(execution_report(_20="2", _19="E-0", _14="x", _151="y", _32=50, _31="181.90"))

    assert isinstance(bust, Bust)
    assert isinstance(correction, Correction)
    assert (bust.claimed_cumulative, bust.claimed_leaves) == (None, None)
    assert (correction.quantity, correction.price, correction.venue) == (50_000_000, 181_900_000_000, "XNYS")


@pytest.mark.parametrize(
    ("by_tag", "reason"),
    [
        ({"_32": "0"}, "LastQty (32) is '0': a correction needs shares"),
        ({"_32": None}, "LastQty (32) is absent: a correction needs shares"),
        ({"_31": None}, "LastPx (31) is absent: a trade needs a price"),
        ({"_17": None}, "ExecID (17) is absent: a copy could not be told from the original"),
    ],
)
def test_a_correction_must_say_what_is_right(by_tag: dict[str, Any], reason: str) -> None:
    """Else it is quarantined with the reason."""
    assert undecodable(_150="G", _19="E-0", **by_tag).reason == reason


# --- wrong values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by_tag", "tag", "reason"),
    [
        ({"_31": "1O.5"}, 31, "LastPx (31) is '1O.5': not a decimal number"),
        ({"_31": "1.0000000001"}, 31, "LastPx (31) is '1.0000000001': finer than 1e-9"),
        ({"_31": ""}, 31, "LastPx (31) is empty: a trade needs a price"),
        ({"_31": "0"}, 31, "LastPx (31) is '0': only a package or a leg trades at zero or below"),
        ({"_31": "-3"}, 31, "LastPx (31) is '-3': only a package or a leg trades at zero or below"),
        ({"_32": "0.0000001"}, 32, "LastQty (32) is '0.0000001': finer than 1e-6"),
        ({"_32": "abc"}, 32, "LastQty (32) is 'abc': not a decimal number"),
        ({"_38": "-1"}, 38, "OrderQty (38) is '-1': negative"),
        ({"_44": "1,5"}, 44, "Price (44) is '1,5': not a decimal number"),
        ({"_14": "1e3"}, 14, "CumQty (14) is '1e3': not a decimal number"),
        ({"_54": "8"}, 54, "Side (54) is '8': neither a buy nor a sell"),
        ({"_54": None}, 54, "Side (54) is absent: a trade needs it"),
        ({"_55": ""}, 55, "Symbol (55) is empty: a trade needs it"),
        ({"_60": "noon"}, 60, "TransactTime (60) is 'noon': not a time of the form YYYYMMDD-HH:MM:SS.sss"),
        ({"_75": "2013-10-07"}, 75, "TradeDate (75) is '2013-10-07': not a date of the form YYYYMMDD"),
        ({"_37": None, "_11": None}, 37, "OrderID (37) is absent and nothing else names the order"),
        ({"_17": ""}, 17, "ExecID (17) is empty: a copy could not be told from the original"),
    ],
)
def test_a_wrong_value_is_named_with_its_tag(by_tag: dict[str, Any], tag: int, reason: str) -> None:
    """The reason holds tag, value and what was wrong."""
    wrong = undecodable(**by_tag)

    assert (wrong.tag, wrong.reason) == (tag, reason)
    assert wrong.header.sequence == 2


def test_every_wrong_value_is_told_at_once() -> None:
    """The vendor gets one list, not one complaint a day."""
    reason = undecodable(_31="x", _38="y").reason

    assert reason == "OrderQty (38) is 'y': not a decimal number; LastPx (31) is 'x': not a decimal number"


@pytest.mark.parametrize("by_tag", [{"_58": ""}, {"_39": "H"}, {"_39": "G"}, {"_122": "20131007-14:30:00", "_43": "N"}])
def test_harmless_oddities_do_not_matter(by_tag: dict[str, Any]) -> None:
    """Empty texts, unknown states and a stray 122 are seen every day."""
    assert execution(**by_tag).quantity == 100_000_000


def test_a_tag_that_decides_something_must_not_contradict_itself() -> None:
    """Two prices cannot both be right; the same one twice can."""
    wrong = undecodable(more="31=9.99|32=7")
    fine = execution(more="31=181.95|9999=a|9999=b")

    assert (wrong.tag, wrong.reason) == (31, "tag 31 is given twice with different values")
    assert fine.price == 181_950_000_000


def test_a_price_below_zero_is_lawful_for_a_package() -> None:
    """A spread may be bought for less than nothing."""
    fill = execution(_442="3", _31="-0.35", _54="B")

    assert (fill.price, fill.terms.level, fill.terms.side) == (-350_000_000, Level.PACKAGE, Side.BUY)


# --- ids ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("placeholder", ["-1", "NONE", "0", ""])
def test_a_placeholder_is_no_order_id(placeholder: str) -> None:
    """`37=-1` is seen in the wild; the order is then named by the next place."""
    ids = event(_150="8", _37=placeholder).ids

    assert (ids.order_key, ids.order_id, ids.cl_ord_id) == ("C-1", None, "C-1")


def test_the_dialect_says_which_tags_are_the_ids() -> None:
    """11 may be the id of the drop message and 109 the client's."""
    fill = execution(
        PLAIN + "\nids: {order: [198], client_order: [109], parent: [party 38, 9526]}",
        _198="SOR-9",
        _109="MINE",
        _9526="P-7",
    )

    assert (fill.ids.order_key, fill.ids.cl_ord_id, fill.ids.parent_id) == ("SOR-9", "MINE", "P-7")


def test_an_order_that_a_party_must_name_says_so_when_it_is_absent() -> None:
    """A place need not be a tag, and the reason still names it."""
    wrong = undecodable(PLAIN + "\nids: {order: [party 38]}")

    assert (wrong.tag, wrong.reason) == (None, "tag party 38 is absent and nothing else names the order")


def test_a_replace_names_the_order_before() -> None:
    """OrigClOrdID (41) is what chains are made of."""
    replaced = event(_150="5", _11="C-2", _41="C-1")

    assert (replaced.ids.cl_ord_id, replaced.ids.previous_key) == ("C-2", "C-1")


# --- keys and content ---------------------------------------------------------------------------------------------


def test_a_resent_copy_has_the_same_key_and_content() -> None:
    """Header and trailer differ, nothing else does."""
    first = execution()
    again = execution(_34="77", _43="Y", _97="Y", _122="20131007-14:30:00.250", _52="20131007-14:31:00.000")

    assert (again.dedup_key, again.content_hash) == (first.dedup_key, first.content_hash)
    assert (again.header.poss_dup, again.header.poss_resend) == (True, True)


def test_other_content_has_another_hash() -> None:
    """Same key and other content is a conflict that somebody must see."""
    assert execution(_31="181.94").content_hash != execution().content_hash


def test_volatile_tags_do_not_count_as_content() -> None:
    """The dialect names what differs between copies."""
    dialect = PLAIN + "\ndedup: {volatile: [9001]}"

    assert execution(dialect, _9001="a").content_hash == execution(dialect, _9001="b").content_hash
    assert execution(_9001="a").content_hash != execution(_9001="b").content_hash


def test_a_header_field_out_of_place_is_still_no_content() -> None:
    """Some engines put 97 behind the body."""
    assert execution(more="97=Y").content_hash == execution().content_hash


def test_a_message_of_nothing_but_header_has_a_hash_too() -> None:
    """There is no body to begin."""
    message = split(fix_message(_35="0", _34=7))
    assert isinstance(message, Message)

    assert len(content_hash(message, HEADER_AND_TRAILER)) == 16


@pytest.mark.parametrize("stamp", [{"_60": "20131007-16:00:00.001"}, {"more": "768=1|769=20131007-16:00:00.001|770=1"}])
def test_the_stamps_of_a_report_are_the_second_half_of_its_hash(stamp: dict[str, str]) -> None:
    """Two sessions may each stamp their copy; whether that is a conflict is the ledger's to say."""
    plain, stamped = execution().content_hash, execution(**stamp).content_hash

    assert stamped[:8] == plain[:8]
    assert stamped[8:] != plain[8:]


def test_a_custom_tag_that_begins_like_a_stamp_is_content() -> None:
    """7691 is no 769, wherever it sorts."""
    group = "768=1|769=20131007-16:00:00.001|770=1"
    plain, more = execution(more=group).content_hash, execution(more=f"{group}|7691=A").content_hash

    assert more[:8] != plain[:8]
    assert more[8:] == plain[8:]


def test_the_dialect_may_lengthen_the_key() -> None:
    """Both sides of a self-cross may share an ExecID."""
    dialect = PLAIN + "\ndedup: {extra: [54, 1300]}"

    assert execution(dialect).dedup_key == "2013-10-07|E-1|1|"
    assert execution(dialect, _54="2").dedup_key == "2013-10-07|E-1|2|"


@pytest.mark.parametrize("exec_id", ["0", None, ""])
def test_an_order_event_without_a_telling_exec_id_has_no_key(exec_id: str | None) -> None:
    """Keying on 0 would make one event of many."""
    assert event(_17=exec_id).dedup_key is None


# --- dates and clocks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by_tag", "day"),
    [
        ({"_75": "20131003"}, "2013-10-03"),
        ({"_75": None}, "2013-10-07"),
        ({"_75": "", "_60": "20131008-02:00:00"}, "2013-10-07"),
        ({"_75": None, "_60": None}, SESSION_DAY),
    ],
)
def test_the_trade_date_comes_from_75_then_60_in_new_york_then_the_session(by_tag: dict[str, Any], day: str) -> None:
    """Never from when it was received."""
    assert execution(**by_tag).trade_date == day


def test_the_dialect_may_refuse_60_for_the_trade_date() -> None:
    """Overnight sessions stamp the evening before."""
    assert execution(PLAIN + "\ntrade_date: [75, session]", _75=None).trade_date == SESSION_DAY


@pytest.mark.parametrize(
    ("transacted", "digits"),
    [
        ("20131007-14:30:00", 0),
        ("20131007-14:30:00.125", 3),
        ("20131007-14:30:00.125000", 6),
        ("20131007-14:30:00.125000001", 9),
        ("20131007-14:30:00.125000000001", 12),
    ],
)
def test_the_precision_of_the_stamp_is_kept(transacted: str, digits: int) -> None:
    """How exact 60 is decides what may be measured with it."""
    stamps = execution(_60=transacted).stamps

    assert (stamps.transacted_digits, stamps.suspect) == (digits, None)


def test_local_times_are_read_on_the_vendor_s_clock() -> None:
    """The dialect says in which zone 60 is."""
    dialect = PLAIN + "\nclocks: {transaction: America/New_York}"

    assert execution(dialect, _60="20131007-10:30:00.125").stamps.transacted_at == NOON_ISH


def test_regulatory_stamps_are_used_by_type() -> None:
    """Execution, time in and time out, to the nanosecond; other types are left alone."""
    stamps = execution(
        more="768=4|769=20131007-14:30:00.100000001|770=2|769=20131007-14:30:00.120000001|770=1|771=X"
        "|769=20131007-14:30:00.110000001|770=3|769=20131007-14:00:00|770=34"
    ).stamps

    assert stamps.time_in == NOON_ISH - 25_000_000 + 1
    assert stamps.executed == NOON_ISH - 5_000_000 + 1
    assert stamps.time_out == NOON_ISH - 15_000_000 + 1
    assert stamps.suspect is None


def test_a_type_that_comes_twice_with_other_times_is_not_used() -> None:
    """There is no telling which one is meant."""
    stamps = execution(more="768=2|769=20131007-14:30:00.100|770=2|769=20131007-14:30:00.120|770=2").stamps

    assert stamps.time_in is None


@pytest.mark.parametrize(
    ("by_tag", "more", "suspect"),
    [
        ({"_60": "20131007-14:30:00.300"}, "", "TransactTime (60) is 50000000 ns after SendingTime (52)"),
        ({"_52": None}, "", "SendingTime (52) is absent"),
        ({"_52": "today"}, "", "SendingTime (52) is 'today': not a time of the form YYYYMMDD-HH:MM:SS.sss"),
        (
            {},
            "768=1|769=x|770=2",
            "TrdRegTimestamp (769) is 'x': not a time of the form YYYYMMDD-HH:MM:SS.sss",
        ),
        (
            {},
            "768=1|769=20131007-14:30:00.126|770=2",
            "the order's time in is 1000000 ns after its execution",
        ),
    ],
)
def test_a_stamp_that_cannot_be_believed_is_named(by_tag: dict[str, Any], more: str, suspect: str) -> None:
    """The message stays readable; its latencies do not."""
    assert execution(more=more, **by_tag).stamps.suspect == suspect


def test_a_coarse_sending_time_is_not_before_a_fine_transaction() -> None:
    """Within one second, a stamp without fractions says nothing about the order of the two."""
    assert execution(_52="20131007-14:30:00").stamps.suspect is None


def test_a_message_without_a_time_is_still_a_trade() -> None:
    """60 can be absent."""
    stamps = execution(_60=None).stamps

    assert (stamps.transacted_at, stamps.suspect) == (None, None)


# --- terms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "side"),
    [("1", Side.BUY), ("2", Side.SELL), ("5", Side.SELL_SHORT), ("6", Side.SELL_SHORT_EXEMPT), ("3", Side.BUY)],
)
def test_the_side_is_read(code: str, side: Side) -> None:
    """Side (54)."""
    assert execution(_54=code).terms.side is side


@pytest.mark.parametrize(
    ("instructions", "default", "held"),
    [
        ("5", "unknown", True),
        ("1", "unknown", False),
        ("G 1", "unknown", False),
        (None, "unknown", None),
        (None, "not_held", False),
        (None, "held", True),
        ("G", "held", True),
        ("1 5", "unknown", None),
        ("15", "unknown", None),
    ],
)
def test_held_comes_from_the_instructions_else_from_the_dialect(
    instructions: str | None, default: str, *, held: bool | None
) -> None:
    """ExecInst (18) 5 is held, 1 is not held; anything else leaves it to the default."""
    assert execution(f"{PLAIN}\nheld: {{default: {default}}}", _18=instructions).terms.held is held


@pytest.mark.parametrize(
    ("by_tag", "capacity"), [({"_528": "P", "_47": "A"}, "P"), ({"_47": "A"}, "A"), ({"_29": "1"}, None)]
)
def test_capacity_is_528_else_47_and_never_29(by_tag: dict[str, Any], capacity: str | None) -> None:
    """29 is the last market's capacity, another field."""
    assert execution(**by_tag).terms.capacity == capacity


@pytest.mark.parametrize(
    ("code", "order_type"),
    [("1", OrderType.MARKET), ("3", OrderType.STOP), ("P", OrderType.PEGGED), ("5", OrderType.OTHER), (None, None)],
)
def test_the_order_type_is_read(code: str | None, order_type: OrderType | None) -> None:
    """OrdType (40)."""
    assert execution(_40=code).terms.order_type is order_type


@pytest.mark.parametrize(("code", "tif"), [("3", TimeInForce.IOC), ("9", TimeInForce.OTHER), (None, None)])
def test_the_time_in_force_is_read(code: str | None, tif: TimeInForce | None) -> None:
    """TimeInForce (59); silence stays silence."""
    assert execution(_59=code).terms.time_in_force is tif


def test_a_price_of_zero_is_no_limit() -> None:
    """Market orders are often copied with 44=0."""
    terms = execution(_40="1", _44="0", _99="0.00").terms

    assert (terms.limit_price, terms.stop_price) == (None, None)


@pytest.mark.parametrize(
    ("by_tag", "symbol"),
    [({"_55": "BRK", "_65": "B"}, "BRK.B"), ({"_55": "IBM", "_65": ""}, "IBM"), ({"_55": "IBM"}, "IBM")],
)
def test_the_suffix_belongs_to_the_symbol(by_tag: dict[str, Any], symbol: str) -> None:
    """55 with 65."""
    assert execution(**by_tag).terms.symbol == symbol


LEVELS = PLAIN + "\nlevel: {with_parent: child, without_parent: parent}"


@pytest.mark.parametrize(
    ("by_tag", "level"),
    [
        ({}, Level.PARENT),
        ({"_526": "P-1"}, Level.CHILD),
        ({"_442": "1", "_526": "P-1"}, Level.CHILD),
        ({"_442": "2", "_526": "P-1"}, Level.LEG),
        ({"_442": "3"}, Level.PACKAGE),
    ],
)
def test_the_level_comes_from_442_else_from_the_parent_id(by_tag: dict[str, Any], level: Level) -> None:
    """The dialect tells parents from children."""
    assert execution(LEVELS, **by_tag).terms.level is level


def test_parties_say_account_desk_and_client() -> None:
    """By role, with sub ids in between; a role that is told twice differently says nothing."""
    terms = execution(
        PLAIN,
        more="453=4|448=ACC-9|447=D|452=24|802=1|523=x|803=4|448=DESK-1|452=76|448=A|452=3|448=B|452=3|58=end",
        _1=None,
    ).terms

    assert (terms.account, terms.desk, terms.client) == ("ACC-9", "DESK-1", None)


def test_a_customer_directed_order_is_marked() -> None:
    """Its venue is the customer's choice."""
    dialect = PLAIN + "\ndirected: {9303: [Y]}"

    assert execution(dialect, _9303="Y").terms.directed
    assert not execution(dialect).terms.directed


# --- venue, liquidity, auction, exemptions ------------------------------------------------------------------------


def test_a_facility_takes_the_venue_from_the_contra_group() -> None:
    """375 in the 382 group is the market maker."""
    fill = execution(_30="FINN", more="382=1|375=CDED|337=x|437=100")

    assert (fill.venue, fill.venue_raw) == ("CDED", "FINN CDED")


def test_several_contra_brokers_are_no_venue() -> None:
    """Shares of two firms cannot be booked on one."""
    fill = execution(_30="FINN", more="382=2|375=CDED|437=50|375=JNST|437=50")

    assert (fill.venue, fill.venue_raw) == ("venue_unknown", "FINN")


def test_an_order_event_has_a_venue_only_where_it_says_so() -> None:
    """LastMkt (30) on a cancel tells whose fill rate it is."""
    assert event().venue == "XNYS"
    assert event(_30=None, _100="XNYS").venue is None


@pytest.mark.parametrize(
    ("by_tag", "liquidity", "auction"),
    [
        ({"_851": "1"}, "added", False),
        ({"_851": "2"}, "removed", False),
        ({"_851": "3"}, "routed_out", False),
        ({"_851": "4"}, "auction", True),
        ({"_851": "77"}, "77", False),
        ({"_1057": "Y"}, "removed", False),
        ({}, None, False),
    ],
)
def test_liquidity_and_auction_prints_are_told(by_tag: dict[str, Any], liquidity: str | None, *, auction: bool) -> None:
    """851, else who was the aggressor; a code that nobody explained is kept as it is."""
    fill = execution(**by_tag)

    assert (fill.liquidity, fill.auction) == (liquidity, auction)


@pytest.mark.parametrize(
    ("by_tag", "reason"),
    [
        ({"_18": "f"}, ExemptReason.SWEEP),
        ({"_18": "1 f"}, ExemptReason.SWEEP),
        ({"_277": "Z"}, ExemptReason.SWEEP),
        ({"_18": "W"}, ExemptReason.BENCHMARK),
        ({"_277": "B"}, ExemptReason.AVERAGE_PRICE),
        ({"_828": "51"}, ExemptReason.AVERAGE_PRICE),
        ({"_549": "6"}, ExemptReason.CONTINGENT),
        ({"_39": "7"}, ExemptReason.STOPPED),
        ({"_277": "N"}, ExemptReason.STOPPED),
        ({"_851": "4"}, ExemptReason.AUCTION),
        ({"_277": "E"}, ExemptReason.AUCTION),
        ({"_63": "1"}, ExemptReason.NON_REGULAR_SETTLEMENT),
        ({"_63": "8"}, ExemptReason.NON_REGULAR_SETTLEMENT),
        ({"_442": "2"}, ExemptReason.MULTILEG_LEG),
        ({"_442": "2", "_18": "f"}, ExemptReason.SWEEP),
        ({"_63": "0"}, None),
        ({"_63": "2"}, None),
        ({"_18": "5"}, None),
    ],
)
def test_lawful_reasons_to_be_outside_the_quote_are_told(by_tag: dict[str, Any], reason: ExemptReason | None) -> None:
    """By the standard's own values; of several the first in the order of the reasons."""
    assert execution(**by_tag).terms.exempt is reason


def test_a_leg_by_the_dialect_s_own_tag_is_exempt_too() -> None:
    """However a vendor marks its legs."""
    dialect = PLAIN + "\nlevel: {tag: 9442, codes: {L: leg}}"

    assert execution(dialect, _9442="L").terms.exempt is ExemptReason.MULTILEG_LEG


# --- whose cancel -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by_tag", "by_customer"),
    [
        ({"_41": "C-0"}, True),
        ({"_41": "C-0", "_378": "6"}, False),
        ({}, False),
        ({"_58": "USER"}, True),
        ({"_150": "C", "_41": "C-0"}, False),
    ],
)
def test_a_cancel_is_the_customer_s_when_it_answers_a_request(by_tag: dict[str, Any], *, by_customer: bool) -> None:
    """41 names the order that was asked to be canceled; 378 says that nobody asked; the dialect may know a text."""
    dialect = PLAIN + "\ncustomer_cancel: {always: {58: [USER]}}"

    assert event(dialect, **by_tag).by_customer is by_customer


def test_the_dialect_may_not_believe_the_previous_id() -> None:
    """Some vendors copy 41 into every cancel."""
    assert not event(PLAIN + "\ncustomer_cancel: {with_previous_id: false}", _41="C-0").by_customer


# --- other messages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["0", "1", "2", "3", "5", "A"])
def test_session_messages_are_admin(kind: str) -> None:
    """They move the sequence, nothing else; a text is kept."""
    admin = read(fix_message(_35=kind, _34=7, _52="20131007-14:30:00", _58="so", _36=9))

    assert isinstance(admin, Admin)
    assert (admin.header.msg_type, admin.header.sequence, admin.text) == (kind, 7, "so")
    assert (admin.new_sequence, admin.gap_fill) == (None, False)


@pytest.mark.parametrize(
    ("by_tag", "new", "fill"), [({"_36": 9, "_123": "Y"}, 9, True), ({"_36": 9}, 9, False), ({"_36": "x"}, None, False)]
)
def test_a_sequence_reset_says_where_to_go_on(by_tag: dict[str, Any], new: int | None, *, fill: bool) -> None:
    """36 and 123 of 35=4."""
    admin = read(fix_message(_35="4", _34=7, **by_tag))

    assert isinstance(admin, Admin)
    assert (admin.new_sequence, admin.gap_fill) == (new, fill)


@pytest.mark.parametrize(
    ("by_tag", "reason"),
    [
        ({"_35": "B", "_148": "recovery complete"}, "News (35=B): recovery complete"),
        ({"_35": "j", "_58": "unsupported"}, "BusinessMessageReject (35=j): unsupported"),
        ({"_35": "9"}, "OrderCancelReject (35=9)"),
        ({"_35": "U1"}, "message (35=U1)"),
    ],
)
def test_other_messages_are_a_status_that_says_what_it_is(by_tag: dict[str, Any], reason: str) -> None:
    """News and rejects change no order."""
    status = read(fix_message(**by_tag))

    assert isinstance(status, Status)
    assert status.reason == reason


def test_trades_in_another_form_are_not_called_a_status() -> None:
    """A trade capture report holds shares that would otherwise vanish."""
    wrong = read(fix_message(_35="AE", _571="T-1"))

    assert isinstance(wrong, Undecodable)
    assert wrong.tag == 35
    assert "TradeCaptureReport" in wrong.reason


@pytest.mark.parametrize("kind", [None, ""])
def test_a_message_of_no_type_is_undecodable(kind: str | None) -> None:
    """MsgType (35) decides everything."""
    wrong = read(fix_message(_35=kind, _34=3))

    assert isinstance(wrong, Undecodable)
    assert (wrong.tag, wrong.reason, wrong.header.sequence) == (35, "MsgType (35) is absent", 3)


def test_a_garbled_message_has_no_sequence_number() -> None:
    """FIX says to ignore it, so it must not close a gap."""
    wrong = read(execution_report().replace(b"31=181.95", b"31=191.95"))

    assert isinstance(wrong, Undecodable)
    assert wrong.tag == 10
    assert wrong.header.sequence is None


# --- anything -----------------------------------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_any_bytes_decode_to_something(body: bytes) -> None:
    """Nothing raises, whatever comes."""
    assert isinstance(read(body), Undecodable)


TAGS = st.sampled_from(
    sorted(one_of("1 11 14 17 18 19 20 30 31 32 34 37 38 41 52 54 55 60 75 150 375 382 442 448 452 453 768 769 770"))
)
VALUES = st.one_of(
    st.text(max_size=12), st.sampled_from(["0", "1", "F", "8", "H", "4", "100", "1.5", "20131007-14:30:00"])
)


@given(st.lists(st.tuples(TAGS, VALUES), max_size=40))
def test_any_fields_decode_to_something(fields: list[tuple[str, str]]) -> None:
    """A frame that holds, with anything in it."""
    inner = "".join(f"{tag}={value}{SOH}" for tag, value in [("35", "8"), *fields])

    assert isinstance(read(framed(inner)), Decoded)


def test_mutated_messages_are_all_accounted_for(seed: int) -> None:
    """The long proof at its smallest size; `make prove` runs it over 100,000."""
    table = run(seed, 2_000)

    assert "2,000 messages" in table


def test_a_segment_and_its_number_are_read_where_the_dialect_counts_them() -> None:
    """MsgSeqNum by segment, or another number beside it; the session's own messages have no segment."""
    beside = parse_dialect("begin_string: FIX.4.4\nsequence: {number: 1181, scope: [1180]}")
    by_segment = parse_dialect("begin_string: FIX.4.4\nsequence: {scope: [1180]}")

    def header(dialect: Dialect, **tags: Any) -> tuple[str | None, int | None, bool]:
        found = decode(fix_message(**tags, _34=7), dialect, "2026-11-24").header
        return found.scope, found.number, found.only_apart

    assert header(beside, _35="B", _1180="A", _1181=3) == ("A", 3, False)
    assert header(beside, _35="B", _1180="A") == (None, None, False)
    assert header(beside, _35="0", _1181=3) == (None, None, False)
    assert header(by_segment, _35="B", _1180="A") == ("A", None, True)
    assert header(by_segment, _35="B") == (None, None, False)


def test_what_is_no_message_or_bears_no_number_belongs_to_no_segment() -> None:
    """Its number stands in the message; nothing is guessed."""
    habits = SequenceHabits(scope=("1180",), number="1181")
    numbers = [("LIT", "7"), ("LIT", None), (None, "7")]

    found = [segment_of(fix_message(_35="8", _34=2, _1180=part, _1181=number), habits) for part, number in numbers]

    assert found == [("LIT", 7), None, ("", 7)]
    assert segment_of(b"8=FIX", habits) is None
    assert segment_of(fix_message(_35="8", _34=2, _1180="LIT"), SequenceHabits(scope=("1180",))) == ("LIT", 2)
