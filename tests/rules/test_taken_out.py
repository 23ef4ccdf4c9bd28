"""A bust takes an execution out of every window that counted it, a correction moves it; what cannot is counted."""

from __future__ import annotations

from typing import Any

import msgspec

from rules.engine import Engine
from rules.facts import SECOND, Fill, Nanos
from rules.judges import Trade
from tests.factories import NOON, TRADE_DATE, a_fill
from tests.factories_marks import a_markout
from tests.factories_rules import an_engine


def held(engine: Engine, rule: str) -> list[tuple[tuple[str, ...], int]]:
    """Return key and number of observations of each window of a rule that holds any."""
    return [(state.key, len(state.rows)) for state in engine.snapshot().windows[rule] if state.rows]


def the_trade(at: Nanos | None = NOON, *, corrected: bool = False) -> Trade:
    """Return execution E1, busted unless it was corrected."""
    return Trade("E1", TRADE_DATE, at, corrected)


def counted(**named: Any) -> Fill:
    """Return an execution at noon that cost a cent more than the quote."""
    return a_fill(**{"executed_at": NOON, "price": "10.02", "offer_at_execution": "10.02"} | named)


def test_a_busted_execution_leaves_every_window() -> None:
    """Of whichever rule, under whichever key, and no other one does."""
    engine = an_engine()
    engine.assess(counted())
    engine.assess(counted(execution_id="E2"))
    engine.assess(a_markout(horizon="1 s"))

    moved = engine.take_out(the_trade(), [])

    for rule in ("wide_effective_spread", "missed_midpoint", "not_evaluated_rate"):
        assert [count for _, count in held(engine, rule)] == [1]
    assert held(engine, "adverse_reversion") == []
    assert list(moved) == ["adverse_reversion"]
    assert engine.take_out(the_trade(), []) == {}


def test_a_corrected_execution_is_counted_once_as_it_is_now() -> None:
    """At another price and another venue, in the window that it belongs to."""
    engine = an_engine()
    engine.assess(counted())
    engine.take_out(the_trade(corrected=True), [])

    engine.assess(counted(execution_id="E1/C1", amends="E1", venue="XNAS", price="10.01"))
    engine.take_out(the_trade(corrected=True), [])
    engine.assess(counted(execution_id="E1/C2", amends="E1", venue="XNAS", price="10.00"))

    plain = an_engine()
    plain.assess(counted(venue="XNAS", price="10.00"))
    for rule in ("wide_effective_spread", "missed_midpoint"):
        (now,) = (state.rows for state in engine.snapshot().windows[rule] if state.rows)
        assert now == plain.snapshot().windows[rule][0].rows


def test_the_mark_of_a_corrected_execution_is_out_and_that_is_said() -> None:
    """Nobody knows what the mark would have said at the new price; a bust needs no such word."""
    engine = an_engine()
    skipped: list[tuple[str, str, str]] = []
    for name in ("E1", "E2"):
        engine.assess(a_markout(horizon="1 s", execution_id=name))

    engine.take_out(the_trade(corrected=True), skipped)
    engine.take_out(msgspec.structs.replace(the_trade(), execution_id="E2"), skipped)

    assert held(engine, "adverse_reversion") == []
    assert skipped == [(TRADE_DATE, "adverse_reversion", "corrected after its mark")]
    assert engine.not_evaluated["adverse_reversion", "corrected after its mark"] == 1


def test_an_execution_whose_time_nobody_knows_stays_counted_and_that_is_said() -> None:
    """For every rule that may have counted it."""
    engine = an_engine()
    engine.assess(counted())

    assert engine.take_out(the_trade(None), []) == {}

    assert [count for _, count in held(engine, "wide_effective_spread")] == [1]
    told = {rule for rule, reason in engine.not_evaluated if reason == "amended, its time is unknown"}
    assert told >= {"wide_effective_spread", "missed_midpoint", "adverse_reversion"}
    assert not told & {"fill_rate_drop", "quote_fade"}


def test_what_a_window_has_let_go_of_is_no_trouble() -> None:
    """Another time, another execution."""
    engine = an_engine()
    engine.assess(counted())

    assert engine.take_out(the_trade(Nanos(NOON + SECOND)), []) == {}

    assert [count for _, count in held(engine, "wide_effective_spread")] == [1]
