"""Rules with scopes in the engine: the line that decides, its windows, and second looks under it."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rules.engine import ANOTHER_RULE, Engine
from rules.facts import SECOND, AnyFact, Nanos
from rules.finding import Finding, Severity
from rules.rule import NotEvaluated
from rules.rulebook import parse_rulebook
from tests.factories import NOON, a_fill, an_outcome
from tests.factories_rules import a_register, an_engine, found, unfilled

SLOW = """
rules:
  slow_fill:
    scopes:
      - {when: {account: VIP}, severity: critical, parameters: {at_most: 100 ms}}
      - {when: {account: VIP, session_of_day: opening}, parameters: {at_most: 5 s}}
      - {when: {venue: XBOS}, enabled: no}
      - {when: {venue: XCHI}, level: parent}
"""
DROP = """
rules:
  fill_rate_overall: {enabled: no}
  poor_fill: {enabled: no}
  fill_rate_drop:
    parameters: {minimum: 5, repeat_after: 10, confidence: 95 %}
    scopes:
      - {when: {account: VIP}, parameters: {minimum: 3, window: 10 s}}
      - {when: {account: OFF}, enabled: no}
      - {when: {client: PARENTS}, level: parent}
"""


def limits_of(engine: Engine, **named: Any) -> dict[str, Any]:
    """Return the limits by which a fill that waited ten seconds was found slow."""
    (finding,) = found(engine, [a_fill(time_to_fill="10 s", **named)])
    return finding.thresholds


def test_the_line_that_decides_gives_limits_and_severity_and_is_named_on_the_finding() -> None:
    """Where no scope decides, nothing is named."""
    engine = an_engine(SLOW)

    assert limits_of(engine) == {"at_most_ns": SECOND, "level": "child"}
    vip = {"at_most_ns": SECOND // 10, "level": "child", "scope": "account VIP"}
    assert limits_of(engine, account="VIP") == vip
    opening = {"at_most_ns": 5 * SECOND, "level": "child", "scope": "account VIP, session of day opening"}
    assert limits_of(engine, account="VIP", session_of_day="opening") == opening
    severities = [one.severity for one in found(engine, [a_fill(time_to_fill="2 s", account="VIP")])]
    assert severities == [Severity.CRITICAL]
    assert found(engine, [a_fill(time_to_fill="2 s", account="VIP", session_of_day="opening")]) == []


def test_a_scope_that_switches_its_rule_off_is_counted() -> None:
    """Silence is no compliance: what was not looked at is told with the reason, and so is another level."""
    engine = an_engine(SLOW)
    skipped: list[tuple[str, str, str]] = []

    findings = [*engine.assess(a_fill(time_to_fill="10 s", venue="XBOS", exempt_reason="sweep"), skipped)]
    findings += engine.assess(a_fill(time_to_fill="10 s", venue="XCHI"), skipped)

    assert [one.rule for one in findings] == ["unexpected_venue", "unexpected_venue"]
    reasons = [(rule, reason) for _, rule, reason in skipped if rule == "slow_fill"]
    assert reasons == [("slow_fill", "switched off by a scope"), ("slow_fill", "level child")]
    assert engine.not_evaluated["slow_fill", "switched off by a scope"] == 1


def test_a_rule_that_is_off_is_on_in_a_scope() -> None:
    """Outside of it nothing is said and nothing counted; and a rule with scopes that are all off is off."""
    engine = an_engine("rules: {slow_fill: {enabled: no, scopes: [{when: {account: VIP}, enabled: yes}]}}")
    off = an_engine("rules: {slow_fill: {enabled: no, scopes: [{when: {account: VIP}}]}}")

    assert [one.rule for one in found(engine, [a_fill(time_to_fill="10 s", account="VIP")])] == ["slow_fill"]
    assert found(engine, [a_fill(time_to_fill="10 s", level="parent")]) == []
    assert not [rule for rule, _ in engine.not_evaluated if rule == "slow_fill"]
    assert found(off, [a_fill(time_to_fill="10 s", account="VIP")]) == []


def test_a_rule_with_a_register_has_scopes_too() -> None:
    """The register is the same; only what the line chooses differs."""
    engine = an_engine("rules: {unexpected_venue: {scopes: [{when: {account: VIP}, severity: critical}]}}")

    findings = found(engine, [a_fill(venue="XTOX"), a_fill(venue="XTOX", account="VIP")])

    assert [one.severity for one in findings] == [Severity.HIGH, Severity.CRITICAL]
    assert found(engine, [a_fill(account="VIP")]) == []


def test_windows_are_kept_apart_by_the_line_that_decides() -> None:
    """Two orders of the account do not count among the venue's others, and its third is enough data for it."""
    engine = an_engine(DROP)

    mixed = found(engine, [unfilled(n, account="VIP" if n < 2 else "A1") for n in range(6)])
    third = found(engine, [unfilled(6, account="VIP")])
    fifth = found(engine, [unfilled(6, at=NOON + 6 * SECOND, account="A1")])

    assert mixed == []
    assert [(one.subject, one.sample_count) for one in (*third, *fifth)] == [
        ("marketable orders at XNYS (account VIP)", 3),
        ("marketable orders at XNYS", 5),
    ]
    assert third[0].sentence.endswith("; 90 % is required. Counted apart: account VIP.")
    assert third[0].finding_id != fifth[0].finding_id  # though of one rule, venue and instant


def test_each_line_counts_by_its_own_limits() -> None:
    """Three within ten seconds for the account; the others need five within five minutes."""
    engine = an_engine(DROP)

    findings = found(engine, [unfilled(n, account="VIP" if n % 2 else "A1") for n in range(10)])

    told = [(one.thresholds.get("scope"), one.sample_count) for one in findings]
    assert told == [("account VIP", 3), (None, 5)]
    late = found(engine, [unfilled(n, account="VIP", venue="XNAS") for n in (0, 10, 20, 30)])
    assert late == []  # never three within ten seconds


def test_windows_of_unchanged_lines_go_on_under_another_rulebook() -> None:
    """Those of a scope that is gone begin anew when it comes back."""
    kept, gone = an_engine(DROP), an_engine(DROP)
    for engine in (kept, gone):
        found(engine, [unfilled(n, account="VIP") for n in range(2)])

    kept.adopt(parse_rulebook(DROP.replace("client: PARENTS", "client: OTHERS")), {"demo": a_register()})
    gone.adopt(parse_rulebook(DROP.replace("account: VIP", "account: V")), {"demo": a_register()})
    gone.adopt(parse_rulebook(DROP), {"demo": a_register()})

    assert len(found(kept, [unfilled(2, account="VIP")])) == 1
    assert found(gone, [unfilled(2, account="VIP")]) == []
    assert len(found(gone, [unfilled(n, account="VIP") for n in (3, 4)])) == 1


def test_an_engine_is_restored_with_the_windows_of_its_scopes() -> None:
    """From a checkpoint, as it stands in the store."""
    engine, after = an_engine(DROP), an_engine()
    found(engine, [unfilled(n, account="VIP") for n in range(2)])

    after.restore(msgspec.json.decode(msgspec.json.encode(engine.snapshot()), type=type(engine.snapshot())))

    assert found(after, [unfilled(2, account="VIP")]) == found(engine, [unfilled(2, account="VIP")]) != []


def test_a_second_look_goes_by_the_line_that_decides_for_the_fact_as_it_is() -> None:
    """The same line; another one of the same rulebook, when the account became known; one that is off."""
    engine = an_engine(SLOW)
    (first,) = found(engine, [a_fill(time_to_fill="2 s")])
    (vip,) = found(engine, [a_fill(time_to_fill="200 ms", account="VIP")])

    now = engine.again(first, a_fill(time_to_fill="2 s", account="VIP"))
    assert isinstance(now, Finding)
    assert (now.thresholds["scope"], now.severity) == ("account VIP", Severity.CRITICAL)
    assert engine.again(vip, a_fill(time_to_fill="200 ms")) is None
    assert engine.again(first, a_fill(time_to_fill="2 s", venue="XBOS")) == NotEvaluated("switched off by a scope")
    assert engine.again(first, a_fill(time_to_fill="2 s", venue="XCHI")) == NotEvaluated("level child")


def test_a_second_look_under_another_rulebook_needs_the_same_limits() -> None:
    """Those of the line that decides now; a scope that was switched off since has none."""
    engine = an_engine(SLOW)
    (first,) = found(engine, [a_fill(time_to_fill="2 s")])
    (vip,) = found(engine, [a_fill(time_to_fill="200 ms", account="VIP")])

    engine.adopt(parse_rulebook(SLOW.replace("venue: XBOS", "venue: XPHL")), {"demo": a_register()})

    same = engine.again(vip, a_fill(time_to_fill="200 ms", account="VIP"))
    assert isinstance(same, Finding)
    assert same.thresholds == vip.thresholds
    assert engine.again(first, a_fill(time_to_fill="2 s", account="VIP")) is ANOTHER_RULE
    off = SLOW.replace("{when: {account: VIP}, severity: critical", "{when: {account: VIP}, enabled: no")
    engine.adopt(parse_rulebook(off), {"demo": a_register()})
    assert engine.again(vip, a_fill(time_to_fill="200 ms", account="VIP")) is ANOTHER_RULE
    newer = msgspec.structs.replace(first, rule_version=99)
    assert engine.again(newer, a_fill(time_to_fill="2 s")) is ANOTHER_RULE


def test_what_a_fact_became_moves_it_from_line_to_line() -> None:
    """Into the window of the account that became known, out of every window for one that is off or on another level."""
    engine = an_engine(DROP)
    ends = [unfilled(n, account="A1") for n in range(5)]
    (drop,) = found(engine, ends)
    rows = engine.rows("fill_rate_drop", ends[-1])
    assert rows is not None

    to_vip = engine.amend([(ends[0], unfilled(0, account="VIP"))], NOON)["fill_rate_drop"]
    off = engine.amend([(ends[1], unfilled(1, account="OFF"))], NOON)["fill_rate_drop"]
    level = engine.amend([(ends[2], unfilled(2, client="PARENTS"))], NOON)["fill_rate_drop"]

    assert engine.recount(drop, ends[-1], rows, to_vip) == NotEvaluated("not enough data")
    assert [move.now for move in (*off, *level)] == [None, None]
    vip = found(engine, [unfilled(n, account="VIP") for n in (1, 2)])
    assert [(one.thresholds["scope"], one.sample_count) for one in vip] == [("account VIP", 3)]
    back = engine.amend([(unfilled(0, account="VIP"), ends[0])], NOON)["fill_rate_drop"]
    assert back[0].now is not None
    assert [(one.sample_count) for one in found(engine, [unfilled(n, account="A1") for n in (5, 6)])] == []
    assert len(engine.rows("fill_rate_drop", ends[-1]) or ()) == 5


def test_a_window_of_a_scope_is_counted_anew_by_its_own_limits() -> None:
    """Its span is its own, and what moved is found in it."""
    engine = an_engine(DROP)
    ends = [unfilled(n, account="VIP") for n in range(3)]
    (drop,) = found(engine, ends)
    rows = engine.rows("fill_rate_drop", ends[-1])
    assert rows is not None

    filled = an_outcome(order_key="O0", at=NOON, account="VIP")
    moves = engine.amend([(ends[0], filled)], NOON)["fill_rate_drop"]
    now = engine.recount(drop, ends[-1], rows, moves)

    assert isinstance(now, Finding)
    assert (now.values["filled_count"], now.thresholds["scope"]) == (1, "account VIP")


def test_a_fact_that_a_scope_kept_from_its_rule_is_judged_when_it_is_known_to_be_another_s() -> None:
    """The venue was corrected: the scope no longer decides."""
    engine = an_engine(SLOW)

    late = engine.late(a_fill(time_to_fill="2 s", venue="XBOS"), a_fill(time_to_fill="2 s"))
    both = engine.twice(a_fill(time_to_fill="2 s", venue="XCHI"), a_fill(time_to_fill="2 s", account="VIP"), NOON)

    assert [(one.rule, one.thresholds) for one in late] == [("slow_fill", {"at_most_ns": SECOND, "level": "child"})]
    slow = [one for one in both if isinstance(one.now, Finding) and one.now.rule == "slow_fill"]
    assert [(one.was, one.now.thresholds["scope"]) for one in slow if isinstance(one.now, Finding)] == [
        (NotEvaluated("level child"), "account VIP")
    ]


RULES = ("slow_fill", "outside_nbbo", "unexpected_venue", "poor_fill", "fill_rate_drop", "not_evaluated_rate")
LIMITS = "fill_rate_drop: {parameters: {minimum: 2, repeat_after: 3, confidence: 95 %%}%s}"
ALL = ", ".join(
    [LIMITS % ", scopes: [{when: {counterparty: demo}}]"]
    + [f"{rule}: {{scopes: [{{when: {{counterparty: demo}}}}]}}" for rule in RULES if rule != "fill_rate_drop"]
)
facts = st.one_of(
    st.builds(
        lambda n, waited, venue, account, price: a_fill(
            execution_id=f"E{n}",
            executed_at=Nanos(NOON + n * SECOND),
            time_to_fill=waited,
            venue=venue,
            account=account,
            price=price,
        ),
        st.integers(0, 50),
        st.sampled_from(["1 ms", "3 s"]),
        st.sampled_from(["XNYS", "XBOS", "XTOX"]),
        st.sampled_from(["A1", "A2", None]),
        st.sampled_from(["10.00", "10.05"]),
    ),
    st.builds(
        lambda n, executed, venue: an_outcome(
            order_key=f"O{n}", at=Nanos(NOON + n * SECOND), executed=executed, end="expired", venue=venue
        ),
        st.integers(0, 50),
        st.sampled_from(["0", "100"]),
        st.sampled_from(["XNYS", "XBOS"]),
    ),
)


@given(st.lists(facts, max_size=40), st.lists(st.integers(0, 39), max_size=4))
def test_a_scope_that_every_fact_is_under_finds_what_the_rule_finds_without_it(
    stream: list[AnyFact], amended: list[int]
) -> None:
    """Windows included, also after orders became otherwise than they were counted; only the scope is named."""
    plain, scoped = an_engine("rules: {" + LIMITS % "" + "}"), an_engine("rules: {" + ALL + "}")

    told = [outcome_of(engine, stream, amended) for engine in (plain, scoped)]

    assert told[0] == told[1]


def outcome_of(engine: Engine, stream: list[AnyFact], amended: list[int]) -> tuple[list[Any], dict[Any, int]]:
    """Return what is found on a stream of which some orders' ends become filled, and what is not evaluated."""
    findings = found(engine, stream[:20])
    ends = [fact for n, fact in enumerate(stream) if n in amended and not isinstance(fact, type(a_fill()))]
    pairs = [(end, msgspec.structs.replace(end, executed=end.ordered)) for end in ends]  # type: ignore[union-attr]
    engine.amend(pairs, NOON)  # type: ignore[arg-type]
    findings += found(engine, stream[20:])
    scoped = " (counterparty demo)"
    counted = " Counted apart: counterparty demo."
    plain = [
        (
            one.rule,
            one.at,
            one.severity,
            one.subject.removesuffix(scoped),
            one.sentence.removesuffix(counted),
            {**one.values, **one.thresholds, "scope": None},
        )
        for one in findings
    ]
    return plain, engine.not_evaluated
