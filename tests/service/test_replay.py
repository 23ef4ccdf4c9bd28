"""A FIX log down the road: versions, messages, and the close of its days."""

from __future__ import annotations

from typing import Any

from rules import reassessment
from rules.facts import OrderEnd
from rules.finding import Scope
from service.passing import PassingJournal, PassingStore
from service.replay import Replay, Summary
from tests.factories_road import (
    SteadyQuotes,
    a_bust,
    a_journal,
    a_report,
    a_trade,
    an_order,
    digests,
    run,
    versions,
)
from tests.fakes_store import FakeJournal, FakeStore


def test_a_replay_finds_what_the_live_road_found() -> None:
    """The same market findings, whatever they are recorded to; the end of the log is a silence of its own."""
    entries = [
        an_order(1, 1, "O1", _40="1", _44=None),
        a_trade(2, 400, "O1", "E1"),
        a_bust(3, 401, "O1", "B1", "E1"),
        a_report(4, 402, _31="dear"),
    ]
    replay = Replay(quotes=SteadyQuotes(), journal=PassingJournal(), store=PassingStore())

    found = list(replay.run(versions(), entries))

    assert digests(found)[Scope.MARKET] == digests(run(a_journal(entries)).findings)[Scope.MARKET]
    assert {"slow_fill", "undecodable"} <= {finding.rule for finding in found}


def test_the_summary_counts_everything() -> None:
    """Messages by outcome, executions evaluated and not, findings by rule and severity, and progress."""
    steps: list[int] = []
    replay = Replay(quotes=SteadyQuotes(), journal=PassingJournal(), store=PassingStore())
    entries = [a_trade(number, number, f"O{number}", f"E{number}") for number in range(1, 600)]

    list(replay.run(versions(), entries, progress=steps.append))

    summary = replay.summary
    assert (summary.messages, summary.outcomes, summary.executions) == (599, {"execution": 599}, 599)
    assert summary.evaluated + sum(summary.not_evaluated.values()) == 599
    assert summary.not_evaluated["execution crossed"] > 0
    assert sum(summary.findings["outside_nbbo"].values()) > 0
    assert steps == [512, 87]


def test_the_end_of_the_log_ends_its_days() -> None:
    """An order without a final message gets its outcome."""
    store = FakeStore()
    replay = Replay(quotes=SteadyQuotes(), journal=FakeJournal(), store=store)

    list(replay.run(versions(), [an_order(1, 1, "O1")]))

    assert [outcome.end for outcome in store.recorded.order_outcomes] == [OrderEnd.CLOSE]


def test_an_empty_log_comes_to_nothing() -> None:
    """No clock, no close, no finding."""
    replay = Replay(quotes=SteadyQuotes(), journal=PassingJournal(), store=PassingStore())

    found = list(replay.run(versions(), []))

    assert found == []
    assert replay.summary == Summary()


def test_a_second_log_goes_on_where_the_store_is() -> None:
    """A bust in today's log finds the execution of yesterday's."""
    journal, store = FakeJournal(), FakeStore()
    list(Replay(quotes=SteadyQuotes(), journal=journal, store=store).run(versions(), [a_trade(1, 1, "O1", "E1")]))
    second = Replay(quotes=SteadyQuotes(), journal=journal, store=store)

    list(second.run([], [a_bust(2, 2, "O1", "B1", "E1")]))

    assert second.summary.outcomes == {"bust": 1}
    assert [made.execution_id for made in store.recorded.amendments] == ["demo/2013-10-07/E1"]


def test_a_replay_comes_to_the_same_second_looks_as_the_live_road() -> None:
    """A log with messages in another order than they were sent; the summary counts the verdicts."""
    far: dict[str, Any] = {"_31": "183.00", "_44": "183.00"}
    entries = [
        a_report(1, 1, _35="B"),
        a_report(4, 21, _37="O3", _11="O3", _17="E3", **far),
        a_report(5, 22, _37="O4", _11="O4", _17="E4", **far),
        a_bust(2, 21.5, "O3", "B3", "E3"),
        a_report(3, 21, _35="B"),
    ]
    replay = Replay(quotes=SteadyQuotes(), journal=PassingJournal(), store=PassingStore())

    list(replay.run(versions(), entries))

    live = run(a_journal(entries)).reassessments
    assert reassessment.digest(replay.second_looks) == reassessment.digest(live)
    assert replay.summary.second_looks == {"withdrawn": 1, "stands": 1}
