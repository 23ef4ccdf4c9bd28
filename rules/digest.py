"""The digest of a day's findings: equal digests mean that two runs found the same, whatever happened to the runs.

Left out is what a kill or another journal may change: offsets, receive times, related records, and which session
carried a market finding's message first. The feed's findings have a digest of their own, for a kill *is* a gap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from rules.finding import Finding, Scope

SCHEMA = 1
"""Changes whenever what goes into the digest changes; old days stay verifiable under theirs."""

_LEFT_OUT = {
    Scope.MARKET: ("offset", "related", "session", "uncertain"),
    Scope.FEED: ("offset", "related", "uncertain"),
}


def compared(finding: Finding) -> dict[str, Any]:
    """Return the finding's fields without those that may differ between equal runs."""
    fields: dict[str, Any] = msgspec.to_builtins(finding)
    for name in _LEFT_OUT[finding.scope]:
        del fields[name]
    return fields


def canonical(finding: Finding) -> bytes:
    """Return what is compared of the finding as canonical JSON: sorted keys, no spaces."""
    return msgspec.json.encode(compared(finding), order="sorted")


def of_scope(findings: Iterable[Finding], scope: Scope) -> list[Finding]:
    """Return the findings of that scope, each once, sorted by rule, subject and event time."""
    chosen = {found.finding_id: found for found in findings if found.scope is scope}
    return sorted(chosen.values(), key=lambda found: (found.rule, found.subject, found.at, found.finding_id))


def digest(findings: Iterable[Finding], scope: Scope) -> str:
    """Return the SHA-256, in hex, over the findings of that scope, sorted by rule, subject and event time.

    A finding that is there twice counts once: identity is rule, counterparty, subject and time.
    """
    total = hashlib.sha256(f"sorwatch findings {SCHEMA} {scope.value}\n".encode())
    for found in of_scope(findings, scope):
        total.update(canonical(found) + b"\n")
    return total.hexdigest()
