"""What the FIX standard's own values mean here: side, order type, time in force, liquidity, auctions, exemptions.

Source: the field definitions of FIX 4.2, 4.4 and 5.0 SP2 (field numbers in the names below). A dialect may replace the
last three; the others are the same for everybody.
"""

from __future__ import annotations

from rules.facts import ExemptReason, OrderEventKind, OrderType, Side, TimeInForce
from service.fix.habits import one_of

EVENTS = {
    "0": OrderEventKind.NEW,
    "3": OrderEventKind.DONE_FOR_DAY,
    "4": OrderEventKind.CANCELED,
    "5": OrderEventKind.REPLACED,
    "6": OrderEventKind.PENDING_CANCEL,
    "7": OrderEventKind.STOPPED,
    "8": OrderEventKind.REJECTED,
    "9": OrderEventKind.SUSPENDED,
    "A": OrderEventKind.PENDING_NEW,
    "B": OrderEventKind.CALCULATED,
    "C": OrderEventKind.EXPIRED,
    "D": OrderEventKind.RESTATED,
    "E": OrderEventKind.PENDING_REPLACE,
    "J": OrderEventKind.CLEARING_HOLD,
    "K": OrderEventKind.CLEARING_HOLD,
    "L": OrderEventKind.TRIGGERED,
}
"""ExecType (150) → what happened to the order."""
TRADES = one_of("1 2 F")
"""ExecType (150) of a trade: partial fill and fill of FIX 4.2, trade since 4.3."""
HIDING = one_of("3 4 5 B C")
"""ExecType (150) of order events that may carry a real fill in 32 and 31."""
SIDES = {
    "1": Side.BUY,
    "2": Side.SELL,
    "3": Side.BUY,
    "4": Side.SELL,
    "5": Side.SELL_SHORT,
    "6": Side.SELL_SHORT_EXEMPT,
    "B": Side.BUY,
    "C": Side.SELL,
}
"""Side (54): buy minus and "as defined" are bought, sell plus and "opposite" sold; crosses have no one side."""
ORDER_TYPES = {
    "1": OrderType.MARKET,
    "2": OrderType.LIMIT,
    "3": OrderType.STOP,
    "4": OrderType.STOP_LIMIT,
    "7": OrderType.LIMIT,
    "P": OrderType.PEGGED,
}
"""OrdType (40); 7 is limit or better. On-close types are OTHER: they wait for an auction."""
TIMES_IN_FORCE = {
    "0": TimeInForce.DAY,
    "1": TimeInForce.GTC,
    "2": TimeInForce.OPENING,
    "3": TimeInForce.IOC,
    "4": TimeInForce.FOK,
    "5": TimeInForce.GTX,
    "6": TimeInForce.GTD,
    "7": TimeInForce.CLOSING,
}
"""TimeInForce (59)."""
LIQUIDITY = {
    "851": {"1": "added", "2": "removed", "3": "routed_out", "4": "auction", "8": "removed", "9": "auction"},
    "1057": {"Y": "removed", "N": "added"},
}
"""LastLiquidityInd (851), AggressorIndicator (1057)."""
AUCTION = {
    "851": one_of("4 9"),
    "277": one_of("E AJ w"),
    "574": one_of("7"),
}
"""Auction (851), opening, official closing and reopening prints (TradeCondition 277), call auction (MatchType 574)."""
EXEMPT = {
    ExemptReason.SWEEP: {"18": one_of("f"), "277": one_of("Z")},
    ExemptReason.BENCHMARK: {"18": one_of("W"), "277": one_of("6"), "828": one_of("64")},
    ExemptReason.AVERAGE_PRICE: {
        "277": one_of("B"),
        "819": one_of("4"),
        "828": one_of("6 51"),
    },
    ExemptReason.CONTINGENT: {"549": one_of("6")},
    ExemptReason.STOPPED: {"39": one_of("7"), "277": one_of("N AE AL AM")},
    ExemptReason.AUCTION: AUCTION,
    ExemptReason.NON_REGULAR_SETTLEMENT: {
        "63": one_of("1 3 4 5 6 7 8 9 B"),
        "277": one_of("A C D J L"),
    },
    ExemptReason.MULTILEG_LEG: {"442": one_of("2")},
}
"""Why a price may lawfully lie outside the quote, in order of precedence (domain.md §3).

Sweep: ExecInst (18) f intermarket sweep, TradeCondition (277) Z. Benchmark: 18 W peg to VWAP, 277 6, TrdType (828) 64.
Average price: 277 B, AvgPxIndicator (819) 4, 828 6 weighted average and 51 volume weighted average. Contingent:
CrossType (549) 6. Stopped: OrdStatus (39) 7, 277 N, AE, AL, AM. Settlement: SettlType (63) other than 0 regular and
2 next day, which is regular for US shares since 28 May 2024; 277 A, C cash, D, J next day, L seller's option.
"""
TRADES_ELSEWHERE = {"AE": "TradeCaptureReport"}
"""Message types that report trades and are not read here: to call them a status would hide shares."""
ORDER_ENTRY = one_of("D E F G q s t u AB AC")
"""Message types that enter, change or cancel orders: a watch never sends one, whatever a dialect says."""
