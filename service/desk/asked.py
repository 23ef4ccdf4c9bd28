"""What the supervisors' commands do: open the folder's store, ask the queue, say what came of it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from rules.facts import Nanos
from service.access.acting import acting
from service.alerting import alerting
from service.cases.actor import Actor
from service.cases.case import Refused
from service.cases.given import Given
from service.cases.permitted import PERMITTED
from service.cases.principal import Principal
from service.cases.shelving import Scope
from service.cases.states import Action, State
from service.configuration import read_queue
from service.desk.naming import name_principal
from service.desk.shown import case_line, case_lines, plain_cases, shelving_line
from service.plans import channel_names, read_plan
from service.settings import ConfigurationError, read_settings
from service.store.accounts import SqlAccounts
from service.store.bulks import Bulk, OtherBulkError, UnknownBulkError
from service.store.case_list import listed_cases
from service.store.engine import Database
from service.store.principals import SqlPrincipals
from service.store.queue import SqlQueue
from service.store.upgrade import require_current
from service.store.work_rules import rules_in_force


class Said(msgspec.Struct, frozen=True):
    """What a command has to say, and whether anything was refused."""

    lines: tuple[str, ...]
    refused: bool = False


class _Desk(msgspec.Struct, frozen=True):
    database: Database
    queue: SqlQueue
    now: Nanos

    def who(self, said: Actor) -> Actor:
        """Return who acts."""
        return acting(self.database, said)


@contextmanager
def _desk(folder: Path) -> Iterator[_Desk]:
    settings, laid = read_settings(folder), read_queue(folder)
    with Database(settings.store_url) as database:
        require_current(database)
        rules = rules_in_force(laid, database)
        if SqlAccounts(database).any_user():
            rules = msgspec.structs.replace(rules, permissions=PERMITTED)
        told, channels = alerting(settings.firm, settings.page), channel_names(read_plan(settings))
        queue = SqlQueue(database, alerting=told, channels=channels, rules=rules)
        yield _Desk(database, queue, Nanos(time.time_ns()))


def listed(folder: Path, states: Sequence[State], form: str) -> Said:
    """Return the exceptions that stand in these states now, the gravest first; without states all that are open."""
    wanted = tuple(states) or tuple(state for state in State if state is not State.CLOSED)
    with _desk(folder) as desk:
        found = listed_cases(desk.database, desk.queue.rules, wanted, desk.now)
        if form == "json":
            return Said(tuple(plain_cases(found)))
        return Said(tuple(case_line(case, desk.queue.rules, desk.now) for case in found))


def shown(folder: Path, case_id: int, actor: Actor | None) -> Said:
    """Return one exception with its history, and what the actor may do to it."""
    with _desk(folder) as desk:
        case = desk.queue.case_at(case_id, desk.now)
        if case is None:
            return Said((f"there is no exception {case_id}",), refused=True)
        events = desk.queue.history(case_id)
        return Said(
            tuple(case_lines(case, events, desk.queue.rules, None if actor is None else desk.who(actor), desk.now))
        )


def acted(folder: Path, case_ids: Sequence[int], action: Action, actor: Actor, given: Given) -> Said:
    """Take an action on one exception; on several as one decision."""
    with _desk(folder) as desk:
        actor = desk.who(actor)
        if len(case_ids) != 1:
            return _several(desk, case_ids, action, actor, given)
        result = desk.queue.act(case_ids[0], action, actor, given, desk.now)
        if isinstance(result, Refused):
            return Said((result.words,), refused=True)
        return Said((case_line(result.case, desk.queue.rules, desk.now),))


def acted_on_incident(folder: Path, number: int, action: Action, actor: Actor, given: Given) -> Said:
    """Take one decision over all the exceptions of an incident."""
    with _desk(folder) as desk:
        linked = desk.queue.bulks.of_incident(number)
        if not linked:
            return Said((f"there is no incident {number}",), refused=True)
        return _several(desk, linked, action, desk.who(actor), given)


def resumed(folder: Path, bulk_id: str) -> Said:
    """Take what a decision over many was not taken on yet."""
    with _desk(folder) as desk:
        try:
            return _told(list(desk.queue.bulks.finish(bulk_id, desk.now))[-1])
        except UnknownBulkError as error:
            return Said((str(error),), refused=True)


def unfinished(folder: Path) -> Said:
    """Return the decisions over many that were begun and are not through."""
    with _desk(folder) as desk:
        return Said(tuple(_progress(bulk) for bulk in desk.queue.bulks.unfinished()))


def shelved(folder: Path, scope: Scope, actor: Actor, why: str, until: Nanos) -> Said:
    """Shelve a scope."""
    with _desk(folder) as desk:
        result = desk.queue.shelvings.shelve(scope, desk.who(actor), why, until, desk.now)
        if isinstance(result, Refused):
            return Said((result.words,), refused=True)
        return Said((shelving_line(result, 0, 0),))


def shelving_ended(folder: Path, number: int, actor: Actor, words: str) -> Said:
    """End a shelving before its time, and bring back what it hid."""
    with _desk(folder) as desk:
        result = desk.queue.shelvings.end(number, desk.who(actor), words, desk.now)
        if isinstance(result, Refused):
            return Said((result.words,), refused=True)
        return shelvings_of(desk, everything=True, only=number)


def shelvings(folder: Path, *, everything: bool) -> Said:
    """Return the shelvings in force, or all there ever were, with what each hid."""
    with _desk(folder) as desk:
        return shelvings_of(desk, everything=everything)


def shelvings_of(desk: _Desk, *, everything: bool, only: int | None = None) -> Said:
    """Return shelvings as lines, each with the exceptions that it hid below it."""
    lines: list[str] = []
    for one in desk.queue.shelvings.listed(None if everything else desk.now):
        if only in (None, one.shelving.number):
            lines.append(shelving_line(one.shelving, one.hid, one.hides))
            hidden = desk.queue.shelvings.hidden_by(one.shelving.number)
            lines += [f"      {case_line(case, desk.queue.rules, desk.now)}" for case in hidden]
    return Said(tuple(lines))


def principal(folder: Path, day: str, named: Principal | None) -> Said:
    """Say who answers for a trade date, or return what was said of it, the newest first."""
    with _desk(folder) as desk:
        principals = SqlPrincipals(desk.database)
        if named is not None:
            problems = name_principal(desk.database, msgspec.structs.replace(named, at=desk.now))
            if problems:
                return Said(tuple(problems), refused=True)
        return Said(tuple(_principal(one) for one in principals.of(day)))


def _several(desk: _Desk, case_ids: Sequence[int], action: Action, actor: Actor, given: Given) -> Said:
    bulk_id = given.bulk or uuid.uuid4().hex
    try:
        desk.queue.bulks.begin(bulk_id, case_ids, action, actor, given, desk.now)
    except OtherBulkError as error:
        raise ConfigurationError([str(error)]) from None
    return _told(list(desk.queue.bulks.finish(bulk_id, desk.now))[-1])


def _told(bulk: Bulk) -> Said:
    return Said((_progress(bulk), *(words for _, words in bulk.refused)), refused=bool(bulk.refused))


def _progress(bulk: Bulk) -> str:
    what = f"{bulk.actor.name}: {bulk.action.words}"
    return f"bulk {bulk.bulk_id}: {what}: {bulk.acted:,} done, {len(bulk.refused):,} refused of {len(bulk.case_ids):,}"


def _principal(one: Principal) -> str:
    covers = f", covered by {', '.join(one.deputies)}" if one.deputies else ""
    note = f" ({one.note})" if one.note else ""
    return f"{one.trade_date}: {one.name}{covers}, said by {one.by}{note}"
