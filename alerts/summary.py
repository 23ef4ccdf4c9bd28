"""The summary of one rule: what of it is open now, for whoever comes later; and which summaries to tell. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

SCHEMA = 1


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What is open of one rule.

    `open` counts its open exceptions by severity, every severity named; `unacknowledged` are those of them that nobody
    has acknowledged. `newest` is the number of the newest open exception and `last_at` the time of the last finding in
    any of them, null while none is open. Times are ISO 8601 UTC with nanoseconds; `as_of` is when it was looked at.
    """

    schema: int = SCHEMA
    firm: str
    rule: str
    open: dict[str, int]
    unacknowledged: int
    newest: int | None
    last_at: str | None
    as_of: str


def encode(summary: Summary) -> bytes:
    """Return the wire form: one JSON object, keys in the order above."""
    return msgspec.json.encode(summary)


def summary_topic(firm: str, rule: str) -> str:
    """Return the MQTT topic of a rule's summary, which is retained."""
    return f"sorwatch/{firm}/rules/{rule}"


def changed(told: Mapping[str, Summary], current: Iterable[Summary]) -> list[Summary]:
    """Return the summaries that say something else than what was told of their rule; another `as_of` is no change."""
    return [one for one in current if one.rule not in told or _apart(told[one.rule], one)]


def _apart(told: Summary, now: Summary) -> bool:
    return msgspec.structs.replace(told, as_of=now.as_of) != now
