"""Gaps on the road: what is found while messages are missing is uncertain, and looked at again when they have come."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.facts import FeedEventKind
from rules.reassessment import Reassessment, Verdict
from service import judging, uncertain
from service.core import Core
from service.journal import Entry, RecordKind
from service.orders.steps import Ended
from service.processed import Processed
from service.uncertain import Uncertain
from tests.factories import a_feed_event, a_fill, an_outcome
from tests.factories_road import (
    PARTY,
    REGISTER,
    SESSION,
    a_bust,
    a_correction,
    a_journal,
    a_report,
    a_tick,
    a_trade,
    an_order,
    at,
    run,
    stamp,
    versions,
)

BEGIN = versions(register=REGISTER)
FAR = {"_31": "183.00", "_44": "183.00"}
"""A price far outside every quote of these tests."""
RESENT = {"_43": "Y"}


def done(entries: list[Entry], rulebook: str = "") -> Processed:
    """Return all that the road came to."""
    return run(a_journal(entries, versions(register=REGISTER, rulebook=rulebook)))


def news(number: int, seconds: float) -> Entry:
    """Return a message that changes nothing but the sequence."""
    return a_report(number, seconds, _35="B")


def verdicts(processed: Processed) -> dict[str, tuple[str, str, str]]:
    """Return rule, verdict and reason of every second look, by what it is about."""
    subjects = {finding.finding_id: finding.subject.rpartition("/")[2] for finding in processed.findings}
    return {
        f"{look.rule} {subjects[look.finding_id]}": (look.verdict.value, look.reason, look.missing)
        for look in processed.reassessments
    }


def uncertain_subjects(processed: Processed) -> set[str]:
    """Return what the uncertain findings are about."""
    return {f"{one.rule} {one.subject.rpartition('/')[2]}" for one in processed.findings if one.uncertain}


def test_a_gap_is_a_doubt_that_ends_with_it() -> None:
    """Acknowledgement, bust, correction and news were missing: each verdict follows from what came."""
    processed = done(
        [
            an_order(1, 1, "O1", _40="1", _44=None),
            a_trade(2, 1.1, "O1", "E1", _30="XTOX"),
            a_trade(7, 22, "O2", "E2", _40="1", _44=None),
            a_trade(8, 21, "O3", "E3", **FAR),
            a_trade(9, 22, "O4", "E4", **FAR),
            a_trade(10, 23, "O5", "E5", _30="XTOX"),
            an_order(3, 19, "O2", **RESENT, _40="1", _44=None),
            a_bust(4, 21.5, "O3", "B3", "E3", **RESENT),
            a_correction(5, 22.5, "O4", "C4", "E4", **RESENT, _31="181.96"),
            news(6, 23),
            a_trade(11, 30, "O6", "E6", **FAR),
        ]
    )

    assert uncertain_subjects(processed) == {"outside_nbbo E3", "outside_nbbo E4", "unexpected_venue E5"}
    nothing = "nothing that came changes it"
    corrected = "the execution was corrected to 100 at 181.96 at XNYS: it is within the limits"
    assert verdicts(processed) == {
        "outside_nbbo E3": ("withdrawn", "the execution was busted", "messages 3-6"),
        "outside_nbbo E4": ("withdrawn", corrected, "messages 3-6"),
        "unexpected_venue E5": ("stands", nothing, "messages 3-6"),
    }
    assert {look.at for look in processed.reassessments} == {at(23.005)}
    slow = [finding for finding in processed.findings if finding.rule == "slow_fill"]
    assert [(one.subject, one.values["time_to_fill_ns"], one.uncertain) for one in slow] == [
        ("demo/2013-10-07/E2", 3_000_000_000, False)
    ]
    marks = {recorded.fill.exec_id: recorded.fill.uncertain for recorded in processed.fills}
    assert marks == {"E1": False, "E2": True, "E3": True, "E4": True, "E5": True, "E6": False}


def test_without_a_gap_nothing_is_uncertain() -> None:
    """The same reports in order."""
    processed = done([an_order(1, 1, "O1"), a_trade(2, 2, "O1", "E1", **FAR), a_bust(3, 3, "O1", "B1", "E1")])

    assert (uncertain_subjects(processed), processed.reassessments) == (set(), [])


def test_what_the_watch_says_of_its_quotes_is_not_uncertain() -> None:
    """No message of the counterparty changes what the market was."""
    processed = done([news(1, 1), a_trade(3, 20, "O3", "E3", **FAR), news(2, 22)])

    assert [(one.rule, one.uncertain) for one in processed.findings if one.rule == "no_quote"] == [("no_quote", False)]
    assert processed.reassessments == []


def test_a_finding_that_changed_is_told_as_it_is_now() -> None:
    """Half of the execution was taken back: half of the harm."""
    processed = done(
        [
            news(1, 1),
            a_trade(3, 21, "O3", "E3", **FAR),
            a_correction(2, 21.5, "O3", "C3", "E3", **RESENT, **FAR, _32="50"),
        ]
    )

    first = next(one for one in processed.findings if one.subject.endswith("E3"))
    (look,) = [look for look in processed.reassessments if look.finding_id == first.finding_id]
    assert (look.verdict, look.missing) == (Verdict.CHANGED, "message 2")
    assert look.finding is not None
    assert first.dollar_harm is not None
    assert look.finding.dollar_harm == first.dollar_harm // 2
    assert (look.finding.finding_id, look.finding.uncertain, first.uncertain) == (first.finding_id, False, True)


def test_what_was_lost_with_its_epoch_leaves_its_findings_uncertain_for_ever() -> None:
    """The numbers began anew: nobody can say what was in them."""
    trade = a_trade(5, 21, "O3", "E3", **FAR)
    bust = msgspec.structs.replace(a_bust(1, 22, "O3", "B3", "E3"), epoch="e2")

    processed = done([news(1, 1), trade, bust])

    reason = "messages 2-4 will not come: the numbers began anew before they did"
    assert verdicts(processed) == {
        "outside_nbbo E3": ("unresolved", reason, "messages 2-4"),
        f"sequence_gap {SESSION}": ("stands", "messages 2-4 did not come", "messages 2-4"),
        f"epoch_changed {SESSION}": ("stands", "messages 2-4 did not come", "messages 2-4"),
    }


def test_what_our_own_lost_store_missed_is_judged_when_the_next_epoch_brings_it() -> None:
    """The counterparty's numbers went on: nothing was lost, whatever was said when our side began anew."""
    copies = [
        news(9, 30),
        a_report(1, 31, _35="B", _52=stamp(31), _122=stamp(1), _60=stamp(1), **RESENT),
        a_bust(2, 31, "O3", "B3", "E3", **RESENT, _122=stamp(20.5)),
        a_trade(3, 31, "O3", "E3", **FAR, **RESENT, _122=stamp(21), _60=stamp(21)),
        a_report(4, 31.5, _35="4", _43="Y", _123="Y", _36="9"),
    ]

    processed = done(
        [news(1, 1), a_trade(3, 21, "O3", "E3", **FAR), *(msgspec.structs.replace(one, epoch="e2") for one in copies)]
    )

    came = "what was missing came: the counterparty's numbers went on"
    assert verdicts(processed) == {
        "outside_nbbo E3": ("withdrawn", "the execution was busted", "messages 2, 1-8"),
        f"sequence_gap {SESSION}": ("withdrawn", came, "messages 2, 1-8"),
        f"epoch_changed {SESSION}": ("changed", came, "messages 2, 1-8"),
    }


def test_what_came_in_part_is_told_in_part() -> None:
    """Number 2 came in the next epoch, number 3 never did: a file is read, and the next epoch's own gap is closed."""
    copies = [
        news(9, 30),
        a_report(1, 31, _35="B", _52=stamp(31), _122=stamp(1), _60=stamp(1), **RESENT),
        a_report(2, 31, _35="B", _122=stamp(20), **RESENT),
        a_trade(4, 31, "O3", "E3", **FAR, **RESENT, _122=stamp(21), _60=stamp(21)),
        a_report(12, 32, _35="4", _36="20"),
    ]

    processed = done(
        [news(1, 1), a_trade(4, 21, "O3", "E3", **FAR), *(msgspec.structs.replace(one, epoch="e2") for one in copies)]
    )

    assert verdicts(processed)["outside_nbbo E3"][:2] == (
        "unresolved",
        "message 3 will not come: the numbers began anew before they did",
    )
    (look,) = [one for one in processed.reassessments if one.rule == "sequence_gap"]
    assert look.finding is not None
    assert (look.verdict, look.reason) == (Verdict.CHANGED, "message 3 did not come")
    assert (look.finding.values["lost"], look.finding.values["lost_count"]) == ("3", 1)


def test_a_gap_that_the_counterparty_declares_empty_is_closed() -> None:
    """A GapFill says that there was nothing worth sending."""
    filled = a_report(2, 22, _35="4", _43="Y", _123="Y", _36="5")

    processed = done([news(1, 1), a_trade(5, 21, "O3", "E3", **FAR), filled])

    assert [look.verdict for look in processed.reassessments] == [Verdict.STANDS]


def test_the_last_gap_of_all_sessions_ends_the_doubt() -> None:
    """Another session of the same counterparty may hold what is missing; another counterparty's holds nothing."""
    other = "FIX.4.4:FIRM->SOR2"
    first_of_other = msgspec.structs.replace(news(2, 20), session=other)
    last_of_other = msgspec.structs.replace(news(1, 23), session=other)
    stranger = msgspec.structs.replace(a_trade(1, 20.5, "O9", "E9", **FAR), counterparty="other")

    processed = run(
        a_journal(
            [
                first_of_other,
                news(1, 20.2),
                stranger,
                a_trade(3, 21, "O3", "E3", **FAR),
                news(2, 22),
                a_trade(4, 22.5, "O4", "E4", **FAR),
                last_of_other,
            ],
            [*BEGIN, msgspec.structs.replace(BEGIN[3], name="other")],
        )
    )

    assert uncertain_subjects(processed) == {"outside_nbbo E3", "outside_nbbo E4"}
    missing = f"messages 1 of {other}, 2 of {SESSION}"
    assert {look[2] for look in verdicts(processed).values()} == {missing}
    assert {look.at for look in processed.reassessments} == {at(23.005)}


def test_an_orphan_whose_execution_was_in_the_gap_is_withdrawn() -> None:
    """It was overdue because its execution was missing."""
    processed = done(
        [
            news(1, 1),
            a_bust(3, 2, "O1", "B1", "E1"),
            a_tick(400),
            a_trade(2, 1.5, "O1", "E1", **RESENT),
        ]
    )

    assert verdicts(processed) == {
        "orphan_bust E1": ("withdrawn", "its execution has come", "message 2"),
    }


def test_an_overfill_that_a_bust_in_the_gap_explains_is_withdrawn() -> None:
    """Two executions of 100, of which one never happened."""
    processed = done(
        [
            an_order(1, 1, "O1"),
            a_trade(2, 2, "O1", "E1"),
            a_trade(4, 3, "O1", "E2"),
            a_bust(3, 2.5, "O1", "B1", "E1", **RESENT),
        ]
    )

    assert verdicts(processed)["overfill E2"] == ("withdrawn", "100 of 100 are executed", "message 3")


def test_an_order_that_ended_in_the_gap_is_judged_by_its_end_as_it_became_known() -> None:
    """Two cancels without executions; one of the orders had been filled, and its acknowledgement was missing too."""
    low = "rules: {poor_fill: {parameters: {marketable_at_least: 50 %}}, fill_rate_drop: {parameters: {minimum: 2}}}"
    silent: dict[str, Any] = {"_32": None, "_31": None, "_30": "XNYS", "_40": "1", "_44": None}
    cancels = [
        a_report(5, 20, _37="O1", _11="O1", _17="X1", _150="4", _39="4", **silent),
        a_report(6, 21, _37="O2", _11="O2", _17="X2", _150="4", _39="4", **silent),
    ]
    missing = [
        an_order(2, 10, "O1", **RESENT, _40="1", _44=None),
        a_trade(3, 11, "O1", "E1", **RESENT, _40="1", _44=None),
        news(4, 12),
    ]

    processed = done([news(1, 1), *cancels, *missing], low)

    assert uncertain_subjects(processed) >= {"poor_fill O1", "poor_fill O2"}
    said = verdicts(processed)
    assert said["poor_fill O1"][:2] == (
        "withdrawn",
        "100 of 100 are executed and the order's receipt has come: it is within the limits",
    )
    assert said["poor_fill O2"][0] == "stands"
    drop = next(look for look in processed.reassessments if look.rule == "fill_rate_drop")
    assert (drop.verdict, drop.reason) == (Verdict.WITHDRAWN, "its orders were counted anew: it is within the limits")


def test_an_order_whose_kind_was_not_known_is_judged_when_its_receipt_comes() -> None:
    """A limit order is marketable or not by the market at its receipt."""
    silent: dict[str, Any] = {"_32": None, "_31": None, "_30": None, "_44": "183.00"}
    cancel = a_report(3, 20, _37="O1", _11="O1", _17="X1", _150="4", _39="4", **silent)

    processed = done([news(1, 1), cancel, an_order(2, 11, "O1", **RESENT, _44="183.00")])

    poor = [finding for finding in processed.findings if finding.rule == "poor_fill"]
    assert [(one.subject, one.uncertain) for one in poor] == [("O1", False)]
    assert processed.reassessments == []


def test_a_message_on_which_the_watch_fails_holds_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its findings were taken back with its facts, so there is nothing to look at again."""

    def failing(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(judging._FACTS, Ended, failing)

    processed = done([news(1, 1), a_trade(3, 21, "O3", "E3", **FAR), news(2, 22)])

    assert [finding.rule for finding in processed.findings] == ["sequence_gap", "undecodable"]
    assert processed.reassessments == []


def test_what_does_not_fit_says_at_once_that_it_stays_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded, and nothing is silently dropped."""
    monkeypatch.setattr(uncertain, "MOST_HELD", 1)
    monkeypatch.setattr("service.reassess.MOST_HELD", 1)

    processed = done(
        [
            news(1, 1),
            a_trade(3, 21, "O3", "E3", **FAR),
            a_trade(4, 21, "O4", "E4", **FAR),
            a_bust(2, 22, "O3", "B3", "E3", **RESENT),
        ]
    )

    full = "more than 1 findings were made while messages were missing"
    assert verdicts(processed) == {
        "outside_nbbo E3": ("withdrawn", "the execution was busted", "message 2"),
        "outside_nbbo E4": ("unresolved", full, "message 2"),
    }


def test_a_control_record_that_cannot_be_read_does_not_lose_what_is_held() -> None:
    """The watch fails on it and says so; the doubt goes on."""
    nonsense = Entry(
        kind=RecordKind.SESSION, counterparty=PARTY, session=SESSION, epoch="e1", received_at=at(21.5), body=b"{"
    )

    processed = done([news(1, 1), a_trade(3, 21, "O3", "E3", **FAR), nonsense, news(2, 22)])

    assert verdicts(processed)["outside_nbbo E3"][0] == "stands"


def test_a_core_that_is_restored_in_a_gap_goes_on_with_what_it_held() -> None:
    """The doubt is part of the state."""
    entries = [news(1, 1), a_trade(3, 21, "O3", "E3", **FAR), a_trade(4, 22, "O4", "E4", _40="1", _44=None)]
    journal = a_journal(entries, BEGIN)
    core = Core()
    run(journal, core=core)
    other = Core()

    other.restore(core.snapshot())

    (held,) = other._judging.reassess.snapshot()
    assert held == core._judging.reassess.snapshot()[0]
    assert (len(held.findings), len(held.fills), held.gaps) == (1, 2, [(SESSION, "2")])


def test_gaps_are_told_by_their_numbers_and_too_many_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line can break more often than anybody reads."""
    monkeypatch.setattr(uncertain, "MOST_GAPS", 2)
    held = Uncertain(counterparty="demo")
    nothing_known = held.missing()
    for numbers in ("5-6", "8", "10"):
        held.tell(a_feed_event(kind=FeedEventKind.GAP_OPENED, subject=numbers))
    held.tell(a_feed_event(kind=FeedEventKind.EPOCH_CHANGED, detail={"epoch": "e2"}))
    held.tell(a_feed_event(kind=FeedEventKind.GAP_CLOSED, subject="8"))
    for numbers in ("5-6", "8", "10"):
        held.tell(a_feed_event(kind=FeedEventKind.EPOCH_CHANGED, detail={"previous": "e1", "lost": numbers}))

    assert nothing_known == "some messages"
    assert held.missing() == "messages 5-6, 8 and 1 more gaps"
    assert held.lost == [(SESSION, "e1")] * 3


def test_fills_and_ends_beyond_the_bound_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor more windows than there is room for."""
    monkeypatch.setattr(uncertain, "MOST_HELD", 1)
    held = Uncertain(counterparty="demo")

    for n in range(3):
        held.await_receipt(a_fill(execution_id=f"E{n}"))
        held.counted(an_outcome(order_key=f"O{n}"))

    assert (len(held.fills), len(held.outcomes)) == (1, 1)


def test_a_window_beyond_the_bound_is_held_without_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its finding stays uncertain and says so."""
    monkeypatch.setattr(uncertain, "MOST_WINDOWS", 0)
    silent: dict[str, Any] = {"_32": None, "_31": None, "_30": "XNYS", "_40": "1", "_44": None}
    cancels = [
        a_report(3 + n, 20 + n, _37=f"O{n}", _11=f"O{n}", _17=f"X{n}", _150="4", _39="4", **silent) for n in range(2)
    ]

    processed = done([news(1, 1), *cancels, news(2, 30)], "rules: {fill_rate_drop: {parameters: {minimum: 2}}}")

    (look,) = [look for look in processed.reassessments if look.rule == "fill_rate_drop"]
    assert look.verdict is Verdict.UNRESOLVED
    assert look.reason.startswith("more than 64 windows")


def test_a_close_in_the_gap_is_uncertain_too() -> None:
    """What time alone ended may have been executed in the messages that are missing."""
    day = 24 * 3600.0
    processed = done(
        [
            an_order(1, 1, "O1", _40="1", _44=None),
            news(3, 20),
            a_tick(2 * day),
            a_trade(2, 10, "O1", "E1", **RESENT, _40="1", _44=None),
        ]
    )

    assert uncertain_subjects(processed) == {"poor_fill O1"}
    assert verdicts(processed)["poor_fill O1"][0] == "withdrawn"
    assert isinstance(processed.reassessments[0], Reassessment)
