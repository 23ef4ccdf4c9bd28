"""One exception with everything behind it, as plain values: finding, limits, market, messages, history. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from rules.finding import Finding, Value
from rules.reassessment import Reassessment
from rules.rule import Rule
from service.cases.case import Case, CaseEvent
from service.cases.rules import DEFAULTS, Rules
from service.fix.message import Message, split
from service.fix.tags import explain, message_name
from service.incidents import Outline
from service.journal import Record, RecordKind
from service.web.exception.doubt import doubt, standing_harm
from service.web.exception.history import Stretch, history
from service.web.exception.measured import Measured, measured
from service.web.queue.lines import Line, line
from service.web.said import Instant, exact_money, grouped, instant, said, words

QUOTE_COLUMNS = {"bid_shares": "Bid size", "bid_price": "Bid", "offer_price": "Offer", "offer_shares": "Offer size"}
HOW = {RecordKind.MESSAGE: "", RecordKind.BACKFILL: " from a file", RecordKind.OWN_REJECT: " that we sent"}


class QuoteLine(msgspec.Struct, frozen=True, kw_only=True):
    """One reference quote: its name, its sides in `QUOTE_COLUMNS`, and when it was made."""

    name: str
    state: str
    sides: tuple[str, ...]
    at: Instant | None
    note: str


class Field(msgspec.Struct, frozen=True):
    """One tag of a raw message with its name and, where it has one, the meaning of its value."""

    tag: str
    name: str
    value: str
    meaning: str


class RawMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One journal record as evidence; `raw` is its text with SOH as |; `backfilled` was read from a file then."""

    offset: int
    title: str
    received: Instant | None
    backfilled: bool
    fields: tuple[Field, ...]
    raw: str


class FindingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of the case in a line: as it was first stated, with the harm that stands."""

    at: Instant
    sentence: str
    harm: str
    finding_id: str
    doubt: str


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """One exception; what is said of "the finding" is said of its newest one."""

    line: Line
    others: tuple[Line, ...]
    session: str
    trade_date: str
    rule: str
    rule_version: int
    rulebook: str
    why: str
    runbook: str
    citation: str
    symbol: str
    venue: str
    accounts: str
    doubt: str
    measured: Measured
    clocks: tuple[str, str] | None
    sample: int | None
    quotes: tuple[QuoteLine, ...]
    findings: tuple[FindingLine, ...]
    total: str
    messages: tuple[RawMessage, ...]
    history: tuple[Stretch, ...]


def detail(
    case: Case,
    findings: list[Finding],
    messages: list[Record],
    events: Sequence[CaseEvent],
    rules: Mapping[str, Rule],
    work: Rules = DEFAULTS,
    *,
    looks: Mapping[str, tuple[Reassessment, ...]] = MappingProxyType({}),
    incident: Outline | None = None,
    others: Sequence[Case] = (),
) -> Detail:
    """Return the page of one case; `findings` are newest first and not empty, `looks` the second looks by finding.

    `others` are the other cases of its incident, `work` the firm's rules for the work on cases.
    """
    newest = findings[0]
    rule = rules.get(case.key.rule)
    return Detail(
        line=line(case, rules, incident),
        others=tuple(line(other, rules) for other in others),
        session=case.session,
        trade_date=case.key.trade_date,
        rule=case.key.rule,
        rule_version=newest.rule_version,
        rulebook=newest.rulebook_hash[:12],
        why=rule.card.why if rule else "",
        runbook=rule.card.runbook if rule else "",
        citation=rule.card.citation if rule else "",
        symbol=case.symbol or "",
        venue=case.venue or "",
        accounts=", ".join(sorted({account for finding in findings for account in finding.accounts})),
        doubt=doubt(newest, looks.get(newest.finding_id, ())),
        measured=measured(newest),
        clocks=newest.clocks,
        sample=newest.sample_count,
        quotes=tuple(quote_line(name, quote) for name, quote in sorted(newest.quotes.items(), reverse=True)),
        findings=tuple(finding_line(finding, looks.get(finding.finding_id, ())) for finding in findings),
        total=grouped(str(case.finding_count + case.withdrawn_count)),
        messages=tuple(map(raw_message, messages)),
        history=history(events, work),
    )


def quote_line(name: str, quote: Mapping[str, Value]) -> QuoteLine:
    """Return one quote of a finding's evidence; a side that is missing is a dash."""
    at = quote.get("at_ns")
    return QuoteLine(
        name=f"at {name}",
        state=words(str(quote.get("state") or "")),
        sides=tuple("–" if quote.get(side) is None else said(side, quote[side])[1] for side in QUOTE_COLUMNS),
        at=instant(at) if isinstance(at, int) else None,
        note=str(quote.get("note") or ""),
    )


def finding_line(finding: Finding, looks: tuple[Reassessment, ...] = ()) -> FindingLine:
    """Return one finding of the list."""
    return FindingLine(
        at=instant(finding.at),
        sentence=finding.sentence,
        harm=exact_money(standing_harm(finding, looks)),
        finding_id=finding.finding_id,
        doubt=doubt(finding, looks),
    )


def raw_message(record: Record) -> RawMessage:
    """Return a journal record as tags with names; a control record as its text."""
    received = None if record.received_at is None else instant(record.received_at)
    if record.kind not in HOW:
        text = record.body.decode("utf-8", "replace")
        return RawMessage(
            offset=record.offset,
            title=words(record.kind.value),
            received=received,
            backfilled=False,
            fields=(),
            raw=text,
        )
    fields = tuple(Field(tag, explain(tag, value)[0], value, explain(tag, value)[1]) for tag, value in _pairs(record))
    kind = next((field.value for field in fields if field.tag == "35"), "")
    title = f"{message_name(kind)}{HOW[record.kind]}"
    raw = record.body.decode("latin-1").replace("\x01", "|")
    backfilled = record.kind is RecordKind.BACKFILL
    return RawMessage(
        offset=record.offset, title=title, received=received, backfilled=backfilled, fields=fields, raw=raw
    )


def _pairs(record: Record) -> list[tuple[str, str]]:
    """Return tag and value of every field, of a broken message as far as it can be told."""
    message = split(record.body)
    if isinstance(message, Message):
        return [(tag, value) for tag, value in message.pairs]
    parts = record.body.decode("latin-1").strip("\x01").split("\x01")
    return [(tag, value) for tag, _, value in (part.partition("=") for part in parts)]
