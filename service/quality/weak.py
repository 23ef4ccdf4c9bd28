"""Why a rule falls short, in words, by whoever looked into it; the table shows it beside the rule's figures."""

from __future__ import annotations

WHY: dict[str, str] = {
    "rule_failure": "no message makes a rule of the catalogue raise; the engine's own tests do",
}
"""By rule. What is not here is said to be unknown, not good."""
