"""The order of a finding with all that happened to it, its parent and the parent's other children. Bounded reads.

Orders of a family are known by the ids that children name as their parent, which no index leads to: relatives are
looked for among the journal records around the finding only, and the family says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Select, Table, case, func, or_, select, union_all

from rules.facts import Level, Nanos, Order, OrderType, Side, TimeInForce
from rules.finding import Finding
from service.picture.life import Facts, Family, Life, Request, Role, life
from service.store.engine import Database
from service.store.read_back import amendment_of, change_of, end_of, fill_of
from service.store.tables import amendments, executions, journal, order_events, order_outcomes, own_orders

MOST_POINTS = 200
"""Events of the finding's own order that are read, the nearest to the finding; of each relative `MOST_OF_OTHERS`."""
MOST_OF_OTHERS = 20
MOST_OTHERS = 20
MOST_FOUND = 1_000
SPAN = 10_000
"""Journal records on either side of the finding among which relatives are looked for."""
MOST_RELATED = 50
_FACTS = (executions, order_events, order_outcomes)
_LOOKED = "The parent and its children were looked for in {first:,} to {last:,} of the journal's {newest:,} records."


class Key(NamedTuple):
    """Which order of the trade date; legs share the key of their package and are apart by symbol and side."""

    order_key: str
    level: str
    apart: str = ""


class SqlOrderLife:
    """Reads the families of orders from one database; never writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, finding: Finding) -> Family | None:
        """Return the family of the order that a finding is about, or whose message brought it about; None: no order.

        The trade date is the finding's: an order that lives longer is shown as far as that date tells of it.
        """
        with self._database.reading() as connection:
            own = _own_order(connection, finding)
            return None if own is None else _Reading(connection, finding, own).family()


class _Reading:
    """One family, read over one connection."""

    def __init__(self, connection: Connection, finding: Finding, own: Key) -> None:
        self._connection = connection
        self._finding = finding
        self._own = own

    def family(self) -> Family:
        (own,) = self._lives({self._own: Role.OWN}, MOST_POINTS)
        around = self._around()
        parent = self._parent(own, around)
        shown = self._lives({} if parent is None else {parent: Role.PARENT}, MOST_OF_OTHERS)
        top = (shown or [own])[0]
        others = self._others(own.order, top.order, [self._own, parent], around)
        return Family(
            own=own,
            parent=None if parent is None else top,
            others=tuple(self._lives(dict(list(others.items())[:MOST_OTHERS]), MOST_OF_OTHERS)),
            more_others=max(0, len(others) - MOST_OTHERS),
            looked=self._looked(),
            subject=self._finding.subject,
        )

    def _lives(self, wanted: Mapping[Key, Role], most: int) -> list[Life]:
        """Return the lives of these orders in this order, each with so many events at most of each kind."""
        if not wanted:
            return []
        rows = {table: self._facts(table, wanted, most) for table in _FACTS}
        ids = {row[name] for every in rows.values() for row in every for name in ("order_key", "cl_ord_id")} - {None}
        requests = self._requests(ids | {key.order_key for key in wanted})
        changed = self._amendments([row["execution_id"] for row in rows[executions]])
        return [life(role, _of_one(key, rows, requests, changed)) for key, role in wanted.items()]

    def _facts(self, table: Table, wanted: Iterable[Key], most: int) -> list[RowMapping]:
        """Return the rows of orders, of each the nearest to the finding, and with each row how many its order has."""
        at, finding = table.c, self._finding
        leg = case((at.order_level == Level.LEG.value, at.order_symbol + func.coalesce(at.order_side, "")), else_="")
        own = (at.order_key, at.order_level, leg)
        near = func.row_number().over(partition_by=own, order_by=(func.abs(at.offset - finding.offset), at.part))
        every = (
            select(table, near.label("near"), func.count().over(partition_by=own).label("of_all"))
            .where(at.trade_date == finding.trade_date, at.counterparty == finding.counterparty)
            .where(at.order_key.in_({key.order_key for key in wanted}))
            .subquery()
        )
        return list(self._connection.execute(select(every).where(every.c.near <= most)).mappings())

    def _requests(self, ids: Iterable[str]) -> list[RowMapping]:
        at = own_orders.c
        mine = (at.trade_date == self._finding.trade_date, at.vendor == self._finding.counterparty)
        wanted = select(own_orders).where(*mine, at.cl_ord_id.in_(sorted(ids)))
        return list(self._connection.execute(wanted.order_by(at.offset).limit(MOST_POINTS)).mappings())

    def _amendments(self, ids: Sequence[str]) -> list[RowMapping]:
        at = amendments.c
        wanted = (
            select(amendments, journal.c.received_at)
            .join(journal, journal.c.offset == at.offset)
            .where(at.execution_id.in_(ids))
        )
        return list(self._connection.execute(wanted.order_by(at.offset).limit(MOST_POINTS)).mappings())

    def _around(self) -> tuple[int, int]:
        return max(0, self._finding.offset - SPAN), self._finding.offset + SPAN

    def _looked(self) -> str:
        first, last = self._around()
        newest = self._connection.execute(select(func.max(journal.c.offset))).scalar_one() or 0
        if first <= 1 and last >= newest:
            return ""
        return _LOOKED.format(first=max(first, 1), last=min(last, newest), newest=newest)

    def _parent(self, own: Life, around: tuple[int, int]) -> Key | None:
        """Return the order that the own one names as its parent, or the package that it is a leg of."""
        if own.order.level is Level.LEG:
            return Key(own.order.order_key, Level.PACKAGE.value)
        name = own.order.parent_id
        if name is None:
            return None
        found = [key for key, row in self._found((name,), around).items() if key != self._own and _is_called(row, name)]
        return min(found, key=lambda key: key.level != Level.PARENT.value, default=None)

    def _others(self, own: Order, top: Order, known: Sequence[Key | None], around: tuple[int, int]) -> dict[Key, Role]:
        """Return the other orders of the family, nearest to the finding first, and what they are to the own one."""
        if own.level in (Level.LEG, Level.PACKAGE):
            return {key: Role.LEG for key in self._of_package(own.order_key) if key not in known}
        roles = {name: Role.CHILD for name in (own.order_key, own.order_id, own.cl_ord_id) if name}
        if own.parent_id is not None:
            roles |= {name: Role.SIBLING for name in (own.parent_id, *_ids(top, own)) if name}
        found = self._found(tuple(roles), around)
        theirs = {key: row["parent_id"] for key, row in found.items() if key not in known}
        return {key: roles[name] for key, name in theirs.items() if name in roles}

    def _of_package(self, order_key: str) -> Iterable[Key]:
        mine = [
            _keys(table).where(
                table.c.trade_date == self._finding.trade_date,
                table.c.order_key == order_key,
                table.c.counterparty == self._finding.counterparty,
            )
            for table in _FACTS
        ]
        return {_key(row): None for row in self._connection.execute(union_all(*mine).limit(MOST_FOUND)).mappings()}

    def _found(self, names: Sequence[str], around: tuple[int, int]) -> dict[Key, RowMapping]:
        """Return the orders around the finding that have one of these ids or name it as their parent's."""
        wanted = []
        for table in (executions, order_events):  # the trade date is compared here: its index would lead astray
            at = table.c
            ids = (at.parent_id, at.order_key, at.order_id, at.cl_ord_id)
            near = at.offset.between(*around)
            wanted.append(_keys(table).where(near, or_(*(column.in_(names) for column in ids))))
        rows = self._connection.execute(union_all(*wanted)).mappings()
        mine = (self._finding.trade_date, self._finding.counterparty)
        its = [row for row in rows if (row["trade_date"], row["counterparty"]) == mine]
        its.sort(key=lambda row: abs(int(row["offset"]) - self._finding.offset), reverse=True)
        nearest_first = list({_key(row): row for row in its}.items())[::-1]
        return dict(nearest_first)


def _own_order(connection: Connection, finding: Finding) -> Key | None:
    """Return the order that the finding names, by itself or by an execution, else that of its messages."""
    offsets = [finding.offset, *finding.related[-MOST_RELATED:]]
    rows = [
        row
        for table in (executions, order_events, order_outcomes)
        for row in connection.execute(_keys(table).where(table.c.offset.in_(offsets))).mappings()
        if row["counterparty"] == finding.counterparty
    ]
    named = [row for row in rows if finding.subject in (row["execution_id"], row["order_key"])]
    if not named and (key := _by_key(connection, finding)) is not None:
        return key
    of_the_message = [row for row in rows if row["offset"] == finding.offset]
    first = next(iter((*named, *of_the_message, *rows)), None)
    return None if first is None else _key(first)


def _by_key(connection: Connection, finding: Finding) -> Key | None:
    for table in _FACTS:
        at = table.c
        mine = (at.trade_date == finding.trade_date, at.order_key == finding.subject)
        wanted = _keys(table).where(*mine, at.counterparty == finding.counterparty).limit(1)
        if (row := connection.execute(wanted).mappings().one_or_none()) is not None:
            return _key(row)
    own = own_orders.c
    ours = (own.trade_date == finding.trade_date, own.vendor == finding.counterparty, own.cl_ord_id == finding.subject)
    sent = connection.execute(select(own.cl_ord_id).where(*ours).limit(1)).scalar_one_or_none()
    return None if sent is None else Key(sent, Level.CHILD.value)


def _of_one(
    key: Key,
    rows: Mapping[Table, Sequence[RowMapping]],
    requests: Sequence[RowMapping],
    changed: Sequence[RowMapping],
) -> Facts:
    """Return what tells of one order: its own rows, our requests under its ids, what amends its executions."""
    its = {table: [row for row in every if _key(row) == key] for table, every in rows.items()}
    ids = {row[name] for every in its.values() for row in every for name in ("order_key", "cl_ord_id")}
    asked = [row for row in requests if row["cl_ord_id"] in ids | {key.order_key}]
    made = {row["execution_id"] for row in its[executions]}
    amended = [row for row in changed if row["execution_id"] in made]
    return Facts(
        order=_told_by_us(asked[0]) if asked else Order(order_key=key.order_key),
        fills=tuple(map(fill_of, its[executions])),
        changes=tuple(map(change_of, its[order_events])),
        ends=tuple(map(end_of, its[order_outcomes])),
        requests=tuple(map(_request, asked)),
        amendments=tuple(map(amendment_of, amended)),
        received={row["offset"]: row["received_at"] for row in amended},
        more=sum(its[table][0]["of_all"] - len(its[table]) for table in (executions, order_events) if its[table]),
    )


def _keys(table: Table) -> Select[Any]:
    at = table.c
    execution = at.execution_id if table is executions else at.order_key.label("execution_id")
    names = ("offset", "part", "trade_date", "counterparty", "order_key", "order_level", "order_symbol", "order_side")
    return select(*(at[name] for name in (*names, "parent_id", "order_id", "cl_ord_id")), execution)


def _key(row: Mapping[Any, Any]) -> Key:
    level = row["order_level"]
    apart = f"{row['order_symbol']} {row['order_side'] or ''}" if level == Level.LEG.value else ""
    return Key(row["order_key"], level, apart)


def _ids(top: Order, own: Order) -> tuple[str | None, ...]:
    return () if top is own else (top.order_key, top.order_id, top.cl_ord_id)


def _is_called(row: Mapping[Any, Any], name: str) -> bool:
    return name in (row["order_key"], row["order_id"], row["cl_ord_id"]) and row["parent_id"] != name


def _request(row: Mapping[Any, Any]) -> Request:
    names = ("kind", "received_at", "offset", "quantity")
    return Request(**{name: row[name] for name in names}, at=Nanos(row["at"]), price=row["limit_price"])


def _told_by_us(row: Mapping[Any, Any]) -> Order:
    names = ("cl_ord_id", "account", "desk", "client", "limit_price", "stop_price", "quantity", "held", "capacity")
    return Order(
        order_key=row["cl_ord_id"],
        **{name: row[name] for name in names},
        symbol=row["symbol"] or "",
        side=None if row["side"] is None else Side(row["side"]),
        order_type=OrderType(row["order_type"] or OrderType.UNKNOWN),
        time_in_force=TimeInForce(row["time_in_force"] or TimeInForce.DAY),
    )
