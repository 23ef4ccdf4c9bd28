"""From FIX bytes to findings: slow acknowledgements, slow cancels, and requests that nobody answers on a dead line."""

from __future__ import annotations

from typing import Any

import pytest

from rules.facts import FeedEventKind, OrderEventKind
from rules.finding import Finding, Severity
from service.core import Core
from service.journal import Entry, Frame
from service.processed import Processed
from tests.factories import length, shares
from tests.factories_messages import fix_message
from tests.factories_own import a_cancel, a_fill, an_ack, an_event, an_own, said, story, the_journal
from tests.factories_road import a_journal, a_message, a_pipeline, a_tick, at, digests, go_on, run, stamp
from tests.fakes_store import FakeStore

UNANSWERED, ANSWERED = FeedEventKind.UNANSWERED_ORDER, FeedEventKind.ANSWERED_ORDER
PENDING_NEW, PENDING_CANCEL, CANCELED, REJECTED = "A", "6", "4", "8"


def a_cancel_reject(number: int, seconds: float, **by_tag: Any) -> Entry:
    """Return the vendor's reject of a cancel (35=9)."""
    head = {"_35": "9", "_34": number, "_49": "SOR", "_52": stamp(seconds), "_56": "FIRM", "_60": stamp(seconds)}
    tags = {"_37": "O1", "_11": "X1", "_41": "C1", "_39": "0", "_434": "1", "_102": "0"} | by_tag
    return a_message(fix_message(**(head | tags)), seconds)


def found(processed: Processed, rule: str) -> list[Finding]:
    """Return what a rule found."""
    return [finding for finding in processed.findings if finding.rule == rule]


def test_a_burst_of_rejects_is_a_finding_with_the_commonest_reason() -> None:
    """Ten orders in a row were refused; the copy names no venue."""
    refused = [an_event(n, n, f"O{n}", f"C{n}", REJECTED, _58="credit limit reached") for n in range(1, 11)]

    done = run(a_journal(refused))

    (finding,) = found(done, "reject_burst")
    assert (finding.values["reason"], finding.cause) == ("credit limit reached", "rejects: counterparty demo")


def test_an_order_that_was_acknowledged_late_is_a_finding() -> None:
    """Pending New and New are three seconds apart on the vendor's clock."""
    done = run(a_journal([an_event(1, 1, "O1", "C1", PENDING_NEW), an_ack(2, 4, "O1", "C1")]))

    (finding,) = found(done, "slow_ack")
    assert (finding.subject, finding.values["waited_ns"]) == ("O1", length("3 s"))
    assert finding.thresholds["at_most_ns"] == length("1 s")
    answer = done.order_events[-1].changed.answer
    assert answer is not None
    assert answer.asked is OrderEventKind.PENDING_NEW


def test_an_order_that_was_long_on_its_way_is_a_finding_between_two_clocks() -> None:
    """The vendor acknowledged at once what he got five seconds after the firm sent it."""
    done = story(an_own(1, 1, "C1"), an_event(1, 6, "O1", "C1", PENDING_NEW), an_ack(2, 6.01, "O1", "C1"))

    (finding,) = found(done, "slow_ack")
    assert finding.clocks is not None
    assert finding.clocks[0].endswith("(firm)")
    assert finding.values["firm_waited_ns"] == length("5.01 s")


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"_52": stamp(4)}, "TransactTime (60) is 1000000000 ns after SendingTime (52)"),
        ({"_60": stamp(1)}, "TransactTime (60) is before that of what it answers"),
    ],
)
def test_an_order_event_with_stamps_that_contradict_each_other_is_suspect(tags: dict[str, Any], reason: str) -> None:
    """No length is made of them."""
    done = run(a_journal([an_event(1, 2, "O1", "C1", PENDING_NEW), an_ack(2, 5, "O1", "C1", **tags)]))

    (finding,) = found(done, "clock_suspect")
    assert (finding.values["stamps"], finding.values["example"]) == (reason, "N2")
    assert ("slow_ack", "clock suspect") in {(rule, why) for _, rule, why in done.skipped}


def test_where_only_the_acknowledgement_comes_that_is_counted() -> None:
    """Nothing tells when the order was received."""
    done = run(a_journal([an_ack(1, 4, "O1", "C1")]))

    assert found(done, "slow_ack") == []
    assert ("slow_ack", "no receipt before the acknowledgement") in {(rule, why) for _, rule, why in done.skipped}


def test_a_cancel_that_waited_while_shares_were_executed_is_a_graver_finding() -> None:
    """The shares are told."""
    done = run(
        a_journal(
            [
                an_ack(1, 1, "O1", "C1"),
                an_event(2, 2, "O1", "C1", PENDING_CANCEL),
                a_fill(3, 3, "O1", "C1", 40),
                an_event(4, 5, "O1", "C1", CANCELED),
            ]
        )
    )

    (finding,) = found(done, "slow_cancel")
    assert (finding.severity, finding.values["executed_shares"]) == (Severity.HIGH, shares("40"))
    assert "was done after 3 s" in finding.sentence


def test_a_cancel_reject_is_the_end_of_a_cancel() -> None:
    """35=9 is an order event; it says nothing of the order's terms."""
    entries = [an_ack(1, 1, "O1", "C1"), an_event(2, 2, "O1", "C1", PENDING_CANCEL), a_cancel_reject(3, 5)]

    done = run(a_journal(entries))

    (finding,) = found(done, "slow_cancel")
    assert "was refused after 3 s" in finding.sentence
    assert [outcome.outcome for outcome in done.outcomes] == ["order_event"] * 3
    refused = done.order_events[-1].changed
    assert (refused.kind, refused.reason) == (OrderEventKind.CANCEL_REJECTED, "CxlRejReason (102) 0")
    assert refused.order.quantity == shares("100")


@pytest.mark.parametrize(
    ("by_tag", "outcome"),
    [
        ({"_37": "O9", "_41": "C9", "_434": "2"}, "status"),
        ({"_37": None, "_11": None}, "status"),
        ({"_60": "yesterday"}, "status"),
        ({"_37": "O1\x0137=O2"}, "status"),
        ({"_434": "2", "_58": "too late"}, "order_event"),
    ],
)
def test_a_cancel_reject_that_can_be_placed_nowhere_is_a_status(by_tag: dict[str, Any], outcome: str) -> None:
    """It changes nothing, and it makes no order."""
    done = run(a_journal([an_ack(1, 1, "O1", "C1"), a_cancel_reject(2, 5, **by_tag)]))

    assert done.outcomes[-1].outcome == outcome
    assert {row.changed.order.order_key for row in done.order_events} == {"O1"}


def test_the_firm_s_own_cancel_counts_from_its_sending() -> None:
    """The vendor never says that it is pending; his cancel comes six seconds later, and its silence was told."""
    done = story(
        an_own(1, 1, "C1"),
        an_ack(1, 1.1, "O1", "C1"),
        a_cancel(2, 2, "X1", "C1"),
        an_event(2, 8, "O1", "C1", CANCELED),
    )

    (finding,) = found(done, "slow_cancel")
    assert (finding.values["waited_ns"], finding.values["firm_waited_ns"]) == (None, length("6 s"))
    assert said(done, UNANSWERED, ANSWERED) == [(UNANSWERED, "C1"), (ANSWERED, "C1")]
    (silence,) = found(done, "unanswered_order")
    assert "has not answered the cancel of the order C1 in IBM" in silence.sentence


def test_an_own_cancel_and_the_vendor_s_pending_one_are_one_request() -> None:
    """Whichever comes first, both intervals are told."""
    done = story(
        an_own(1, 1, "C1"),
        an_ack(1, 1.1, "O1", "C1"),
        a_cancel(2, 2, "X1", "C1"),
        an_event(2, 3, "O1", "C1", PENDING_CANCEL),
        an_event(3, 4.5, "O1", "C1", CANCELED),
    )

    answer = done.order_events[-1].changed.answer
    assert answer is not None
    assert (answer.waited, answer.firm_waited) == (length("1.5 s"), length("2.5 s"))


def test_an_own_cancel_is_asked_of_nobody_who_reports_the_children_only() -> None:
    """What the vendor never speaks of by itself he will not end by itself."""
    done = story(an_own(1, 1, "C1"), a_fill(1, 2, "O7", "C7", 10, _526="C1"), a_cancel(2, 3, "X1", "C1"), a_tick(60))

    assert all(event.detail.get("asked") is None for event in done.feed_events)


def test_a_copy_of_fills_alone_is_not_blamed_for_a_cancel_that_it_never_tells_of() -> None:
    """Its silence says nothing."""
    done = story(an_own(1, 1, "C1"), a_fill(1, 2, "O1", "C1", 10), a_cancel(2, 3, "X1", "C1"), a_tick(60))

    assert said(done, UNANSWERED) == []


def test_what_the_vendor_leaves_pending_is_told_on_a_dead_line() -> None:
    """The core announces when; a tick does it, and a restart before the tick changes nothing."""
    pending = [an_event(1, 1, "O1", "C1", PENDING_NEW), an_event(2, 2, "O2", "C2", PENDING_NEW)]
    journal, store = the_journal(pending), FakeStore()
    pipeline = a_pipeline(journal, store)
    go_on(pipeline)
    restarted = Core()
    restarted.restore(pipeline.core.snapshot())

    assert pipeline.core.deadline() == restarted.deadline() == at(6.005)
    journal.append(Frame(entries=(a_tick(6.005), an_ack(3, 6.5, "O2", "C2"), an_ack(4, 8, "O1", "C1"), a_tick(60))))
    go_on(pipeline)

    assert said(store.recorded, UNANSWERED, ANSWERED) == [(UNANSWERED, "O1"), (ANSWERED, "O1")]
    (silence,) = found(store.recorded, "unanswered_order")
    assert "has not answered the pending order O1 in IBM" in silence.sentence
    assert [finding.subject for finding in found(store.recorded, "slow_ack")] == ["O2", "O1"]


STORY = [
    an_event(1, 1, "O1", "C1", PENDING_NEW),
    an_event(2, 2, "O2", "C2", PENDING_NEW),
    an_ack(3, 4, "O1", "C1"),
    a_tick(8),
    an_event(4, 9, "O1", "C1", PENDING_CANCEL),
    a_fill(5, 10, "O1", "C1", 30),
    a_cancel_reject(6, 12),
    an_event(7, 13, "O1", "C1", PENDING_CANCEL),
    an_event(8, 14.5, "O1", "C1", CANCELED),
    *[an_event(20 + n, 20 + n, f"R{n}", f"D{n}", REJECTED) for n in range(12)],
    a_tick(60),
]
"""Every new rule about answers finds something here."""


@pytest.mark.parametrize("batch", [1, 3])
def test_cutting_the_story_elsewhere_changes_no_finding(batch: int) -> None:
    """Nor does repeating each of its messages."""
    whole = run(a_journal(STORY))
    twice = [entry for entry in STORY for _ in range(2)]

    assert {finding.rule for finding in whole.findings} >= {
        "slow_ack",
        "slow_cancel",
        "unanswered_order",
        "reject_burst",
    }
    assert digests(run(a_journal(STORY), batch=batch).findings) == digests(whole.findings)
    assert digests(run(a_journal(twice)).findings) == digests(whole.findings)


@pytest.mark.parametrize("cut", range(1, len(STORY)))
def test_a_restart_anywhere_changes_no_finding(cut: int) -> None:
    """What waits, what was told and what was counted goes over."""
    journal, store = a_journal(STORY[:cut]), FakeStore()
    pipeline = a_pipeline(journal, store)
    go_on(pipeline)
    restarted = Core()
    restarted.restore(pipeline.core.snapshot())
    journal.append(Frame(entries=tuple(STORY[cut:])))

    go_on(a_pipeline(journal, store, core=restarted))

    assert digests(store.recorded.findings) == digests(run(a_journal(STORY)).findings)
