"""Everything that can happen to the watch itself: the kinds of feed event, and nothing about what they mean."""

from __future__ import annotations

from enum import StrEnum


class FeedEventKind(StrEnum):
    """What happened to the watch itself rather than to an order."""

    UNDECODABLE = "undecodable"
    REJECTED_BY_SESSION = "rejected_by_session"
    GAP_OPENED = "gap_opened"
    GAP_CLOSED = "gap_closed"
    GAP_OVERDUE = "gap_overdue"
    EPOCH_CHANGED = "epoch_changed"
    NUMBERS_WENT_ON = "numbers_went_on"
    SESSION_UP = "session_up"
    SESSION_DOWN = "session_down"
    SILENT = "silent"
    HEARD = "heard"
    DUPLICATE_CONFLICT = "duplicate_conflict"
    OVERFILL = "overfill"
    ORPHAN_BUST = "orphan_bust"
    HIDDEN_FILL = "hidden_fill"
    CLOCK_SUSPECT = "clock_suspect"
    QUOTES_DOWN = "quotes_down"
    QUOTES_UP = "quotes_up"
    GATEWAY_RESTARTED = "gateway_restarted"
    VENUE_DRIFT = "venue_drift"
    RECOVERY_STARTED = "recovery_started"
    RECOVERY_ENDED = "recovery_ended"
    RECOVERY_OVERDUE = "recovery_overdue"
    FLOW_STOPPED = "flow_stopped"
    FLOW_RESUMED = "flow_resumed"
    CLOCK_OFFSET = "clock_offset"
    CLOCK_STEADY = "clock_steady"
    SYMBOL_UNMATCHED = "symbol_unmatched"
    CUMULATIVE_BREAK = "cumulative_break"
    CUMULATIVE_MENDED = "cumulative_mended"
    UNANSWERED_ORDER = "unanswered_order"
    ANSWERED_ORDER = "answered_order"
    UNREPORTED_ORDER = "unreported_order"
    UNKNOWN_ORDER = "unknown_order"
