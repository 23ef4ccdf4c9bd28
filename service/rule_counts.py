"""What came of a rule, counted. Pure."""

from __future__ import annotations

import msgspec


class RuleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Findings and exceptions of a rule since a day, as what its closed ones were closed, and how many are open."""

    findings: int = 0
    exceptions: int = 0
    true: int = 0
    false: int = 0
    not_decided: int = 0
    open: int = 0
