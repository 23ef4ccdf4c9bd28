"""Days on the wire: certificates, the close, signatures, the start of day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from pydantic import Field

from service.report.sheet import Sheet
from service.statements.chain import Statement
from service.statements.closing import CloseOfDay, assurance, needs_comment
from service.statements.readiness import FAIL, Line, worst
from service.web.api.forms.common import Asked, Digest, Instant, Text, Told, instant


class SessionState(Told):
    """Where a session stands on a day; null: it has no certificate yet."""

    counterparty: str
    session: str
    state: str | None


class DayLine(Told):
    """One day of the list."""

    day: str
    sessions: list[SessionState]
    signed_by: list[str] = Field(description="Who signed the close of the day.")


class Days(Told):
    """The newest days, the newest first."""

    days: list[DayLine]


class StatementTold(Told):
    """One statement of a day: a certificate, a close, a readiness, or a signature under one of these.

    `body_text` is the exact text that is chained: each hash covers the statement and the hash of the one before.
    """

    seq: int
    kind: str
    counterparty: str
    session: str
    trade_date: str
    state: str
    at: Instant
    actor: str | None = Field(description="The person; null when the program states it.")
    body: dict[str, Any]
    body_text: str
    previous: Digest
    hash: Digest


class Statements(Told):
    """Statements of a day, oldest first, at most the newest 400."""

    statements: list[StatementTold]


class Close(Told):
    """What would be signed of a day as it is now: what was reviewed, what was not and why, what was found.

    Give `shown` back when you sign; what changed in between is refused.
    """

    day: str
    shown: Digest
    needs_comment: bool = Field(description="Whether whoever signs has something to explain.")
    sentences: list[str]
    close: dict[str, Any]


class SignAsked(Asked):
    """A signature under what was shown."""

    shown: Digest
    comment: Text = ""


class SignedTold(Told):
    """What was signed, and the signature under it."""

    statement: StatementTold
    signature: StatementTold


class ReadinessLine(Told):
    """One thing that was looked at."""

    verdict: str = Field(examples=["ok"])
    subject: str
    words: str


class Readiness(Told):
    """What is ready at the start of this day and what is not, looked at now; `verdict` is the gravest."""

    day: str
    verdict: str
    shown: Digest
    needs_comment: bool
    lines: list[ReadinessLine]


def statement(one: Statement) -> StatementTold:
    """Return a statement."""
    return StatementTold(
        seq=one.seq,
        kind=one.kind.value,
        counterparty=one.counterparty,
        session=one.session,
        trade_date=one.trade_date,
        state=one.state,
        at=instant(one.at),
        actor=one.actor,
        body=msgspec.json.decode(one.body),
        body_text=one.body.decode(),
        previous=one.prev_hash.hex(),
        hash=one.hash.hex(),
    )


def signed(both: tuple[Statement, Statement]) -> SignedTold:
    """Return what was signed with its signature."""
    return SignedTold(statement=statement(both[0]), signature=statement(both[1]))


def close_told(close: CloseOfDay, shown: str) -> Close:
    """Return what would be signed of a day."""
    return Close(
        day=close.trade_date,
        shown=shown,
        needs_comment=needs_comment(close),
        sentences=list(assurance(close)),
        close=msgspec.to_builtins(close),
    )


def readiness(day: str, told: Sequence[Line], shown: str) -> Readiness:
    """Return the start of a day."""
    return Readiness(
        day=day,
        verdict=worst(told),
        shown=shown,
        needs_comment=worst(told) == FAIL,
        lines=[ReadinessLine(verdict=one.verdict, subject=one.subject, words=one.words) for one in told],
    )


class ReportSection(Told):
    """One part of a report: sentences, and a table of words."""

    name: str
    title: str
    sentences: list[str]
    columns: list[str]
    rows: list[list[str]]


class Report(Told):
    """The report of a day: what was found, who handled it, what is open, and what is assured."""

    day: str
    as_of: str
    sections: list[ReportSection]


def report(sheet: Sheet) -> Report:
    """Return the report of a day."""
    sections = [
        ReportSection(
            name=one.name,
            title=one.title,
            sentences=list(one.sentences),
            columns=list(one.columns),
            rows=[list(row.cells) for row in one.rows],
        )
        for one in sheet.sections
    ]
    return Report(day=sheet.day, as_of=sheet.as_of, sections=sections)
