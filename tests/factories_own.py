"""The firm's own orders beside a vendor's copy: messages of both, and journals that begin with both dialects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from rules.facts import FeedEvent, FeedEventKind, OrderOutcome
from service.journal import Entry
from service.market.calendar import Session, TradingCalendar
from service.processed import Processed
from service.versions import Version, VersionKind
from tests.factories_messages import fix_message
from tests.factories_road import PARTY, a_journal, a_report, a_tick, at, run, stamp, versions
from tests.fakes_store import FakeJournal

OMS = "oms"
OMS_SESSION = "FIX.4.4:WATCH->OMS"
OWN_DIALECT = f"begin_string: FIX.4.4\nrole: own_orders\nown_orders: {{vendor: {PARTY}}}\n"
PARENTS = "begin_string: FIX.4.4\nlevel: {with_parent: child, without_parent: parent}\n"
"""A vendor whose reports with a parent id are children, and without one parents."""
DAY = 24 * 3600.0
CLOSE = 5.5 * 3600
OVER = CLOSE + 16 * 60
"""When the first day is over: its close, and the time in which a vendor may still end his orders."""
CALENDAR = TradingCalendar(
    name="XNYS",
    kind="sessions",
    sessions=tuple(Session(f"2013-10-{7 + day:02d}", at(day * DAY - 3600), at(day * DAY + CLOSE)) for day in range(5)),
)
SILENT: dict[str, Any] = {"_32": None, "_31": None, "_30": None}


def with_own(*, own: str = OWN_DIALECT, **named: Any) -> list[Version]:
    """Return all that a journal with the firm's own orders begins with."""
    return [*versions(**named), Version(kind=VersionKind.DIALECT, name=OMS, text=own)]


def an_own(number: int, seconds: float, own_id: str, msg_type: str = "D", **by_tag: Any) -> Entry:
    """Return an order of the firm to buy 100 IBM at 181.96, as its OMS copies it; `_41` makes sense with F and G."""
    tags: dict[str, Any] = {
        "_35": msg_type,
        "_34": number,
        "_49": "OMS",
        "_52": stamp(seconds),
        "_56": "WATCH",
        "_11": own_id,
        "_1": "ACC-9",
        "_55": "IBM",
        "_54": "1",
        "_38": 100,
        "_40": "2",
        "_44": "181.96",
        "_59": "0",
        "_60": stamp(seconds),
    } | by_tag
    body = fix_message(**tags)
    entry = a_report(number, seconds)
    return msgspec.structs.replace(entry, counterparty=OMS, session=OMS_SESSION, body=body)


def a_replace(number: int, seconds: float, own_id: str, previous: str, **by_tag: Any) -> Entry:
    """Return the firm's replace of an order."""
    return an_own(number, seconds, own_id, "G", _41=previous, **by_tag)


def a_cancel(number: int, seconds: float, own_id: str, previous: str, **by_tag: Any) -> Entry:
    """Return the firm's cancel of an order."""
    return an_own(number, seconds, own_id, "F", _41=previous, _40=None, _44=None, **by_tag)


def an_ack(number: int, seconds: float, order_id: str, own_id: str, **by_tag: Any) -> Entry:
    """Return the vendor's acknowledgement of an own order."""
    tags = SILENT | {"_14": 0, "_151": 100, "_6": 0, "_1": None} | by_tag
    return a_report(number, seconds, **({"_37": order_id, "_11": own_id, "_17": f"N{number}", "_150": "0"} | tags))


def an_event(number: int, seconds: float, order_id: str, own_id: str, exec_type: str, **by_tag: Any) -> Entry:
    """Return another order event of the vendor (150) of an own order."""
    tags: dict[str, Any] = SILENT | {"_14": None, "_151": None, "_1": None} | by_tag
    named = {"_37": order_id, "_11": own_id, "_17": f"X{number}", "_150": exec_type, "_39": exec_type}
    return a_report(number, seconds, **(named | tags))


def a_fill(number: int, seconds: float, order_id: str, own_id: str, filled: int = 100, **by_tag: Any) -> Entry:
    """Return a fill of the vendor's of an own order, silent about account and totals."""
    tags: dict[str, Any] = {"_1": None, "_14": None, "_151": None, "_32": filled} | by_tag
    return a_report(number, seconds, **({"_37": order_id, "_11": own_id, "_17": f"E{number}"} | tags))


def the_journal(entries: Iterable[Entry], **named: Any) -> FakeJournal:
    """Return a journal that begins with both dialects in force."""
    return a_journal(entries, with_own(**named))


def story(*entries: Entry, **named: Any) -> Processed:
    """Run a story; return all that it came to."""
    return run(the_journal(entries, **named))


def a_day(*entries: Entry, **named: Any) -> Processed:
    """Run a story and let its day be over; return all that it came to."""
    return story(*entries, a_tick(OVER), **({"calendar": CALENDAR} | named))


def said(processed: Processed, *kinds: FeedEventKind) -> list[tuple[FeedEventKind, str]]:
    """Return the feed events of these kinds with their subjects, in order."""
    return [(event.kind, event.subject) for event in processed.feed_events if event.kind in kinds]


def the_event(processed: Processed, kind: FeedEventKind) -> FeedEvent:
    """Return the one feed event of that kind."""
    (found,) = (event for event in processed.feed_events if event.kind is kind)
    return found


def ends(processed: Processed) -> dict[str, OrderOutcome]:
    """Return the last stated outcome of each order by the firm's account and its key."""
    return {outcome.order.order_key: outcome for outcome in processed.order_outcomes}


def later(entry: Entry, seconds: float) -> Entry:
    """Return the same message, received at that second."""
    return msgspec.structs.replace(entry, received_at=at(seconds))
