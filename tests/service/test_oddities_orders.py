"""Every real oddity that takes several messages: how the order stands after it, each message accounted for once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from rules.facts import Level, Nanos, Side
from service.journal import Entry
from service.market.calendar import Session, TradingCalendar
from tests.factories import price, shares
from tests.factories_messages import execution_report
from tests.factories_road import (
    BEGIN,
    a_bust,
    a_correction,
    a_message,
    a_report,
    a_tick,
    a_trade,
    an_order,
    at,
    stamp,
)
from tests.oddities import story

DAY = 86_400
CROSS = "dedup: {extra: [54]}"
NEW_YORK = TradingCalendar(
    name="XNYS",
    kind="sessions",
    sessions=(
        Session("2013-10-07", at(-3_600), at(5.5 * 3_600)),
        Session("2013-10-08", at(DAY - 3_600), at(DAY + 5.5 * 3_600)),
    ),
)
FILLED, LIVE = (100, "filled"), (0, None)


def on_another_line(entry: Entry) -> Entry:
    """Return the message as it comes over the failover session."""
    return msgspec.structs.replace(entry, session="FIX.4.4:FIRM->SOR2")


def an_event(number: int, seconds: float, name: str, kind: str, **by_tag: Any) -> Entry:
    """Return an order event of that order."""
    silent: dict[str, Any] = {"_32": None, "_31": None, "_30": None, "_14": 0, "_151": 100, "_6": 0}
    tags = silent | {"_37": name, "_11": name, "_17": f"X{number}", "_150": kind, "_39": kind} | by_tag
    return a_report(number, seconds, **tags)


# --- busts and corrections ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", [" 10430", "10430 ", "10430"])
def test_a_bust_finds_its_execution_through_blanks(reference: str) -> None:
    """`19= 10430` is real."""
    told = story([a_trade(1, 1, "O1", "10430"), a_bust(2, 2, "O1", "B1", reference)])

    assert (told.outcomes, told.orders) == (["execution", "bust"], {"O1": (0, "filled")})


def test_a_negative_exec_id_can_be_busted() -> None:
    """`17=-489178` is real."""
    told = story([a_trade(1, 1, "O1", "-489178"), a_bust(2, 2, "O1", "-489179", "-489178")])

    assert (told.outcomes, told.orders) == (["execution", "bust"], {"O1": (0, "filled")})


def test_what_a_bust_says_of_the_totals_is_not_believed() -> None:
    """14, 151, 6 and 39 are ignored: the order is what its live executions make of it."""
    nonsense = {"_14": 999, "_151": "x", "_6": "y", "_39": "8"}
    entries = [
        a_trade(1, 1, "O1", "E1", _32=40),
        a_trade(2, 2, "O1", "E2", _32=60),
        a_bust(3, 3, "O1", "B1", "E1", **nonsense),
    ]

    told = story(entries)

    assert (told.outcomes, told.orders) == (["execution", "execution", "bust"], {"O1": (60, "filled")})


def test_a_chain_may_point_at_the_exec_id_of_the_bust() -> None:
    """A correction of a bust brings the trade back; a bust of a correction takes it away."""
    brought_back = story(
        [a_trade(1, 1, "O1", "E1"), a_bust(2, 2, "O1", "B1", "E1"), a_correction(3, 3, "O1", "C1", "B1", _32=70)]
    )
    taken_away = story(
        [a_trade(1, 1, "O1", "E1"), a_correction(2, 2, "O1", "C1", "E1", _32=70), a_bust(3, 3, "O1", "B1", "C1")]
    )

    assert (brought_back.outcomes[1:], brought_back.orders) == (["bust", "correction"], {"O1": (70, "filled")})
    assert (taken_away.outcomes[1:], taken_away.orders) == (["correction", "bust"], {"O1": (0, "filled")})


def test_a_bust_before_its_original_waits_for_it() -> None:
    """It is held, and applied when the execution comes: in a recovery the order of the two may be turned."""
    told = story([a_bust(1, 1, "O1", "B1", "E1"), a_trade(2, 2, "O1", "E1")])

    assert (told.outcomes, told.orders) == (["bust", "execution"], {"O1": LIVE})
    assert "orphan_bust" not in told.found


def test_a_bust_whose_original_never_comes_is_raised() -> None:
    """Held, and said after a while."""
    told = story([a_bust(1, 1, "O1", "B1", "E1"), a_tick(400)])

    assert told.outcomes == ["bust"]
    assert "orphan_bust" in told.found


def test_a_bust_may_come_a_day_later() -> None:
    """It names the execution of the day before."""
    told = story([a_trade(1, 1, "O1", "E1"), a_bust(2, DAY, "O1", "B1", "E1")])

    assert (told.outcomes, told.orders) == (["execution", "bust"], {"O1": (0, "filled")})


def test_the_old_words_for_busts_and_corrections_count_under_any_label() -> None:
    """20=1 and 20=2 with 19, in FIX 4.4."""
    entries = [
        a_trade(1, 1, "O1", "E1", _20="0", _150="2"),
        a_trade(2, 2, "O2", "E2", _20="0", _150="2"),
        a_report(3, 3, _37="O1", _11="O1", _17="B1", _20="1", _150="2", _19="E1"),
        a_report(4, 4, _37="O2", _11="O2", _17="C1", _20="2", _150="2", _19="E2", _32=90),
    ]

    told = story(entries)

    assert told.outcomes == ["execution", "execution", "bust", "correction"]
    assert told.orders == {"O1": (0, "filled"), "O2": (90, "filled")}


# --- copies -------------------------------------------------------------------------------------------------------


def test_a_copy_is_a_duplicate_however_it_comes() -> None:
    """43=Y under the same number, 97=Y under a new one, unmarked on a failover line; one of them counts."""
    first = a_trade(1, 1, "O1", "E1")
    poss_dup = a_trade(1, 1, "O1", "E1", _43="Y", _122=stamp(1), _52=stamp(5))
    poss_resend = a_trade(7, 1, "O1", "E1", _97="Y", _52=stamp(6))
    unmarked = on_another_line(a_trade(40, 1, "O1", "E1", _52=stamp(1.1)))

    told = story([first, poss_dup, poss_resend, unmarked])

    assert (told.outcomes, told.orders) == (["execution", *["duplicate"] * 3], {"O1": FILLED})
    assert "duplicate_conflict" not in told.found


@pytest.mark.parametrize("marks", [{"_43": "Y", "_122": stamp(1)}, {"_97": "Y"}])
def test_a_marked_copy_of_what_was_never_seen_is_the_execution(marks: dict[str, str]) -> None:
    """The mark says that it was sent before, not that it arrived."""
    told = story([a_trade(1, 1, "O1", "E1", **marks)])

    assert (told.outcomes, told.orders) == (["execution"], {"O1": FILLED})
    assert told.fills[0].resent


def test_a_copy_overnight_is_of_the_day_of_the_trade() -> None:
    """By 75, or by 60 where there is no 75: never by when it came, or it would count twice."""
    for source in ({}, {"_75": None}):
        again = {"_60": stamp(1), "_75": stamp(1)[:8], "_97": "Y"} | source

        told = story([a_trade(1, 1, "O1", "E1", **source), a_trade(2, DAY, "O1", "E1", **again)])

        assert (told.outcomes, told.orders) == (["execution", "duplicate"], {"O1": FILLED})


def test_another_content_under_the_same_key_is_found_and_changes_nothing() -> None:
    """The first copy wins."""
    told = story([a_trade(1, 1, "O1", "E1"), a_trade(2, 2, "O1", "E1", _31="181.94")])

    assert (told.outcomes, told.orders) == (["execution", "duplicate"], {"O1": FILLED})
    assert told.fills[0].price == price("181.95")
    assert "duplicate_conflict" in told.found


def test_both_sides_of_a_self_cross_may_share_an_exec_id() -> None:
    """Where the dialect adds the side to the key; without that the second side is a conflict that somebody sees."""
    sides = [a_trade(1, 1, "O1", "E1"), a_trade(2, 1, "O2", "E1", _54="2"), a_bust(3, 2, "O2", "B1", "E1", _54="2")]

    told, confused = story(sides, CROSS), story(sides[:2])

    assert (told.outcomes, told.orders) == (["execution", "execution", "bust"], {"O1": FILLED, "O2": (0, "filled")})
    assert confused.outcomes == ["execution", "duplicate"]
    assert "duplicate_conflict" in confused.found


def test_status_events_under_exec_id_0_are_not_copies_of_each_other() -> None:
    """0 names nothing."""
    entries = [an_event(1, 1, "O1", "A", _17="0"), an_event(2, 2, "O1", "0", _17="0"), a_trade(3, 3, "O1", "E1")]

    told = story(entries)

    assert (told.outcomes, told.orders) == (["order_event", "order_event", "execution"], {"O1": FILLED})


# --- lives --------------------------------------------------------------------------------------------------------


def test_a_replace_chain_is_one_order() -> None:
    """Three ids, one life, filled under the last."""
    entries = [
        an_event(1, 1, "C1", "0", _37=None, _38=300),
        an_event(2, 2, "C2", "5", _37=None, _41="C1", _38=200),
        an_event(3, 3, "C3", "5", _37=None, _41="C2", _38=100),
        a_report(4, 4, _37=None, _11="C3"),
    ]

    told = story(entries)

    assert (told.outcomes, told.orders) == ([*["order_event"] * 3, "execution"], {"C1": FILLED})


def test_37_minus_1_names_no_order() -> None:
    """Two orders under it stay two."""
    entries = [
        an_event(1, 1, "C1", "0", _37="-1"),
        an_event(2, 2, "C2", "0", _37="-1"),
        a_report(3, 3, _37="-1", _11="C2"),
    ]

    told = story(entries)

    assert told.orders == {"C1": LIVE, "C2": FILLED}
    assert told.outcomes == ["order_event", "order_event", "execution"]


@pytest.mark.parametrize(("code", "end"), [("4", "canceled"), ("C", "expired"), ("3", "done_for_day")])
def test_a_fill_that_the_end_hid_counts_before_the_end(code: str, end: str) -> None:
    """The cancel of the rest may carry the last shares."""
    told = story([an_order(1, 1, "O1"), a_trade(2, 2, "O1", "E1", _150=code, _39=code, _32=60)])

    assert (told.outcomes, told.orders) == (["order_event", "execution"], {"O1": (60, end)})
    assert "hidden_fill" in told.found


def test_a_day_order_without_an_end_ends_at_the_close() -> None:
    """Synthesised and marked; a GTC order lives on."""
    entries = [
        an_order(1, 1, "O1"),
        an_order(2, 2, "O2", _59="1"),
        a_tick(5.5 * 3_600 + 901),
    ]

    told = story(entries, calendar=NEW_YORK)

    assert (told.outcomes, told.orders) == (["order_event"] * 2, {"O1": (0, "close"), "O2": LIVE})
    assert [(one.order.order_key, one.synthesised) for one in told.processed.order_outcomes] == [("O1", True)]


def test_a_restatement_in_the_morning_keeps_the_order_and_its_shares() -> None:
    """150=D with 378 for a multi-day order: no fill, no new order, no end."""
    entries = [
        an_order(1, 1, "O1", _59="1", _38=300),
        a_trade(2, 2, "O1", "E1", _59="1", _38=300),
        an_event(3, DAY - 7_200, "O1", "D", _39="1", _378="1", _59="1", _38=300, _14=100, _151=200),
        a_trade(4, DAY, "O1", "E2", _59="1", _38=300, _32=200),
    ]

    told = story(entries, calendar=NEW_YORK)

    assert told.outcomes == ["order_event", "execution", "order_event", "execution"]
    assert told.orders == {"O1": (300, "filled")}


def test_a_restatement_of_an_order_that_was_never_seen_begins_it() -> None:
    """A copy may begin in the middle of a life."""
    told = story([an_event(1, 1, "G1", "D", _39="1", _378="1", _59="1", _14=100, _151=200, _38=300)])

    assert (told.outcomes, told.orders) == (["order_event"], {"G1": LIVE})


def test_a_router_s_roll_up_and_its_child_are_the_same_shares() -> None:
    """Both are kept, each at its level."""
    entries = [
        an_order(1, 1, "P1"),
        an_order(2, 2, "K1", _526="P1"),
        a_trade(3, 3, "K1", "E1", _526="P1"),
        a_trade(4, 3, "P1", "E2"),
    ]

    told = story(entries, "level: {without_parent: parent}")

    assert told.orders == {"P1 parent": FILLED, "K1": FILLED}
    assert [(fill.level, fill.quantity) for fill in told.fills] == [
        (Level.CHILD, shares("100")),
        (Level.PARENT, shares("100")),
    ]


def test_a_cancel_after_the_close_of_the_day_is_hours_old_and_still_the_end() -> None:
    """60 tells when it happened; the order ends then."""
    entries = [an_order(1, 1, "O1"), an_event(2, 4 * 3_600, "O1", "4", _60=stamp(10))]

    told = story(entries)

    (outcome,) = told.processed.order_outcomes
    assert (outcome.end.value, outcome.at) == ("canceled", at(10))
    assert told.outcomes == ["order_event", "order_event"]


def test_a_fill_that_names_neither_symbol_nor_side_is_kept_and_said() -> None:
    """Its order stays as it was: a trade of nobody knows what is for a person to look at."""
    entries = [an_order(1, 1, "O1"), a_trade(2, 2, "O1", "E1", _55=None, _54=None)]

    told = story(entries)

    assert (told.outcomes, told.orders) == (["order_event", "undecodable"], {"O1": LIVE})
    assert told.reasons[1] == "Side (54) is absent: a trade needs it; Symbol (55) is absent: a trade needs it"


def test_a_fill_may_leave_symbol_and_side_to_the_acknowledgement_where_the_dialect_says_so() -> None:
    """They are the order's; of an order that nobody told of, the fill cannot be judged, and that is found."""
    bare = {"_55": None, "_54": None}
    entries = [an_order(1, 1, "O1", _54="2"), a_trade(2, 2, "O1", "E1", **bare), a_trade(3, 3, "O2", "E2", **bare)]

    told = story(entries, "semantics: {fill_without_terms: true}")

    assert told.outcomes == ["order_event", "execution", "undecodable"]
    assert [(fill.symbol, fill.side, fill.exec_id) for fill in told.fills] == [("IBM", Side.SELL, "E1")]
    assert "undecodable" in told.found


def test_local_times_across_the_change_of_the_clocks_follow_the_zone() -> None:
    """The same wall clock is another instant in winter."""
    winter = BEGIN.replace(month=12, day=9)
    body = execution_report(
        _34=1,
        _37="O1",
        _52=f"{winter:%Y%m%d-%H:%M:%S}.250",
        _60=f"{winter - timedelta(hours=5):%Y%m%d-%H:%M:%S}",
        _75="20131209",
    )

    told = story([a_message(body, 1)], "clocks: {transaction: America/New_York}")

    assert told.fills[0].executed_at == Nanos(int(winter.timestamp()) * 10**9)
    assert told.fills[0].clock_suspect is None
