"""What became of an uncertain finding once the messages that were missing had come: a fact of its own.

The finding itself is never changed, and the digests of a day stay over the findings as they were first stated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum

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


class Untold(msgspec.Struct, frozen=True, gc=False):
    """A second look that cannot be taken, with the reason in words."""

    reason: str


class Reassessment(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One second look: at which finding, because of which missing messages, with which verdict and why.

    `offset` is the record that ended the doubt and `at` the journal's clock then. `finding` is the finding as it is
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


def digest(second: Iterable[Reassessment]) -> str:
    """Return the SHA-256, in hex, over the verdicts: which finding, which verdict, why, and what it is now.

    Offsets, clocks and the session are left out; a finding that is there twice counts once, as first looked at.
    """
    chosen: dict[str, Reassessment] = {}
    for one in second:
        chosen.setdefault(one.finding_id, one)
    total = hashlib.sha256(f"sorwatch reassessments {SCHEMA}\n".encode())
    for one in sorted(chosen.values(), key=lambda one: one.finding_id):
        harm = None if one.finding is None else one.finding.dollar_harm
        values = None if one.finding is None else one.finding.values
        said = (one.finding_id, one.rule, one.verdict, one.reason, one.missing, values, harm)
        total.update(msgspec.json.encode(said, order="sorted") + b"\n")
    return total.hexdigest()
