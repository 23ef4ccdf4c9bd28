"""Parents and children, packages and legs: each share counts once, in every measure and every rule."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from rules.cards import catalogue
from rules.facts import FeedEventKind, Level, OrderEnd
from rules.rule import LooksAt
from service.core import Core
from service.fix.events import OwnOrderKind
from service.journal import Entry
from service.processed import Processed
from tests.factories import price, shares
from tests.factories_own import (
    CALENDAR,
    DAY,
    OVER,
    OWN_DIALECT,
    PARENTS,
    a_cancel,
    a_day,
    a_fill,
    an_ack,
    an_own,
    ends,
    later,
    said,
    story,
    the_journal,
)
from tests.factories_road import PARTY, a_tick, run

UNANSWERED, UNREPORTED, UNKNOWN = (
    FeedEventKind.UNANSWERED_ORDER,
    FeedEventKind.UNREPORTED_ORDER,
    FeedEventKind.UNKNOWN_ORDER,
)


def a_child(number: int, seconds: float, name: str, filled: int, parent: str = "C1", **by_tag: Any) -> Entry:
    """Return a fill of a child order, which has ids of its own and names its parent in 526."""
    return a_fill(number, seconds, f"V{name}", f"K{name}", filled, **({"_526": parent, "_38": filled} | by_tag))


def executed(done: Processed) -> dict[tuple[str, Level], int]:
    """Return what the last outcome of each order says was executed, with its level."""
    return {(end.order.order_key, end.order.level): end.executed for end in ends(done).values()}


def test_a_child_answers_its_parent_and_has_what_the_parent_said() -> None:
    """Account, desk, client, held and directed come from the firm's own order."""
    done = a_day(
        an_own(1, 1, "C1", _38=300, _18="5"),
        a_child(1, 2, "1", 100),
        a_child(2, 3, "2", 200, _1="OTHER"),
        dialect=PARENTS,
    )

    orders = [made.fill.order for made in done.fills]
    assert [(order.account, order.held, order.level) for order in orders] == [
        ("ACC-9", True, Level.CHILD),
        ("OTHER", True, Level.CHILD),
    ]
    assert [order.firm_received_at for order in orders] == [None, None]
    assert said(done, UNANSWERED, UNREPORTED, UNKNOWN) == []


def test_a_child_goes_the_way_of_its_parent() -> None:
    """The firm's own order says which, where the vendor's copy does not; a child that was sent otherwise says so."""
    route = "route: {from: [9001], accounts: {ACC-9: direct}}\n"
    done = a_day(
        an_own(1, 1, "C1", _38=300),
        a_child(1, 2, "1", 100),
        a_child(2, 3, "2", 200, _9001="sor"),
        own=OWN_DIALECT + route,
        dialect=PARENTS + route,
    )

    assert [made.fill.order.route for made in done.fills] == ["direct", "sor"]
    assert done.own_orders[0].own.terms.route == "direct"


def test_a_silent_parent_counts_its_children_s_shares_once() -> None:
    """It is filled when they add up to it, at their average price."""
    done = a_day(
        an_own(1, 1, "C1", _38=300),
        a_child(1, 2, "1", 100, _31="10.00", _30="XNYS"),
        a_child(2, 3, "2", 200, _31="10.30", _30="XBOS"),
        dialect=PARENTS,
    )

    assert executed(done) == {
        ("VV1"[1:], Level.CHILD): shares("100"),
        ("V2", Level.CHILD): shares("200"),
        ("C1", Level.PARENT): shares("300"),
    }
    parent = ends(done)["C1"]
    assert (parent.end, parent.average_price, parent.venue) == (OrderEnd.FILLED, price("10.20"), "XBOS")
    assert parent.synthesised is False


def test_roll_ups_of_the_parent_are_not_counted_beside_its_children() -> None:
    """Whichever of the two comes first; both say the same shares."""
    parent = [a_fill(number, number, "P1", "C1", 100, _38=300, _150="F") for number in (2, 4)]
    child = [a_child(number, number, str(number), 100) for number in (3, 5)]
    ours = an_own(1, 1, "C1", _38=300)

    mixed = a_day(ours, parent[0], child[0], parent[1], child[1], dialect=PARENTS)
    children_first = a_day(ours, *[later(one, 6) for one in (*child, *parent)], dialect=PARENTS)

    for done in (mixed, children_first):
        assert executed(done)["P1", Level.PARENT] == shares("200")
        assert ends(done)["P1"].end is OrderEnd.CLOSE


def test_busts_and_corrections_of_children_move_their_parent() -> None:
    """What ended is stated anew."""
    done = a_day(
        an_own(1, 1, "C1", _38=300),
        a_child(1, 2, "1", 100, _17="E1"),
        a_child(2, 3, "2", 200, _17="E2"),
        a_child(3, 4, "1", 100, _17="B1", _150="H", _19="E1"),
        a_child(4, 5, "2", 200, _17="B2", _150="G", _19="E2", _32="50", _31="10.00"),
        dialect=PARENTS,
    )

    assert executed(done)["C1", Level.PARENT] == shares("50")
    stated = [end.executed for end in done.order_outcomes if end.order.order_key == "C1"]
    assert stated == [shares("300"), shares("200"), shares("50")]


def test_children_may_come_before_the_firm_s_own_order() -> None:
    """They are its children all the same, once it comes."""
    ours = later(an_own(1, 1, "C1", _38=300), 4)
    done = a_day(a_child(1, 2, "1", 100), a_child(2, 3, "2", 200), ours, dialect=PARENTS)

    assert executed(done)["C1", Level.PARENT] == shares("300")
    assert said(done, UNANSWERED, UNREPORTED, UNKNOWN) == []


def test_children_may_name_the_vendor_s_own_id_of_the_parent() -> None:
    """Before the parent's acknowledgement or after it."""
    early, late = a_child(1, 2, "1", 100, parent="P1"), a_child(3, 4, "2", 200, parent="P1")
    done = a_day(an_own(1, 1, "C1", _38=300), early, an_ack(2, 3, "P1", "C1", _38=300), late, dialect=PARENTS)

    assert executed(done)["P1", Level.PARENT] == shares("300")


def test_a_canceled_parent_with_children_ends_as_the_customer_asked() -> None:
    """The copy shows children only; the close ends the parent."""
    done = a_day(an_own(1, 1, "C1", _38=300), a_child(1, 2, "1", 100), a_cancel(2, 3, "C2", "C1"), dialect=PARENTS)

    parent = ends(done)["C1"]
    assert (parent.end, parent.executed) == (OrderEnd.CANCELED_BY_CUSTOMER, shares("100"))


def test_under_one_level_an_own_order_with_children_is_a_parent() -> None:
    """So that rules which count children do not count its shares again."""
    done = a_day(an_own(1, 1, "C1", _38=300), a_child(1, 2, "1", 300))

    assert executed(done) == {("V1", Level.CHILD): shares("300"), ("C1", Level.PARENT): shares("300")}


def test_an_own_order_whose_parent_tag_is_its_own_id_is_no_child_of_itself() -> None:
    """Some vendors write 526 on every report."""
    done = a_day(an_own(1, 1, "C1"), a_fill(1, 2, "O1", "C1", _526="C1"))

    assert executed(done) == {("O1", Level.CHILD): shares("100")}


def test_reports_that_name_themselves_as_their_parent_are_no_children() -> None:
    """Also before the firm's own order came."""
    reports = [a_fill(number, number, "O1", "C1", 50, _526="C1") for number in (1, 2)]

    done = a_day(*reports, later(an_own(1, 1, "C1"), 5))

    assert executed(done) == {("O1", Level.CHILD): shares("100")}
    assert ends(done)["O1"].order.account == "ACC-9"


def test_a_child_may_outlive_its_parent() -> None:
    """A parent that memory let go of counts no more."""
    child: dict[str, Any] = {"_526": "C1", "_59": "1", "_38": 200}
    done = story(
        an_own(1, 1, "C1", _38=300),
        a_fill(1, 2, "V1", "K1", 100, **child),
        a_tick(OVER),
        a_fill(2, DAY + 1, "O9", "C9"),
        a_tick(DAY + OVER),
        a_fill(3, 2 * DAY + 1, "V1", "K1", 100, **child),
        dialect=PARENTS,
        calendar=CALENDAR,
    )

    assert executed(done)["V1", Level.CHILD] == shares("200")
    assert executed(done)["C1", Level.PARENT] == shares("100")


def test_children_of_a_parent_that_never_comes_wait_no_longer_than_their_day() -> None:
    """Nothing is kept for ever."""
    core = Core()
    entries = [a_child(1, 1, "1", 100), a_child(2, 2, "1", 100, _17="E9"), a_tick(OVER)]
    tomorrow = [a_child(3, DAY + 1, "2", 100), a_tick(DAY + OVER)]

    run(the_journal([*entries, *tomorrow], calendar=CALENDAR, dialect=PARENTS), core=core)

    firm = core._ledger.book(PARTY).firm
    assert firm is not None
    assert {name: len(waiting) for name, waiting in firm.children.items()} == {"C1": 1}


LEVELS = {name: rule.card.level for name, rule in catalogue().items() if rule.card.level is not None}
"""The rules that count shares or orders, each with the one level that it counts."""


def counted(done: Processed, level: Level) -> int:
    """Return the shares that a rule of this level looks at."""
    return sum(made.fill.quantity for made in done.fills if made.fill.level is level)


def ended(done: Processed, level: Level) -> int:
    """Return the shares that outcomes of this level say were executed."""
    return sum(end.executed for end in ends(done).values() if end.order.level is level)


def found_outside(done: Processed) -> Counter[str]:
    """Return how often each execution was found outside the quote."""
    return Counter(finding.subject for finding in done.findings if finding.rule == "outside_nbbo")


def test_every_rule_that_counts_names_one_level() -> None:
    """What looks at fills or outcomes and names none judges stamps or quotes, not shares."""
    judging = {LooksAt.FILL, LooksAt.ORDER_OUTCOME}
    unnamed = {name for name, rule in catalogue().items() if judging & set(rule.card.looks_at)} - set(LEVELS)

    assert unnamed <= {"clock_suspect", "late_drop_copy", "quote_source_lag", "quotes_disagree"}
    assert set(LEVELS.values()) == {Level.CHILD}


@pytest.mark.parametrize("level", [Level.CHILD, Level.PARENT])
def test_a_copy_with_parents_and_children_counts_each_share_once(level: Level) -> None:
    """Roll-ups and children hold the same 300 shares: whichever level a rule counts, it counts 300."""
    ours = an_own(1, 1, "C1", _38=300)
    fills = [
        a_child(1, 2, "1", 100, _31="190"),
        a_fill(2, 3, "P1", "C1", 100, _38=300, _31="190"),
        a_child(3, 4, "2", 200, _31="190"),
        a_fill(4, 6, "P1", "C1", 200, _38=300, _31="190"),
    ]
    book = f"rules: {{outside_nbbo: {{level: {level.value}}}}}"

    done = a_day(ours, *fills, dialect=PARENTS, rulebook=book)

    assert (counted(done, level), ended(done, level)) == (shares("300"), shares("300"))
    mine = {made.fill.execution_id: made.fill.quantity for made in done.fills if made.fill.level is level}
    assert found_outside(done) == dict.fromkeys(mine, 1)
    assert sum(mine.values()) == shares("300")
    assert len([row for row in done.own_orders if row.own.kind is OwnOrderKind.NEW]) == 1


def test_a_copy_of_children_alone_counts_each_share_once() -> None:
    """The parent's outcome is made of them; no fill of the parent's level exists."""
    done = a_day(an_own(1, 1, "C1", _38=300), a_child(1, 2, "1", 100), a_child(2, 3, "2", 200), dialect=PARENTS)

    assert (counted(done, Level.CHILD), ended(done, Level.CHILD)) == (shares("300"), shares("300"))
    assert (counted(done, Level.PARENT), ended(done, Level.PARENT)) == (0, shares("300"))


@pytest.mark.parametrize(("level", "truth"), [(Level.CHILD, "50"), (Level.PACKAGE, "100"), (Level.LEG, "200")])
def test_a_copy_with_packages_and_legs_counts_each_share_once(level: Level, truth: str) -> None:
    """A package, its two legs, and a single order: no rule adds one to the other; a package itself has no quote."""
    package: dict[str, Any] = {"_442": "3", "_55": "SPREAD", "_38": 100, "_31": "190"}
    leg: dict[str, Any] = {"_442": "2", "_38": 100, "_31": "190"}
    fills = [
        a_fill(1, 2, "K1", "K1", 100, **package),
        a_fill(2, 3, "K1", "K1", 100, **leg),
        a_fill(3, 4, "K1", "K1", 100, **leg, _55="MSFT", _54="2"),
        a_fill(4, 6, "O1", "C1", 50, _38=50, _31="190"),
    ]
    book = f"rules: {{outside_nbbo: {{level: {level.value}}}}}"

    done = a_day(an_own(1, 1, "C1", _38=50), *fills, rulebook=book)

    assert counted(done, level) == shares(truth)
    assert ended(done, level) == (0 if level is Level.LEG else shares(truth))
    mine = {made.fill.execution_id for made in done.fills if made.fill.level is level and made.fill.side.sign > 0}
    assert found_outside(done) == ({} if level is Level.PACKAGE else dict.fromkeys(mine, 1))
