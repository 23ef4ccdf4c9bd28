"""The engine asked again about a fact that has become known otherwise: what it says, and what it refuses to say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.catalogue import fill_rate_drop, slow_fill
from rules.engine import ANOTHER_RULE, Engine
from rules.facts import SECOND, FeedEventKind, Level, Nanos, OrderOutcome
from rules.finding import Finding
from rules.reassessment import Reassessment, Untold, Verdict, Why, digest
from rules.rule import NotEvaluated
from rules.rulebook import parse_rulebook
from tests.factories import NOON, TRADE_DATE, a_feed_event, a_fill, an_order, an_outcome
from tests.factories_rules import FLOOD, a_register, an_engine

WINDOWS = ("fill_rate_drop", "fill_rate_overall")


def uncertain(fact: Any) -> Any:
    """Return the fact as it is made while messages are missing."""
    return msgspec.structs.replace(fact, uncertain=True)


def ended(n: int, *, executed: str = "0", **named: Any) -> OrderOutcome:
    """Return the n-th order that ended, n seconds after noon, without an execution unless told."""
    return an_outcome(order_key=f"O{n}", at=NOON + n * SECOND, executed=executed, end="expired", **named)


def failing(*_: object) -> None:
    """Fail as a rule with a bug does."""
    raise KeyError


def a_drop(engine: Engine) -> Finding:
    """Let five orders end unfilled; return the finding that their venue fills too little."""
    found = [each for n in range(5) for each in engine.assess(ended(n)) if each.rule == "fill_rate_drop"]
    (drop,) = found
    return drop


def test_a_finding_on_an_uncertain_fact_is_uncertain_and_one_about_the_feed_is_not() -> None:
    """What the market did may change when the messages come; what the watch saw does not."""
    engine = an_engine()

    about_the_market = engine.assess(uncertain(a_fill(price="10.05", offer_at_execution="10.00")))
    about_the_feed = engine.assess(uncertain(a_fill(execution_id="E2", execution_state="crossed")))
    about_an_order = engine.assess(uncertain(a_feed_event(kind=FeedEventKind.OVERFILL, subject="E1")))

    assert [(one.rule, one.uncertain) for one in about_the_market] == [("outside_nbbo", True)]
    assert [(one.rule, one.uncertain) for one in about_the_feed] == [("no_quote", False)]
    assert [(one.rule, one.uncertain) for one in about_an_order] == [("overfill", True)]


def test_the_rule_says_of_the_fact_as_it_is_now_what_it_would_have_said() -> None:
    """Another price is another amount; within the limits is nothing; and it is not counted a second time."""
    engine = an_engine()
    (first,) = engine.assess(a_fill(price="10.05", offer_at_execution="10.00"))
    before = dict(engine.not_evaluated)

    milder = engine.again(first, a_fill(price="10.03", offer_at_execution="10.00"))
    within = engine.again(first, a_fill(price="10.00", offer_at_execution="10.00"))
    elsewhere = engine.again(first, a_fill(level=Level.PARENT))

    assert isinstance(milder, Finding)
    assert (milder.finding_id, milder.values["outside_price"]) == (first.finding_id, 30_000_000)
    assert within is None
    assert elsewhere == NotEvaluated("level parent")
    assert engine.not_evaluated == before


@pytest.mark.parametrize(
    "rulebook", ["rules: {slow_fill: {parameters: {at_most: 5 s}}}", "rules: {slow_fill: {enabled: false}}"]
)
def test_a_finding_is_not_judged_by_another_rule_than_it_was(rulebook: str) -> None:
    """Other limits, or none: it cannot be told."""
    engine = an_engine()
    (first,) = engine.assess(a_fill(time_to_fill="3 s"))

    engine.adopt(parse_rulebook(rulebook), {"demo": a_register()})

    assert engine.again(first, a_fill(time_to_fill="3 s")) is ANOTHER_RULE


def test_a_rule_that_fails_the_second_time_is_counted_and_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither look may stop the watch."""
    engine = an_engine()
    (first,) = engine.assess(a_fill(time_to_fill="3 s"))
    monkeypatch.setattr(slow_fill, "untimed", failing)

    assert engine.again(first, a_fill(time_to_fill="3 s")) == Untold("the rule failed on it (KeyError)")
    assert engine.failures == {("slow_fill", "KeyError"): 1}


def test_a_window_is_counted_anew_with_what_became_known_of_its_orders() -> None:
    """Of five unfilled orders one was filled after all, and one was the customer's own cancel."""
    engine = an_engine(FLOOD)
    drop, rows = a_drop(engine), engine.rows("fill_rate_drop", ended(4))
    assert rows is not None
    for n in range(5, 9):
        engine.assess(ended(n))

    moves = engine.amend([(ended(1), ended(1, executed="100"))], NOON)
    one_filled = engine.recount(drop, ended(4), rows, moves["fill_rate_drop"])
    moves = engine.amend([(ended(2), an_outcome(order_key="O2", end="canceled_by_customer", executed="0"))], NOON)
    one_less = engine.recount(drop, ended(4), rows, moves["fill_rate_drop"])

    assert isinstance(one_filled, Finding)
    assert (one_filled.values["filled_count"], one_filled.values["orders_count"]) == (1, 5)
    assert one_less == NotEvaluated("not enough data")
    assert sorted(moves) == list(WINDOWS)
    window = next(iter(engine._named("fill_rate_drop").windows._days.values()))  # type: ignore[union-attr]
    assert [(held.count, held.total) for held in window.values()] == [(8, 1)]


def test_an_order_that_moves_to_another_window_leaves_the_one_it_was_in() -> None:
    """The venue becomes known with the fill: before, the order stood under none."""
    engine = an_engine(FLOOD)
    drop, rows = a_drop(engine), engine.rows("fill_rate_drop", ended(4))
    assert rows is not None

    away = engine.amend([(ended(0), ended(0, executed="100", venue="XNAS"))], NOON)["fill_rate_drop"]
    here = engine.amend([(ended(9, venue="venue_unknown"), ended(3, executed="100"))], Nanos(NOON + 9 * SECOND))

    assert engine.recount(drop, ended(4), rows, away) == NotEvaluated("not enough data")
    counted = engine.recount(drop, ended(4), rows, [*here["fill_rate_drop"]])
    assert isinstance(counted, Finding)
    assert {tuple(state.key): len(state.rows) for state in engine.snapshot().windows["fill_rate_drop"]} == {
        ("demo", "marketable", "XNYS"): 4,
        ("demo", "marketable", "XNAS"): 1,
    }


def test_what_a_window_has_let_go_of_or_what_lies_ahead_of_the_clock_is_not_moved() -> None:
    """Another day's window, an order that was never counted, a stamp from the future."""
    engine = an_engine(FLOOD)
    a_drop(engine)
    before = engine.snapshot().windows["fill_rate_drop"]

    engine.amend([(ended(1, trade_date="2026-11-19"), ended(1, executed="100"))], NOON)
    engine.amend([(ended(77), ended(77, executed="100", venue="XNAS"))], NOON)
    engine.amend([(ended(1, venue="venue_unknown"), ended(900))], NOON)
    engine.amend(
        [(ended(1), ended(1)), (ended(1, level=Level.PARENT), ended(1, level=Level.PARENT, executed="9"))], NOON
    )

    assert engine.snapshot().windows["fill_rate_drop"] == before


def test_a_key_too_many_takes_nothing_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound on windows holds for what is counted anew as well."""
    engine = an_engine(FLOOD)
    a_drop(engine)
    monkeypatch.setattr("rules.windows.MOST_GROUPS", 1)

    engine.amend([(ended(1), ended(1, executed="100", venue="XNAS"))], NOON)

    assert [len(state.rows) for state in engine.snapshot().windows["fill_rate_drop"]] == [4]


def test_a_rule_that_fails_on_an_order_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted; the other windows are amended."""
    engine = an_engine(FLOOD)
    a_drop(engine)
    judge = engine._named("fill_rate_drop")
    monkeypatch.setattr(judge, "_observe", failing)

    moved = engine.amend([(ended(1), ended(1, executed="100"))], NOON)

    assert list(moved) == ["fill_rate_overall"]
    assert engine.failures == {("fill_rate_drop", "KeyError"): 1}


def test_only_rules_with_windows_hold_rows() -> None:
    """The others judge the fact alone."""
    assert an_engine().rows("poor_fill", ended(1)) is None


def test_what_could_not_be_judged_is_judged_when_it_can_be() -> None:
    """Only by the rules that could not, and by none that counts in a window."""
    engine = an_engine()
    then = a_fill(marketable=None, order_type="limit", time_to_fill="3 s", price="10.05", offer_at_execution="10.00")
    assert [one.rule for one in engine.assess(then)] == ["outside_nbbo"]

    late = engine.late(then, msgspec.structs.replace(then, order=an_order()))

    assert [(one.rule, one.uncertain) for one in late] == [("slow_fill", False)]
    assert engine.late(then, then) == []
    assert engine.late(then, a_fill(level=Level.PARENT)) == []


def test_a_rule_that_fails_when_it_is_asked_late_is_a_finding_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it would have been in time."""
    engine = an_engine()
    monkeypatch.setattr(slow_fill, "untimed", failing)

    assert [one.rule for one in engine.late(a_fill(), a_fill())] == ["rule_failure"]


def a_look(name: str = "F1", **named: Any) -> Reassessment:
    """Return a second look at a finding that stands."""
    return Reassessment(
        offset=named.get("offset", 9),
        counterparty="demo",
        session=named.get("session", "FIX.4.4:FIRM->SOR"),
        trade_date=TRADE_DATE,
        finding_id=name,
        rule="slow_fill",
        verdict=named.get("verdict", Verdict.STANDS),
        reason="nothing that came changes it",
        missing="messages 5-6",
        at=NOON,
        finding=named.get("finding"),
        why=named.get("why", Why.MESSAGES),
    )


def test_the_digest_of_second_looks_sees_verdicts_and_figures_and_not_where_they_stand() -> None:
    """Order, offset and session are left out; another verdict or another figure is seen."""
    (first,) = an_engine().assess(a_fill(time_to_fill="3 s"))
    plain = digest([a_look("F1"), a_look("F2")])

    assert digest([a_look("F2", offset=77), a_look("F1", session="other"), a_look("F1")]) == plain
    changed = [a_look("F1"), a_look("F2", verdict=Verdict.CHANGED, finding=first)]
    assert digest(changed) != plain
    assert digest([a_look("F1"), a_look("F2", why=Why.QUOTES)]) != plain
    assert digest([a_look("F1"), a_look("F2"), a_look("F2", why=Why.QUOTES), a_look("F2", why=Why.QUOTES)]) != plain
    milder = msgspec.structs.replace(first, values={})
    assert digest([changed[0], a_look("F2", verdict=Verdict.CHANGED, finding=milder)]) != digest(changed)


def test_the_rule_of_the_window_is_the_one_of_the_catalogue() -> None:
    """The tests above would prove nothing about another."""
    assert fill_rate_drop.observe(ended(1), an_engine(FLOOD).rulebook.settings("fill_rate_drop").limits) is not None


def test_a_fact_judged_by_other_quotes_says_what_each_rule_found_and_finds() -> None:
    """Only the rules of its level are asked; nothing is counted as not evaluated."""
    engine = an_engine()
    then, now = a_fill(price="10.05"), a_fill(price="10.05", offer_at_execution="10.06")
    on_another_level = msgspec.structs.replace(now, level=Level.PARENT)

    said, off = engine.twice(then, now, NOON), engine.twice(on_another_level, on_another_level, NOON)

    pairs = [(one.was.rule, one.now) for one in said if isinstance(one.was, Finding)]
    assert pairs == [("outside_nbbo", None)]
    assert len(off) < len(said)
    assert engine.not_evaluated == {}


def test_a_window_counts_a_fact_by_its_late_quotes_from_then_on() -> None:
    """Five executions without a quote were counted; what two of them are judged by now is no longer among them."""
    engine = an_engine("rules: {no_quote: {parameters: {minimum: 1, repeat_after: 1}}}")
    blind = [
        a_fill(execution_id=f"E{n}", time_to_fill=f"{n} ms", execution_state="absent", note="restart")
        for n in range(1, 6)
    ]
    for fill in blind:
        engine.assess(fill)

    for fill in blind[:2]:
        engine.twice(fill, msgspec.structs.replace(fill, at_execution=a_fill().at_execution), NOON)

    last = a_fill(execution_id="E9", time_to_fill="9 ms", execution_state="absent", note="restart")
    (finding,) = (one for one in engine.assess(last) if one.rule == "no_quote")
    assert finding.values["executions_count"] == 4
