"""Incidents over a real store: cases of several rules with one trouble are linked, whatever cuts or ends the work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, select

from rules.facts import Nanos
from rules.finding import Finding
from rules.reassessment import Verdict
from service.alerting import alerting
from service.cases.chain import first_broken
from service.cases.given import NOTHING
from service.cases.states import Action
from service.store.columns import metadata
from service.store.engine import Database
from service.store.queue import CHUNK, SqlQueue
from service.store.steps import CASE_STEP
from service.store.tables import case_findings, cases, incidents, offsets, outbox
from tests.factories_cases import MINUTE, NOON, PAT, a_finding, a_look, a_queue, gather_all, in_force, looked, recorded


def seen(number: int, rule: str = "slow_fill", minute: float = 0, **changes: Any) -> Finding:
    """Return the n-th finding, so many minutes after noon."""
    return a_finding(number, rule=rule, at=Nanos(NOON + int(minute * MINUTE)), **changes)


@contextmanager
def a_store() -> Iterator[Database]:
    """Give a store in memory with this version's tables."""
    with Database("sqlite://") as database:
        with database.writing() as connection:
            metadata.create_all(connection)
            connection.execute(insert(offsets).values(name=CASE_STEP, value=0))
        yield database


def numbers(database: Database) -> list[int | None]:
    """Return the incident of each case, in the order in which they were opened."""
    with database.reading() as connection:
        return list(connection.execute(select(cases.c.incident_id).order_by(cases.c.case_id)).scalars())


def bodies(database: Database) -> list[dict[str, Any]]:
    """Return the alerts that wait."""
    with database.reading() as connection:
        found = connection.execute(select(outbox.c.body).order_by(outbox.c.outbox_id)).scalars()
        return [msgspec.json.decode(body) for body in found]


def test_exceptions_of_several_rules_with_one_trouble_are_linked_by_an_event_and_without_an_alert(
    database: Database,
) -> None:
    """The chain says to which incident and what it is about; who acknowledged is not called again."""
    queue = a_queue(database, alerting("demo"))
    recorded(database, seen(1))
    gather_all(queue)
    queue.act(1, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)

    recorded(database, seen(2, "poor_fill", 5), seen(3, "poor_fill", 5, venue="XOTH", cause="elsewhere"))
    gather_all(queue)

    history = queue.history(1)
    assert numbers(database) == [1, 1, None]
    assert [event.action for event in history] == [Action.OPEN, Action.ACKNOWLEDGE, Action.LINK]
    assert msgspec.json.decode(history[-1].body) == {
        "incident": 1,
        "about": "venue XTST",
        "state": "acknowledged",
        "severity": "medium",
        "now": {"incident": 1},
    }
    assert [(alert["exception"], alert["reason"], alert["incident"]) for alert in bodies(database)] == [
        (1, "opened", None),
        (2, "opened", 1),
        (3, "opened", None),
    ]
    assert [first_broken(queue.history(number)) for number in (1, 2, 3)] == [None, None, None]


def test_what_is_said_of_a_linked_exception_later_names_its_incident(database: Database) -> None:
    """Growth, severity and withdrawal alike."""
    queue = a_queue(database, alerting("demo"))
    first = seen(1, uncertain=True)
    recorded(database, first, seen(2, "poor_fill"))
    gather_all(queue)

    looked(database, a_look(first, Verdict.WITHDRAWN))
    recorded(database, *(seen(number, "poor_fill", 1) for number in range(3, 15)))
    gather_all(queue)

    assert [(alert["exception"], alert["reason"], alert["incident"]) for alert in bodies(database)[2:]] == [
        (2, "grew", 1),
        (1, "withdrawn", 1),
    ]


def test_incidents_obey_the_span_of_the_rulebook_in_force(database: Database) -> None:
    """Five minutes apart are one incident under five, none under one."""
    short = in_force(database, "incident_span: 1 min")
    long = in_force(database, "incident_span: 5 min")
    recorded(database, seen(1, offset=short), seen(2, "poor_fill", 5, offset=short))
    gather_all(a_queue(database))

    recorded(database, seen(3, minute=60, offset=long), seen(4, "poor_fill", 65, offset=long))
    gather_all(a_queue(database))

    assert numbers(database) == [None, None, 1, 1]


def test_more_cases_than_a_turn_may_touch_are_linked_in_the_turns_that_follow(database: Database) -> None:
    """No transaction holds the store for more than 200 events."""
    offset = in_force(database, "rules: {slow_fill: {grouping: [subject]}}")
    queue = a_queue(database)
    recorded(database, *(seen(number, offset=offset) for number in range(1, CHUNK + 51)))
    gather_all(queue)

    recorded(database, seen(1_000, "poor_fill", offset=offset))
    turns = [queue.gather(NOON) for _ in range(3)]

    assert [(turn.findings, turn.links, turn.any) for turn in turns] == [(1, 199, True), (0, 52, True), (0, 0, False)]
    assert set(numbers(database)) == {1}


def test_a_case_from_before_the_upgrade_comes_to_an_incident_with_its_next_finding(database: Database) -> None:
    """It keeps its key: by default the grouping is what it always was."""
    queue = a_queue(database)
    recorded(database, seen(1))
    gather_all(queue)
    with database.writing() as connection:
        connection.execute(cases.update().values(incident_seq=None))
        connection.execute(incidents.delete())

    recorded(database, seen(2, "poor_fill"), seen(3))
    gather_all(queue)

    assert numbers(database) == [1, 1]


# --- whatever ends the caseworker, and wherever ---


def a_day() -> list[Finding]:
    """Return findings that open, grow and link cases of two incidents."""
    return [
        seen(1),
        seen(2, "feed_silent", 1, cause="session S", venue=None),
        seen(3, "poor_fill", 2),
        seen(4, "slow_fill", 3),
        seen(5, "sequence_gap", 4, cause="session S", venue=None),
        seen(6, "rule_failure", 5),
    ]


@contextmanager
def dying_at(database: Database, statement: int) -> Iterator[None]:
    """Let the n-th statement of the block fail, as a process that dies before it would leave it."""
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1
        if counted == statement:
            msg = "died"
            raise ConnectionAbortedError(msg)

    event.listen(database.engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", count)


def outcome(database: Database) -> dict[str, list[Any]]:
    """Return all that the caseworker leaves: cases, what is in them, incidents, chains and alerts."""
    queue = a_queue(database)
    told = [(table, list(table.columns)) for table in (cases, case_findings, incidents)]
    told.append((outbox, list(outbox.columns)[1:]))  # a sequence of PostgreSQL goes on after a death
    with database.reading() as connection:
        rows = {
            table.name: [tuple(row) for row in connection.execute(select(*columns).order_by(*columns[:2]))]
            for table, columns in told
        }
    return {**rows, "broken": [first_broken(queue.history(number)) for number in range(1, len(rows["cases"]) + 1)]}


def test_whichever_statement_the_caseworker_dies_at_every_finding_is_in_exactly_one_case(database: Database) -> None:
    """A turn that did not end left nothing; the next does all of it."""
    with a_store() as other:
        recorded(other, *a_day())
        gather_all(a_queue(other))
        undisturbed = outcome(other)
    recorded(database, *a_day())

    deaths = 0
    while not survives(database, deaths + 1):
        deaths += 1
        assert outcome(database) == {**undisturbed, **{name: [] for name in undisturbed}}

    gather_all(a_queue(database))
    assert deaths > len(a_day()) * 4
    assert numbers(database) == [1, 2, 1, 2, None]
    assert outcome(database) == undisturbed


def survives(database: Database, statement: int) -> bool:
    """Return whether a turn of a new caseworker ends before its n-th statement, at which it would die."""
    try:
        with dying_at(database, statement):
            a_queue(database).gather(NOON)
    except ConnectionAbortedError:
        return False
    return True


# --- however the findings are cut ---

RULES = ("slow_fill", "poor_fill", "fill_rate_drop", "feed_silent", "sequence_gap", "no_quote", "rule_failure")
RULEBOOK = """
incident_span: 5 min
rules:
  slow_fill: {grouping: [symbol], cooldown: 3 min}
  poor_fill: {grouping: [rule], cooldown: 20 min}
"""
FINDINGS = st.lists(
    st.tuples(
        st.sampled_from(RULES), st.integers(0, 40), st.sampled_from(("XTST", "XOTH")), st.sampled_from(("A", "B"))
    ),
    min_size=1,
    max_size=40,
)


def gathered(told: list[tuple[str, int, str, str]], cuts: list[int]) -> tuple[set[frozenset[int]], set[Any]]:
    """Return which findings are together in cases, and which in incidents, when they come in parts of these sizes."""
    with a_store() as database:
        offset = in_force(database, RULEBOOK)
        found = [
            seen(number, rule, minute, cause=f"venue {venue}", venue=venue, symbol=symbol, offset=offset)
            for number, (rule, minute, venue, symbol) in enumerate(told, start=1)
        ]
        queue, sizes = a_queue(database), iter(cuts)
        while found:
            size = next(sizes, len(found))
            recorded(database, *found[:size])
            gather_all(queue)
            found = found[size:]
        return together(database, queue)


def together(database: Database, queue: SqlQueue) -> tuple[set[frozenset[int]], set[Any]]:
    """Return the findings of each case, and of each incident its trouble, its rules, its times and its findings."""
    in_case: dict[int, set[int]] = {}
    in_incident: dict[int, set[int]] = {}
    with database.reading() as connection:
        for case_id, seq in connection.execute(select(case_findings.c.case_id, case_findings.c.seq)):
            in_case.setdefault(case_id, set()).add(seq)
        rows = connection.execute(select(incidents).where(incidents.c.incident_id.is_not(None))).all()
    for case_id, its_own in in_case.items():
        case = queue.case(case_id)
        assert case is not None
        assert case.finding_count == len(its_own)
        if case.incident is not None:
            in_incident.setdefault(case.incident, set()).update(its_own)
    said = {row.incident_id: (row.kind, row.subject, row.first_at, row.last_at, row.rules) for row in rows}
    assert said.keys() == in_incident.keys()
    assert not any(row.linking for row in rows)
    return set(map(frozenset, in_case.values())), {(said[n], frozenset(held)) for n, held in in_incident.items()}


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(FINDINGS, st.lists(st.integers(1, 12), max_size=40))
def test_however_findings_are_cut_they_gather_to_the_same_cases_and_incidents(
    told: list[tuple[str, int, str, str]], cuts: list[int]
) -> None:
    """The numbers apart: what is together in one go is together in any parts."""
    assert gathered(told, cuts) == gathered(told, [])


def test_what_the_property_compares_does_hold_incidents() -> None:
    """Two incidents, one at a venue and one with the vendor, and an exception in neither."""
    told = [("slow_fill", 0, "XTST", "A"), ("feed_silent", 1, "XTST", "A"), ("fill_rate_drop", 2, "XTST", "A")]
    told += [("sequence_gap", 3, "XTST", "A"), ("rule_failure", 3, "XTST", "A")]

    in_cases, in_incidents = gathered(told, [1, 2])

    assert in_cases == {frozenset({n}) for n in range(1, 6)}
    assert {held for _, held in in_incidents} == {frozenset({1, 3}), frozenset({2, 4})}


@pytest.mark.parametrize("cuts", [[], [1], [2], [1, 1, 1, 1]])
def test_a_market_that_stands_still_is_one_incident(cuts: list[int]) -> None:
    """Not the venues', at which it shows."""
    with a_store() as database:
        halted = {"quote_state": "halted"}
        found = [seen(n, "no_quote", n, symbol=f"S{n}", values=halted) for n in range(1, 6)]
        found.append(seen(9, "fill_rate_drop", 5, quotes={"receipt": {"state": "halted"}}))
        queue = a_queue(database)
        for size in [*cuts, len(found)]:
            part, found = found[:size], found[size:]
            recorded(database, *part)
            gather_all(queue)

        assert numbers(database) == [1, 1]
        assert [event.action for event in queue.history(1)][-1] is Action.LINK
