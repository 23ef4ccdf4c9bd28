"""Continuity of the cumulative quantity: what the vendor claims (14) beside what came."""

from __future__ import annotations

from typing import Any

from rules.facts import FeedEventKind
from service.journal import Entry, Frame
from service.orders.claims import SETTLED_AFTER
from tests.factories import shares
from tests.factories_own import CALENDAR, DAY, OVER, a_fill, an_ack, an_event, an_own, said, story, the_event
from tests.factories_road import a_journal, a_pipeline, a_tick, at, go_on, run, versions
from tests.fakes_store import FakeStore

BREAK, MENDED = FeedEventKind.CUMULATIVE_BREAK, FeedEventKind.CUMULATIVE_MENDED


def told(*entries: Entry, tick: float = 120, **named: Any) -> list[tuple[FeedEventKind, str]]:
    """Return what is said of totals when the story is over and a while has passed."""
    return said(run(a_journal([*entries, a_tick(tick)], versions(**named))), BREAK, MENDED)


def a_claim(number: int, seconds: float, filled: int, claimed: int | None, **by_tag: Any) -> Entry:
    """Return a fill of the order O1 over 1000 shares that claims a total."""
    return a_fill(number, seconds, "O1", "C1", filled, **({"_38": 1000, "_14": claimed} | by_tag))


ACK = an_ack(1, 1, "O1", "C1", _38=1000)


def test_claims_that_follow_from_the_executions_are_silent() -> None:
    """The usual order, from its acknowledgement on."""
    assert told(ACK, a_claim(2, 2, 100, 100), a_claim(3, 3, 50, 150), a_claim(4, 4, 850, 1000)) == []


def test_shares_behind_a_gap_that_come_after_all_are_no_surplus() -> None:
    """The acknowledgement and the first two fills were lost, and are resent after the third."""
    late = [a_claim(3, 5, 50, 150), a_claim(2, 6, 100, 100), an_ack(1, 7, "O1", "C1", _38=1000)]

    assert told(a_claim(4, 4, 50, 200), *late) == []


def test_shares_behind_a_gap_that_never_come_are_missing() -> None:
    """A late acknowledgement says that nothing was executed before it; an order of several days may go on."""
    several = {"_59": "1"}

    assert told(a_claim(2, 4, 50, 200), an_ack(1, 7, "O1", "C1", _38=1000)) == [(BREAK, "O1")]
    assert told(a_claim(2, 4, 50, 200, **several), an_ack(1, 7, "O1", "C1", _38=1000, **several)) == []


def test_missing_shares_are_told_once_when_they_stay_missing() -> None:
    """No number is missing, and yet a trade is."""
    journal = a_journal([ACK, a_claim(2, 2, 100, 100), a_claim(3, 3, 50, 350), a_claim(4, 4, 50, 400)])
    store = FakeStore()
    pipeline = a_pipeline(journal, store)
    go_on(pipeline)

    due = at(3.005) + SETTLED_AFTER
    assert said(store.recorded, BREAK) == []
    assert pipeline.core._timers.deadline() == due
    journal.append(Frame(entries=(a_tick(33.005), a_tick(300))))
    go_on(pipeline)

    event = the_event(store.recorded, BREAK)
    assert (event.subject, event.at, event.counterparty) == ("O1", at(4), "demo")
    assert (event.detail["claimed_shares"], event.detail["executed_shares"]) == (shares("400"), shares("200"))
    (finding,) = (one for one in store.recorded.findings if one.rule == "cumulative_break")
    assert "200 are missing here" in finding.sentence


def test_shares_that_come_late_mend_a_told_difference() -> None:
    """A resend under another number brings them; the line says that they agree again."""
    late = a_claim(4, 200, 200, 300, _97="Y", _60="20131007-14:30:02.500")

    assert told(ACK, a_claim(2, 2, 100, 100), a_claim(3, 3, 50, 350), late, tick=300) == [
        (BREAK, "O1"),
        (MENDED, "O1"),
    ]


def test_copies_out_of_order_are_no_break() -> None:
    """The greatest claim counts, whenever it came."""
    assert told(ACK, a_claim(2, 2, 50, 350), a_claim(3, 3, 200, 300), a_claim(4, 4, 100, 100)) == []


def test_shares_that_are_counted_twice_are_told() -> None:
    """The same trade under two ExecIDs: more came than is claimed."""
    entries = [ACK, a_claim(2, 2, 100, 100), a_claim(3, 2, 100, 100, _17="E2-again")]
    done = run(a_journal([*entries, a_tick(60)]))

    event = the_event(done, BREAK)
    assert (event.detail["claimed_shares"], event.detail["executed_shares"]) == (shares("100"), shares("200"))
    assert any("counted twice" in finding.sentence for finding in done.findings)


def test_another_difference_is_told_again() -> None:
    """Once per order and difference."""
    entries = [ACK, a_claim(2, 2, 50, 350), a_claim(3, 100, 50, 400), a_claim(4, 150, 50, 600)]

    assert told(*entries, tick=300) == [(BREAK, "O1"), (BREAK, "O1")]


def test_nothing_is_told_while_numbers_are_missing() -> None:
    """The gap says it; when it is filled the shares are there."""
    before, behind = a_claim(2, 2, 100, 100), a_claim(5, 3, 50, 350)
    filling = [a_claim(3, 400, 100, 200, _43="Y"), a_claim(4, 401, 100, 300, _43="Y")]

    assert told(ACK, before, behind, a_tick(40), a_tick(100), *filling, tick=1000) == []
    assert told(ACK, before, behind, tick=1000) == []
    unexplained = [a_claim(3, 50, 10, 110, _43="Y"), a_claim(4, 51, 10, 120, _43="Y")]
    assert told(ACK, before, behind, a_tick(40), *unexplained, tick=1000) == [(BREAK, "O1")]


def test_shares_from_before_the_watch_heard_of_an_order_are_taken_as_claimed() -> None:
    """A start in the middle of the day, or an order of several days, is no break; a later one is."""
    assert told(a_claim(1, 2, 100, 700), a_claim(2, 3, 100, 800)) == []
    assert told(a_claim(1, 2, 100, 700), a_claim(2, 3, 100, 900)) == [(BREAK, "O1")]


def test_an_order_that_the_firm_sent_is_known_from_its_beginning() -> None:
    """Its first fill cannot have predecessors."""
    done = story(an_own(1, 1, "C1", _38=1000), a_claim(1, 2, 100, 700), a_tick(60))

    assert said(done, BREAK) == [(BREAK, "C1")]


def test_busts_and_corrections_end_the_comparison() -> None:
    """What 14 says afterwards is anybody's guess."""
    bust = a_fill(3, 3, "O1", "C1", 100, _17="B1", _150="H", _19="E2")

    assert told(ACK, a_claim(2, 2, 100, 100), bust, a_claim(4, 4, 100, 200)) == []
    assert told(ACK, a_claim(2, 2, 100, 300), bust, a_claim(4, 4, 100, 200)) == []


def test_a_total_may_begin_anew_in_a_chain_or_on_another_day() -> None:
    """Then fewer shares than came may be claimed, but not more."""
    replaced = an_event(3, 3, "O1", "C2", "5", _41="C1", _38=900)

    assert told(ACK, a_claim(2, 2, 100, 100), replaced, a_claim(4, 4, 50, 50, _11="C2")) == []
    assert told(ACK, a_claim(2, 2, 100, 100), replaced, a_claim(4, 4, 50, 400, _11="C2")) == [(BREAK, "O1")]
    several = an_ack(1, 1, "O1", "C1", _38=1000, _59="1")
    assert told(several, a_claim(2, 2, 100, 100), a_claim(3, DAY, 50, 50), tick=DAY + 60) == []


def test_the_last_report_of_an_order_may_claim_a_trade_that_never_came() -> None:
    """A cancel after 300 of which 100 came."""
    canceled = an_event(3, 3, "O1", "C1", "4", _14=300)

    assert told(ACK, a_claim(2, 2, 100, 100), canceled) == [(BREAK, "O1")]


def test_tags_that_mean_something_else_are_left_alone() -> None:
    """A total below its own trade is none; a leg's is its package's; an acknowledgement that claims shares is old."""
    assert told(ACK, a_claim(2, 2, 100, 0), a_claim(3, 3, 100, 0)) == []
    assert told(ACK, a_claim(2, 2, 100, 500, _442="2")) == []
    assert told(an_ack(1, 1, "O1", "C1", _14=300), an_event(2, 2, "O1", "C1", "D", _14=300)) == []


def test_the_close_does_not_wait() -> None:
    """What is in doubt when the day is over is told then, unless numbers are missing."""
    early, behind = a_claim(2, 2, 100, 300), a_claim(4, 2, 100, 500)
    doubt = a_claim(2, OVER - 70, 100, 300)

    assert told(ACK, early, calendar=CALENDAR, tick=OVER) == [(BREAK, "O1")]
    assert told(ACK, doubt, calendar=CALENDAR, tick=OVER - 55) == [(BREAK, "O1")]
    assert told(ACK, behind, calendar=CALENDAR, tick=OVER) == []


def test_the_close_of_a_day_judges_its_own_orders_only() -> None:
    """A doubt of the next trade date waits for its time."""
    tomorrow = a_claim(2, OVER - 70, 100, 300, _75="20131008")
    other = an_ack(1, 1, "O2", "C2")
    new = an_ack(3, OVER - 71, "O1", "C1", _38=1000, _75="20131008")

    assert told(other, new, tomorrow, calendar=CALENDAR, tick=OVER - 55) == []
