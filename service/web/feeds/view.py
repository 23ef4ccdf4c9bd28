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
from service.statements.feeds import (
    Backfill,
    FeedStore,
    Session,
    SessionGap,
    clock_offset,
    gaps,
    gateway_restarts,
    is_missing,
    lag,
    last_change,
    nanos,
    since,
)
from service.statements.happenings import Gap
from service.statements.readiness import Found, Heard, SessionFound
from service.web.said import Instant, grouped, instant

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
    stands, mark = daemon_stands(heard.state)
    return DaemonLine(
        mark=mark,
        stands=stands,
        problems=heard.problems,
        heard=None if kept.heard is None else instant(kept.heard),
        ago="" if kept.heard is None else span(max(0, now - kept.heard)),
    )


def daemon_stands(state: str | None) -> tuple[str, str]:
    """Return in words how the daemon stands, and the sign that goes with them; None: it does not answer."""
    return {"ready": ("watching", "low"), "warming": ("warming up after a start", "medium")}.get(
        state or "", ("does not answer" if state is None else state, "critical")
    )


def backlog(heard: Heard, kept: FeedStore, now: Nanos) -> list[tuple[str, str]]:
    """Return what waits in journal and outbox, in words."""
    alerts = f"{kept.outbox:,} waiting" if kept.outbox else "none waiting"
    if kept.outbox_since is not None:
        alerts += f", the oldest for {span(max(0, now - kept.outbox_since))}"
    restarts = gateway_restarts(heard)
    told = [
        ("journal", f"{kept.newest:,} records"),
        ("not judged yet", f"{kept.waiting:,}" if kept.waiting else "none"),
        ("alerts", alerts),
    ]
    return told if restarts is None else [*told, ("gateways started again", f"{restarts:,}")]


def session_lines(found: Found, heard: Heard, kept: FeedStore) -> list[SessionLine]:
    """Return every configured session."""
    return [_session(one, heard, kept) for one in found.sessions]


def _session(one: SessionFound, heard: Heard, kept: FeedStore) -> SessionLine:
    whose = (one.counterparty, one.session)
    point, last = kept.points.get(whose), kept.last.get(whose)
    (stands, mark), since_when = session_stands(one), since(one, kept)
    return SessionLine(
        counterparty=one.counterparty,
        session=one.session,
        mark=mark,
        stands=stands,
        since=None if since_when is None else instant(since_when),
        expected=grouped(str(point.expected)) if point is not None else "none yet",
        epoch="" if point is None else point.epoch,
        last=None if last is None else instant(last),
        hours=one.schedule,
        clock=_clock(clock_offset(heard, whose)),
        recovery=one.recovery,
        gap="messages are missing" if is_missing(heard, whose) else "",
    )


def session_stands(one: SessionFound) -> tuple[str, str]:
    """Return in words how a session stands, and the sign that goes with them."""
    if one.logged_on is None:
        return "not known: the daemon does not answer", "medium"
    if one.logged_on:
        return "logged on", "low"
    return ("not logged on", "critical") if one.open_now else ("closed at this hour", "")


def _clock(offset: float | None) -> str:
    return "" if offset is None else f"{seconds(abs(offset))} {'behind' if offset > 0 else 'ahead of'} ours"


def gap_lines(kept: FeedStore) -> list[GapLine]:
    """Return the gaps of the last days: those that are open first, then the newest."""
    return [_gap(one) for one in gaps(kept)]


def _gap(one: SessionGap) -> GapLine:
    gap = one.gap
    return GapLine(
        counterparty=one.counterparty,
        session=one.session,
        numbers=spans((gap.span,)) + (f" of segment {gap.segment}" if gap.segment else ""),
        opened=instant(gap.opened_at),
        closed=None if gap.closed_at is None else instant(gap.closed_at),
        day=one.day,
        mark="critical" if gap.closed_at is None else "",
        how=filled(gap),
    )


def filled(gap: Gap) -> str:
    """Return in words how a gap was filled, or what is missing still."""
    if gap.closed_at is not None:
        return made_good(gap)
    return f"missing still: {spans(gap.missing)}" if gap.missing else "not closed"


def source_lines(sources: Mapping[str, str], heard: Heard, kept: FeedStore, now: Nanos) -> Iterator[SourceLine]:
    """Yield each quote source by its name, with what it is there for."""
    for source, role in sources.items():
        behind, changed = lag(heard, source), last_change(kept, source)
        stands, mark = source_stands(behind, changed, answers=heard.state is not None)
        yield SourceLine(
            source=source,
            role=role,
            mark=mark,
            stands=stands,
            lag="" if behind is None else f"{seconds(behind)} behind our clock",
            last=None if behind is None else instant(now - nanos(behind)),
            changed="" if changed is None else _changed(changed),
        )


def source_stands(behind: float | None, changed: Told | None, *, answers: bool) -> tuple[str, str]:
    """Return in words how a quote source stands, and the sign that goes with them."""
    if changed is not None and changed.kind == Kind.QUOTES_DOWN:
        return str(changed.detail.get("state") or "down"), "critical"
    if not answers:
        return "not known: the daemon does not answer", "medium"
    return ("nothing heard of it", "high") if behind is None else ("live", "low")


def is_up(changed: Told) -> bool:
    """Return whether a change of a quote source brought it up."""
    return changed.kind == Kind.QUOTES_UP


def _changed(one: Told) -> str:
    at = instant(one.at)
    return f"{'up' if is_up(one) else 'down'} since {at.day} {at.time}"


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


def certificate_lines(
    certificates: Mapping[str, Mapping[Session, str]],
) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return each day with whose certificate says what, and the sign that goes with it."""
    return [
        (day, [(f"{party} {session}", *certificate_cell(state)) for (party, session), state in of_day.items()])
        for day, of_day in certificates.items()
    ]


def certificate_cell(state: str) -> tuple[str, str]:
    """Return the state of a certificate as a few words and the sign that goes with them."""
    return {
        State.RED: ("not complete", "critical"),
        State.COMPLETE_NOT_RECONCILED: ("complete", "medium"),
        State.RECONCILED: ("reconciled", "low"),
    }[State(state)]


def seconds(length: float) -> str:
    """Return a length of time in words, to a millisecond under a minute."""
    return f"{length:.3f} s" if length < EXACT else span(nanos(length))
