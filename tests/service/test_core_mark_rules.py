"""Marks and fades on the road: the rules are asked about each of them as it is taken, live as in a replay."""

from __future__ import annotations

import msgspec
import pytest

from rules.cards import catalogue
from rules.facts import Fade, Markout
from rules.finding import Draft, Finding, Scope
from rules.rule import LooksAt
from service.marks import HORIZONS
from service.stored_quotes import StoredQuotes
from tests.factories_road import (
    a_correction,
    a_journal,
    a_pipeline,
    a_tick,
    a_trade,
    an_order,
    digests,
    go_on,
    run,
)
from tests.fakes_store import FakeStore

CHILDREN = [an_order(number, number, name, _526="PARENT") for number, name in enumerate("ABC", start=1)]
STORY = [*CHILDREN, a_trade(4, 4, "A", "E1", _526="PARENT"), a_tick(10), a_tick(400)]


@pytest.fixture(autouse=True)
def _every_mark_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one rule report every mark and every fade that it is asked about."""

    def check(fact: Markout | Fade, limits: object) -> Draft:
        del limits
        if isinstance(fact, Markout):
            name = f"{fact.execution_id} {fact.horizon}"
            values = {"shares": fact.executed.quantity, "price": fact.price, "spread": fact.realized_spread}
        else:
            name, values = fact.later_key, {"touch": fact.moved.touch, "before": fact.moved_before.touch}
        return Draft(subject=name, cause="told", at=fact.clock, values=values, sentence="told.")

    rule = catalogue()["venue_drift"]
    card = msgspec.structs.replace(rule.card, looks_at=(LooksAt.MARKOUT, LooksAt.FADE), events=(), scope=Scope.MARKET)
    telling = msgspec.structs.replace(rule, check=check, card=card)
    monkeypatch.setattr("rules.bench.catalogue", lambda: {**catalogue(), "venue_drift": telling})


def told(found: list[Finding]) -> list[Finding]:
    """Return what the rule told."""
    return [finding for finding in found if finding.cause == "told"]


def test_the_rules_are_asked_about_every_mark_and_every_fade() -> None:
    """Each at the record that took it; also about a fade whose move has no number, at once."""
    done = run(a_journal(STORY))

    found = told(done.findings)
    marks = {finding.subject for finding in found if "spread" in finding.values}
    fades = {finding.subject: finding.values["touch"] for finding in found if "touch" in finding.values}
    assert marks == {f"{done.fills[0].fill.execution_id} {horizon}" for horizon in HORIZONS}
    assert fades == {fade.later_key: fade.moved.touch for fade in done.fades}
    assert set(fades) == {"B", "C"}
    (first, *_) = found
    assert (first.symbol, first.venue, first.accounts, first.quotes) == ("IBM", None, (), {})
    assert {finding.venue for finding in found} == {None, done.fills[0].fill.venue}


def test_a_mark_says_of_its_execution_what_counts_when_it_is_taken() -> None:
    """A correction between two marks gives the later one its quantity and its price."""
    corrected = a_correction(5, 10, "A", "C1", "E1", _31="181.00", _32="40", _526="PARENT")

    done = run(a_journal([*STORY[:-2], corrected, a_tick(400)]))

    values = [finding.values for finding in told(done.findings) if "spread" in finding.values]
    assert [one["shares"] for one in values] == [100_000_000] * 2 + [40_000_000] * 3
    assert {one["price"] for one in values[2:]} == {181 * 10**9}


@pytest.mark.parametrize("batch", [1, 2, 3, 512])
def test_cutting_the_road_changes_nothing_that_is_said_of_marks(batch: int) -> None:
    """Batches are no part of what was found."""
    whole = run(a_journal(STORY))

    cut = run(a_journal(STORY), batch=batch)

    assert [finding.finding_id for finding in cut.findings] == [finding.finding_id for finding in whole.findings]
    assert digests(cut.findings) == digests(whole.findings)


def test_a_second_run_by_the_quotes_that_were_recorded_says_the_same() -> None:
    """Live is the replay of a journal that still grows."""
    journal, store, again = a_journal(STORY), FakeStore(), FakeStore()
    go_on(a_pipeline(journal, store))
    second = a_pipeline(journal, again)
    second._quotes = StoredQuotes(store)

    go_on(second)

    assert told(again.recorded.findings)
    assert digests(again.recorded.findings) == digests(store.recorded.findings)


def test_a_mark_that_is_taken_while_messages_are_missing_is_in_doubt() -> None:
    """And one that is taken before or after is not, whenever its execution was."""
    late = a_trade(7, 20, "C", "E3", _526="PARENT")
    missing = [a_trade(number, 15 + number, "B", f"M{number}", _526="PARENT", _43="Y") for number in (5, 6)]

    done = run(a_journal([*STORY[:-2], a_tick(8), late, a_tick(25), *missing, a_tick(400)]))

    doubts = {finding.subject: finding.uncertain for finding in told(done.findings) if "spread" in finding.values}
    first, third = (row.fill.execution_id for row in (done.fills[0], done.fills[1]))
    assert doubts[f"{first} {HORIZONS[1]}"] is False
    assert doubts[f"{third} {HORIZONS[1]}"] is True
    assert doubts[f"{third} {HORIZONS[-1]}"] is False
