"""Grouping: which findings are one case, in words that a supervisor reads, and when a new one opens."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos
from rules.rulebook import DEFAULT_COOLDOWN, DEFAULT_GROUPING, GROUPINGS, parse_rulebook
from service.cases.case import CaseKey
from service.grouping import Held, Share, Terms, by_key, key_of, open_since, shared_out, terms_of
from tests.factories_cases import MINUTE, NOON, a_case, a_finding

WORDS = {
    "cause": "venue XTST",
    "venue": "venue XTST",
    "symbol": "symbol ACME",
    "accounts": "account A-1 A-2",
    "session": "session FIX.4.4:FIRM->SOR",
    "subject": "subject sor/2026-11-20/E1",
    "rule": "every cause",
    "trade_date": "every cause",
    "counterparty": "every cause",
}


def held(minute: float, number: int = 1, cooldown: int = DEFAULT_COOLDOWN, **changes: Any) -> Held:
    """Return a finding so many minutes after noon, held for its case."""
    finding = a_finding(number, at=Nanos(NOON + int(minute * MINUTE)), **changes)
    return Held(number, finding, Terms(DEFAULT_GROUPING, Nanos(cooldown)))


def minutes(shares: list[Share]) -> list[list[int]]:
    """Return the minutes of the findings of each share."""
    return [[(one.finding.at - NOON) // MINUTE for one in share.held] for share in shares]


def test_by_default_a_case_is_of_one_rule_counterparty_cause_and_trade_date() -> None:
    """So it was before the rulebook was asked, and stored cases keep their keys."""
    key = key_of(a_finding())

    assert key == CaseKey(rule="slow_fill", cause="venue XTST", counterparty="sor", trade_date="2026-11-20")


@pytest.mark.parametrize("field", GROUPINGS)
def test_each_field_of_a_grouping_is_said_in_words(field: str) -> None:
    """The page and the alerts show them as the cause."""
    assert key_of(a_finding(accounts=("A-1", "A-2")), (field,)).cause == WORDS[field]


def test_a_counterparty_that_the_grouping_leaves_out_tells_no_cases_apart() -> None:
    """One venue's trouble at two routers is one case when the firm wants it so."""
    ours, theirs = a_finding(1), a_finding(2, counterparty="other")

    assert key_of(ours, ("rule", "venue")) == key_of(theirs, ("rule", "venue"))
    assert key_of(ours) != key_of(theirs)


def test_several_fields_are_said_together_whatever_their_order_in_the_rulebook() -> None:
    """What is missing is said to be."""
    finding = a_finding(symbol=None)

    assert key_of(finding, ("symbol", "cause", "rule")).cause == "venue XTST, no symbol"
    assert key_of(finding, ("symbol", "cause")) == key_of(finding, ("cause", "symbol"))


def test_values_with_commas_in_them_are_never_taken_for_two() -> None:
    """A vendor may write anything: two cases stay two."""
    odd = a_finding(1, cause="a, symbol b", symbol="c")
    other = a_finding(2, cause="a", symbol="b, symbol c")
    quoted = a_finding(3, cause='"a, symbol b"', symbol="c")

    keys = {key_of(finding, ("cause", "symbol")) for finding in (odd, other, quoted)}

    assert len(keys) == 3


def test_the_terms_of_every_rule_are_those_of_the_rulebook() -> None:
    """A rule of which it says nothing has the defaults."""
    rulebook = parse_rulebook("{incident_span: 5 min, rules: {slow_fill: {grouping: [symbol], cooldown: 1 h}}}")
    span = Nanos(5 * MINUTE)

    assert terms_of(rulebook, "slow_fill") == Terms(("symbol",), Nanos(60 * MINUTE), span)
    assert terms_of(rulebook, "poor_fill") == terms_of(rulebook, "of_an_old_version") == Terms(incident_span=span)


def test_a_quiet_time_longer_than_the_cooldown_ends_a_case() -> None:
    """Exactly as long does not."""
    burst = [held(0), held(15, 2), held(30, 3), held(45 + 1e-6, 4), held(46, 5)]

    assert minutes(shared_out([], burst)) == [[0, 15, 30], [45, 46]]


def test_the_cooldown_is_the_one_in_force_where_the_finding_was_made() -> None:
    """After an activation the same two times may be two cases."""
    before, after = [held(0), held(14, 2)], [held(0), held(14, 2, cooldown=MINUTE)]

    assert minutes(shared_out([], before)) == [[0, 14]]
    assert minutes(shared_out([], after)) == [[0], [14]]


def test_findings_join_the_case_that_is_there() -> None:
    """And a new one opens beside it."""
    case = a_case(held(0).finding)

    joined, opened = shared_out([case], [held(10, 2), held(40, 3)])

    assert (joined.case, opened.case) == (case, None)
    assert minutes([joined, opened]) == [[10], [40]]


@pytest.mark.parametrize(("late", "into"), [(2, 7), (8, 7), (30, 8), (-200, 7), (61, 8)])
def test_a_finding_that_comes_late_joins_the_earliest_case_that_is_not_over_by_then(late: int, into: int) -> None:
    """A resend of the morning belongs to the morning's case, whatever has happened since."""
    morning = a_case(held(0).finding, case_id=7)
    noon = a_case(held(60, 2).finding, case_id=8)
    finding = held(late, 3)
    possible = [case for case in (morning, noon) if case.last_at >= open_since([finding])]

    (share,) = shared_out(possible, [finding])

    assert share.case is not None
    assert share.case.case_id == into


def test_findings_within_one_cooldown_are_one_case_in_whatever_order_they_come() -> None:
    """Where no quiet time stands between them their order says nothing."""
    for order in permutations((0, 5, 10, 15)):
        assert len(shared_out([], [held(minute) for minute in order])) == 1


CAUSES = st.sampled_from(("venue XTST", "venue XOTH", "session S"))


@given(st.lists(st.tuples(CAUSES, st.integers(0, 90)), max_size=30), st.randoms(use_true_random=False))
def test_what_stands_between_the_findings_of_one_key_changes_nothing(told: list[tuple[str, int]], chance: Any) -> None:
    """Any order that keeps the order within each key gives the same cases."""
    found = [held(minute, number, cause=cause) for number, (cause, minute) in enumerate(told, start=1)]
    queues = {key: list(group) for key, group in by_key(found).items()}
    other = []
    while queues:
        key = chance.choice(sorted(queues))
        other.append(queues[key].pop(0))
        queues = {key: left for key, left in queues.items() if left}

    assert cases_of(other) == cases_of(found)


@given(st.lists(st.integers(-60, 120), min_size=1, max_size=40), st.lists(st.integers(1, 10), max_size=40))
def test_cutting_the_findings_of_a_key_changes_no_case(when: list[int], cuts: list[int]) -> None:
    """Each part meets the cases that the parts before it left, as far as they can still be joined."""
    found = [held(minute, number) for number, minute in enumerate(when, start=1)]

    assert in_parts(found, cuts) == sorted(sorted(one.seq for one in share.held) for share in shared_out([], found))


def in_parts(found: list[Held], cuts: list[int]) -> list[list[int]]:
    """Return which findings are together when they come in parts of these sizes, and what is left as one."""
    cases: dict[int, list[Held]] = {}
    sizes = iter(cuts)
    while found:
        size = next(sizes, len(found))
        part, found = found[:size], found[size:]
        known = [a_case(*(one.finding for one in its_own), case_id=case_id) for case_id, its_own in cases.items()]
        for share in shared_out([case for case in known if case.last_at >= open_since(part)], part):
            case_id = share.case.case_id if share.case else len(cases) + 1
            cases.setdefault(case_id, []).extend(share.held)
    return sorted(sorted(one.seq for one in its_own) for its_own in cases.values())


def cases_of(found: list[Held]) -> set[frozenset[int]]:
    """Return which findings are together."""
    shares = [share for group in by_key(found).values() for share in shared_out([], group)]
    return {frozenset(one.seq for one in share.held) for share in shares}
