"""One oddity of real drop copies down the whole road: what became of its messages, and what the ledger made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from rules.facts import Fill
from service.core import Core
from service.journal import Entry
from service.market.calendar import ALWAYS, TradingCalendar
from service.processed import Processed
from tests.factories_road import PARTY, REGISTER, a_journal, run, versions

PLAIN = "begin_string: FIX.4.4\n"


class Story(msgspec.Struct):
    """What the messages came to: one outcome each, the fills, and how each order stands (shares, end)."""

    processed: Processed
    outcomes: list[str]
    orders: dict[str, tuple[int, str | None]]

    @property
    def fills(self) -> list[Fill]:
        """Return the executions as the rules saw them."""
        return [recorded.fill for recorded in self.processed.fills]

    @property
    def reasons(self) -> list[str | None]:
        """Return the reason of each outcome."""
        return [outcome.reason for outcome in self.processed.outcomes]

    @property
    def found(self) -> set[str]:
        """Return the rules that found something."""
        return {finding.rule for finding in self.processed.findings}


def story(entries: Sequence[Entry], dialect: str = "", *, calendar: TradingCalendar = ALWAYS) -> Story:
    """Run the messages down the road by the plain dialect with these lines added; each must have its one outcome."""
    core = Core()
    before = versions(calendar=calendar, dialect=PLAIN + dialect, register=REGISTER)

    done = run(a_journal(entries, before), core=core)

    messages = [number for number, entry in enumerate(entries, start=len(before) + 1) if entry.kind == "message"]
    assert [outcome.offset for outcome in done.outcomes] == messages
    return Story(done, [outcome.outcome for outcome in done.outcomes], dict(_standing(core)))


def _standing(core: Core) -> Iterable[tuple[str, tuple[int, str | None]]]:
    for life in core._ledger._books[PARTY].lives() if PARTY in core._ledger._books else ():
        level = "" if life.order.level == "child" else f" {life.order.level.value}"
        yield f"{life.order.order_key}{level}", (life.executed // 1_000_000, life.end and life.end.value)


def shown(fill: Fill, **asked: Any) -> dict[str, Any]:
    """Return what the fill says where the test asks, an attribute of its order as `order_…`."""
    return {key: _attribute(fill, key) for key in asked}


def _attribute(fill: Fill, key: str) -> Any:
    return getattr(fill.order, key.removeprefix("order_")) if key.startswith("order_") else getattr(fill, key)
