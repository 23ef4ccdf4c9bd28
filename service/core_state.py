"""What the road hands on: a record made ready for it, and everything that a core is, as one value. Pure."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from rules.engine import EngineState
from rules.facts import Nanos
from service.families import FamilyState
from service.feed.state import FeedsState
from service.fix.dialect import Dialect
from service.fix.events import Decoded
from service.in_force import Limits
from service.journal import Record
from service.market.calendar import TradingCalendar
from service.marks import Due, Waiting
from service.orders.marks import Wanted
from service.orders.snapshot import LedgerState
from service.ports import QuoteRequest
from service.record_clock import RecordClock
from service.requote import Decided, Requote
from service.uncertain import Uncertain


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """A record at the head of the road: decoded, with the quotes it wants and what must be loaded before.

    `due` are the marks that became due with it, `asked` the quotes for orders; the request asks for both, in this
    order. `decided` is what the store knows of the decision that a `requote` is about.
    """

    record: Record
    decoded: Decoded | None = None
    request: QuoteRequest | None = None
    missing_days: tuple[str, ...] = ()
    missing_execution: str | None = None
    due: tuple[Due, ...] = ()
    requote: Requote | None = None
    decided: Decided | None = None
    asked: tuple[Wanted, ...] = ()

    @property
    def lacks(self) -> bool:
        """Return whether the store must be asked before the record is applied."""
        unread = self.requote is not None and self.decided is None
        return bool(self.missing_days) or self.missing_execution is not None or unread


class CoreState(msgspec.Struct, frozen=True, kw_only=True):
    """All that a core is, for a checkpoint."""

    clock: RecordClock
    dialects: dict[str, Dialect]
    calendar: TradingCalendar
    limits: Limits | None
    open_days: list[str]
    ledger: LedgerState
    feeds: FeedsState
    engine: EngineState
    uncertain: list[Uncertain]
    unmatched: dict[str, list[tuple[str, str]]]
    marks: list[Waiting]
    order_marks: list[tuple[Nanos, list[Wanted]]]
    families: list[FamilyState]


def _in_order(part: Any) -> Any:
    """Return a JSON value with every list sorted: sets have another order in every process."""
    if isinstance(part, dict):
        return {name: _in_order(inner) for name, inner in part.items()}
    if isinstance(part, list):
        return sorted(
            (_in_order(inner) for inner in part), key=lambda inner: msgspec.json.encode(inner, order="sorted")
        )
    return part


_FORM = msgspec.json.encode(_in_order(msgspec.json.schema(CoreState)), order="sorted")
SCHEMA = "core-" + hashlib.sha256(_FORM).hexdigest()[:16]
"""The name of the checkpoint's form: another version of any of its parts has another, so no stale one is ever read."""
