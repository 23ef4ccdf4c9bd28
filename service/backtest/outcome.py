"""What came of the backtest of a proposal, as it is kept: the same bytes for who proposed and who decides. Pure."""

from __future__ import annotations

import hashlib

import msgspec

from service.backtest.compare import RuleDay
from service.backtest.shown import Backtest, remarks, totals


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A backtest by day and rule; `remarks` say how far the other side is what was recorded live."""

    schema: int = 1
    tried: str
    against: str
    days: tuple[str, ...]
    facts: int
    lines: tuple[RuleDay, ...]
    remarks: tuple[str, ...]

    @property
    def by_rule(self) -> dict[str, RuleDay]:
        """Return the sums over all days, by rule."""
        return totals((None, line) for line in self.lines)


def outcome(told: Backtest) -> Outcome:
    """Return what is kept of a backtest: of every rule what changed and what did not, and the examples."""
    return Outcome(
        tried=told.tried,
        against=told.against,
        days=tuple(day.day for day in told.days),
        facts=told.facts,
        lines=tuple(line for _, line in told.rows),
        remarks=tuple(remarks(told)),
    )


def encode(kept: Outcome) -> bytes:
    """Return it as canonical JSON."""
    return msgspec.json.encode(kept, order="deterministic")


def decode(body: bytes) -> Outcome:
    """Return what was kept."""
    return msgspec.json.decode(body, type=Outcome)


def digest(body: bytes) -> str:
    """Return the SHA-256 of what is kept, in hex: by it two people know that they saw the same."""
    return hashlib.sha256(body).hexdigest()
