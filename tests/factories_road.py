"""Whole journals for the tests of the road: versions in force, FIX messages, and quotes that depend on nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import msgspec

from rules.digest import digest
from rules.facts import Nanos, Price, Quote, QuoteState
from rules.finding import Finding, Scope
from service.core import Core
from service.journal import Entry, Frame, RecordKind
from service.market.calendar import ALWAYS, TradingCalendar
from service.pipeline import Pipeline
from service.ports import QuoteRequest, Store
from service.processed import Decision, Processed
from service.versions import Version, VersionKind
from tests.factories import price, shares
from tests.factories_messages import execution_report
from tests.fakes_store import FakeJournal, FakeStore

PARTY = "demo"
SESSION = "FIX.4.4:FIRM->SOR"
BEGIN = datetime(2013, 10, 7, 14, 30, tzinfo=UTC)
REGISTER = """
- {venue: XNYS, name: NYSE, approved_from: 2000-01-01}
"""
LIMITS = '{"silence_after":60000000000,"gap_overdue_after":30000000000,"orphan_after":300000000000}'


def plain_dialect() -> str:
    """Return the text of the plain dialect of FIX 4.4."""
    return (files("fix_configs") / "plain" / "FIX.4.4.yaml").read_text(encoding="utf-8")


def versions(
    *,
    calendar: TradingCalendar = ALWAYS,
    rulebook: str = "",
    register: str = "[]\n",
    dialect: str | None = None,
    limits: str = LIMITS,
) -> list[Version]:
    """Return all that a journal must begin with."""
    return [
        Version(kind=VersionKind.CALENDAR, name="calendar", text=msgspec.json.encode(calendar).decode()),
        Version(kind=VersionKind.LIMITS, name="feed", text=limits),
        Version(kind=VersionKind.RULEBOOK, name="rulebook", text=rulebook),
        Version(kind=VersionKind.DIALECT, name=PARTY, text=plain_dialect() if dialect is None else dialect),
        Version(kind=VersionKind.REGISTER, name=PARTY, text=register),
    ]


def at(seconds: float) -> Nanos:
    """Return the instant so many seconds after the beginning, in UTC ns."""
    return Nanos(int(BEGIN.timestamp()) * 1_000_000_000 + int(seconds * 1_000_000_000))


def stamp(seconds: float) -> str:
    """Return that instant as FIX writes it, in milliseconds."""
    return (BEGIN + timedelta(seconds=seconds)).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


def a_message(body: bytes, seconds: float, *, counterparty: str = PARTY, stamped: bool = True) -> Entry:
    """Return a message as the journal gets it."""
    received = Nanos(at(seconds) + 5_000_000) if stamped else None
    return Entry(
        kind=RecordKind.MESSAGE,
        counterparty=counterparty,
        session=SESSION,
        epoch="e1",
        received_at=received,
        body=body,
    )


def a_report(number: int, seconds: float, *, stamped: bool = True, **by_tag: Any) -> Entry:
    """Return an execution report with that sequence number, stamped at that second; tags as of execution_report."""
    day = stamp(seconds)[:8]
    tags: dict[str, Any] = {"_34": number, "_52": stamp(seconds), "_60": stamp(seconds), "_75": day} | by_tag
    return a_message(execution_report(**tags), seconds, stamped=stamped)


def an_order(number: int, seconds: float, name: str, **by_tag: Any) -> Entry:
    """Return the acknowledgement of an order of that name to buy 100 IBM."""
    silent: dict[str, Any] = {"_32": None, "_31": None, "_30": None, "_14": 0, "_151": 100, "_6": 0}
    return a_report(number, seconds, _37=name, _11=name, _17=f"N{name}", _150="0", _39="0", **silent, **by_tag)


def a_trade(number: int, seconds: float, name: str, exec_id: str, **by_tag: Any) -> Entry:
    """Return a fill of the order of that name."""
    return a_report(number, seconds, _37=name, _11=name, _17=exec_id, **by_tag)


def a_bust(number: int, seconds: float, name: str, exec_id: str, refers_to: str, **by_tag: Any) -> Entry:
    """Return a bust of an execution of that order."""
    tags = {"_32": None, "_31": None, "_30": None, "_150": "H", "_19": refers_to} | by_tag
    return a_report(number, seconds, _37=name, _11=name, _17=exec_id, **tags)


def a_correction(number: int, seconds: float, name: str, exec_id: str, refers_to: str, **by_tag: Any) -> Entry:
    """Return a correction of an execution of that order."""
    return a_report(number, seconds, _37=name, _11=name, _17=exec_id, _150="G", _19=refers_to, **by_tag)


def a_tick(seconds: float) -> Entry:
    """Return a tick of our clock."""
    return Entry(kind=RecordKind.TICK, received_at=at(seconds), body=b"{}")


def from_a_file(entry: Entry, seconds: float) -> Entry:
    """Return the same message as somebody back-filled it at that second."""
    return msgspec.structs.replace(entry, kind=RecordKind.BACKFILL, epoch="", received_at=at(seconds))


class SteadyQuotes:
    """The port Quotes out of a formula: what it says depends on symbol and time alone, so every run agrees."""

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision:
        """Return a market around 181.95 that moves with the second, crossed now and then."""
        return Decision(
            at_receipt=None if request.receipt_at is None else quote_at(request.receipt_at),
            at_execution=None if request.execution_at is None else quote_at(request.execution_at),
            reason="mark",
            marks=tuple(quote_at(mark.at) for mark in request.marks),
        )


def quote_at(instant: Nanos) -> Quote:
    """Return the formula's quote."""
    second = instant // 1_000_000_000
    bid = Price(price("181.90") + second % 7 * 10_000_000)
    offer = Price(bid + (second % 5 - 1) * 10_000_000)
    state = QuoteState.CROSSED if offer < bid else QuoteState.LOCKED if offer == bid else QuoteState.NORMAL
    size = shares("100")
    return Quote(state=state, bid=bid, bid_size=size, offer=offer, offer_size=size, at=instant)


def a_journal(entries: Iterable[Entry], before: Sequence[Version] | None = None) -> FakeJournal:
    """Return a journal that begins with the versions in force."""
    journal = FakeJournal()
    first = versions() if before is None else before
    journal.append(Frame(entries=tuple(version.entry(at(0)) for version in first)))
    journal.append(Frame(entries=tuple(entries)))
    return journal


def a_pipeline(
    journal: FakeJournal, store: Store | None = None, *, batch: int = 512, core: Core | None = None
) -> Pipeline:
    """Return a pipeline over fakes, its quotes out of the formula."""
    return Pipeline(
        journal=journal,
        store=FakeStore() if store is None else store,
        quotes=SteadyQuotes(),
        core=core or Core(),
        batch=batch,
    )


def run(journal: FakeJournal, *, batch: int = 512, core: Core | None = None) -> Processed:
    """Run a whole journal; return all that it came to."""
    store = FakeStore()
    pipeline = a_pipeline(journal, store, batch=batch, core=core)
    while pipeline.turn(at(0)).processed is not None:
        pass
    return store.recorded


def go_on(pipeline: Pipeline) -> None:
    """Turn until there is nothing left."""
    while pipeline.turn(at(0)).processed is not None:
        pass


def digests(findings: Iterable[Finding]) -> dict[Scope, str]:
    """Return both digests."""
    kept = list(findings)
    return {scope: digest(kept, scope) for scope in Scope}
