"""Why an execution may lawfully be outside the quote: a closed set of words."""

from __future__ import annotations

from enum import StrEnum


class ExemptReason(StrEnum):
    """Why an execution may lawfully be outside the quote (domain.md §3)."""

    SWEEP = "sweep"
    BENCHMARK = "benchmark"
    AVERAGE_PRICE = "average_price"
    CONTINGENT = "contingent"
    STOPPED = "stopped"
    AUCTION = "auction"
    NON_REGULAR_SETTLEMENT = "non_regular_settlement"
    MULTILEG_LEG = "multileg_leg"
