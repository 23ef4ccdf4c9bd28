"""A message from a file, decoded: like one from the line, but nothing of it may lean on when we received it. Pure."""

from __future__ import annotations

from service.fix.decode import decode
from service.fix.dialect import Dialect
from service.fix.events import AboutOrder, Decoded
from service.market.calendar import TradingCalendar
from service.orders.again import from_a_file


def read_backfilled(body: bytes, dialect: Dialect, calendar: TradingCalendar, today: str) -> Decoded:
    """Return what the message is; where no tag has its trade date, that is the day on which it was sent."""
    decoded = decode(body, dialect, today)
    sent_at = decoded.header.sent_at
    if sent_at is not None and (day := calendar.trade_date(sent_at)) != today:
        decoded = decode(body, dialect, day)
    return from_a_file(decoded) if isinstance(decoded, AboutOrder) else decoded
