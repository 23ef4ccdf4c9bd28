"""Puts a person's name under readiness or the close of a day: the statement and its signature, in one transaction."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from service.statements.chain import Draft, Kind, Statement, packed, refusal
from service.statements.closing import CloseOfDay, needs_comment
from service.statements.readiness import FAIL, Line, worst
from service.store.engine import Database
from service.store.statements import SqlStatements


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a readiness statement."""

    schema: int = 1
    lines: tuple[Line, ...]
    comment: str = ""


def sign_readiness(
    database: Database, day: str, lines: tuple[Line, ...], actor: str, comment: str, now: Nanos
) -> tuple[Statement, Statement] | str:
    """Keep the lines, signed; return statement and signature, or in words why not."""
    draft = Draft(
        kind=Kind.READINESS,
        trade_date=day,
        state=worst(lines),
        at=now,
        actor=actor.strip(),
        body=packed(Ready(lines=lines, comment=comment)),
    )
    return _signed(database, draft, actor, comment, needs_comment=worst(lines) == FAIL)


def sign_close(
    database: Database, day: CloseOfDay, actor: str, comment: str, now: Nanos
) -> tuple[Statement, Statement] | str:
    """Keep the close of day, signed; return statement and signature, or in words why not."""
    draft = Draft(
        kind=Kind.CLOSE_OF_DAY,
        trade_date=day.trade_date,
        state="with_reservations" if needs_comment(day) else "as_reviewed",
        at=now,
        actor=actor.strip(),
        body=packed(day),
    )
    return _signed(database, draft, actor, comment, needs_comment=needs_comment(day))


def said(signed: tuple[Statement, Statement]) -> str:
    """Return in words what was signed."""
    statement, signature = signed
    return f"statement {statement.seq} ({statement.hash.hex()[:12]}) signed by {signature.actor} as {signature.seq}"


def _signed(
    database: Database, draft: Draft, actor: str, comment: str, *, needs_comment: bool
) -> tuple[Statement, Statement] | str:
    refused = refusal(actor, comment, needs_comment=needs_comment)
    return refused or SqlStatements(database).append_signed(draft, actor.strip(), comment.strip())
