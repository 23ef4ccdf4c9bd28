"""Reads from the store what the close of a day states: what was reviewed, what was not, and what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, select

from rules import reassessment
from rules.digest import digest
from rules.finding import Finding, Scope, Severity
from rules.reassessment import Why
from service.cases.actor import CASEWORKER
from service.statements.chain import Statement
from service.statements.closing import Certified, CloseOfDay, Digests, Exceptions, FillsOnly, Marked, NotJudged
from service.statements.gather_days import day_offsets
from service.statements.gather_orders import copy_of
from service.statements.in_force import Standing, standing
from service.store import tables
from service.store.engine import Database
from service.store.export_text import day_bounds
from service.store.not_evaluated import counted_since, skipped_of
from service.store.read_back import reassessment_of
from service.store.record import PROCESSED, read_offset
from service.store.statements import SqlStatements
from service.store.views import execution_states

_finding = msgspec.json.Decoder(Finding)


class _Mark(msgspec.Struct, frozen=True):
    """The two words of a finding that are asked for here."""

    finding_id: str
    rulebook_hash: str
    uncertain: bool = False


def gathered_close(
    database: Database, day: str, sessions: Iterable[tuple[str, str]], *, digests: bool = True
) -> CloseOfDay:
    """Return what the store holds of a trade date; `sessions` are those that owe a certificate.

    Without `digests` the findings of the day are not read whole.
    """
    day_bounds(day)
    certificates = SqlStatements(database).newest_of(day)
    with database.reading() as connection:
        _, last = day_offsets(connection, day)
        now = standing(connection, last)
        executions = _executions(connection, day)
        reasons = _grouped(connection, tables.executions.c.not_evaluated_reason, day)
        states = _states(connection, day)
        marks = _marks(connection, day)
        evaluated = reasons.pop("", 0)
        journal = int(connection.execute(select(func.coalesce(func.max(tables.journal.c.offset), 0))).scalar_one())
        processed = read_offset(connection, PROCESSED)
        ended = tables.order_outcomes
        orders = select(func.count(), func.count().filter(ended.c.marketable.is_(None))).where(
            ended.c.trade_date == day
        )
        ends, unclear = connection.execute(orders).one()
        rules = _rules(now)
        return CloseOfDay(
            trade_date=day,
            upto=processed,
            executions=executions,
            busted=states.get("busted", 0),
            corrected=states.get("corrected", 0),
            evaluated=evaluated,
            not_evaluated=reasons,
            quote_states=_grouped(connection, tables.executions.c.execution_quote_state, day),
            orders=ends,
            orders_unclear=unclear,
            findings=len(marks),
            ungathered=_ungathered(connection, day),
            exceptions=_exceptions(connection, day),
            certificates=tuple(
                _certified(whose, certificates.get(whose)) for whose in sorted({*sessions, *certificates})
            ),
            uncertain=_uncertain(connection, marks),
            undecodable=_undecodable(connection, day, last),
            unprocessed=max(0, min(journal, last) - processed),
            rules=len(rules[0]),
            rules_off=rules[1],
            rulebooks=_rulebooks(now, marks),
            not_judged=_not_judged(connection, day),
            not_judged_whole=counted_since(connection) < day_offsets(connection, day)[0],
            fills_only=_fills_only(connection, day),
            marked=_marked(connection, day),
            digests=_digests(connection, day) if digests else None,
        )


def _digests(connection: Connection, day: str) -> Digests:
    """Return the digests of what has been found of the day so far."""
    made, looked = tables.findings, tables.reassessments
    bodies = connection.execute(select(made.c.body).where(made.c.trade_date == day).order_by(made.c.seq)).scalars()
    findings = [_finding.decode(body) for body in bodies]
    rows = connection.execute(select(looked).where(looked.c.trade_date == day).order_by(looked.c.seq))
    looks = [reassessment_of(row) for row in rows]
    return Digests(
        market=digest(findings, Scope.MARKET),
        feed=digest(findings, Scope.FEED),
        looks=reassessment.digest(looks),
        findings=len(findings),
        second_looks=len(looks),
    )


def _certified(whose: tuple[str, str], one: Statement | None) -> Certified:
    if one is None:
        return Certified(counterparty=whose[0], session=whose[1], state=None)
    return Certified(counterparty=whose[0], session=whose[1], state=one.state, seq=one.seq, hash=one.hash.hex())


def _not_judged(connection: Connection, day: str) -> tuple[NotJudged, ...]:
    found = [
        NotJudged(rule=rule, reason=reason, facts=number)
        for (rule, reason), number in skipped_of(connection, day).items()
    ]
    return tuple(sorted(found, key=lambda one: (one.rule, -one.facts, one.reason)))


def _fills_only(connection: Connection, day: str) -> tuple[FillsOnly, ...]:
    made = tables.executions
    names = select(made.c.counterparty).distinct().where(made.c.trade_date == day).order_by(made.c.counterparty)
    copies = ((name, copy_of(connection, name, day)) for name in connection.execute(names).scalars())
    return tuple(
        FillsOnly(counterparty=name, executions=copy.executions, own_orders=copy.own_orders)
        for name, copy in copies
        if copy.fills_only
    )


def _executions(connection: Connection, day: str) -> int:
    made = tables.executions
    return int(connection.execute(select(func.count()).select_from(made).where(made.c.trade_date == day)).scalar_one())


def _grouped(connection: Connection, column: ColumnElement[str], day: str) -> dict[str, int]:
    made = tables.executions
    wanted = select(column, func.count()).where(made.c.trade_date == day).group_by(column)
    found = {str(name or ""): int(number) for name, number in connection.execute(wanted)}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _marked(connection: Connection, day: str) -> Marked:
    made, mark = tables.executions, tables.markouts
    ends = select(func.min(made.c.offset), func.max(made.c.offset)).where(made.c.trade_date == day).subquery()
    first, last = (select(column).scalar_subquery() for column in ends.columns)
    of_day = and_(mark.c.execution_offset.between(first, last), mark.c.trade_date == day)
    executions = select(func.count(mark.c.execution_id.distinct())).where(of_day)
    reason, missing = mark.c.not_evaluated_reason, mark.c.realized_spread.is_(None)
    wanted = select(reason, missing, func.count()).where(of_day).group_by(reason, missing)
    found = connection.execute(wanted).all()
    unusable = {str(why): int(number) for why, is_missing, number in found if is_missing}
    return Marked(
        executions=int(connection.execute(executions).scalar_one()),
        taken=sum(int(number) for _, _, number in found),
        unusable=dict(sorted(unusable.items(), key=lambda item: (-item[1], item[0]))),
    )


def _states(connection: Connection, day: str) -> dict[str, int]:
    made, now = tables.executions, execution_states
    wanted = (
        select(now.c.state, func.count())
        .join_from(made, now, and_(now.c.offset == made.c.offset, now.c.part == made.c.part))
        .where(made.c.trade_date == day)
        .group_by(now.c.state)
    )
    return {str(name): int(number) for name, number in connection.execute(wanted)}


def _exceptions(connection: Connection, day: str) -> tuple[Exceptions, ...]:
    cases = tables.cases
    each = (cases.c.rule, cases.c.severity, cases.c.state)
    wanted = (
        select(*each, func.count(), func.sum(cases.c.finding_count)).where(cases.c.trade_date == day).group_by(*each)
    )
    found = [
        Exceptions(rule=rule, severity=severity, state=state, cases=number, findings=int(findings))
        for rule, severity, state, number, findings in connection.execute(wanted)
    ]
    return tuple(sorted(found, key=lambda one: (-Severity(one.severity).rank, one.rule, one.state)))


def _marks(connection: Connection, day: str) -> list[_Mark]:
    found = tables.findings
    decode = msgspec.json.Decoder(_Mark).decode
    rows = connection.execute(select(found.c.body).where(found.c.trade_date == day).order_by(found.c.seq))
    return [decode(row.body) for row in rows]


def _uncertain(connection: Connection, marks: list[_Mark]) -> int:
    """Return how many findings were made while numbers were missing and not looked at again since."""
    doubtful = {mark.finding_id for mark in marks if mark.uncertain}
    if not doubtful:
        return 0
    looks = tables.reassessments.c
    of_messages = looks.why.is_(None) | (looks.why == Why.MESSAGES.value)
    settled = set(connection.execute(select(looks.finding_id).where(of_messages)).scalars())
    return len(doubtful - settled)


def _ungathered(connection: Connection, day: str) -> int:
    found = tables.findings
    waiting = select(func.count()).where(found.c.trade_date == day, found.c.seq > read_offset(connection, CASEWORKER))
    return int(connection.execute(waiting).scalar_one())


def _undecodable(connection: Connection, day: str, last: int) -> int:
    first, _ = day_offsets(connection, day)
    became = tables.message_outcomes
    wanted = select(func.count()).where(became.c.offset.between(first, last), became.c.outcome == "undecodable")
    return int(connection.execute(wanted).scalar_one())


def _rules(now: Standing) -> tuple[list[str], tuple[str, ...]]:
    rules = now.rulebook.rules if now.rulebook is not None else ()
    return [rule.name for rule in rules if rule.in_force], tuple(rule.name for rule in rules if not rule.in_force)


def _rulebooks(now: Standing, marks: list[_Mark]) -> tuple[str, ...]:
    """Return the rulebooks by which the day's findings were made, and the one that stood at its end, which is last."""
    counted = Counter(mark.rulebook_hash for mark in marks)
    last = now.rulebook.hash if now.rulebook is not None else None
    earlier = sorted(one for one in counted if one != last)
    return (*earlier, last) if last is not None else tuple(earlier)
