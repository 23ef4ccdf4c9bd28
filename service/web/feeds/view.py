"""The feeds as plain values of a page, in a supervisor's words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from rules.facts import FeedEventKind as Kind
from rules.facts import Nanos
from service.cases.clocks import span
from service.feed.sequence import spans
from service.statements.completeness import State, made_good
from service.statements.day import Told
from service.statements.feeds import Backfill, FeedStore
from service.statements.happenings import Gap, happenings
from service.statements.readiness import Found, Heard, SessionFound
from service.web.said import Instant, grouped, instant

SECOND = 1_000_000_000
MOST_GAPS = 40
EXACT = 60
"""Under so many seconds an age is told with its tenths."""


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One session: how it stands, since when, what number comes next, when it was heard last."""

    counterparty: str
    session: str
    mark: str
    stands: str
    since: Instant | None
    expected: str
    epoch: str
    last: Instant | None
    hours: str
    clock: str
    recovery: str
    gap: str


class GapLine(msgspec.Struct, frozen=True, kw_only=True):
    """One gap: which numbers, since when, and how it was filled or what is missing still."""

    counterparty: str
    session: str
    numbers: str
    opened: Instant
    closed: Instant | None
    day: str
    mark: str
    how: str


class SourceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One quote source: how it stands, how far it is behind, and how far it had come."""

    source: str
    role: str
    mark: str
    stands: str
    lag: str
    last: Instant | None
    changed: str


class FileLine(msgspec.Struct, frozen=True, kw_only=True):
    """One file that was read in place of the line."""

    counterparty: str
    at: Instant | None
    file: str
    messages: str
    actor: str
    reason: str
    sha256: str


class DaemonLine(msgspec.Struct, frozen=True, kw_only=True):
    """The daemon: how it stands, what it says is wrong, and when anything came from it last."""

    mark: str
    stands: str
    problems: tuple[str, ...]
    heard: Instant | None
    ago: str


def daemon_line(heard: Heard, kept: FeedStore, now: Nanos) -> DaemonLine:
    """Return how the daemon stands; where it does not answer, the last sign of life is what it journalled last."""
    stands, mark = {"ready": ("watching", "low"), "warming": ("warming up after a start", "medium")}.get(
        heard.state or "", ("does not answer" if heard.state is None else heard.state, "critical")
    )
    return DaemonLine(
        mark=mark,
        stands=stands,
        problems=heard.problems,
        heard=None if kept.heard is None else instant(kept.heard),
        ago="" if kept.heard is None else span(max(0, now - kept.heard)),
    )


def backlog(heard: Heard, kept: FeedStore, now: Nanos) -> list[tuple[str, str]]:
    """Return what waits in journal and outbox, in words."""
    waiting = max(0, kept.newest - kept.processed)
    alerts = f"{kept.outbox:,} waiting" if kept.outbox else "none waiting"
    if kept.outbox_since is not None:
        alerts += f", the oldest for {span(max(0, now - kept.outbox_since))}"
    restarts = sum(heard.gauges.get("sorwatch_gateway_restarts", {}).values())
    told = [
        ("journal", f"{kept.newest:,} records"),
        ("not judged yet", f"{waiting:,}" if waiting else "none"),
        ("alerts", alerts),
    ]
    return told if heard.state is None else [*told, ("gateways started again", f"{restarts:,.0f}")]


def session_lines(found: Found, heard: Heard, kept: FeedStore) -> list[SessionLine]:
    """Return every configured session."""
    return [_session(one, heard, kept) for one in found.sessions]


def _session(one: SessionFound, heard: Heard, kept: FeedStore) -> SessionLine:
    whose = (one.counterparty, one.session)
    point, last = kept.points.get(whose), kept.last.get(whose)
    stands, mark = _stands(one)
    return SessionLine(
        counterparty=one.counterparty,
        session=one.session,
        mark=mark,
        stands=stands,
        since=_since(kept.told.get(whose, ()), up=one.logged_on),
        expected=grouped(str(point.expected)) if point is not None else "none yet",
        epoch="" if point is None else point.epoch,
        last=None if last is None else instant(last),
        hours=one.schedule,
        clock=_clock(heard.gauge("sorwatch_session_clock_offset_seconds", *whose)),
        recovery=one.recovery,
        gap="messages are missing" if heard.gauge("sorwatch_gap_open", *whose) else "",
    )


def _stands(one: SessionFound) -> tuple[str, str]:
    if one.logged_on is None:
        return "not known: the daemon does not answer", "medium"
    if one.logged_on:
        return "logged on", "low"
    return ("not logged on", "critical") if one.open_now else ("closed at this hour", "")


def _since(told: tuple[Told, ...], *, up: bool | None) -> Instant | None:
    """Return since when it is as it is, None where that was not in the last days, or is not known."""
    kinds = {True: Kind.SESSION_UP, False: Kind.SESSION_DOWN}
    if up is None:
        return None
    found = [one.at for one in told if one.kind == kinds[up]]
    return instant(found[-1]) if found else None


def _clock(offset: float | None) -> str:
    return "" if offset is None else f"{seconds(abs(offset))} {'behind' if offset > 0 else 'ahead of'} ours"


def gap_lines(kept: FeedStore) -> list[GapLine]:
    """Return the gaps of the last days: those that are open first, then the newest."""
    found = [
        _gap(whose, gap, day)
        for whose, told in kept.told.items()
        for day in sorted({one.trade_date for one in told if one.kind == Kind.GAP_OPENED})
        for gap in happenings([one for one in told if one.trade_date >= day], day).gaps
    ]
    newest = sorted(found, key=lambda line: line.opened.exact, reverse=True)
    return sorted(newest, key=lambda line: line.closed is not None)[:MOST_GAPS]


def _gap(whose: tuple[str, str], gap: Gap, day: str) -> GapLine:
    numbers = spans((gap.span,)) + (f" of segment {gap.segment}" if gap.segment else "")
    is_open = gap.closed_at is None
    missing = f"missing still: {spans(gap.missing)}" if gap.missing else "not closed"
    return GapLine(
        counterparty=whose[0],
        session=whose[1],
        numbers=numbers,
        opened=instant(gap.opened_at),
        closed=None if gap.closed_at is None else instant(gap.closed_at),
        day=day,
        mark="critical" if is_open else "",
        how=missing if is_open else made_good(gap),
    )


def source_lines(sources: Mapping[str, str], heard: Heard, kept: FeedStore, now: Nanos) -> Iterator[SourceLine]:
    """Yield each quote source by its name, with what it is there for."""
    told = [one for events in kept.told.values() for one in events if one.kind in (Kind.QUOTES_UP, Kind.QUOTES_DOWN)]
    for source, role in sources.items():
        lag = heard.gauge("sorwatch_quote_source_lag_seconds", source)
        events = sorted((one for one in told if one.subject == source), key=lambda one: one.offset)
        changed = events[-1] if events else None
        stands, mark = _source(lag, changed, answers=heard.state is not None)
        yield SourceLine(
            source=source,
            role=role,
            mark=mark,
            stands=stands,
            lag="" if lag is None else f"{seconds(lag)} behind our clock",
            last=None if lag is None else instant(now - int(lag * SECOND)),
            changed="" if changed is None else _changed(changed),
        )


def _source(lag: float | None, changed: Told | None, *, answers: bool) -> tuple[str, str]:
    if changed is not None and changed.kind == Kind.QUOTES_DOWN:
        return str(changed.detail.get("state") or "down"), "critical"
    if not answers:
        return "not known: the daemon does not answer", "medium"
    return ("nothing heard of it", "high") if lag is None else ("live", "low")


def _changed(one: Told) -> str:
    at = instant(one.at)
    return f"{'up' if one.kind == Kind.QUOTES_UP else 'down'} since {at.day} {at.time}"


def file_line(one: Backfill) -> FileLine:
    """Return one file that was read in place of the line."""
    return FileLine(
        counterparty=one.counterparty,
        at=None if one.at is None else instant(one.at),
        file=one.note.file,
        messages=f"{one.note.messages:,}",
        actor=one.note.actor,
        reason=one.note.reason,
        sha256=one.note.sha256,
    )


def certificate_cell(state: str) -> tuple[str, str]:
    """Return the state of a certificate as a few words and the sign that goes with them."""
    return {
        State.RED: ("not complete", "critical"),
        State.COMPLETE_NOT_RECONCILED: ("complete", "medium"),
        State.RECONCILED: ("reconciled", "low"),
    }[State(state)]


def seconds(length: float) -> str:
    """Return a length of time in words, to a millisecond under a minute."""
    return f"{length:.3f} s" if length < EXACT else span(int(length * SECOND))
