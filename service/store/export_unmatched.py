"""The question behind `export unmatched`: orders that the firm's own records and a vendor's copy do not agree on.

From both sides: `ours` were sent and not answered or not reported, `theirs` are reported and were never sent. What was
told once and settled since (an answer, an end, an own order that came late) is not listed.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, Table, and_, exists, or_, select

from rules.facts import FeedEventKind
from service.store import tables

OURS = (FeedEventKind.UNANSWERED_ORDER, FeedEventKind.UNREPORTED_ORDER)
NOT_ANSWERED = "the vendor's copy has not answered it"
NOT_OURS = "the firm's own records do not hold it"
SHOWN = (
    "own_id",
    "order_key",
    "cl_ord_id",
    "account",
    "symbol",
    "side",
    "ordered_shares",
    "executed_shares",
)


def unmatched(day: str | None) -> Select[Any]:
    """Return what was told of unmatched orders and is not settled, in journal order."""
    told = tables.feed_events
    kinds = [kind.value for kind in (*OURS, FeedEventKind.UNKNOWN_ORDER)]
    query = select(told).where(told.c.kind.in_(kinds), ~_settled(told)).order_by(told.c.offset, told.c.part)
    return query if day is None else query.where(told.c.trade_date == day)


def spread(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with the event's detail as columns, whose side it is on, and why it is there."""
    detail = msgspec.json.decode(row["detail"])
    ours = row["kind"] != FeedEventKind.UNKNOWN_ORDER.value
    return {
        **row,
        **{name: detail.get(name) for name in SHOWN},
        "sent_at": detail.get("sent_at_ns"),
        "whose": "ours" if ours else "theirs",
        "why": detail.get("why") or (NOT_ANSWERED if ours else NOT_OURS),
    }


def _settled(told: Table) -> ColumnElement[bool]:
    later, own, end = tables.feed_events.alias(), tables.own_orders, tables.order_outcomes
    kind, subject = told.c.kind, told.c.subject
    same = and_(later.c.counterparty == told.c.counterparty, later.c.subject == subject)
    after = and_(same, later.c.trade_date == told.c.trade_date, later.c.offset >= told.c.offset)
    answered = exists().where(after, later.c.kind == FeedEventKind.ANSWERED_ORDER.value)
    said_again = exists().where(after, later.c.kind == FeedEventKind.UNREPORTED_ORDER.value)
    ended = exists().where(
        end.c.counterparty == told.c.counterparty,
        end.c.cl_ord_id == subject,
        end.c.offset > told.c.offset,
        end.c.synthesised.is_(False),
    )
    came = exists().where(own.c.vendor == told.c.counterparty, own.c.order_key == subject)
    return or_(
        and_(kind == FeedEventKind.UNANSWERED_ORDER.value, or_(answered, said_again)),
        and_(kind == FeedEventKind.UNREPORTED_ORDER.value, ended),
        and_(kind == FeedEventKind.UNKNOWN_ORDER.value, came),
    )
