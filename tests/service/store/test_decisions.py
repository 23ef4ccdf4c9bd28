"""Decisions over many cases at once: bulks, incidents, and shelvings of a scope."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.actor import Actor
from service.cases.case import Case, Refused
from service.cases.chain import first_broken
from service.cases.given import NOTHING, Given
from service.cases.rules import HOUR
from service.cases.shelving import Scope, Shelving
from service.cases.states import Action, State
from service.store.bulks import OtherBulkError, UnknownBulkError
from service.store.engine import Database
from service.store.queue import SqlQueue
from service.store.tables import bulks, case_events, outbox
from tests.factories_cases import MINUTE, NO_CLOCKS, NOON, PAT, SAM, a_finding, a_queue, gather_all, recorded
from tests.factories_work import DONE, LATER

SCOPE = Scope(rule="slow_fill", venue="XTST")


def a_morning(database: Database, count: int) -> SqlQueue:
    """Return a queue with so many cases."""
    recorded(database, *(a_finding(n, cause=f"cause {n}") for n in range(1, count + 1)))
    queue = a_queue(database)
    gather_all(queue)
    return queue


def states(queue: SqlQueue, *numbers: int) -> list[str]:
    """Return the states of cases."""
    found = [queue.case(number) for number in numbers]
    return [case.state.value for case in found if case is not None]


def marked(database: Database, bulk_id: str) -> int:
    """Return how many events carry the number of a decision."""
    with database.reading() as connection:
        bodies = connection.execute(select(case_events.c.body)).scalars().all()
    return sum(msgspec.json.decode(body).get("bulk") == bulk_id for body in bodies)


def test_one_decision_over_many_is_an_event_for_each_with_one_number(database: Database) -> None:
    """And says of which it was refused, and why."""
    queue = a_morning(database, 5)
    queue.act(2, Action.ACKNOWLEDGE, SAM, NOTHING, NOON)
    queue.bulks.begin("b-1", [1, 2, 3, 3, 99], Action.ACKNOWLEDGE, PAT, Given(words="seen"), NOON)

    (last,) = queue.bulks.finish("b-1", Nanos(NOON + MINUTE))

    assert (last.acted, last.finished) == (2, True)
    assert [case_id for case_id, _ in last.refused] == [2, 99]
    assert "exception 2 is acknowledged (sam acknowledged at " in last.refused[0][1]
    assert last.refused[1][1] == "there is no exception 99"
    assert marked(database, "b-1") == 2
    assert all(first_broken(queue.history(number)) is None for number in (1, 2, 3))


def test_a_large_decision_is_taken_in_chunks_and_goes_on_where_it_was_left(database: Database) -> None:
    """A kill between two chunks neither skips nor repeats a case."""
    queue = a_morning(database, 450)
    queue.bulks.begin("b-1", range(1, 451), Action.ACKNOWLEDGE, PAT, NOTHING, NOON)
    first = queue.bulks.go_on("b-1", NOON)

    other = a_queue(database)
    unfinished = other.bulks.unfinished()
    rest = [bulk.taken for bulk in other.bulks.finish("b-1", NOON)]

    assert (first.taken, first.finished) == (200, False)
    assert [(bulk.bulk_id, bulk.taken, bulk.given.bulk) for bulk in unfinished] == [("b-1", 200, "b-1")]
    assert rest == [400, 450]
    assert marked(database, "b-1") == 450
    assert other.bulks.unfinished() == []


def test_a_chunk_that_dies_is_as_if_it_had_not_been_begun(database: Database) -> None:
    """Its events and its mark are one transaction."""
    queue = a_morning(database, 3)
    queue.bulks.begin("b-1", [1, 2, 3], Action.ESCALATE, PAT, NOTHING, NOON)
    seen = []

    def dies_at_the_third(*_: object) -> bytes:
        seen.append(1)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return b""

    with pytest.raises(KeyboardInterrupt):
        SqlQueue(database, alerting=dies_at_the_third, rules=NO_CLOCKS).bulks.go_on("b-1", NOON)

    assert states(queue, 1, 2, 3) == ["new", "new", "new"]
    assert queue.bulks.go_on("b-1", NOON).acted == 3
    assert marked(database, "b-1") == 3


def test_a_decision_that_is_through_does_nothing_again(database: Database) -> None:
    """Whoever sends the form twice has the first answer."""
    queue = a_morning(database, 2)
    wanted = ("b-1", [1, 2], Action.ACKNOWLEDGE, PAT, NOTHING, NOON)
    queue.bulks.begin(*wanted)
    (first,) = queue.bulks.finish("b-1", NOON)

    again = queue.bulks.begin(*wanted)

    assert again == first
    assert list(queue.bulks.finish("b-1", LATER)) == [first]
    assert marked(database, "b-1") == 2
    with database.reading() as connection:
        assert connection.execute(select(bulks.c.finished_at)).scalar_one() == NOON


def test_a_number_is_of_one_decision_only(database: Database) -> None:
    """Another decision under it is refused, and one that nobody made is not known."""
    queue = a_morning(database, 2)
    queue.bulks.begin("b-1", [1, 2], Action.ACKNOWLEDGE, PAT, NOTHING, NOON)

    with pytest.raises(OtherBulkError, match="the bulk b-1 is pat's acknowledge of 2 exceptions"):
        queue.bulks.begin("b-1", [1], Action.ACKNOWLEDGE, PAT, NOTHING, NOON)
    with pytest.raises(UnknownBulkError, match="there is no bulk b-2"):
        queue.bulks.go_on("b-2", NOON)


def test_a_decision_over_an_incident_is_one_over_its_exceptions(database: Database) -> None:
    """Linked they were; each gets its own event."""
    venue = {"venue": "XTST", "cause": "venue XTST", "values": {}}
    recorded(
        database,
        a_finding(1, rule="outside_nbbo", **venue),
        a_finding(2, rule="quote_fade", **venue),
        a_finding(3, rule="outside_nbbo", venue="XOTH", cause="venue XOTH", values={}),
    )
    queue = a_queue(database)
    gather_all(queue)
    number = _incident_of(queue, 1)
    linked = queue.bulks.of_incident(number)

    queue.bulks.begin("b-1", linked, Action.ACKNOWLEDGE, PAT, Given(words="one cause"), NOON)
    list(queue.bulks.finish("b-1", NOON))

    assert linked == [1, 2]
    assert states(queue, 1, 2, 3) == ["acknowledged", "acknowledged", "new"]
    assert queue.bulks.of_incident(99) == []


def _incident_of(queue: SqlQueue, case_id: int) -> int:
    case = queue.case(case_id)
    assert case is not None
    assert case.incident is not None
    return case.incident


def shelved(queue: SqlQueue, scope: Scope = SCOPE, until: Nanos = LATER) -> Shelving:
    """Shelve a scope at noon."""
    result = queue.shelvings.shelve(scope, PAT, "known, mended tonight", until, NOON)
    assert isinstance(result, Shelving)
    return result


def alerts(database: Database) -> list[str]:
    """Return the reasons of all alerts so far."""
    with database.reading() as connection:
        return list(connection.execute(select(outbox.c.reason).order_by(outbox.c.outbox_id)).scalars())


def test_a_shelved_scope_hides_what_comes_before_anybody_hears_of_it(database: Database) -> None:
    """It is counted and listed, and its findings go on counting."""
    queue = a_queue(database)
    shelving = shelved(queue)
    recorded(database, a_finding(1), a_finding(2, cause="x", venue="XOTH"))
    notices = gather_all(queue)
    recorded(database, *(a_finding(n) for n in range(3, 20)))

    gather_all(queue)

    assert states(queue, 1, 2) == ["shelved", "new"]
    assert [notice.case.case_id for notice in notices] == [2]
    (listed,) = queue.shelvings.listed()
    assert (listed.shelving, listed.hid, listed.hides) == (shelving, 1, 1)
    (case,) = queue.shelvings.hidden_by(shelving.number)
    assert (case.case_id, case.finding_count, case.shelved_until) == (1, 18, LATER)
    assert alerts(database) == ["opened"]


def test_what_is_there_already_is_hidden_too_unless_somebody_has_it_in_hand(database: Database) -> None:
    """By the caseworker's next turn."""
    recorded(database, a_finding(1, cause="a"), a_finding(2, cause="b"), a_finding(3, cause="c", venue="XOTH"))
    queue = a_queue(database)
    gather_all(queue)
    queue.act(2, Action.ACKNOWLEDGE, SAM, NOTHING, NOON)
    shelved(queue)

    turns = [queue.tend(NOON).hidden for _ in range(2)]

    assert turns == [1, 0]
    assert states(queue, 1, 2, 3) == ["shelved", "acknowledged", "new"]


def test_at_its_end_everything_comes_back_as_it_is_by_then(database: Database) -> None:
    """And is told of, for nobody ever heard of it."""
    queue = a_queue(database)
    shelved(queue)
    recorded(database, a_finding(1))
    gather_all(queue)

    tended = queue.tend(LATER)

    assert (tended.timers, states(queue, 1)) == (1, ["new"])
    assert [notice.reason for notice in tended.notices] == ["shelving_ended"]
    assert queue.shelvings.listed(LATER) == []
    assert [(one.hid, one.hides) for one in queue.shelvings.listed()] == [(1, 0)]
    assert queue.tend(LATER).hidden == 0


def test_what_becomes_graver_behind_a_shelving_comes_back_at_once_and_stays(database: Database) -> None:
    """It is not what was shelved."""
    queue = a_queue(database)
    shelved(queue)
    recorded(database, a_finding(1))
    gather_all(queue)

    recorded(database, a_finding(2, severity=Severity.CRITICAL))
    (notice,) = gather_all(queue)
    queue.tend(NOON)

    assert notice.reason == "severity_rose"
    assert states(queue, 1) == ["reopened"]


def test_whoever_ends_a_shelving_brings_back_what_it_hid(database: Database) -> None:
    """Under the own name, with words; and it hides nothing more."""
    queue = a_queue(database)
    number = shelved(queue).number
    recorded(database, *(a_finding(n, cause=f"cause {n}") for n in range(1, 204)))
    gather_all(queue)

    ended = queue.shelvings.end(number, SAM, "mended", Nanos(NOON + MINUTE))

    assert isinstance(ended, Shelving)
    assert (ended.ended_by, ended.ended_at) == ("sam", NOON + MINUTE)
    assert set(states(queue, *range(1, 204))) == {"new"}
    last = queue.history(203)[-1]
    assert (last.action, last.actor, msgspec.json.decode(last.body)["note"]) == (Action.UNSHELVE, "sam", "mended")
    again = queue.shelvings.end(number, PAT, "", LATER)
    assert again == ended


def test_a_shelving_is_refused_in_words(database: Database) -> None:
    """Too long, of nobody, or not there."""
    queue = a_queue(database)
    shelved(queue)

    results = (
        queue.shelvings.shelve(SCOPE, PAT, "known", Nanos(NOON + 1_000 * HOUR), NOON),
        queue.shelvings.end(9, PAT, "", NOON),
        queue.shelvings.end(1, Actor(name=" "), "", NOON),
    )

    assert [result.words for result in results if isinstance(result, Refused)] == [
        "a shelving may last 5 d at most",
        "there is no shelving 9",
        "shelving 1:   may not end it; whoever gives a name may",
    ]


def test_a_case_that_was_reopened_under_a_shelving_is_hidden_in_the_same_step(database: Database) -> None:
    """A closed one that gets another finding."""
    recorded(database, a_finding(1))
    queue = a_queue(database)
    gather_all(queue)
    queue.act(1, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)
    queue.act(1, Action.CLOSE, PAT, DONE, NOON)
    shelved(queue)
    recorded(database, a_finding(2))

    gather_all(queue)

    case = queue.case(1)
    assert isinstance(case, Case)
    assert (case.state, case.before) == (State.SHELVED, State.REOPENED)
