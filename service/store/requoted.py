"""What was judged by one decision, as it was last stated: looked up when quotes came late.

Bounded by what followed the decision, which is the traffic of as many seconds as late quotes are looked out for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, and_, or_, select

from rules.facts import Order, OrderOutcome
from rules.finding import Finding
from rules.reassessment import Reassessment
from service.processed import Amendment, Decision, Requoted
from service.requote import (
    Decided,
    Judged,
    Stood,
    Taken,
    end_as_stated,
    fill_as_stated,
    judged,
    last_stated,
    same_order,
    taken_by,
)
from service.store.read_back import (
    amendment_of,
    decision_of,
    end_of,
    fill_of,
    order_of,
    quote_of,
    reassessment_of,
    requoted_of,
)
from service.store.tables import (
    amendments,
    executions,
    findings,
    order_events,
    order_outcomes,
    own_orders,
    reassessments,
    requotes,
)


def find_decided(connection: Connection, offset: int, before: int) -> Decided:
    """Return what was judged by the decision at `offset`, as it was last stated before `before`."""
    taken = _taken(connection, offset)
    if taken is None:
        return Decided()
    taken = last_stated(taken, _requotes(connection, requotes.c.decided_offset == offset, before))
    fills, offsets = _fills(connection, taken, offset, before)
    ends, ended = _ends(connection, taken, offset, before)
    offsets += ended
    names = {name for one in fills for name in _names(one)} | {end.order.order_key for end in ends}
    return Decided(taken=taken, fills=fills, ends=ends, stood=_stood(connection, offsets, names, before))


def _taken(connection: Connection, offset: int) -> Taken | None:
    """Return the decision at the offset as it was recorded."""
    for table in (executions, order_events, own_orders):
        wanted = select(table).where(table.c.offset == offset, table.c.decision.is_not(None)).order_by(table.c.part)
        row = connection.execute(wanted).mappings().first()
        decision = None if row is None else decision_of(row["decision"])
        if row is not None and decision is not None:
            return _of_own(row, decision) if table is own_orders else _of_report(row, decision)
    return _of_correction(connection, offset)


def _of_report(row: RowMapping, decision: Decision) -> Taken:
    order = order_of(row)
    return Taken(
        counterparty=row["counterparty"],
        reported_by=row["counterparty"],
        session=row["session"],
        trade_date=row["trade_date"],
        symbol=row.get("symbol") or order.symbol,
        decision=decision,
        order=taken_by(order, decision),
    )


def _of_own(row: RowMapping, decision: Decision) -> Taken:
    order = None
    if decision.at_receipt is not None:
        order = Order(
            order_key=row["cl_ord_id"],
            symbol=row["symbol"] or "",
            receipt=decision.at_receipt,
            firm_received_at=row["at"],
        )
    return Taken(
        counterparty=row["vendor"],
        reported_by=row["counterparty"],
        session=row["session"],
        trade_date=row["trade_date"],
        symbol=row["symbol"] or "",
        decision=decision,
        order=order,
        own_id=row["cl_ord_id"],
    )


def _of_correction(connection: Connection, offset: int) -> Taken | None:
    """Return what a correction was decided by: the quote of the execution that it corrects."""
    named = select(amendments.c.execution_id).where(amendments.c.offset == offset)
    wanted = select(executions).where(executions.c.execution_id.in_(named)).order_by(executions.c.offset)
    row = connection.execute(wanted).mappings().first()
    if row is None:
        return None
    taken = _of_report(row, Decision(at_execution=quote_of(row, "execution")))
    return msgspec.structs.replace(taken, order=None)


def _fills(connection: Connection, taken: Taken, offset: int, before: int) -> tuple[tuple[Judged, ...], list[int]]:
    """Return the executions that the decision bears on, with the offsets of all facts about them."""
    at = executions.c
    named = select(amendments.c.execution_id).where(amendments.c.offset == offset)
    which = or_(at.offset == offset, at.execution_id.in_(named))
    rows = _rows(connection, executions, and_(which, at.offset < before))
    if taken.order is not None:
        rows += _rows(connection, executions, _later(executions, taken, taken.order, offset, before))
    fills = {(row["offset"], row["part"]): fill_of(row) for row in rows}
    ids = [fill.execution_id for fill in fills.values()]
    stated = _requotes(connection, requotes.c.execution_id.in_(ids), before)
    changes = _amendments(connection, ids, before)
    found, offsets = [], [row.offset for row in stated]
    for _, fill in sorted(fills.items(), key=lambda pair: pair[0]):
        hung = changes.get(fill.execution_id, [])
        one = judged(taken, offset, fill_as_stated(fill, stated), hung)
        if one is not None:
            found.append(one)
            offsets += [fill.offset, *(change.offset for change in hung)]
    return tuple(found), offsets


def _ends(connection: Connection, taken: Taken, offset: int, before: int) -> tuple[tuple[OrderOutcome, ...], list[int]]:
    """Return orders' ends as they were counted (the first since the decision), with the offsets of all about them."""
    if taken.order is None:
        return (), []
    rows = _rows(connection, order_outcomes, _later(order_outcomes, taken, taken.order, offset, before))
    counted = {row["order_key"]: row for row in reversed(rows)}
    stated = _requotes(connection, requotes.c.order_key.in_(counted), before, offset)
    ends = [end_as_stated(end_of(row), stated) for row in counted.values()]
    mine = tuple(end for end in ends if same_order(taken, end))
    return mine, [end.offset for end in mine] + [row.offset for row in stated]


def _later(table: Table, taken: Taken, order: Order, offset: int, before: int) -> ColumnElement[bool]:
    at = table.c
    its_own = and_(at.trade_date == taken.trade_date, at.order_key == order.order_key)
    if taken.own_id is not None:
        its_own = at.firm_received_at == order.firm_received_at  # the vendor's copy may name it otherwise
    return and_(its_own, at.counterparty == taken.counterparty, at.offset >= offset, at.offset < before)


def _rows(connection: Connection, table: Table, which: ColumnElement[bool]) -> list[RowMapping]:
    wanted: Select[Any] = select(table).where(which).order_by(table.c.offset, table.c.part)
    return list(connection.execute(wanted).mappings())


def _requotes(connection: Connection, which: ColumnElement[bool], before: int, after: int = 0) -> list[Requoted]:
    at = requotes.c
    return [requoted_of(row) for row in _rows(connection, requotes, and_(which, at.offset < before, at.offset > after))]


def _amendments(connection: Connection, ids: list[str], before: int) -> dict[str, list[Amendment]]:
    at, hung = amendments.c, dict[str, list[Amendment]]()
    for row in _rows(connection, amendments, and_(at.execution_id.in_(ids), at.offset < before)):
        hung.setdefault(row["execution_id"], []).append(amendment_of(row))
    return hung


def _names(one: Judged) -> Iterable[str]:
    yield one.fill.execution_id
    if one.corrected is not None:
        yield one.corrected.execution_id


def _stood(connection: Connection, offsets: list[int], names: set[str], before: int) -> tuple[Stood, ...]:
    """Return the findings about these executions and ends, with the looks that were taken at them."""
    at = findings.c
    wanted = select(at.body).where(at.offset.in_(set(offsets)), at.subject.in_(names), at.offset < before)
    found = [msgspec.json.decode(body, type=Finding) for (body,) in connection.execute(wanted.order_by(at.seq))]
    its = reassessments.c
    ids = [finding.finding_id for finding in found]
    looks: dict[str, list[Reassessment]] = {}
    second = select(reassessments).where(its.finding_id.in_(ids), its.offset < before).order_by(its.seq)
    for row in connection.execute(second):
        looks.setdefault(row.finding_id, []).append(reassessment_of(row))
    return tuple(Stood(finding, tuple(looks.get(finding.finding_id, ()))) for finding in found)
