"""The last exceptions like one, and how they were closed, as lines. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from service.cases.like import Like
from service.cases.rules import Rules
from service.web.said import Instant, instant


class LikeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One of them."""

    case_id: int
    sentence: str
    closed: Instant | None
    by: str
    reason: str
    counts: str
    words: str
    same: bool


def likes(found: Iterable[Like], rules: Rules) -> tuple[LikeLine, ...]:
    """Return the lines, in the order given."""
    return tuple(_line(one, rules) for one in found)


def _line(one: Like, rules: Rules) -> LikeLine:
    reason = rules.reason(one.case.reason)
    return LikeLine(
        case_id=one.case.case_id,
        sentence=one.case.sentence,
        closed=None if one.closed_at is None else instant(one.closed_at),
        by=one.closed_by,
        reason=reason.words if reason else one.case.reason or "",
        counts=(one.case.counts_as or "not_decided").replace("_", " "),
        words=one.words,
        same=one.same,
    )
