"""From a case to its alert: the wire form is documented, complete and exact."""

from __future__ import annotations

import json
from typing import Any

from rules.finding import Severity
from service.alerting import alerting
from service.cases.case import Notice
from service.cases.gathering import open_case
from service.grouping import key_of
from tests.factories_cases import NOON, a_finding, an_opening

DOCUMENTED = {
    "schema": 2,
    "key": "demo/7/1",
    "firm": "demo",
    "exception": 7,
    "sequence": 1,
    "reason": "opened",
    "rule": "slow_fill",
    "severity": "high",
    "state": "new",
    "sentence": "Fill E1 took 3 s.",
    "cause": "venue XTST",
    "counterparty": "sor",
    "session": "FIX.4.4:FIRM->SOR",
    "trade_date": "2026-11-20",
    "symbol": "ACME",
    "venue": "XTST",
    "findings": 1,
    "dollar_harm": "0.0015",
    "first_at": "2025-10-09T08:53:20.001000000Z",
    "last_at": "2025-10-09T08:53:20.001000000Z",
    "committed_at": "2025-10-09T08:53:20.000000000Z",
    "uncertain": False,
    "incident": None,
    "link": None,
}


def a_notice(**changes: Any) -> Notice:
    """Return the notice that a case was opened."""
    acted = an_opening(a_finding(severity=Severity.HIGH, **changes))
    assert acted.notice is not None
    return acted.notice


def test_an_alert_carries_every_documented_key() -> None:
    """Money as exact decimal text, times to the nanosecond, its own sequence and idempotency key."""
    body = alerting("demo")(a_notice(dollar_harm=1_500_000), NOON)

    assert json.loads(body) == DOCUMENTED
    assert list(json.loads(body)) == list(DOCUMENTED)


def test_what_is_unknown_is_null_and_never_absent() -> None:
    """No harm computed, no symbol, no venue."""
    body = json.loads(alerting("demo")(a_notice(symbol=None, venue=None), NOON))

    assert (body["dollar_harm"], body["symbol"], body["venue"]) == (None, None, None)


def test_an_alert_says_what_the_grouping_of_its_rule_says() -> None:
    """The cause is the values of the grouping; a counterparty that tells no cases apart is not named."""
    found = [a_finding(1), a_finding(2, counterparty="other")]
    case = open_case(7, key_of(found[0], ("symbol", "session")), found, NOON).case

    body = json.loads(alerting("demo")(Notice(case=case, reason="opened"), NOON))

    assert (body["cause"], body["counterparty"]) == ("symbol ACME, session FIX.4.4:FIRM->SOR", None)


def test_an_alert_about_a_case_that_is_not_confirmed_says_so() -> None:
    """What was made while messages were missing may still change."""
    assert json.loads(alerting("demo")(a_notice(uncertain=True), NOON))["uncertain"] is True


def test_an_alert_leads_to_the_page_of_its_exception() -> None:
    """Where the firm has named the address of the page; whether it ends with a slash or not."""
    links = [
        json.loads(alerting("demo", page)(a_notice(), NOON))["link"]
        for page in ("https://watch.example", "https://watch.example/")
    ]

    assert links == ["https://watch.example/exceptions/7"] * 2
