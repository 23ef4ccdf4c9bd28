"""The pages about days as plain values: certificates, the close, what was signed, in a supervisor's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from service.feed.sequence import spans
from service.statements.chain import Kind, Signed, Statement
from service.statements.completeness import Certificate, State
from service.statements.reasons import Reason
from service.web.said import Instant, instant, words

SHOWN = 20
"""So many of a kind are listed on the page; the numbers are of all, and the export has the rest."""
MARKS = {State.RED: "critical", State.COMPLETE_NOT_RECONCILED: "medium", State.RECONCILED: "low"}
NOT_SIGNED = "not signed"
_certificate = msgspec.json.Decoder(Certificate)
_signed = msgspec.json.Decoder(Signed)


class SessionState(msgspec.Struct, frozen=True, kw_only=True):
    """Where one session stands on a day; `mark` is the sign that goes with the words."""

    counterparty: str
    session: str
    words: str
    mark: str


class DayLine(msgspec.Struct, frozen=True, kw_only=True):
    """One day of the list."""

    day: str
    name: str
    sessions: tuple[SessionState, ...]
    signed: str


class GapRow(msgspec.Struct, frozen=True, kw_only=True):
    """One gap in a line."""

    numbers: str
    opened: Instant
    how: str
    missing: str


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one counting in a line."""

    epoch: str
    received: str
    declared: str
    holes: str


class SegmentRow(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one segment in a line."""

    name: str
    epoch: str
    received: str
    holes: str


class CertificatePage(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate with what is behind it."""

    state: SessionState
    issued: Instant
    seq: int
    hash: str
    upto: str
    reasons: tuple[Reason, ...]
    sum: tuple[tuple[str, str], ...]
    holds: bool
    outcomes: tuple[tuple[str, str], ...]
    countings: tuple[Counted, ...]
    segments: tuple[SegmentRow, ...]
    more_segments: int
    gaps: tuple[GapRow, ...]
    more_gaps: int
    resets: tuple[tuple[Instant, str], ...]
    lists: tuple[tuple[str, str], ...]
    against: tuple[str, ...]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of a day in a line."""

    seq: int
    at: Instant
    kind: str
    what: str
    actor: str
    hash: str


def day_name(day: str) -> str:
    """Return a trade date as people say it."""
    moment = date.fromisoformat(day)
    return f"{moment:%A}, {moment:%B} {moment.day}, {moment.year}"


def session_state(counterparty: str, session: str, state: str | None) -> SessionState:
    """Return where a session stands; None when it has no certificate."""
    if state is None:
        return SessionState(counterparty=counterparty, session=session, words="no certificate yet", mark="high")
    known = State(state)
    return SessionState(counterparty=counterparty, session=session, words=known.words, mark=MARKS[known])


def day_line(day: str, newest: Mapping[tuple[str, str], Statement], signatures: list[Statement]) -> DayLine:
    """Return one day of the list."""
    names = dict.fromkeys(one.actor or "" for one in signatures if _signed.decode(one.body).kind == Kind.CLOSE_OF_DAY)
    return DayLine(
        day=day,
        name=day_name(day),
        sessions=tuple(session_state(*whose, one.state) for whose, one in sorted(newest.items())),
        signed=f"by {', '.join(names)}" if names else NOT_SIGNED,
    )


def certificate_page(statement: Statement) -> CertificatePage:
    """Return one certificate as it was stored."""
    one = _certificate.decode(statement.body)
    total = one.sum
    return CertificatePage(
        state=session_state(one.counterparty, one.session, one.state.value),
        issued=instant(statement.at),
        seq=statement.seq,
        hash=statement.hash.hex(),
        upto=f"{one.upto:,}",
        reasons=one.reasons,
        sum=(
            ("received", f"{total.journalled:,}"),
            ("from a file", f"{total.backfilled:,}"),
            ("processed", f"{total.processed:,}"),
            ("outcomes", f"{sum(total.outcomes.values()):,}"),
        ),
        holds=total.holds,
        outcomes=tuple((words(name), f"{number:,}") for name, number in total.outcomes.items()),
        countings=tuple(
            Counted(
                epoch=counting.epoch or "–",
                received=_some(counting.received),
                declared=_some(counting.declared),
                holes=_some(counting.holes),
            )
            for counting in one.countings[:SHOWN]
        ),
        segments=tuple(
            SegmentRow(
                name=segment.name or "–",
                epoch=segment.epoch or "–",
                received=_some(segment.received),
                holes=_some(segment.holes),
            )
            for segment in one.segments[:SHOWN]
        ),
        more_segments=max(0, len(one.segments) - SHOWN),
        gaps=tuple(
            GapRow(
                numbers=line.gap.subject,
                opened=instant(line.gap.opened_at),
                how=line.how,
                missing=_some(line.missing),
            )
            for line in one.gaps[:SHOWN]
        ),
        more_gaps=max(0, len(one.gaps) - SHOWN),
        resets=tuple((instant(reset.at), reset.words) for reset in one.resets[:SHOWN]),
        lists=tuple(_lists(one)),
        against=tuple(f"{found.exec_id}: {found.words}" for found in one.against.listed) if one.against else (),
    )


def step(statement: Statement) -> Step:
    """Return one statement of a day in a line."""
    return Step(
        seq=statement.seq,
        at=instant(statement.at),
        kind=words(statement.kind.value),
        what=_what(statement),
        actor=statement.actor or "sorwatch",
        hash=statement.hash.hex(),
    )


def _what(statement: Statement) -> str:
    if statement.kind is Kind.SIGNATURE:
        signed = _signed.decode(statement.body)
        comment = f": {signed.comment}" if signed.comment else ""
        return f"{words(signed.kind)} {signed.seq}, {signed.hash[:12]}{comment}"
    if statement.kind is Kind.COMPLETENESS:
        return f"{statement.counterparty} {statement.session}: {State(statement.state).words}"
    return words(statement.state)


def _lists(one: Certificate) -> list[tuple[str, str]]:
    named = (
        ("could not be read", tuple(f"journal {unread.offset}" for unread in one.unread if not unread.mended)),
        ("cumulative breaks", tuple(found.subject for found in one.breaks if not found.mended)),
        ("own orders not in the copy", one.own.unreported),
        ("own orders never answered", one.own.unanswered),
        ("orders in the copy not ours", one.own.unknown),
        ("open for several days", one.orders.open_longer),
        ("for the day, without an end", one.orders.open_day),
    )
    return [(name, _names(subjects)) for name, subjects in named if subjects]


def _names(subjects: tuple[str, ...]) -> str:
    return ", ".join(subjects[:SHOWN]) + (" …" if len(subjects) > SHOWN else "")


def _some(ranges: tuple[tuple[int, int], ...]) -> str:
    return spans(ranges[:SHOWN]) + (" …" if len(ranges) > SHOWN else "")
