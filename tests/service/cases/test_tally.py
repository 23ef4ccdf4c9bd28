"""Open exceptions, counted."""

from __future__ import annotations

from collections import Counter

from rules.finding import Severity
from service.cases.states import WAITING, State
from service.cases.tally import Tally, group_of
from tests.factories_cases import a_case, a_finding
from tests.factories_work import in_state, with_desks


def test_a_tally_says_how_many_stand_where_and_what_there_is_to_choose_from() -> None:
    """Counted once, asked in many ways."""
    first = with_desks(a_case(a_finding(severity=Severity.HIGH, symbol=None)), "Cash", "Agency")
    found = [first, a_case(a_finding(venue="XBOS")), in_state(State.ACKNOWLEDGED)]

    tally = Tally(Counter(map(group_of, found)))

    assert tally.states() == {State.NEW: 2, State.ACKNOWLEDGED: 1}
    assert tally.severities(WAITING) == {Severity.HIGH: 1, Severity.MEDIUM: 1}
    assert tally.values() == {
        "rule": ["slow_fill"],
        "venue": ["XBOS", "XTST"],
        "symbol": ["ACME"],
        "counterparty": ["sor"],
        "assignee": ["pat"],
        "desk": ["Agency", "Cash"],
    }
