"""The feeds on the wire: the daemon, what waits, sessions, gaps, quote sources, files, certificates, parties. Pure."""

from __future__ import annotations

from pydantic import Field

from service.statements.day import Told as Event
from service.statements.feeds import (
    Backfill,
    Feeds,
    FeedStore,
    Party,
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
from service.statements.numbers import Span
from service.statements.readiness import Heard, SessionFound, lines, worst
from service.web.api.forms.common import Digest, Instant, Told, instant, instant_of
from service.web.api.forms.days import SessionState
from service.web.feeds.view import daemon_stands, filled, is_up, session_stands, source_stands

NOT_KNOWN = "null: it is not known, because the daemon does not answer or does not say"


class DaemonTold(Told):
    """How the daemon stands by its own word, and when anything came from it last."""

    answers: bool
    state: str | None = Field(description="Its own word on itself; null: it does not answer.", examples=["ready"])
    words: str = Field(examples=["watching"])
    problems: list[str] = Field(description="What it says is wrong, or why it could not be asked.")
    last_sign: Instant | None = Field(description="When anything was journalled last; null: nothing ever was.")
    gateway_restarts: int | None = Field(description=f"Gateways started again since its start; {NOT_KNOWN}.")


class Waiting(Told):
    """What waits in journal and outbox."""

    journal_records: int
    not_judged: int = Field(description="Records of the journal that are not judged yet.")
    alerts: int = Field(description="Alerts that are not sent yet.")
    alerts_since: Instant | None = Field(description="How long the oldest of them waits; null: none does.")


class FeedSession(Told):
    """One configured session."""

    counterparty: str
    session: str
    logged_on: bool | None = Field(description=f"{NOT_KNOWN.capitalize()}.")
    open_now: bool = Field(description="Whether it should be logged on at this hour.")
    words: str = Field(examples=["logged on"])
    since: Instant | None = Field(description="Since when; null: for longer than `days`, or not known.")
    last_message: Instant | None = Field(description="When its newest message came; null: none of late.")
    epoch: str | None = Field(description="The counting that it is in; null: none began yet.")
    expected: int | None = Field(description="The number that is expected next; null: none yet.")
    hours: str
    clock_offset_ns: int | None = Field(description=f"How far its clock is behind ours, negative: ahead; {NOT_KNOWN}.")
    messages_missing: bool | None = Field(description=f"{NOT_KNOWN.capitalize()}.")
    recovery: str = Field(description="How missed reports come back.", examples=["resend"])


class SourceChange(Told):
    """When a quote source went up or down."""

    up: bool
    at: Instant


class QuoteSource(Told):
    """One configured quote source."""

    source: str
    role: str = Field(description="What it is there for.", examples=["judged by"])
    words: str = Field(examples=["live"])
    lag_ns: int | None = Field(description=f"How far it is behind our clock; {NOT_KNOWN}.")
    last: Instant | None = Field(description=f"How far it had come: its newest quote or heartbeat; {NOT_KNOWN}.")
    changed: SourceChange | None = Field(description="Its last change; null: none within `days`.")


class NumberRange(Told):
    """Sequence numbers from the first to the last, both of them included."""

    first: int
    last: int


class FeedGap(Told):
    """One gap: which numbers, and how it was filled or what is missing still."""

    counterparty: str
    session: str
    day: str = Field(description="The trade date that it belongs to.")
    epoch: str
    segment: str | None = Field(description="The market segment whose numbers these are; null: the session's own.")
    numbers: NumberRange
    opened_at: Instant
    closed_at: Instant | None = Field(description="Null: it is open.")
    overdue: bool
    missing: list[NumberRange] = Field(description="What is missing still, while it is open.")
    arrived: int
    gap_filled: int
    back_filled: int
    words: str = Field(examples=["4 arrived, 1 gap-filled"])


class FileRead(Told):
    """One file that was read in place of the line."""

    counterparty: str
    at: Instant | None
    file: str
    form: str
    size: int = Field(description="In bytes.")
    sha256: str
    messages: int
    actor: str
    reason: str


class DayCertificates(Told):
    """The newest certificate of each session of a day."""

    day: str
    sessions: list[SessionState]


class FeedParty(Told):
    """One counterparty as it is configured."""

    name: str
    role: str = Field(examples=["drop_copy"])
    connection: str = Field(examples=["initiator"])
    begin_string: str = Field(examples=["FIX.4.4"])
    sessions: list[str]
    recovery: str
    venues: int | None = Field(description="How many its register holds; null: none is in force yet.")
    dialect: Digest | None = Field(description="The hash of the dialect in force; null: none is yet.")


class FeedsTold(Told):
    """How the feeds stand at one instant; what goes back in time goes back `days` days."""

    at: Instant
    days: int
    readiness: str = Field(description="The gravest verdict on the start of this day.", examples=["ok"])
    daemon: DaemonTold
    waiting: Waiting
    sessions: list[FeedSession]
    sources: list[QuoteSource]
    gaps: list[FeedGap] = Field(description="Open ones first, then the newest; at most 40.")
    files: list[FileRead] = Field(description="The newest first, at most 20.")
    certificates: list[DayCertificates] = Field(description="The newest days that have any, the newest first.")
    counterparties: list[FeedParty]


def feeds(one: Feeds) -> FeedsTold:
    """Return how the feeds stand."""
    return FeedsTold(
        at=instant(one.at),
        days=one.days,
        readiness=worst(lines(one.found)),
        daemon=daemon(one.heard, one.kept),
        waiting=waiting(one.kept),
        sessions=[session(each, one.heard, one.kept) for each in one.found.sessions],
        sources=[source(name, role, one) for name, role in one.sources.items()],
        gaps=[gap(each) for each in gaps(one.kept)],
        files=[file_read(each) for each in one.kept.files],
        certificates=[_certificates(day, states) for day, states in one.certificates.items()],
        counterparties=[party(each) for each in one.parties],
    )


def daemon(heard: Heard, kept: FeedStore) -> DaemonTold:
    """Return how the daemon stands."""
    return DaemonTold(
        answers=heard.state is not None,
        state=heard.state,
        words=daemon_stands(heard.state)[0],
        problems=list(heard.problems),
        last_sign=instant_of(kept.heard),
        gateway_restarts=gateway_restarts(heard),
    )


def waiting(kept: FeedStore) -> Waiting:
    """Return what waits."""
    return Waiting(
        journal_records=kept.newest,
        not_judged=kept.waiting,
        alerts=kept.outbox,
        alerts_since=instant_of(kept.outbox_since),
    )


def session(one: SessionFound, heard: Heard, kept: FeedStore) -> FeedSession:
    """Return a session."""
    whose = (one.counterparty, one.session)
    point, offset = kept.points.get(whose), clock_offset(heard, whose)
    return FeedSession(
        counterparty=one.counterparty,
        session=one.session,
        logged_on=one.logged_on,
        open_now=one.open_now,
        words=session_stands(one)[0],
        since=instant_of(since(one, kept)),
        last_message=instant_of(kept.last.get(whose)),
        epoch=None if point is None else point.epoch,
        expected=None if point is None else point.expected,
        hours=one.schedule,
        clock_offset_ns=None if offset is None else nanos(offset),
        messages_missing=is_missing(heard, whose),
        recovery=one.recovery,
    )


def source(name: str, role: str, of: Feeds) -> QuoteSource:
    """Return a quote source."""
    seconds, changed = lag(of.heard, name), last_change(of.kept, name)
    behind = None if seconds is None else nanos(seconds)
    return QuoteSource(
        source=name,
        role=role,
        words=source_stands(seconds, changed, answers=of.heard.state is not None)[0],
        lag_ns=behind,
        last=None if behind is None else instant(of.at - behind),
        changed=None if changed is None else _changed(changed),
    )


def _changed(one: Event) -> SourceChange:
    return SourceChange(up=is_up(one), at=instant(one.at))


def gap(one: SessionGap) -> FeedGap:
    """Return a gap."""
    found = one.gap
    return FeedGap(
        counterparty=one.counterparty,
        session=one.session,
        day=one.day,
        epoch=found.epoch,
        segment=found.segment,
        numbers=_range(found.span),
        opened_at=instant(found.opened_at),
        closed_at=instant_of(found.closed_at),
        overdue=found.overdue,
        missing=[_range(each) for each in found.missing],
        arrived=found.arrived,
        gap_filled=found.filled,
        back_filled=found.backfilled,
        words=filled(found),
    )


def _range(span: Span) -> NumberRange:
    return NumberRange(first=span[0], last=span[1])


def file_read(one: Backfill) -> FileRead:
    """Return a file that was read in place of the line."""
    note = one.note
    return FileRead(
        counterparty=one.counterparty,
        at=instant_of(one.at),
        file=note.file,
        form=note.form,
        size=note.size,
        sha256=note.sha256,
        messages=note.messages,
        actor=note.actor,
        reason=note.reason,
    )


def _certificates(day: str, states: dict[tuple[str, str], str]) -> DayCertificates:
    told = [SessionState(counterparty=of, session=name, state=state) for (of, name), state in states.items()]
    return DayCertificates(day=day, sessions=told)


def party(one: Party) -> FeedParty:
    """Return a counterparty."""
    return FeedParty(
        name=one.name,
        role=one.role,
        connection=one.connection,
        begin_string=one.begin_string,
        sessions=list(one.sessions),
        recovery=one.recovery,
        venues=one.venues,
        dialect=one.dialect,
    )
