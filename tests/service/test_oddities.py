"""Every real oddity of one message: what it becomes, and that it is accounted for by exactly one outcome."""

from __future__ import annotations

from typing import Any

import pytest

from rules.facts import ExemptReason, Level, Nanos, QuoteState
from service.fix.message import restated
from tests.factories_messages import execution_report
from tests.factories_road import a_message, a_report, a_trade, an_order, at, stamp
from tests.oddities import Story, shown, story

LIQUIDITY = "liquidity: {9730: {A: added, R: removed}, 9882: {T: removed, M: added}}"
CODES = "venue: {codes: {STX: XBOS, GS: GSX, CITD: MMKR}, local: [GSX, GSXD, MMKR], dark_segments: {GSXD: GSX}}"
TAPE = (
    *("A=XASE", "B=XBOS", "C=XCIS", "H=EPRL", "J=EDGA", "K=EDGX", "L=LTSE", "M=XCHI", "N=XNYS", "P=ARCX", "Q=XNAS"),
    *("T=XNAS", "U=MEMX", "V=IEXG", "X=XPSX", "Y=BATY", "Z=BATS"),
)
UNKNOWN = {"venue": "venue_unknown", "book": "venue_unknown"}


def one(dialect: str = "", *, more: str = "", **by_tag: Any) -> Story:
    """Send one trade of order O-1, changed by tag, down the road."""
    tags: dict[str, Any] = {"_34": 1, "_52": stamp(1.25), "_60": stamp(1)} | by_tag
    return story([a_message(execution_report(more=more, **tags), 1)], dialect)


# --- the wire -----------------------------------------------------------------------------------------------------


def test_an_empty_value_is_no_value() -> None:
    """`58=` and `1=` are real; what is empty is not known."""
    told = one(_58="", _1="", _528="")

    assert told.outcomes == ["execution"]
    assert shown(told.fills[0], order_account=1, order_capacity=1) == {"order_account": None, "order_capacity": None}


@pytest.mark.parametrize("exec_id", ["-489178", "0000", "E 1", "é", "9" * 60])
def test_an_exec_id_is_any_text(exec_id: str) -> None:
    """Negative numbers too; it is compared, never reckoned with."""
    assert [fill.exec_id for fill in one(_17=exec_id).fills] == [exec_id]


@pytest.mark.parametrize("status", ["H", "G", "", "Z"])
def test_an_order_status_that_fix_does_not_know_decides_nothing(status: str) -> None:
    """39=H and 39=G are real; ExecType (150) says what happened."""
    told = one(_39=status)

    assert (told.outcomes, told.orders) == (["execution"], {"O-1": (100, "filled")})


def test_an_original_sending_time_with_43_n_is_no_copy() -> None:
    """Some vendors write 122 always."""
    told = one(_43="N", _122=stamp(1.2))

    assert told.outcomes == ["execution"]
    assert not told.fills[0].resent


@pytest.mark.parametrize(
    ("more", "outcome", "reason"),
    [
        ("54=1|55=IBM", "execution", None),
        ("58=first|58=second", "execution", None),
        ("9001=a|9001=b", "execution", None),
        ("54=2", "undecodable", "tag 54 is given twice with different values"),
        ("31=181.96", "undecodable", "tag 31 is given twice with different values"),
        ("37=O-2", "undecodable", "tag 37 is given twice with different values"),
    ],
)
def test_a_tag_repeated_outside_a_group_may_not_contradict_itself(more: str, outcome: str, reason: str | None) -> None:
    """Where the two values decide something, there is no telling which is meant."""
    told = one(more=more)

    assert (told.outcomes, told.reasons) == ([outcome], [reason])


def test_fields_after_the_checksum_are_left_out() -> None:
    """They are covered by nothing, so they say nothing."""
    body = execution_report(_34=1, _52=stamp(1.25), _60=stamp(1)) + b"54=2\x0131=9\x01"

    told = story([a_message(body, 1)])

    assert told.outcomes == ["execution"]
    assert told.orders == {"O-1": (100, "filled")}


def test_a_message_whose_length_or_checksum_is_wrong_is_kept_and_said() -> None:
    """It has no number to believe either; put right, it is a trade."""
    body = execution_report(_34=1, _52=stamp(1.25), _60=stamp(1)).replace(b"31=181.95", b"31=181.96")

    told = story([a_message(body, 1), a_message(restated(body), 2)])

    assert told.outcomes == ["undecodable", "execution"]
    assert str(told.reasons[0]).startswith("CheckSum (10) is ")


# --- groups -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "by_tag", "venue"),
    [
        ("382=2|375=CITD|337=T1|437=60|375=VIRT|337=T2|437=40", {}, "XNYS"),
        ("382=1|375=CITD|337=T1|437=100", {"_30": "D"}, "MMKR"),
        ("382=2|375=CITD|337=T1|437=60|375=VIRT|337=T2|437=40", {"_30": "D"}, "venue_unknown"),
        ("382=2|375=CITD|337=T1|437=60|375=CITD|337=T2|437=40", {"_30": "D"}, "MMKR"),
    ],
)
def test_a_contra_group_says_who_traded_where_it_says_one(group: str, by_tag: dict[str, Any], venue: str) -> None:
    """Behind a facility the venue is the one contra firm; two of them are no venue."""
    told = one(CODES, more=group, **by_tag)

    assert told.outcomes == ["execution"]
    assert told.fills[0].venue == venue


@pytest.mark.parametrize(
    "group",
    [
        "453=3|448=ACC|447=D|452=24|448=WIDGET|447=D|452=3|448=DESK|452=76",
        "453=9|452=24|448=ACC|452=3|448=WIDGET|452=76|448=DESK",
        "453=3|448=ACC|452=24|802=1|523=SUB|803=4|448=WIDGET|452=3|448=DESK|452=76",
    ],
)
def test_a_party_group_is_read_by_its_roles(group: str) -> None:
    """With or without its sub-groups, its order and a right count."""
    told = one(more=group, _1=None)

    expected = {"order_account": "ACC", "order_client": "WIDGET", "order_desk": "DESK"}
    assert told.outcomes == ["execution"]
    assert shown(told.fills[0], **expected) == expected


# --- what it is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by_tag", "reason"),
    [
        ({"_20": "1"}, "ExecRefID (19) is absent: ExecTransType (20) 1 must name an execution"),
        ({"_20": "2"}, "ExecRefID (19) is absent: ExecTransType (20) 2 must name an execution"),
        ({"_20": "1", "_19": ""}, "ExecRefID (19) is absent: ExecTransType (20) 1 must name an execution"),
        ({"_150": "H"}, "ExecRefID (19) is absent: 150=H must name an execution"),
        ({"_150": "G"}, "ExecRefID (19) is absent: 150=G must name an execution"),
        ({"_150": None}, "ExecType (150) is absent"),
        ({"_150": "M"}, "ExecType (150) is 'M': not known"),
        ({"_37": "-1", "_11": None}, "OrderID (37) is '-1': no id, and nothing else names the order"),
        ({"_31": "-1.5"}, "LastPx (31) is '-1.5': only a package or a leg trades at zero or below"),
        ({"_32": "0.0000001"}, "LastQty (32) is '0.0000001': finer than 1e-6"),
    ],
)
def test_what_cannot_be_told_is_kept_with_its_reason_and_found(by_tag: dict[str, Any], reason: str) -> None:
    """It changes no order, and somebody must look at it."""
    told = one(**by_tag)

    assert (told.outcomes, told.reasons, told.orders) == (["undecodable"], [reason], {})
    assert "undecodable" in told.found


@pytest.mark.parametrize(
    ("dialect", "by_tag"),
    [
        ("semantics: {plain_fill_with_trans_type_2: true}", {"_20": "2"}),
        ("semantics: {fill_without_exec_type: true}", {"_150": None}),
        ("", {"_20": "0", "_150": "2"}),
        ("", {"_20": "0", "_150": "1"}),
        ("", {"_37": "-1", "_11": "O-1"}),
    ],
)
def test_the_vendor_s_own_way_to_say_a_fill_is_one(dialect: str, by_tag: dict[str, Any]) -> None:
    """20=2 without 19, no 150, 4.2's fills under a label of 4.4, 37=-1: by dialect where it must be."""
    told = one(dialect, **by_tag)

    assert (told.outcomes, told.orders) == (["execution"], {"O-1": (100, "filled")})


@pytest.mark.parametrize("by_tag", [{"_150": "I"}, {"_20": "3"}, {"_20": "3", "_150": "2"}])
def test_a_status_with_exec_id_0_is_never_a_duplicate(by_tag: dict[str, Any]) -> None:
    """It changes nothing and is keyed on nothing, as often as it comes."""
    told = story([a_report(number, number, _17="0", **by_tag) for number in (1, 2, 3)])

    assert (told.outcomes, told.orders) == (["status"] * 3, {})
    assert set(told.reasons) == {"status report: no change of state"}


def test_a_status_may_be_hours_old() -> None:
    """Its 60 tells when the order was last touched; no latency is made of it."""
    told = story([a_report(1, 9_000, _150="I", _60=stamp(1))])

    assert told.outcomes == ["status"]
    assert told.fills == []


@pytest.mark.parametrize("code", ["3", "4", "5", "B", "C"])
def test_an_order_event_that_hides_a_fill_is_both_and_is_found(code: str) -> None:
    """The shares count and the event is applied; nobody may overlook that it was hidden."""
    told = one(_150=code)

    assert (told.outcomes, told.orders) == (["execution"], {"O-1": (100, "filled")})
    assert "hidden_fill" in told.found


@pytest.mark.parametrize("multileg", ["2", "3"])
def test_a_price_below_zero_is_lawful_for_a_package_and_its_legs(multileg: str) -> None:
    """A spread may be bought for a credit."""
    told = one(_442=multileg, _31="-0.50")

    assert told.outcomes == ["execution"]
    assert told.fills[0].price == -500_000_000


# --- where it traded ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by_tag", "where"),
    [
        ({"_30": None, "_100": "XNYS", "_207": "XNYS"}, UNKNOWN | {"venue_raw": None}),
        ({"_30": "", "_100": "XNAS"}, UNKNOWN | {"venue_raw": None}),
        ({"_30": "STX"}, {"venue": "XBOS", "book": "XBOS", "venue_raw": "STX"}),
        ({"_30": "GS"}, {"venue": "GSX", "book": "GSX", "venue_raw": "GS"}),
        ({"_30": "NYSE"}, UNKNOWN | {"venue_raw": "NYSE"}),
        ({"_30": "IBM.N"}, UNKNOWN | {"venue_raw": "IBM.N"}),
        ({"_30": "BZXD"}, {"venue": "BZXD", "book": "BATS", "venue_raw": "BZXD"}),
        ({"_30": "NYSD"}, {"venue": "NYSD", "book": "XNYS", "venue_raw": "NYSD"}),
        ({"_30": "ARCD"}, {"venue": "ARCD", "book": "ARCX", "venue_raw": "ARCD"}),
        ({"_30": "NASD"}, {"venue": "NASD", "book": "XNAS", "venue_raw": "NASD"}),
        ({"_30": "EDGD"}, {"venue": "EDGD", "book": "EDGA", "venue_raw": "EDGD"}),
        ({"_30": "GSXD"}, {"venue": "GSXD", "book": "GSX", "venue_raw": "GSXD"}),
        ({"_30": "FINN", "_76": "CITD"}, {"venue": "MMKR", "book": "MMKR", "venue_raw": "FINN CITD"}),
        ({"_30": "D"}, UNKNOWN | {"venue_raw": "D"}),
    ],
)
def test_a_venue_comes_from_its_own_place_and_tables_alone(by_tag: dict[str, Any], where: dict[str, Any]) -> None:
    """Never from where it was asked to go or is listed; a code of nobody stays unknown with its text."""
    told = one(CODES, **by_tag)

    assert told.outcomes == ["execution"]
    assert shown(told.fills[0], **where) == where


@pytest.mark.parametrize("participant", TAPE)
def test_a_letter_of_the_consolidated_tape_is_its_participant(participant: str) -> None:
    """Every one of the tape's letters; D is a facility and no venue."""
    letter, _, mic = participant.partition("=")

    assert one(_30=letter).fills[0].venue == mic


# --- terms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "by_tag", "expected"),
    [
        (LIQUIDITY, {"_9730": "A"}, {"liquidity": "added"}),
        (LIQUIDITY, {"_9882": "T"}, {"liquidity": "removed"}),
        (LIQUIDITY, {"_9730": "q"}, {"liquidity": "q"}),
        ("", {"_9730": "A"}, {"liquidity": None}),
        ("", {"_851": "2", "_1057": "N"}, {"liquidity": "removed"}),
        ("", {"_1057": "N"}, {"liquidity": "added"}),
        ("", {"_851": "4"}, {"auction": True, "exempt_reason": ExemptReason.AUCTION}),
        ("", {"_528": "P", "_47": "A", "_29": "1"}, {"order_capacity": "P"}),
        ("", {"_47": "A", "_29": "1"}, {"order_capacity": "A"}),
        ("", {"_29": "1"}, {"order_capacity": None}),
        ("", {"_18": "5"}, {"order_held": True}),
        ("", {"_18": "1 G"}, {"order_held": False}),
        ("", {"_18": "G"}, {"order_held": None}),
        ("held: {default: not_held}", {}, {"order_held": False}),
        ("", {"_442": "2"}, {"level": Level.LEG, "exempt_reason": ExemptReason.MULTILEG_LEG}),
        ("", {"_442": "3"}, {"level": Level.PACKAGE}),
        ("", {"_442": "1"}, {"level": Level.CHILD}),
        ("level: {without_parent: parent}", {}, {"level": Level.PARENT}),
        ("level: {without_parent: parent}", {"_526": "P"}, {"level": Level.CHILD, "order_parent_id": "P"}),
        ("level: {tag: 9001, codes: {P: parent}}", {"_9001": "P"}, {"level": Level.PARENT}),
        ("", {"_65": "B", "_55": "BRK"}, {"symbol": "BRK.B"}),
        ("suffix: ' '", {"_65": "B", "_55": "BRK"}, {"symbol": "BRK B"}),
        ("", {"_797": "Y"}, {"resent": False}),
    ],
)
def test_a_term_is_read_where_the_vendor_writes_it(
    dialect: str, by_tag: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Liquidity 851, 1057, 9730 and 9882; capacity 528, else 47, never 29; held; level; suffix; the mark of a copy."""
    told = one(dialect, **by_tag)

    assert told.outcomes == ["execution"]
    assert shown(told.fills[0], **expected) == expected


# --- times --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fraction", "nanos", "digits"),
    [
        ("", 0, 0),
        (".500", 500_000_000, 3),
        (".500001", 500_001_000, 6),
        (".500000001", 500_000_001, 9),
        (".500000000001", 500_000_000, 12),
    ],
)
def test_a_time_is_taken_as_precisely_as_it_is_written(fraction: str, nanos: int, digits: int) -> None:
    """0, 3, 6, 9 or 12 digits, of which nine are kept and all are counted."""
    told = one(_60=f"20131007-14:30:00{fraction}")

    expected = {"executed_at": at(0) + nanos, "executed_at_digits": digits, "clock_suspect": None}
    assert shown(told.fills[0], **expected) == expected


@pytest.mark.parametrize(
    ("dialect", "by_tag", "expected"),
    [
        ("", {"_60": None}, {"executed_at": at(1.25)}),
        ("", {"_60": None, "_52": None}, {"clock_suspect": "SendingTime (52) is absent"}),
        ("clocks: {transaction: America/New_York}", {"_60": "20131007-10:30:01"}, {"executed_at": at(1)}),
        (
            "",
            {"_60": stamp(1.5)},
            {"clock_suspect": "TransactTime (60) is 250000000 ns after SendingTime (52)", "executed_at": at(1.5)},
        ),
        ("", {"_60": "20131007-10:30:01"}, {"executed_at": Nanos(at(1) - 4 * 3600 * 10**9)}),
    ],
)
def test_a_time_may_be_absent_local_late_or_ahead(
    dialect: str, by_tag: dict[str, Any], expected: dict[str, Any]
) -> None:
    """The execution counts whatever its clock; what cannot be believed is named."""
    told = one(dialect, **by_tag)

    assert told.outcomes == ["execution"]
    assert shown(told.fills[0], **expected) == expected


def test_a_copy_with_fills_only_has_no_receipt_quote() -> None:
    """It is absent and marked, never the quote at execution; with an acknowledgement it is there."""
    alone = story([a_trade(1, 2, "O1", "E1")])
    acknowledged = story([an_order(1, 1, "O1"), a_trade(2, 2, "O1", "E1")])

    receipts = [told.fills[0].at_receipt for told in (alone, acknowledged)]
    assert (receipts[0].state, receipts[0].note) == (QuoteState.ABSENT, "no receipt time")
    assert receipts[1].at == at(1)
