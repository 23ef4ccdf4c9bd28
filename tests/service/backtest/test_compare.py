"""Both sides of a day side by side, and the side "then" beside what was recorded live."""

from __future__ import annotations

import msgspec

from rules.finding import Finding
from service.backtest.compare import Agreement, agreement, by_rule
from service.backtest.judge import Judged
from tests.factories_store import a_finding

DAY = "2026-11-20"


def judged(*findings: Finding, withdrawn: tuple[str, ...] = ()) -> Judged:
    """Return what one side found."""
    return Judged({one.finding_id: one for one in findings}, frozenset(withdrawn))


def test_findings_are_the_same_by_their_ids() -> None:
    """Of many, some are named; a rule without any has no line."""
    kept = a_finding("F0")
    then = judged(kept, *(a_finding(f"L{n}") for n in range(7))).standing
    now = judged(kept, a_finding("N0")).standing

    (line,) = by_rule(DAY, (kept.rule, "other"), then, now, {"L1", "X"})

    assert (line.then, line.now, line.new, line.lost, line.lost_true) == (8, 2, 1, 7, 1)
    assert (line.new_ids, line.lost_ids) == (("N0",), ("L0", "L1", "L2", "L3", "L4"))


def test_what_was_taken_back_does_not_stand() -> None:
    """It was made all the same."""
    side = judged(a_finding("F1"), a_finding("F2"), withdrawn=("F1",))

    assert list(side.standing) == ["F2"]
    assert len(side.first) == 2


def test_agreement_counts_what_differs_and_what_second_looks_explain() -> None:
    """The name of the rulebook is not compared; of the rest one example is named."""
    same, other, gone = a_finding("F1"), a_finding("F2"), a_finding("F3", offset=7)
    recorded = [
        msgspec.structs.replace(same, rulebook_hash="another"),
        msgspec.structs.replace(other, cause="else"),
        gone,
        a_finding("F4", offset=50),
        a_finding("F5", rule="not_asked"),
    ]

    told = agreement(judged(same, other, a_finding("F6")), recorded, {same.rule}, {50})

    assert told == Agreement(same=1, otherwise=1, not_made=1, not_recorded=1, elsewhere=1, example="F2")
    assert not told.equal
    assert told.plus(Agreement(same=2)).same == 3
    assert agreement(judged(same), [same], {same.rule}, ()).example is None
