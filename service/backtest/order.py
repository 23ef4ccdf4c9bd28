"""What is asked of a process that runs a backtest apart, and what it answers, a line each. Pure."""

from __future__ import annotations

import msgspec

from service.backtest.outcome import Outcome


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: which text is tried on which days of which store."""

    store_url: str
    text: str
    name: str
    days: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the answer: so many days are done, or what came of all, or why nothing did."""

    done: int = 0
    outcome: Outcome | None = None
    problems: tuple[str, ...] = ()
