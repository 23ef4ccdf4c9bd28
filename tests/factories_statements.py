"""Hand-made days of one session for the tests of certificates: a clean day, and what can be wrong with one."""

from __future__ import annotations

from typing import Any

from rules.facts import SECOND, FeedEventKind, Nanos
from service.market.calendar import Session, TradingCalendar
from service.statements.chain import Draft, Kind
from service.statements.completeness import Certificate, certificate
from service.statements.day import Hours, Messages, OwnOrders, SessionDay, Told, Whose
from service.statements.numbers import Run

DAY = "2026-11-20"
OPENS = Nanos(1_795_185_000 * SECOND)
"""09:30 in New York on that Friday."""
CLOSES = Nanos(OPENS + 23_400 * SECOND)
EVENING = Nanos(CLOSES + 3_600 * SECOND)
WHOSE = Whose("demo", "FIX.4.4:FIRM->SOR", DAY)
HOURS = Hours(opens=OPENS, closes=CLOSES)
XNYS = TradingCalendar(
    name="XNYS",
    kind="sessions",
    sessions=(
        Session("2026-11-19", Nanos(OPENS - 86_400 * SECOND), Nanos(CLOSES - 86_400 * SECOND)),
        Session(DAY, OPENS, CLOSES),
        Session("2026-11-23", Nanos(OPENS + 3 * 86_400 * SECOND), Nanos(CLOSES + 3 * 86_400 * SECOND)),
    ),
)
"""A Thursday, a Friday and the Monday after."""
OWN = OwnOrders(sources=("oms",), count=4, reported=4)


def told(kind: FeedEventKind, offset: int, subject: str = WHOSE.session, **named: Any) -> Told:
    """Return one event of the day, at the second after the open that its offset says."""
    at = Nanos(OPENS + offset * SECOND)
    return Told(
        kind=kind.value,
        subject=subject,
        at=named.pop("at", at),
        offset=offset,
        trade_date=named.pop("trade_date", DAY),
        detail=named,
    )


def gap(offset: int, first: int, last: int) -> Told:
    """Return that the numbers from `first` to `last` were jumped over."""
    subject = f"{first}-{last}"
    return told(
        FeedEventKind.GAP_OPENED,
        offset,
        subject,
        epoch="e1",
        first=first,
        last=last,
        missing=subject,
        opened_at_ns=OPENS + offset * SECOND,
    )


def closed(opened: Told, offset: int, **named: Any) -> Told:
    """Return that a gap closed."""
    detail = {**opened.detail, "missing": None, "arrived_count": 0, "filled_count": 0, **named}
    return told(FeedEventKind.GAP_CLOSED, offset, opened.subject, **detail)


def run(first: int, last: int, offset: int | None = None, epoch: str = "e1") -> Run:
    """Return messages in a row; by default number and offset are the same."""
    return Run(offset=first if offset is None else offset, epoch=epoch, first=first, last=last)


def a_day(**named: Any) -> SessionDay:
    """Return a clean, reconciled day of 100 messages in the evening."""
    runs = named.pop("runs", (run(1, 100),))
    came = sum(one.last - one.first + 1 for one in runs)
    usual = {
        "whose": WHOSE,
        "as_of": EVENING,
        "upto": 1_000,
        "hours": HOURS,
        "messages": Messages(journalled=came, outcomes={"execution": came}) if came else Messages(),
        "own": OWN,
    }
    return SessionDay(runs=runs, **{**usual, **named})


def certified(**named: Any) -> Certificate:
    """Return the certificate of such a day."""
    return certificate(a_day(**named))


def a_draft(**named: Any) -> Draft:
    """Return a statement that nobody has chained yet."""
    usual: dict[str, Any] = {
        "kind": Kind.COMPLETENESS,
        "counterparty": "demo",
        "session": WHOSE.session,
        "trade_date": DAY,
        "state": "red",
        "at": EVENING,
        "body": b"{}",
    }
    return Draft(**{**usual, **named})
