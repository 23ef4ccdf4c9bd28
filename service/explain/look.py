"""Reads what an explanation needs from the store: the facts, the rulebook and registers of then, the findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from rules.cards import catalogue
from rules.facts import AnyFact, FeedEvent, Fill, Nanos, OrderChanged, OrderOutcome
from rules.finding import Finding
from rules.reassessment import Reassessment
from rules.register import VenueRegister, parse_register
from rules.rulebook import read_rulebook
from service.explain.explained import Explained, Standing, explained, looks_at
from service.explain.words import fact_words
from service.settings import ConfigurationError
from service.store.engine import Database
from service.store.read_back import change_of, end_of, event_of, fill_of, reassessment_of
from service.store.tables import (
    executions,
    feed_events,
    findings,
    journal,
    order_events,
    order_outcomes,
    reassessments,
    versions,
)
from service.versions import Version, VersionKind, version_of

_READ: dict[Table, Callable[[Any], AnyFact]] = {
    executions: fill_of,
    order_events: change_of,
    order_outcomes: end_of,
    feed_events: event_of,
}


def explain_execution(database: Database, name: str, day: str | None) -> list[Explained]:
    """Return what every rule said of an execution, named by its execution id or by its ExecID (17)."""
    at = executions.c
    with database.reading() as connection:
        facts = _facts(connection, executions, or_(at.execution_id == name, at.exec_id == name), day)
        return _explained(connection, facts, f"execution {name}")


def explain_order(database: Database, key: str, day: str | None) -> list[Explained]:
    """Return what every rule said of an order's events and of its end."""
    with database.reading() as connection:
        return _explained(connection, _of_order(connection, key, day), f"order {key}")


def explain_finding(database: Database, finding_id: str, day: str | None) -> list[Explained]:
    """Return what the rule of a finding said of the fact that the finding was made on."""
    del day  # a finding's id is one of all days
    with database.reading() as connection:
        wanted = select(findings.c.body).where(findings.c.finding_id == finding_id)
        body = connection.execute(wanted).scalar_one_or_none()
        if body is None:
            raise ConfigurationError(_nothing(f"finding {finding_id}"))
        finding = msgspec.json.decode(body, type=Finding)
        facts = _made_on(connection, finding)
        told = _explained(connection, facts, f"fact of finding {finding_id} of {finding.rule}", finding.rule)
        return [one for one in told if one.rules]


def _made_on(connection: Connection, finding: Finding) -> list[AnyFact]:
    """Return the facts of a finding's own record, else those that it names: it was found when others came later."""
    rule = catalogue()[finding.rule].card
    facts = [fact for table in _READ for fact in _facts(connection, table, table.c.offset == finding.offset)]
    facts = [fact for fact in facts if looks_at(rule, fact)]
    named = [fact for fact in facts if _name(fact) == finding.subject]
    if named or rule.window is not None:
        return named or facts
    its = _facts(connection, executions, executions.c.execution_id == finding.subject, finding.trade_date)
    return its or _of_order(connection, finding.subject, finding.trade_date)


def _of_order(connection: Connection, key: str, day: str | None) -> list[AnyFact]:
    facts = [
        fact
        for table in (order_events, order_outcomes)
        for fact in _facts(connection, table, table.c.order_key == key, day)
    ]
    return sorted(facts, key=lambda fact: fact.offset)


def _facts(connection: Connection, table: Table, which: ColumnElement[bool], day: str | None = None) -> list[AnyFact]:
    wanted = select(table).where(which).order_by(table.c.offset, table.c.part)
    if day is not None:
        wanted = wanted.where(table.c.trade_date == day)
    return [_READ[table](row) for row in connection.execute(wanted).mappings()]


def _explained(connection: Connection, facts: Iterable[AnyFact], what: str, rule: str | None = None) -> list[Explained]:
    told = [
        explained(fact, fact_words(fact), _standing(connection, fact), _stood(connection, fact), rule) for fact in facts
    ]
    if not told:
        raise ConfigurationError(_nothing(what))
    return told


def _standing(connection: Connection, fact: AnyFact) -> Standing:
    """Return what was in force when the fact was judged; before the first rulebook it is the catalogue."""
    offset, at, version = _version(connection, VersionKind.RULEBOOK, None, fact.offset)
    rulebook, lines = read_rulebook("" if version is None else version.text)
    _, _, register = _version(connection, VersionKind.REGISTER, fact.counterparty, fact.offset)
    registers: dict[str, VenueRegister] = {}
    if register is not None:
        registers[fact.counterparty] = parse_register(register.text)
    actor = "" if version is None else version.actor
    return Standing(rulebook=rulebook, lines=lines, registers=registers, since=offset, at=at, actor=actor)


def _version(
    connection: Connection, kind: VersionKind, name: str | None, before: int
) -> tuple[int, Nanos | None, Version | None]:
    """Return the newest version at an offset < `before`, where and when it came into force; 0 and none before any."""
    mine = (
        versions.c.kind == kind.value if name is None else (versions.c.kind == kind.value) & (versions.c.name == name)
    )
    newest = select(func.max(versions.c.offset)).where(mine, versions.c.offset < before).scalar_subquery()
    wanted = select(journal.c.offset, journal.c.received_at, journal.c.body).where(journal.c.offset == newest)
    row = connection.execute(wanted).one_or_none()
    return (0, None, None) if row is None else (row.offset, row.received_at, version_of(row.body))


def _stood(connection: Connection, fact: AnyFact) -> list[tuple[Finding, list[Reassessment]]]:
    """Return the findings made at the fact's own record or about it, with the second looks at them."""
    at = findings.c
    about = (at.trade_date == fact.trade_date) & (at.subject == _name(fact))
    wanted = select(at.body).where(or_(at.offset == fact.offset, about), at.counterparty == fact.counterparty)
    found = [msgspec.json.decode(body, type=Finding) for (body,) in connection.execute(wanted.order_by(at.seq))]
    looks: dict[str, list[Reassessment]] = {}
    its = reassessments.c
    second = select(reassessments).where(its.finding_id.in_([one.finding_id for one in found])).order_by(its.seq)
    for row in connection.execute(second):
        looks.setdefault(row.finding_id, []).append(reassessment_of(row))
    return [(one, looks.get(one.finding_id, [])) for one in found]


def _name(fact: AnyFact) -> str:
    if isinstance(fact, Fill):
        return fact.execution_id
    if isinstance(fact, OrderOutcome | OrderChanged):
        return fact.order.order_key
    assert isinstance(fact, FeedEvent)
    return fact.subject


def _nothing(what: str) -> list[str]:
    return [f"the store holds no {what}"]
