"""The feed's events of a session put together: what opened and what closed it, what began and whether it ended. Pure.

Kinds that nothing here knows are counted by their name, so that a new one is never left out of a certificate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from rules.facts import FeedEventKind as Kind
from rules.facts import Nanos
from service.fix.parting import OURS, TOO_LOW
from service.market.calendar import trade_date
from service.statements.day import Told
from service.statements.numbers import Spans, spans_of

BY_PAIRS = frozenset(
    {
        Kind.GAP_OPENED,
        Kind.GAP_CLOSED,
        Kind.GAP_OVERDUE,
        Kind.EPOCH_CHANGED,
        Kind.NUMBERS_WENT_ON,
        Kind.SESSION_UP,
        Kind.SESSION_DOWN,
        Kind.RECOVERY_STARTED,
        Kind.RECOVERY_ENDED,
        Kind.CUMULATIVE_BREAK,
        Kind.CUMULATIVE_MENDED,
        Kind.REJECTED_BY_SESSION,
        Kind.UNDECODABLE,
    }
)
"""Kinds that a certificate tells of one by one."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A run of numbers that was jumped over on this day; `missing` is what its newest event says is missing still.

    `segment` is the market segment whose number it is, None for the session's own.
    """

    subject: str
    offset: int
    epoch: str
    span: tuple[int, int]
    opened_at: Nanos
    closed_at: Nanos | None = None
    arrived: int = 0
    filled: int = 0
    backfilled: int = 0
    how: str = ""
    overdue: bool = False
    missing: Spans = ()
    segment: str | None = None


class GapLine(msgspec.Struct, frozen=True, kw_only=True):
    """A gap as the certificate shows it: `missing` never came, `how` says how it was closed, or that it was not."""

    gap: Gap
    missing: Spans
    how: str


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """A counting that began anew, with what the old one still missed.

    `went_on` says that only our side began anew: the counterparty resent the old numbers as what they were.
    """

    offset: int
    at: Nanos
    epoch: str
    why: str
    lost: str = ""
    lost_count: int = 0
    went_on: bool = False

    @property
    def words(self) -> str:
        """Return why it began anew, and what that means for what was missing."""
        if self.went_on:
            return f"{self.why}; the counterparty's numbers went on, missing then {self.lost}"
        return f"{self.why}; lost {self.lost}" if self.lost else self.why


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """One recovery of missed reports; `ended_at` is None while it lasts."""

    subject: str
    began_at: Nanos
    ended_at: Nanos | None = None


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """An order whose cumulated quantity jumped: shares that no execution here accounts for; mended when they came."""

    subject: str
    at: Nanos
    mended: bool


class Happenings(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to the watch of one session on one day.

    `went_on` leads from an epoch that ended to the offsets at which later ones were seen to go on with its numbers.
    `behind_since` is when the counterparty's numbers fell behind ours without a reset, and no epoch has begun since:
    what bore a number that was used already may be something else.
    """

    gaps: tuple[Gap, ...] = ()
    resets: tuple[Reset, ...] = ()
    went_on: dict[str, tuple[int, ...]] = {}
    recoveries: tuple[Recovery, ...] = ()
    breaks: tuple[Break, ...] = ()
    rejects: tuple[Told, ...] = ()
    down_since: Nanos | None = None
    behind_since: Nanos | None = None
    others: dict[str, int] = {}


def happenings(told: Sequence[Told], day: str) -> Happenings:
    """Return what the events, in journal order and of this day or later, say of this day."""
    today = [one for one in told if one.trade_date == day]
    went_on = _went_on(told)
    return Happenings(
        gaps=_gaps(told, day),
        resets=tuple(_reset(one, went_on) for one in today if one.kind == Kind.EPOCH_CHANGED),
        went_on=went_on,
        recoveries=_recoveries(told, day),
        breaks=_breaks(told, day),
        rejects=tuple(one for one in today if one.kind == Kind.REJECTED_BY_SESSION),
        down_since=_down_since(told),
        behind_since=_behind_since(told, day),
        others=dict(sorted(Counter(one.kind for one in today if one.kind not in BY_PAIRS).items())),
    )


def open_subjects(told: Iterable[Told], begins: Kind, *ends: Kind) -> tuple[str, ...]:
    """Return the subjects whose newest event is the one that begins it, in the order in which they began."""
    standing: dict[str, None] = {}
    for one in told:
        if one.kind == begins:
            standing[one.subject] = None
        elif one.kind in ends:
            standing.pop(one.subject, None)
    return tuple(standing)


def _gaps(told: Sequence[Told], day: str) -> tuple[Gap, ...]:
    found: dict[tuple[str, int], Gap] = {}
    for one in told:
        if one.kind not in (Kind.GAP_OPENED, Kind.GAP_CLOSED, Kind.GAP_OVERDUE):
            continue
        opened_at = _number(one, "opened_at_ns") or one.at
        if trade_date(Nanos(opened_at)) != day:
            continue
        key = (one.subject, opened_at)
        before = found.get(key)
        closed = one.at if one.kind == Kind.GAP_CLOSED else None
        found[key] = Gap(
            subject=one.subject,
            offset=one.offset if before is None else before.offset,
            epoch=str(one.detail.get("epoch") or ""),
            span=(_number(one, "first"), _number(one, "last")),
            opened_at=Nanos(opened_at),
            closed_at=closed,
            arrived=_number(one, "arrived_count"),
            filled=_number(one, "filled_count"),
            backfilled=_number(one, "backfilled_count"),
            how=str(one.detail.get("how") or ""),
            overdue=one.kind == Kind.GAP_OVERDUE or (before is not None and before.overdue),
            missing=() if closed is not None else spans_of(str(one.detail.get("missing") or "")),
            segment=_segment(one),
        )
    return tuple(found.values())


def _segment(one: Told) -> str | None:
    """Return the segment of a gap; events of earlier versions say it in their subject alone."""
    said = one.detail.get("segment", one.subject.rpartition(" ")[0] or None)
    return None if said is None else str(said)


def _went_on(told: Sequence[Told]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for one in told:
        if one.kind == Kind.NUMBERS_WENT_ON:
            epoch = str(one.detail.get("previous") or "")
            found[epoch] = (*found.get(epoch, ()), one.offset)
    return found


def _reset(one: Told, went_on: Mapping[str, tuple[int, ...]]) -> Reset:
    return Reset(
        offset=one.offset,
        at=one.at,
        epoch=str(one.detail.get("epoch") or ""),
        why=str(one.detail.get("reason") or "the engine's store began anew"),
        lost=str(one.detail.get("lost") or ""),
        lost_count=_number(one, "lost_count"),
        went_on=one.detail.get("previous") in went_on,
    )


def _recoveries(told: Sequence[Told], day: str) -> tuple[Recovery, ...]:
    found: list[Recovery] = []
    for one in told:
        if one.kind == Kind.RECOVERY_STARTED and one.trade_date == day:
            found.append(Recovery(subject=one.subject, began_at=one.at))
        elif one.kind == Kind.RECOVERY_ENDED:
            found = [
                msgspec.structs.replace(recovery, ended_at=one.at)
                if recovery.ended_at is None and recovery.subject == one.subject
                else recovery
                for recovery in found
            ]
    return tuple(found)


def _breaks(told: Sequence[Told], day: str) -> tuple[Break, ...]:
    standing = set(open_subjects(told, Kind.CUMULATIVE_BREAK, Kind.CUMULATIVE_MENDED))
    first = {one.subject: one for one in reversed(told) if one.kind == Kind.CUMULATIVE_BREAK and one.trade_date == day}
    broken = sorted(first.values(), key=lambda one: one.offset)
    return tuple(Break(subject=one.subject, at=one.at, mended=one.subject not in standing) for one in broken)


def _down_since(told: Sequence[Told]) -> Nanos | None:
    """Return since when the session has been down without coming back, None when it is up or never went down."""
    last = next((one for one in reversed(told) if one.kind in (Kind.SESSION_UP, Kind.SESSION_DOWN)), None)
    return last.at if last is not None and last.kind == Kind.SESSION_DOWN else None


def _behind_since(told: Sequence[Told], day: str) -> Nanos | None:
    since = None
    for one in told:
        if one.kind == Kind.EPOCH_CHANGED:
            since = None
        elif one.kind == Kind.LOGON_REFUSED and one.trade_date == day and since is None:
            low = str(one.detail.get("reason")).startswith(TOO_LOW)
            since = one.at if low and one.detail.get("by") == OURS else None
    return since


def _number(one: Told, name: str) -> int:
    value = one.detail.get(name)
    return value if isinstance(value, int) else 0
