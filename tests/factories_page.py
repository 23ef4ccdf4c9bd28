"""A desk's morning for the page: plausible exceptions over real messages, the same every time."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from rules.facts import MILLISECOND, QUANTITY_SCALE, SECOND, Nanos
from rules.finding import Finding, Scope, Severity, Value
from service.cases.actor import Actor
from service.cases.given import Given
from service.cases.states import Action
from service.journal import Entry, Frame, RecordKind
from service.processed import Processed
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.store.tables import cases
from tests.factories import price
from tests.factories_cases import a_finding, a_queue, gather_all
from tests.factories_messages import execution_report

DAY = "2026-11-20"
OPEN = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
SESSION = "FIX.4.4:FIRM->SOR"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(minutes: float) -> Nanos:
    """Return an instant so many minutes after the open."""
    return Nanos((OPEN + timedelta(minutes=minutes) - EPOCH) // timedelta(microseconds=1) * 1_000)


def a_trade(minutes: float, symbol: str, venue: str, paid: str, number: int) -> bytes:
    """Return the execution report of one trade, as a router's drop copy carries it."""
    moment = OPEN + timedelta(minutes=minutes)
    stamp = f"{moment:%Y%m%d-%H:%M:%S}.{moment.microsecond // 1000:03d}"
    return execution_report(
        _34=1_000 + number,
        _52=stamp,
        _60=stamp,
        _37=f"SOR-{70_000 + number}",
        _11=f"C{4_400 + number}",
        _17=f"X{90_000 + number}",
        _55=symbol,
        _38=400,
        _32=400,
        _14=400,
        _31=paid,
        _6=paid,
        _44=paid,
        _30=venue,
        _75=DAY.replace("-", ""),
        _1="ACC-7",
        more="851=2|528=A|18=1",
    )


def quotes(bid: str, offer: str, minutes: float) -> dict[str, dict[str, Value]]:
    """Return both reference quotes of an execution as evidence."""
    quote: dict[str, Value] = {
        "state": "normal",
        "bid_price": price(bid),
        "bid_shares": 1_200 * QUANTITY_SCALE,
        "offer_price": price(offer),
        "offer_shares": 800 * QUANTITY_SCALE,
        "note": None,
    }
    return {
        "receipt": {**quote, "at_ns": at(minutes) - 412 * MILLISECOND},
        "execution": {**quote, "at_ns": at(minutes) - 3 * MILLISECOND},
    }


MORNING: tuple[dict[str, Any], ...] = (
    {
        "rule": "slow_fill",
        "severity": Severity.MEDIUM,
        "cause": "venue XBOS",
        "symbol": "ACME",
        "venue": "XBOS",
        "begins": 3.2,
        "count": 57,
        "harm": "0.38",
        "sentence": "A marketable order in ACME waited 3.204 s for its execution at XBOS; at most 1 s is allowed.",
        "values": {"time_to_fill_ns": 3_204 * MILLISECOND, "population": "marketable", "venue": "XBOS"},
        "thresholds": {"at_most_ns": SECOND, "level": "child"},
        "clocks": ("the order's latest of receipt, open or resumption, trigger (vendor)", "execution (vendor)"),
    },
    {
        "rule": "unexpected_venue",
        "severity": Severity.HIGH,
        "cause": "venue XTOX",
        "symbol": "GLOBEX",
        "venue": "XTOX",
        "begins": 11.4,
        "count": 8,
        "harm": None,
        "sentence": "400 GLOBEX were executed at 71.24 at XTOX, which is not an approved venue.",
        "values": {"venue": "XTOX", "venue_raw": "TOX", "reason": "not approved", "executed_shares": 400_000_000},
        "thresholds": {"level": "child"},
    },
    {
        "rule": "outside_nbbo",
        "severity": Severity.HIGH,
        "cause": "venue EDGX",
        "symbol": "INITECH",
        "venue": "EDGX",
        "begins": 14.75,
        "count": 3,
        "harm": "20",
        "sentence": "400 INITECH were bought at 42.18, 0.05 a share outside the best quote of 42.13.",
        "values": {
            "outside_price": price("0.05"),
            "reference_price": price("42.13"),
            "executed_price": price("42.18"),
            "executed_shares": 400_000_000,
            "exempt_reason": None,
            "regular_hours": True,
            "locked": False,
        },
        "thresholds": {"tolerance_price": 0, "level": "child"},
        "quotes": quotes("42.11", "42.13", 14.75),
        "paid": "42.18",
    },
    {
        "rule": "fill_rate_drop",
        "severity": Severity.HIGH,
        "cause": "venue IEXG",
        "symbol": "HOOLI",
        "venue": "IEXG",
        "begins": 18.1,
        "count": 2,
        "harm": None,
        "sentence": "Of the last 120 marketable orders at IEXG 61 % of the shares were filled; 85 % is required.",
        "values": {"filled_ratio_ppm": 610_000, "upper_ratio_ppm": 694_000, "orders_count": 120},
        "thresholds": {"required_ratio_ppm": 850_000, "window_ns": 300 * SECOND, "level": "child"},
        "sample": 120,
    },
    {
        "rule": "undecodable",
        "severity": Severity.CRITICAL,
        "cause": "tag 31",
        "symbol": None,
        "venue": None,
        "begins": 19.6,
        "count": 1,
        "harm": None,
        "scope": Scope.FEED,
        "sentence": "Message 1043 could not be read: LastPx (31) is “n/a”; expected a decimal price.",
        "values": {"event": "undecodable", "reason": "LastPx (31) is n/a; expected a decimal price", "sequence": 1043},
        "thresholds": {},
        "paid": "n/a",
    },
    {
        "rule": "poor_fill",
        "severity": Severity.MEDIUM,
        "cause": "venue MEMX",
        "symbol": "UMBRELLA",
        "venue": "MEMX",
        "begins": 21.0,
        "count": 14,
        "harm": None,
        "sentence": "A marketable order for 2500 UMBRELLA ended (expired) with 900 executed, 36 %; 90 % is required.",
        "values": {"ordered_shares": 2_500_000_000, "executed_shares": 900_000_000, "filled_ratio_ppm": 360_000},
        "thresholds": {"required_ratio_ppm": 900_000, "level": "child"},
    },
    {
        "rule": "no_quote",
        "severity": Severity.LOW,
        "cause": "XYZW: absent",
        "symbol": "XYZW",
        "venue": "XNYS",
        "begins": 22.3,
        "count": 31,
        "harm": None,
        "sentence": "The execution in XYZW could not be compared with the market: the quote was absent.",
        "values": {"quote_state": "absent", "note": "unknown symbol", "executions_count": 31},
        "thresholds": {"window_ns": 600 * SECOND, "level": "child"},
    },
    {
        "rule": "clock_suspect",
        "severity": Severity.LOW,
        "cause": SESSION,
        "symbol": None,
        "venue": None,
        "begins": 32.1,
        "count": 4,
        "harm": None,
        "scope": Scope.FEED,
        "sentence": "A message of FIX.4.4:FIRM->SOR has stamps that cannot be believed: executed after it was sent.",
        "values": {"stamps": "60 after 52", "messages_count": 4},
        "thresholds": {"tolerance_ns": 100 * MILLISECOND},
    },
    {
        "rule": "slow_fill",
        "severity": Severity.MEDIUM,
        "cause": "venue XPSX",
        "symbol": "SOYLENT",
        "venue": "XPSX",
        "begins": 2.1,
        "count": 6,
        "harm": "1.2",
        "sentence": "A marketable order in SOYLENT waited 1.377 s for its execution at XPSX; at most 1 s is allowed.",
        "values": {"time_to_fill_ns": 1_377 * MILLISECOND, "population": "marketable", "venue": "XPSX"},
        "thresholds": {"at_most_ns": SECOND, "level": "child"},
        "acknowledged": "asked the vendor at 09:41, they see it too",
    },
    {
        "rule": "sequence_gap",
        "severity": Severity.CRITICAL,
        "cause": SESSION,
        "symbol": None,
        "venue": None,
        "begins": 1.0,
        "count": 2,
        "harm": None,
        "scope": Scope.FEED,
        "sentence": "Messages 812 to 829 of FIX.4.4:FIRM->SOR are missing for more than 15 s.",
        "values": {"first": 812, "last": 829, "missing_count": 18},
        "thresholds": {"overdue_after_ns": 15 * SECOND},
        "acknowledged": "resend came at 09:32, 18 of 18",
    },
)
"""Each exception: when it begins (minutes after the open), how many findings, the harm of each, who acknowledged."""

INTERVAL = 0.31
"""Minutes between two findings of one cause."""


def a_morning(database: Database, *, actor: str = "pat") -> None:
    """Fill a store with the morning: messages, findings, cases, and two acknowledgements."""
    morning = sorted(MORNING, key=lambda told: float(told["begins"]))
    for number, told in enumerate(morning, start=1):
        add(database, told, number)
    acknowledged = [(n, told["acknowledged"]) for n, told in enumerate(morning, start=1) if "acknowledged" in told]
    for case_id, note in acknowledged:
        a_queue(database).act(case_id, Action.ACKNOWLEDGE, Actor(name=actor), Given(words=note), at(26 + case_id / 10))


def add(database: Database, told: dict[str, Any], number: int) -> None:
    """Journal the messages of one exception, record its findings and gather them."""
    moments = [told["begins"] + n * INTERVAL for n in range(told["count"])]
    frame = Frame(entries=tuple(_entry(told, number * 100 + n, minutes) for n, minutes in enumerate(moments)))
    first = SqlJournal(database).append(frame) - len(moments) + 1
    found = [_finding(told, number * 100 + n, minutes, first + n) for n, minutes in enumerate(moments)]
    SqlStore(database).record(Processed(upto=first + len(moments) - 1, findings=found))
    gather_all(a_queue(database), Nanos(at(moments[-1] + INTERVAL)))


def _entry(told: dict[str, Any], number: int, minutes: float) -> Entry:
    body = a_trade(minutes, told["symbol"] or "ACME", told["venue"] or "XNYS", told.get("paid", "71.24"), number)
    return Entry(
        kind=RecordKind.MESSAGE,
        counterparty="alpha",
        session=SESSION,
        epoch="1",
        received_at=Nanos(at(minutes) + 2 * MILLISECOND),
        body=body,
    )


def _finding(told: dict[str, Any], number: int, minutes: float, offset: int) -> Finding:
    harm = told["harm"]
    return a_finding(
        number,
        finding_id=hashlib.sha256(str(number).encode()).hexdigest()[:16],
        rulebook_hash=hashlib.sha256(b"rulebook").hexdigest(),
        rule=told["rule"],
        scope=told.get("scope", Scope.MARKET),
        severity=told["severity"],
        counterparty="alpha",
        session=SESSION,
        trade_date=DAY,
        cause=told["cause"],
        at=at(minutes),
        sentence=told["sentence"],
        values=told["values"],
        thresholds=told["thresholds"],
        symbol=told["symbol"],
        venue=told["venue"],
        dollar_harm=None if harm is None else price(harm),
        accounts=("ACC-7",) if told["symbol"] else (),
        quotes=told.get("quotes", {}),
        clocks=told.get("clocks"),
        sample_count=told.get("sample"),
        offset=offset,
        related=(offset,),
    )


def an_incident(database: Database) -> tuple[int, list[int]]:
    """Add two exceptions of two rules with one venue's trouble; return the incident's number and theirs."""
    shared = {"severity": Severity.MEDIUM, "cause": "venue XINC", "symbol": "ACME", "venue": "XINC", "harm": "3"}
    for place, rule in enumerate(("slow_fill", "poor_fill")):
        told = {**shared, "rule": rule, "begins": 40.0 + place, "count": 1, "sentence": f"{rule} at XINC"}
        add(database, {**told, "values": {"orders_count": 1}, "thresholds": {}}, 60 + place)
    with database.reading() as connection:
        rows = connection.execute(select(cases.c.incident_id, cases.c.case_id).where(cases.c.venue == "XINC")).all()
    return rows[0].incident_id, sorted(row.case_id for row in rows)
