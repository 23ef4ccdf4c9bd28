"""The last closed exceptions like one, those of its cause first."""

from __future__ import annotations

from rules.facts import Nanos
from service.cases.given import Given
from service.cases.states import Action
from service.store.engine import Database
from service.store.like_this import LAST, SqlLikeThis
from service.store.touched import SqlTouched, Touched
from tests.factories_cases import NOON, PAT, a_finding, a_queue, gather_all, recorded
from tests.factories_exception import PICTURED, with_everything
from tests.factories_page import a_morning
from tests.factories_work import DONE


def closed(database: Database, *causes: str, rule: str = "slow_fill", words: str = "as before") -> list[int]:
    """Open and close an exception for each cause, one day after the other; return their numbers."""
    queue = a_queue(database)
    numbers = []
    for n, cause in enumerate(causes):
        day = f"2026-11-{10 + n}"
        recorded(database, a_finding(_next(database), rule=rule, cause=cause, trade_date=day, at=Nanos(NOON + n)))
        gather_all(queue, Nanos(NOON + n))
        case_id = _newest(database)
        queue.act(case_id, Action.ACKNOWLEDGE, PAT, Given(), Nanos(NOON + n + 1))
        queue.act(case_id, Action.CLOSE, PAT, Given(words=words, reason=DONE.reason), Nanos(NOON + n + 2))
        numbers.append(case_id)
    return numbers


def _newest(database: Database) -> int:
    queue = a_queue(database)
    return max(n for n in range(1, 100) if queue.case(n) is not None)


def _next(database: Database) -> int:
    queue = a_queue(database)
    return 500 + sum(queue.case(n) is not None for n in range(1, 100))


def test_those_of_the_same_cause_come_first_and_then_others_of_the_rule(database: Database) -> None:
    """With who closed them, when, and in which words."""
    others = closed(database, "venue B", "venue A", "venue B", words="their gateway")
    closed(database, "venue A", rule="poor_fill")
    recorded(database, a_finding(1, cause="venue A", trade_date="2026-11-20", at=Nanos(NOON + 100)))
    gather_all(a_queue(database), Nanos(NOON + 100))
    shown = a_queue(database).case(_newest(database))
    assert shown is not None

    found = SqlLikeThis(database).of(shown)

    assert [(one.case.case_id, one.same) for one in found] == [
        (others[1], True),
        (others[2], False),
        (others[0], False),
    ]
    assert (found[0].closed_by, found[0].closed_at, found[0].words) == ("pat", NOON + 3, "their gateway")


def test_at_most_five_the_newest_of_them(database: Database) -> None:
    """A supervisor reads five, not five hundred."""
    numbers = closed(database, *["venue A"] * (LAST + 2))
    shown = a_queue(database).case(numbers[-1])
    assert shown is not None

    found = SqlLikeThis(database).of(shown)

    assert [one.case.case_id for one in found] == numbers[-2::-1][:LAST]


def test_whom_the_findings_touched_is_told_by_their_facts(database: Database) -> None:
    """Accounts of the findings, clients and desks of the orders."""
    a_morning(database)
    finding = with_everything(database, PICTURED)

    assert SqlTouched(database).by([finding]) == Touched(accounts=("ACC-7",), clients=("CL-12",), desks=("agency",))
    assert SqlTouched(database).by([]) == Touched()
