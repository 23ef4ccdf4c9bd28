"""What a second look at a finding came to, once messages that were missing or quotes that came late were there.

It is a fact of its own: the finding itself is never changed, and the digests of a day stay over the findings as they
were first stated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from rules.facts import Nanos
from rules.finding import Finding

SCHEMA = 1


class Verdict(StrEnum):
    """What the second look came to; `unresolved` leaves the finding uncertain for ever."""

    STANDS = "stands"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    UNRESOLVED = "unresolved"


class Why(StrEnum):
    """What a second look was taken for; only that of the messages ends the doubt that their absence began."""

    MESSAGES = "messages"
    QUOTES = "quotes"


class Untold(msgspec.Struct, frozen=True, gc=False):
    """A second look that cannot be taken, with the reason in words."""

    reason: str


class Reassessment(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One second look: at which finding, because of what was missing (messages, or quotes), with which verdict and why.

    `offset` is the record that brought it about and `at` the journal's clock then. `finding` is the finding as it is
    now, where the verdict is `changed`; it keeps the identity and the event time of the first.
    """

    offset: int
    counterparty: str
    session: str
    trade_date: str
    finding_id: str
    rule: str
    verdict: Verdict
    reason: str
    missing: str
    at: Nanos
    finding: Finding | None = None
    why: Why = Why.MESSAGES


def standing(first: Finding, looks: Iterable[Reassessment]) -> Finding | None:
    """Return a finding as it stands after these second looks, in their order; None when it is withdrawn."""
    now: Finding | None = first
    for look in looks:
        if look.verdict is Verdict.WITHDRAWN:
            now = None
        elif look.verdict is Verdict.CHANGED:
            now = look.finding
        elif look.verdict is Verdict.STANDS:
            now = first
    return now


def in_doubt(first: Finding, looks: Sequence[Reassessment]) -> bool:
    """Return whether messages that were missing when it was found have not been allowed for since."""
    settled = any(look.why is Why.MESSAGES and look.verdict is not Verdict.UNRESOLVED for look in looks)
    return first.uncertain and not settled


class Looked(msgspec.Struct, frozen=True, gc=False):
    """A second look beside the finding as it was first stated and the looks that were taken at it before."""

    first: Finding
    earlier: tuple[Reassessment, ...]
    look: Reassessment

    @property
    def was(self) -> Finding | None:
        """Return the finding as it stood before the look, None when it was withdrawn."""
        return standing(self.first, self.earlier)

    @property
    def now(self) -> Finding | None:
        """Return the finding as it stands after the look, None when it is withdrawn."""
        return standing(self.first, (*self.earlier, self.look))

    @property
    def settles(self) -> bool:
        """Return whether the look ends the doubt that missing messages began."""
        return in_doubt(self.first, self.earlier) and not in_doubt(self.first, (*self.earlier, self.look))


LookKey = tuple[str, Why, int]
"""Which look: at which finding, for what, and the how-many-th (0 for those of missing messages)."""


def compared(second: Iterable[Reassessment]) -> dict[LookKey, list[Any]]:
    """Return what is compared of second looks: finding, rule, verdict, why, what was missing, and what it is now.

    Offsets, clocks and the session are left out; a finding that was looked at twice for the messages that were missing
    counts once, as first looked at. Late quotes are as the day brought them, so their looks are counted one by one.
    """
    chosen: dict[LookKey, list[Any]] = {}
    quoted: dict[str, int] = {}
    for one in second:
        turn = 0
        if one.why is Why.QUOTES:
            turn = quoted[one.finding_id] = quoted.get(one.finding_id, 0) + 1
        chosen.setdefault((one.finding_id, one.why, turn), _said(one))
    return dict(sorted(chosen.items()))


def digest(second: Iterable[Reassessment]) -> str:
    """Return the SHA-256, in hex, over what is compared of second looks."""
    total = hashlib.sha256(f"sorwatch reassessments {SCHEMA}\n".encode())
    for said in compared(second).values():
        total.update(msgspec.json.encode(said, order="sorted") + b"\n")
    return total.hexdigest()


def _said(one: Reassessment) -> list[Any]:
    harm = None if one.finding is None else one.finding.dollar_harm
    values = None if one.finding is None else one.finding.values
    said = [one.finding_id, one.rule, one.verdict, one.reason, one.missing, values, harm]
    # those of messages keep the digest that they always had
    return said if one.why is Why.MESSAGES else [*said, one.why]
