"""An unexpected error in the road, in words and as an event: its kind and where it was raised, never what was in it.

Pure. The values of a customer's message have no place in a log or a finding about our own failure.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from traceback import walk_tb

from rules.facts import FeedEvent, FeedEventKind
from service.journal import Record
from service.market.calendar import trade_date
from service.orders.steps import Where


def failure_words(error: Exception) -> str:
    """Return for example "could not be processed: KeyError at apply.py:77"."""
    places = [f"{PurePath(frame.f_code.co_filename).name}:{line}" for frame, line in walk_tb(error.__traceback__)]
    where = f" at {places[-1]}" if places else ""
    return f"could not be processed: {type(error).__name__}{where}"


def failure_event(record: Record, where: Where, error: Exception) -> FeedEvent:
    """Return the event that says so of a record which is no message, or of what the feed made of one."""
    return FeedEvent(
        kind=FeedEventKind.UNDECODABLE,
        subject=f"{record.kind.value} {hashlib.sha256(record.body).hexdigest()[:12]}",
        at=where.clock,
        detail={"reason": failure_words(error), "record": record.kind.value},
        related=(record.offset,),
        offset=record.offset,
        counterparty=record.counterparty,
        session=record.session,
        trade_date=trade_date(where.clock),
        received_at=record.received_at,
        clock=where.clock,
    )
