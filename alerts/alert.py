"""The alert: what leaves the house about one case, and its wire form (JSON, schema version 2). Pure."""

from __future__ import annotations

import msgspec

from rules.finding import Severity

SCHEMA = 2
"""Goes up when a key is renamed, removed or changes its meaning; a new key at the end keeps it."""

REASONS = (
    "opened",
    "grew",
    "severity_rose",
    "withdrawn",
    "escalated",
    "shelving_ended",
    "acknowledgement_expired",
    "condition_resolved",
    "still_waiting",
)
"""Why an alert is made."""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One message about one case.

    `key` is the idempotency key: the same alert delivered twice carries the same key. `sequence` is the case's own
    number, so a subscriber sees the order. `reason` says why it was sent: opened, grew, severity_rose, withdrawn,
    escalated, shelving_ended, acknowledgement_expired, condition_resolved, and still_waiting where it is told again.
    `findings` and `dollar_harm` (decimal text in dollars) are of the findings that stand; `uncertain` says that some of
    them were made while messages were missing and are not confirmed. Times are ISO 8601 UTC with nanoseconds.

    `cause` says in words what the findings share beside rule and trade date, as the rule's grouping wants it;
    `counterparty` is null where the grouping leaves it out, `symbol` and `venue` where the findings differ in them.
    `incident` is the number of the incident that the exception is part of, null while it is of none. `link` is the
    address of the exception's page, null where the firm has not named that of the page.
    """

    schema: int = SCHEMA
    key: str
    firm: str
    exception: int
    sequence: int
    reason: str
    rule: str
    severity: Severity
    state: str
    sentence: str
    cause: str
    counterparty: str | None
    session: str
    trade_date: str
    symbol: str | None
    venue: str | None
    findings: int
    dollar_harm: str | None
    first_at: str
    last_at: str
    committed_at: str
    uncertain: bool = False
    incident: int | None = None
    link: str | None = None


def idempotency_key(firm: str, exception: int, sequence: int) -> str:
    """Return the key of the alert about one step of one case."""
    return f"{firm}/{exception}/{sequence}"


def encode(alert: Alert) -> bytes:
    """Return the wire form: one JSON object, keys in the order above."""
    return msgspec.json.encode(alert)


def exception_topic(firm: str, severity: str, rule: str) -> str:
    """Return the MQTT topic of an alert."""
    return f"sorwatch/{firm}/exceptions/{severity}/{rule}"


def house_topic(firm: str, topic: str) -> str:
    """Return the MQTT topic of what is about no exception: the seals of the days."""
    return f"sorwatch/{firm}/{topic}"


def presence_topic(firm: str) -> str:
    """Return the MQTT topic that says, retained, whether the watch is there."""
    return f"sorwatch/{firm}/presence"
