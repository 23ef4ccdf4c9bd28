"""Reads the firm's own orders beside a vendor's copy, for a certificate: the sources, and what matches nothing."""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from rules.facts import FeedEventKind as Kind
from service.fix.habits import Dialect, Role
from service.statements.day import Orders, OwnOrders, Told, Whose
from service.statements.happenings import happenings, open_subjects
from service.statements.in_force import Standing
from service.store import tables

KINDS = (Kind.UNREPORTED_ORDER, Kind.UNANSWERED_ORDER, Kind.ANSWERED_ORDER, Kind.UNKNOWN_ORDER)
MISSING = (Kind.GAP_OPENED, Kind.GAP_CLOSED, Kind.GAP_OVERDUE, Kind.UNDECODABLE)


def own_orders(connection: Connection, whose: Whose, now: Standing, orders: Orders, first: int) -> OwnOrders:
    """Return what the own orders of a day (from the offset `first` on) say of a vendor's session, or of their own."""
    dialect = now.dialects.get(whose.counterparty)
    is_source = dialect is not None and dialect.role is Role.OWN_ORDERS
    sources = tuple(sorted(name for name, one in now.dialects.items() if serves(one, whose.counterparty)))
    events = tables.feed_events
    of_day = events.c.trade_date == whose.trade_date
    told = _told(connection, KINDS, events.c.counterparty == whose.counterparty, of_day)
    own = tables.own_orders
    mine = own.c.counterparty if is_source else own.c.vendor
    count = select(func.count()).where(own.c.trade_date == whose.trade_date, mine == whose.counterparty)
    return OwnOrders(
        is_source=is_source,
        sources=sources,
        count=int(connection.execute(count).scalar_one()),
        reported=orders.ended + len(orders.open_day) + len(orders.open_longer),
        unreported=open_subjects(told, Kind.UNREPORTED_ORDER, Kind.ANSWERED_ORDER),
        unanswered=open_subjects(told, Kind.UNANSWERED_ORDER, Kind.ANSWERED_ORDER),
        unknown=open_subjects(told, Kind.UNKNOWN_ORDER),
        incomplete=_incomplete(connection, sources, whose.trade_date, first),
    )


def serves(dialect: Dialect, vendor: str) -> bool:
    """Return whether a dialect carries own orders that go to this vendor."""
    habits = dialect.own_orders
    return dialect.role is Role.OWN_ORDERS and vendor in (habits.vendor, *habits.codes.values())


def _incomplete(connection: Connection, sources: tuple[str, ...], day: str, first: int) -> tuple[str, ...]:
    """Return the sessions of these sources with an open gap or a message that could not be read on the day."""
    events = tables.feed_events
    mine = (events.c.counterparty.in_(sources), events.c.offset >= first)
    sessions = select(events.c.session).distinct().where(*mine).order_by(events.c.session)
    found = []
    for session in connection.execute(sessions).scalars().all() if sources else ():
        told = _told(connection, MISSING, *mine, events.c.session == session)
        unread = any(one.kind == Kind.UNDECODABLE and one.trade_date == day for one in told)
        if unread or any(gap.closed_at is None for gap in happenings(told, day).gaps):
            found.append(session)
    return tuple(found)


def _told(connection: Connection, kinds: tuple[Kind, ...], *of: ColumnElement[bool]) -> tuple[Told, ...]:
    events = tables.feed_events
    wanted = (
        select(*(events.c[name] for name in ("kind", "subject", "at", "offset", "trade_date", "detail")))
        .where(events.c.kind.in_([kind.value for kind in kinds]), *of)
        .order_by(events.c.offset, events.c.part)
    )
    return tuple(
        Told(
            kind=row.kind,
            subject=row.subject,
            at=row.at,
            offset=row.offset,
            trade_date=row.trade_date,
            detail=msgspec.json.decode(row.detail),
        )
        for row in connection.execute(wanted)
    )
