"""From a case to the alert about it. Pure."""

from __future__ import annotations

from collections.abc import Callable

from alerts.alert import Alert, encode, idempotency_key
from rules.facts import Nanos
from service.cases.case import Notice
from service.exact_text import iso_utc, plain_dollars


def alert_of(firm: str, notice: Notice, committed_at: Nanos, page: str | None = None) -> Alert:
    """Return the alert that says what a notice is about; the figures are the case's at that moment.

    `page` is the address of the page, None where the firm has not named one.
    """
    case = notice.case
    return Alert(
        key=idempotency_key(firm, case.case_id, case.n),
        firm=firm,
        exception=case.case_id,
        sequence=case.n,
        reason=notice.reason,
        rule=case.key.rule,
        severity=case.severity,
        state=case.state.value,
        sentence=case.sentence,
        cause=case.key.cause,
        counterparty=case.key.counterparty or None,
        session=case.session,
        trade_date=case.key.trade_date,
        symbol=case.symbol,
        venue=case.venue,
        findings=case.finding_count,
        dollar_harm=None if case.dollar_harm is None else plain_dollars(case.dollar_harm),
        first_at=iso_utc(case.first_at),
        last_at=iso_utc(case.last_at),
        committed_at=iso_utc(committed_at),
        uncertain=case.uncertain_count > 0,
        incident=case.incident,
        link=None if page is None else f"{page.rstrip('/')}/exceptions/{case.case_id}",
    )


def alerting(firm: str, page: str | None = None) -> Callable[[Notice, Nanos], bytes]:
    """Return the function that makes the wire form of a notice's alert; `page` is the address of the page."""
    return lambda notice, at: encode(alert_of(firm, notice, at, page))
