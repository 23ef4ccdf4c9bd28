"""Findings and cases for tests: name only what matters."""

from __future__ import annotations

from typing import Any

from rules.facts import MILLISECOND, Nanos
from rules.finding import Finding, Scope, Severity
from service.cases import Case, open_case

NOON = Nanos(1_760_000_000_000_000_000)
MINUTE = 60_000 * MILLISECOND


def a_finding(number: int = 1, **changes: Any) -> Finding:
    """Return a finding of the rule slow_fill about the venue XTST, the n-th of its day unless said otherwise."""
    values: dict[str, Any] = {
        "finding_id": f"{number:016x}",
        "rule": "slow_fill",
        "rule_version": 1,
        "rulebook_hash": "ab" * 32,
        "scope": Scope.MARKET,
        "severity": Severity.MEDIUM,
        "trade_date": "2026-11-20",
        "counterparty": "sor",
        "session": "FIX.4.4:FIRM->SOR",
        "subject": f"sor/2026-11-20/E{number}",
        "cause": "venue XTST",
        "at": Nanos(NOON + number * MILLISECOND),
        "sentence": f"Fill E{number} took 3 s.",
        "values": {"time_to_fill_ns": 3_000_000_000},
        "thresholds": {"limit_ns": 1_000_000_000},
        "symbol": "ACME",
        "venue": "XTST",
        "offset": number,
    }
    return Finding(**{**values, **changes})


def a_case(*findings: Finding, case_id: int = 7) -> Case:
    """Return an open case over the findings, one by default."""
    return open_case(case_id, list(findings) or [a_finding()], NOON).case
