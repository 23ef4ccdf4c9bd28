"""The queue over a real store: findings become cases, people act on them, and every change is whole or not at all."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from sqlalchemy import func, select

from rules.facts import Nanos
from rules.finding import Finding, Severity
from rules.reassessment import Verdict, Why
from rules.rulebook import DEFAULT_COOLDOWN
from service.cases.actor import Actor
from service.cases.case import Acted, Notice, Refused
from service.cases.chain import first_broken
from service.cases.given import NOTHING, Given
from service.cases.states import Action, State
from service.store.case_book import CHUNK
from service.store.engine import Database
from service.store.queue import Gathered
from service.store.record import read_offset
from service.store.steps import take_turn
from service.store.tables import case_events, case_findings, cases, outbox
from tests.factories_cases import (
    MINUTE,
    NOON,
    PAT,
    a_finding,
    a_look,
    a_queue,
    alert_text,
    gather_all,
    in_force,
    looked,
    recorded,
)


def rows_of(database: Database) -> dict[str, int]:
    """Return how many rows each table of work has, and how far the caseworker has come."""
    with database.reading() as connection:
        counted = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (cases, case_events, case_findings, outbox)
        }
        return {**counted, "offset": read_offset(connection, "caseworker")}


def test_with_nothing_found_there_is_nothing_to_gather(database: Database) -> None:
    """An idle turn writes nothing."""
    assert a_queue(database).gather(NOON) == Gathered(findings=0, notices=())
    assert rows_of(database)["offset"] == 0


def test_a_turn_with_nothing_to_take_waits_for_no_writer(database: Database) -> None:
    """The road writes all day; who only looks must neither wait for it nor keep it waiting."""
    queue = a_queue(database)

    with ThreadPoolExecutor(1) as elsewhere, database.writing() as connection:
        take_turn(connection)
        gathered = elsewhere.submit(queue.gather, NOON).result(20)

    assert gathered == Gathered(findings=0, notices=())


def test_a_burst_of_one_cause_is_one_case_with_all_its_findings(database: Database) -> None:
    """Twelve slow fills at one venue are one exception and one alert."""
    recorded(database, *(a_finding(n, dollar_harm=100) for n in range(1, 13)))

    notices = gather_all(a_queue(database))

    case = a_queue(database).case(1)
    assert case is not None
    assert (case.finding_count, case.dollar_harm, case.state) == (12, 1_200, State.NEW)
    assert [notice.reason for notice in notices] == ["opened"]
    assert rows_of(database) == {"cases": 1, "case_events": 1, "case_findings": 12, "outbox": 1, "offset": 12}


def test_a_large_burst_is_taken_in_chunks_and_stays_one_case(database: Database) -> None:
    """No transaction holds the store for more than 200 findings."""
    recorded(database, *(a_finding(n) for n in range(1, 2 * CHUNK + 51)))
    queue = a_queue(database)

    turns = [queue.gather(NOON).findings for _ in range(4)]

    assert turns == [CHUNK, CHUNK, 50, 0]
    assert rows_of(database) == {"cases": 1, "case_events": 3, "case_findings": 450, "outbox": 1, "offset": 450}


def test_each_cause_has_a_case_of_its_own(database: Database) -> None:
    """Rule, cause, counterparty and trade date all tell cases apart."""
    recorded(
        database,
        a_finding(1),
        a_finding(2, cause="venue XOTH"),
        a_finding(3, rule="poor_fill"),
        a_finding(4, counterparty="other"),
        a_finding(5, trade_date="2026-11-19"),
        a_finding(6),
    )

    gather_all(a_queue(database))

    assert rows_of(database)["cases"] == 5


def test_gathering_again_changes_nothing(database: Database) -> None:
    """The caseworker's offset moved with its cases."""
    recorded(database, a_finding(1), a_finding(2))
    queue = a_queue(database)
    gather_all(queue)
    before = rows_of(database)

    gathered = queue.gather(Nanos(NOON + MINUTE))

    assert gathered.findings == 0
    assert rows_of(database) == before


def test_later_findings_of_the_same_cause_join_the_case(database: Database) -> None:
    """The case grows, and so does its chain."""
    queue = a_queue(database)
    recorded(database, a_finding(1))
    gather_all(queue)

    recorded(database, a_finding(2))
    gather_all(queue, Nanos(NOON + MINUTE))

    assert [event.action for event in queue.history(1)] == [Action.OPEN, Action.ADD]
    assert rows_of(database)["cases"] == 1


@pytest.mark.parametrize("together", [True, False])
def test_a_finding_long_after_the_last_one_opens_a_new_case(database: Database, *, together: bool) -> None:
    """The window ends a burst, within one chunk as between two."""
    early, late = a_finding(1, at=NOON), a_finding(2, at=Nanos(NOON + DEFAULT_COOLDOWN + 1))
    queue = a_queue(database)
    recorded(database, early)
    if not together:
        gather_all(queue)

    recorded(database, late)
    notices = gather_all(queue)

    assert notices[-1].case.case_id == 2
    assert rows_of(database)["cases"] == 2


def test_a_finding_that_comes_late_joins_the_case_of_its_cause(database: Database) -> None:
    """A late bust or a resend is older than the case's last finding, and no new case."""
    queue = a_queue(database)
    recorded(database, a_finding(1, at=Nanos(NOON + 2 * DEFAULT_COOLDOWN)))
    gather_all(queue)

    recorded(database, a_finding(2, at=NOON))
    gather_all(queue)

    case = queue.case(1)
    assert case is not None
    assert (case.first_at, case.finding_count) == (NOON, 2)


def test_cases_obey_the_grouping_and_the_cooldown_of_the_rulebook_in_force_where_their_findings_were_made(
    database: Database,
) -> None:
    """A finding that is gathered after an activation is still under the rulebook of its own offset."""
    queue = a_queue(database)
    by_symbol = in_force(database, "rules: {slow_fill: {grouping: [symbol], cooldown: 1 min}}")
    by_default = in_force(database, "")
    early, late = by_symbol, by_default
    recorded(
        database,
        a_finding(1, offset=early, counterparty="other"),
        a_finding(2, offset=early, symbol="OTHER"),
        a_finding(3, offset=early, at=Nanos(NOON + 2 * MINUTE)),
        a_finding(4, offset=late, at=Nanos(NOON + 3 * MINUTE)),
        a_finding(5, offset=late, at=Nanos(NOON + 12 * MINUTE), symbol="OTHER"),
    )

    gather_all(queue)

    found = [queue.case(number) for number in range(1, 5)]
    assert [(case.key.cause, case.key.counterparty, case.finding_count) for case in found if case] == [
        ("symbol ACME", "", 1),
        ("symbol ACME", "", 1),
        ("symbol OTHER", "", 1),
        ("venue XTST", "sor", 2),
    ]
    assert queue.case(5) is None


def test_a_rulebook_that_is_activated_between_two_turns_is_obeyed_from_its_offset_on(database: Database) -> None:
    """The caseworker learns of it before the first finding that was made under it."""
    queue = a_queue(database)
    first = in_force(database, "")
    recorded(database, a_finding(1, offset=first))
    gather_all(queue)

    second = in_force(database, "rules: {slow_fill: {grouping: [cause, symbol]}}")
    recorded(database, a_finding(2, offset=second), a_finding(3, offset=first))
    gather_all(queue)

    causes = [case.key.cause for number in (1, 2) if (case := queue.case(number))]
    assert causes == ["venue XTST", "venue XTST, symbol ACME"]


def test_findings_under_a_rulebook_that_this_program_cannot_read_are_grouped_by_the_defaults(
    database: Database,
) -> None:
    """Another version wrote it; what it found must become exceptions all the same."""
    offset = in_force(database, "rules: {of_another_version: {grouping: [symbol]}}")
    recorded(database, a_finding(1, offset=offset), a_finding(2, offset=offset, rule="of_another_version"))
    queue = a_queue(database)

    gather_all(queue)

    assert [case.key.cause for number in (1, 2) if (case := queue.case(number))] == ["venue XTST", "venue XTST"]


def test_a_graver_finding_reopens_an_acknowledged_case_and_is_told(database: Database) -> None:
    """What rises after the acknowledgement is heard."""
    queue = a_queue(database)
    recorded(database, a_finding(1))
    gather_all(queue)
    queue.act(1, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)

    recorded(database, a_finding(2, severity=Severity.CRITICAL))
    notices = gather_all(queue)

    assert [(notice.reason, notice.case.state) for notice in notices] == [("severity_rose", State.REOPENED)]


def test_every_channel_gets_its_own_row_with_the_step_it_is_about(database: Database) -> None:
    """The alert is in the outbox when the case is in the store."""
    recorded(database, a_finding(1))

    gather_all(a_queue(database, alert_text, "mqtt", "webhook"))

    with database.reading() as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.outbox_id)).all()
    assert [(row.channel, row.idempotency_key, row.reason) for row in rows] == [
        ("mqtt", "1/1", "opened"),
        ("webhook", "1/1", "opened"),
    ]
    assert {row.body for row in rows} == {f"1/1 opened {NOON}".encode()}


def test_a_turn_that_fails_in_the_middle_leaves_nothing(database: Database) -> None:
    """Cases, chain, alerts and offset are one transaction: the second case's alert cannot be made, so neither is."""

    def fails_on_the_second(notice: Notice, at: Nanos) -> bytes:
        if notice.case.case_id == 2:
            msg = "no alert today"
            raise ValueError(msg)
        return alert_text(notice, at)

    recorded(database, a_finding(1), a_finding(2, cause="venue XOTH"))

    with pytest.raises(ValueError, match="no alert today"):
        a_queue(database, fails_on_the_second).gather(NOON)

    assert rows_of(database) == {"cases": 0, "case_events": 0, "case_findings": 0, "outbox": 0, "offset": 0}
    assert len(gather_all(a_queue(database))) == 2


def test_an_acknowledgement_is_kept_with_its_note_and_makes_no_alert(database: Database) -> None:
    """The history names who, what and why."""
    queue = a_queue(database)
    recorded(database, a_finding(1))
    gather_all(queue)

    result = queue.act(1, Action.ACKNOWLEDGE, PAT, Given(words="asked the vendor"), Nanos(NOON + MINUTE))

    assert isinstance(result, Acted)
    case, last = queue.case(1), queue.history(1)[-1]
    assert case == result.case
    assert (last.actor, msgspec.json.decode(last.body)["note"]) == ("pat", "asked the vendor")
    assert rows_of(database)["outbox"] == 1


def test_an_exception_that_does_not_exist_is_refused(database: Database) -> None:
    """The refusal names it."""
    queue = a_queue(database)

    assert queue.act(99, Action.ACKNOWLEDGE, PAT, NOTHING, NOON) == Refused(words="there is no exception 99")
    assert queue.case(99) is None


def test_of_two_people_acting_at_once_the_second_is_refused_in_words(database: Database) -> None:
    """The case is read inside the write transaction, so nobody acts on what was."""
    recorded(database, a_finding(1))
    gather_all(a_queue(database))
    both, results = threading.Barrier(2), dict[str, Acted | Refused]()

    def acknowledge(actor: str) -> None:
        with Database(database.url.render_as_string(hide_password=False)) as own:
            queue = a_queue(own)
            both.wait(timeout=20)
            results[actor] = queue.act(1, Action.ACKNOWLEDGE, Actor(name=actor), Given(seen=1), NOON)

    threads = [threading.Thread(target=acknowledge, args=(actor,)) for actor in ("pat", "sam")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    ((loser, refusal),) = [(actor, one.words) for actor, one in results.items() if isinstance(one, Refused)]
    winner = "sam" if loser == "pat" else "pat"
    assert refusal.startswith(f"exception 1: {winner} acknowledged at 04:53:20 New York on 9 Oct, before {loser}; ")
    assert [event.action for event in a_queue(database).history(1)] == [Action.OPEN, Action.ACKNOWLEDGE]


def test_people_and_the_caseworker_write_one_whole_chain(database: Database) -> None:
    """Every link of a stored history holds, whoever made it."""
    queue = a_queue(database)
    for n in range(1, 4):
        recorded(database, a_finding(n))
        gather_all(queue, Nanos(NOON + n))
    queue.act(1, Action.ACKNOWLEDGE, PAT, Given(words="séen “it”"), NOON)

    history, case = queue.history(1), queue.case(1)

    assert first_broken(history) is None
    assert case is not None
    assert (case.n, case.head) == (history[-1].n, history[-1].hash)


def test_a_history_edited_in_the_store_is_found(database: Database) -> None:
    """Whoever changes a note afterwards breaks the chain at that link."""
    queue = a_queue(database)
    recorded(database, a_finding(1))
    gather_all(queue)
    queue.act(1, Action.ACKNOWLEDGE, PAT, Given(words="seen"), NOON)

    with database.writing() as connection:
        connection.execute(case_events.update().where(case_events.c.n == 2).values(body=b'{"note":"never seen"}'))

    assert first_broken(queue.history(1)) == 2


def doubtful(number: int, **named: object) -> Finding:
    """Return an uncertain finding with a harm of 100."""
    return a_finding(number, uncertain=True, dollar_harm=100, **named)


def test_second_looks_become_links_of_the_cases_that_hold_their_findings(database: Database) -> None:
    """One event a case and turn; the offset of second looks moves with them, and again nothing changes."""
    queue = a_queue(database)
    recorded(database, doubtful(1), doubtful(2), doubtful(3, cause="venue XOTH"), a_finding(4))
    gather_all(queue)

    looked(
        database,
        a_look(doubtful(1), Verdict.WITHDRAWN),
        a_look(doubtful(2)),
        a_look(doubtful(3), Verdict.WITHDRAWN),
    )
    gathered = queue.gather(Nanos(NOON + MINUTE))
    again = queue.gather(Nanos(NOON + MINUTE))

    first, second = queue.case(1), queue.case(2)
    assert first is not None
    assert second is not None
    assert (gathered.findings, gathered.second_looks, again) == (0, 3, Gathered(findings=0, notices=()))
    assert (first.finding_count, first.dollar_harm, first.uncertain_count, first.withdrawn_count) == (2, 100, 0, 1)
    assert (second.finding_count, second.state, second.withdrawn_count) == (0, State.NEW, 1)
    assert [notice.reason for notice in gathered.notices] == ["withdrawn"]
    assert [event.action for event in queue.history(1)] == [Action.OPEN, Action.REASSESS]
    assert [first_broken(queue.history(n)) for n in (1, 2)] == [None, None]
    with database.reading() as connection:
        assert read_offset(connection, "second_looks") == 3


def test_a_second_look_waits_until_its_finding_is_in_a_case(database: Database) -> None:
    """However many findings stand before it; and it comes in the same turn when there is room."""
    queue = a_queue(database)
    recorded(database, *(doubtful(n) for n in range(1, CHUNK + 51)))
    looked(database, a_look(doubtful(CHUNK + 50), Verdict.WITHDRAWN))

    turns = [queue.gather(NOON) for _ in range(3)]

    assert [(turn.findings, turn.second_looks, turn.any) for turn in turns] == [
        (CHUNK, 0, True),
        (50, 1, True),
        (0, 0, False),
    ]
    case = queue.case(1)
    assert case is not None
    assert (case.finding_count, case.withdrawn_count) == (CHUNK + 49, 1)


def test_a_second_look_that_comes_before_its_finding_is_gathered_stops_those_behind_it(database: Database) -> None:
    """Their order is the order of the journal."""
    queue = a_queue(database)
    recorded(database, doubtful(1))
    gather_all(queue)
    recorded(database, *(doubtful(n) for n in range(2, CHUNK + 3)))
    looked(database, a_look(doubtful(CHUNK + 2)), a_look(doubtful(1)))

    first = queue.gather(NOON)

    assert (first.findings, first.second_looks) == (CHUNK, 0)
    assert queue.gather(NOON).second_looks == 2


def test_a_second_look_at_a_finding_that_the_store_never_kept_is_passed_over(database: Database) -> None:
    """Nothing may stop the caseworker."""
    queue = a_queue(database)
    looked(database, a_look(doubtful(77)))

    assert queue.gather(NOON).second_looks == 1
    assert queue.gather(NOON).second_looks == 0


def test_a_look_that_comes_after_another_knows_of_it(database: Database) -> None:
    """A finding that was withdrawn for its quotes, and once more with the messages, is withdrawn once."""
    first = a_finding(1, uncertain=True, dollar_harm=100)
    recorded(database, first)
    looked(database, a_look(first, Verdict.WITHDRAWN, why=Why.QUOTES))
    looked(database, a_look(first, Verdict.WITHDRAWN, offset=901))
    queue = a_queue(database)

    gather_all(queue)

    case = queue.case(1)
    assert case is not None
    assert (case.finding_count, case.withdrawn_count, case.uncertain_count, case.dollar_harm) == (0, 1, 0, 0)
