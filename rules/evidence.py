"""How a draft becomes a finding: identity, severity, thresholds, account, both quotes. Nothing is judged here."""

from __future__ import annotations

import hashlib

from rules.facts import AnyFact, Fade, FeedEvent, Fill, Markout, Nanos, Order, OrderChanged, OrderOutcome, Quote
from rules.finding import Draft, Finding, Scope, Value
from rules.judges import Judge
from rules.rule import Card, Failure


def finding_id(rule: str, whose: str, subject: str, at: Nanos) -> str:
    """Return a finding's identity: a function of rule, counterparty (or session), subject and event time."""
    text = "\x1f".join((rule, whose, subject, str(at)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def finding(judge: Judge, fact: AnyFact | Failure, draft: Draft, rulebook_hash: str) -> Finding:
    """Return the finding that explains itself for ever."""
    judge, order = judge.deciding(fact), order_of(fact)
    account = order.account if order else None
    subject, sentence = _counted(judge, draft)
    return Finding(
        finding_id=finding_id(judge.name, _whose(judge.card, fact), subject, draft.at),
        rule=judge.name,
        rule_version=judge.card.version,
        rulebook_hash=rulebook_hash,
        scope=judge.card.scope,
        severity=judge.severity(draft),
        trade_date=fact.trade_date,
        counterparty=fact.counterparty,
        session=fact.session,
        subject=subject,
        cause=draft.cause,
        at=draft.at,
        sentence=sentence,
        values=draft.values,
        thresholds=judge.thresholds,
        clocks=draft.clocks or judge.card.clocks,
        sample_count=draft.sample_count,
        dollar_harm=draft.dollar_harm,
        accounts=draft.accounts or ((account,) if account else ()),
        symbol=_symbol(fact, order),
        venue=_venue(fact),
        offset=fact.offset,
        related=draft.related or (fact.offset,),
        quotes=_quotes(fact, order),
        uncertain=fact.uncertain and _may_change(judge.card, fact),
    )


def _counted(judge: Judge, draft: Draft) -> tuple[str, str]:
    """Return subject and sentence; of a window that a scope keeps apart they say whose it is."""
    scope = judge.thresholds.get("scope")
    if scope is None or judge.card.window is None:
        return draft.subject, draft.sentence
    return f"{draft.subject} ({scope})", f"{draft.sentence} Counted apart: {scope}."


def _may_change(card: Card, fact: AnyFact | Failure) -> bool:
    """Return whether missing messages can change it: what the market did, and what the watch says of an order."""
    return card.scope is Scope.MARKET or isinstance(fact, FeedEvent)


def _whose(card: Card, fact: AnyFact | Failure) -> str:
    """Return whose subject it is: a market's belongs to the counterparty, whichever session carried it first."""
    if card.scope is Scope.MARKET:
        return fact.counterparty
    return f"{fact.counterparty}\x1f{fact.session}"


def _symbol(fact: AnyFact | Failure, order: Order | None) -> str | None:
    if isinstance(fact, Markout):
        return fact.executed.symbol
    if isinstance(fact, Fade):
        return fact.symbol
    return order.symbol if order else None


def _venue(fact: AnyFact | Failure) -> str | None:
    if isinstance(fact, Markout):
        return fact.executed.venue
    return fact.venue if isinstance(fact, Fill | OrderOutcome | OrderChanged) else None


def order_of(fact: AnyFact | Failure) -> Order | None:
    """Return the order that the fact is about, None for those about the feed."""
    return fact.order if isinstance(fact, Fill | OrderOutcome | OrderChanged) else None


def _quotes(fact: AnyFact | Failure, order: Order | None) -> dict[str, dict[str, Value]]:
    if order is None:
        return {}
    receipt = {"receipt": _quote(order.receipt)}
    return {**receipt, "execution": _quote(fact.at_execution)} if isinstance(fact, Fill) else receipt


def _quote(quote: Quote) -> dict[str, Value]:
    return {
        "state": quote.state.value,
        "bid_price": quote.bid,
        "bid_shares": quote.bid_size,
        "offer_price": quote.offer,
        "offer_shares": quote.offer_size,
        "at_ns": quote.at,
        "note": quote.note,
    }
