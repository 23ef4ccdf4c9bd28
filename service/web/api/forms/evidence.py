"""What an exception rests on, on the wire: findings, raw messages, quotes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from rules.finding import Finding
from rules.reassessment import Reassessment
from service.exact_text import plain_shares
from service.journal import Record
from service.market.around import Told as ToldQuote
from service.quote_evidence import FindingQuotes
from service.web.api.forms.common import Decimal, Instant, Named, Told, dollars_of, instant, instant_of, named
from service.web.exception.detail import raw_message


class SecondLook(Told):
    """A finding that was assessed again: what it came to, and why."""

    verdict: str = Field(examples=["stands"])
    why: str
    missing: str
    reason: str


class FindingTold(Told):
    """A finding as it was first stated; `second_looks` say what became of it since."""

    finding_id: str
    rule: str
    rule_version: int
    rulebook_hash: str
    scope: str
    severity: str
    trade_date: str
    counterparty: str
    session: str
    subject: str
    cause: str
    at: Instant
    sentence: str
    values: list[Named]
    thresholds: list[Named]
    clocks: list[str] | None
    sample_count: int | None
    dollar_harm: Decimal | None
    accounts: list[str]
    symbol: str | None
    venue: str | None
    offset: int = Field(description="The place in the journal of the record that brought it about.")
    related: list[int]
    quotes: dict[str, list[Named]]
    uncertain: bool
    second_looks: list[SecondLook]


class Findings(Told):
    """A page of findings, the newest first."""

    findings: list[FindingTold]
    next: int | None = Field(description="Give it as `after` for the following page; null: this was the last.")


class FixField(Told):
    """One tag of a raw message with its name and, where it has one, the meaning of its value."""

    tag: str
    name: str
    value: str
    meaning: str


class MessageTold(Told):
    """A journal record; `raw` is its text with SOH as |."""

    offset: int
    kind: str
    title: str
    received_at: Instant | None
    counterparty: str
    session: str
    backfilled: bool
    fields: list[FixField]
    raw: str


class Messages(Told):
    """The raw messages behind the newest findings, in journal order."""

    messages: list[MessageTold]


class QuoteTold(Told):
    """A quote as the source told it: prices in dollars, sizes in shares."""

    at: Instant
    bid: Decimal | None
    bid_size: Decimal | None
    offer: Decimal | None
    offer_size: Decimal | None
    market: str


class QuotesAround(Told):
    """The quotes around a finding; `reason` says why they are not complete."""

    finding_id: str
    symbol: str
    begin: Instant
    end: Instant
    complete: bool
    reason: str
    quotes: list[QuoteTold]


class Quotes(Told):
    """The quotes that are kept with the newest findings."""

    around: list[QuotesAround]


def findings(
    numbered: Sequence[tuple[int, Finding]], looks: Mapping[str, tuple[Reassessment, ...]], limit: int
) -> Findings:
    """Return a page of findings; `numbered` may be one more than the page holds."""
    shown = numbered[:limit]
    told = [_finding(one, looks.get(one.finding_id, ())) for _, one in shown]
    return Findings(findings=told, next=shown[-1][0] if len(numbered) > limit else None)


def messages(records: Sequence[Record]) -> Messages:
    """Return raw messages, each tag with its name."""
    return Messages(messages=[_message(record) for record in records])


def quotes(kept: Sequence[FindingQuotes]) -> Quotes:
    """Return the quotes of some findings."""
    return Quotes(around=[_around(one) for one in kept])


def _finding(one: Finding, looks: Sequence[Reassessment]) -> FindingTold:
    plain = ("finding_id", "rule", "rule_version", "rulebook_hash", "trade_date", "counterparty", "session", "subject")
    more = ("cause", "sentence", "sample_count", "symbol", "venue", "offset", "uncertain")
    return FindingTold(
        **{name: getattr(one, name) for name in (*plain, *more)},
        scope=one.scope.value,
        severity=one.severity.value,
        at=instant(one.at),
        values=[named(*value) for value in one.values.items()],
        thresholds=[named(*value) for value in one.thresholds.items()],
        clocks=None if one.clocks is None else list(one.clocks),
        dollar_harm=dollars_of(one.dollar_harm),
        accounts=list(one.accounts),
        related=list(one.related),
        quotes={name: [named(*value) for value in quote.items()] for name, quote in one.quotes.items()},
        second_looks=[_look(look) for look in looks],
    )


def _look(look: Reassessment) -> SecondLook:
    return SecondLook(verdict=look.verdict.value, why=look.why.value, missing=look.missing, reason=look.reason)


def _message(record: Record) -> MessageTold:
    shown = raw_message(record)
    return MessageTold(
        offset=record.offset,
        kind=record.kind.value,
        title=shown.title,
        received_at=instant_of(record.received_at),
        counterparty=record.counterparty,
        session=record.session,
        backfilled=shown.backfilled,
        fields=[
            FixField(tag=field.tag, name=field.name, value=field.value, meaning=field.meaning) for field in shown.fields
        ],
        raw=shown.raw,
    )


def _around(kept: FindingQuotes) -> QuotesAround:
    around = kept.around
    return QuotesAround(
        finding_id=kept.finding_id,
        symbol=kept.symbol,
        begin=instant(around.begin),
        end=instant(around.end),
        complete=around.complete,
        reason=around.reason,
        quotes=[_quote(one) for one in around.quotes],
    )


def _quote(one: ToldQuote) -> QuoteTold:
    return QuoteTold(
        at=instant(one.at),
        bid=dollars_of(one.bid),
        bid_size=_shares(one.bid_size),
        offer=dollars_of(one.offer),
        offer_size=_shares(one.offer_size),
        market=one.market.name.lower(),
    )


def _shares(size: int | None) -> str | None:
    return None if size is None else plain_shares(size)
