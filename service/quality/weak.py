"""Why a rule falls short, in words, by whoever looked into it; the table shows it beside the rule's figures."""

from __future__ import annotations

_CHANCE = "it compares a share with its limit without an interval, so at a share near the limit chance alone fires it"
_DILUTED = (
    "the window still holds the calm before: a fault just beyond the limit needs more orders than a short one brings"
)

WHY: dict[str, str] = {
    "adverse_reversion": "a tick of reversion at one venue is near the noise of an hour's window; and the window "
    "counts other executions beside those that were struck, so it speaks with fewer of these than the minimum",
    "fill_rate_drop": f"{_DILUTED} (40 % where 50 % is required)",
    "fill_rate_overall": f"{_DILUTED} (40 % where 50 % is required)",
    "missed_midpoint": _CHANCE,
    "not_evaluated_rate": _CHANCE,
    "outside_nbbo": "between the bound of waiting (2 s) and the word that a source is dead (5 s) executions are judged "
    "by its last quote; the daemon judges them again when quotes come, this measurement does not",
    "quote_fade": "a market that another fault moves fades too",
    "quotes_down": "a source that is dead for two seconds has lost quotes, which is said although it was not dead "
    "for long",
    "rule_failure": "no message makes a rule of the catalogue raise; the engine's own tests do",
    "sequence_gap": "missing numbers show only by the next message; at few messages a second that is later than what "
    "counts for a strike, and two gaps are seen as one",
    "slow_fill": "an order of the day whose rest waited on the book, which the truth did not tell",
    "unmatched_symbol": "executions of resting orders in an unknown symbol, which the truth did not tell",
    "wide_effective_spread": _CHANCE,
}
"""By rule. What is not here is said to be unknown, not good."""
