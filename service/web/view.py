"""What the pages say, as plain values: words a supervisor would say, times in New York with UTC beside. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from rules.finding import Finding, Value
from rules.words import dollars, duration, percent, shares
from service.cases import Case, CaseEvent, State
from service.fix.message import Message, split
from service.fix.tags import explain
from service.journal import Record, RecordKind

NEW_YORK = ZoneInfo("America/New_York")
NANOS = 1_000_000_000
SHAPES = {"critical": "◆", "high": "▲", "medium": "●", "low": "○"}


class Instant(msgspec.Struct, frozen=True):
    """One time as people read it: New York to the second, and UTC to the nanosecond for the hover."""

    shown: str
    exact: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One exception in the list."""

    case_id: int
    shape: str
    severity: str
    rule: str
    sentence: str
    state: str
    findings: int
    harm: str
    assignee: str
    first: Instant
    last: Instant


class Field(msgspec.Struct, frozen=True):
    """One tag of a raw message with its name and, where it has one, the meaning of its value."""

    tag: str
    name: str
    value: str
    meaning: str


class RawMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One journal record as evidence."""

    offset: int
    received: Instant | None
    fields: tuple[Field, ...]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a case's history."""

    n: int
    at: Instant
    actor: str
    action: str
    note: str
    hash: str


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """One exception with everything behind it."""

    row: Row
    open: bool
    counterparty: str
    session: str
    trade_date: str
    cause: str
    finding: Finding
    values: tuple[tuple[str, str], ...]
    thresholds: tuple[tuple[str, str], ...]
    clocks: str
    quotes: tuple[tuple[str, dict[str, str]], ...]
    findings: tuple[Finding, ...]
    messages: tuple[RawMessage, ...]
    history: tuple[Step, ...]


def instant(at: int) -> Instant:
    """Return a UTC nanosecond time for people."""
    whole, rest = divmod(at, NANOS)
    moment = datetime.fromtimestamp(whole, UTC)
    shown = f"{moment.astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S} New York"
    return Instant(shown, f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z")


def row(case: Case) -> Row:
    """Return the line of one case."""
    return Row(
        case_id=case.case_id,
        shape=SHAPES[case.severity.value],
        severity=case.severity.value,
        rule=case.key.rule.replace("_", " "),
        sentence=case.sentence,
        state=case.state.value,
        findings=case.finding_count,
        harm="" if case.dollar_harm is None else f"${dollars(case.dollar_harm)}",
        assignee=case.assignee or "",
        first=instant(case.first_at),
        last=instant(case.last_at),
    )


def detail(case: Case, findings: list[Finding], messages: list[Record], history: list[CaseEvent]) -> Detail:
    """Return the page of one case; `findings` are newest first and not empty."""
    shown = findings[0]
    return Detail(
        row=row(case),
        open=case.state is not State.ACKNOWLEDGED,
        counterparty=case.key.counterparty,
        session=case.session,
        trade_date=case.key.trade_date,
        cause=case.key.cause,
        finding=shown,
        values=tuple(sorted(said(name, value) for name, value in shown.values.items())),
        thresholds=tuple(sorted(said(name, value) for name, value in shown.thresholds.items())),
        clocks=" → ".join(shown.clocks) if shown.clocks else "",
        quotes=tuple((_words(name), dict(map(said_item, quote.items()))) for name, quote in shown.quotes.items()),
        findings=tuple(findings),
        messages=tuple(map(raw_message, messages)),
        history=tuple(map(step, history)),
    )


def said_item(item: tuple[str, Value]) -> tuple[str, str]:
    """Return a (name, value) pair in words."""
    return said(*item)


def said(name: str, value: Value) -> tuple[str, str]:
    """Return a value's name and the value itself in words, by the unit that the name's ending says."""
    if value is None:
        return _words(name), "unknown"
    if isinstance(value, bool):
        return _words(name), "yes" if value else "no"
    if isinstance(value, str):
        return _words(name), value
    return _measured(name, value)


def _measured(name: str, value: int) -> tuple[str, str]:
    units = {
        "_ratio_ppm": percent,
        "_price": lambda v: f"${dollars(v)}",
        "_shares": shares,
        "_ns": duration,
        "_count": str,
    }
    for ending, say in units.items():
        if name.endswith(ending):
            return _words(name.removesuffix(ending)), say(value)
    if name in ("bid", "offer"):
        return name, f"${dollars(value)}"
    if name in ("bid_size", "offer_size"):
        return _words(name), shares(value)
    if name == "at" or name.endswith("_at"):
        return _words(name), instant(value).exact
    return _words(name), str(value)


def raw_message(record: Record) -> RawMessage:
    """Return a journal record as tags with names; a control record as its text."""
    received = None if record.received_at is None else instant(record.received_at)
    if record.kind not in (RecordKind.MESSAGE, RecordKind.OWN_REJECT):
        text = record.body.decode("utf-8", "replace")
        return RawMessage(offset=record.offset, received=received, fields=(Field("", record.kind.value, text, ""),))
    fields = tuple(_field(tag, value) for tag, value in _pairs(record.body))
    return RawMessage(offset=record.offset, received=received, fields=fields)


def step(event: CaseEvent) -> Step:
    """Return one line of history."""
    body = msgspec.json.decode(event.body)
    note = body.get("note") or (f"{body['findings']} findings" if "findings" in body else "")
    return Step(
        n=event.n, at=instant(event.at), actor=event.actor, action=event.action.value, note=note, hash=event.hash.hex()
    )


def _field(tag: str, value: str) -> Field:
    name, meaning = explain(tag, value)
    return Field(tag, name, value, meaning)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """Return tag and value of every field, of a broken message as far as it can be told."""
    message = split(body)
    if isinstance(message, Message):
        return [(tag, value) for tag, value in message.pairs]
    parts = body.decode("latin-1").strip("\x01").split("\x01")
    return [(tag, value) for tag, _, value in (part.partition("=") for part in parts)]


def _words(name: str) -> str:
    return name.replace("_", " ")
