"""Incidents, shelvings, principals, and what the firm laid down for the work, on the wire. Pure."""

from __future__ import annotations

from pydantic import Field

from service.cases.rules import Rules
from service.cases.shelving import Scope, Shelving
from service.incidents import Incident
from service.web.api.forms.case import ExceptionLine
from service.web.api.forms.common import Asked, Instant, Name, Text, Told, Word, instant, instant_of


class IncidentTold(Told):
    """What several exceptions have in common."""

    number: int
    kind: str = Field(examples=["venue"])
    subject: str
    trade_date: str
    first_at: Instant
    last_at: Instant
    rules: list[str]
    symbols: list[str] = Field(description="The first few of a market's trouble.")
    exceptions: int


class Incidents(Told):
    """A page of incidents, the newest first."""

    incidents: list[IncidentTold]
    next: int | None = Field(description="Give it as `after` for the following page; null: this was the last.")


class LinkedExceptions(Told):
    """A page of the exceptions of an incident, in their order."""

    exceptions: list[ExceptionLine]
    next: int | None = Field(description="Give it as `after` for the following page; null: this was the last.")


class ShelvedScope(Asked):
    """Exceptions that have all the values that are named here; at least one."""

    rule: Word | None = None
    venue: Word | None = None
    symbol: Word | None = None
    counterparty: Word | None = None
    cause: Word | None = None


class ShelvingAsked(Asked):
    """A scope to shelve for a bounded time."""

    scope: ShelvedScope = Field(examples=[{"rule": "slow_fill", "venue": "XBOS"}])
    until: Word = Field(description="A length of time (`2 h`), or an ISO date and time; without an offset in New York.")
    why: Text


class EndAsked(Asked):
    """Why a shelving ends before its time."""

    words: Text = ""


class ShelvingTold(Told):
    """A scope that is or was shelved: who, why, until when, and what it hid."""

    number: int
    scope: dict[str, str]
    by: str
    why: str
    at: Instant
    until: Instant
    ended_at: Instant | None
    ended_by: str | None
    in_force: bool
    hid: int
    hides: int = Field(description="How many exceptions are on the shelf still.")


class Shelvings(Told):
    """Shelvings, the newest first."""

    shelvings: list[ShelvingTold]


class ShelvingDetail(ShelvingTold):
    """A shelving with the newest exceptions that it hid, at most 200."""

    exceptions: list[ExceptionLine]


class PrincipalAsked(Asked):
    """Who answers for a trade date, and who covers."""

    name: Name
    deputies: list[Name] = Field(default=[], max_length=20)
    note: Text = ""


class PrincipalTold(Told):
    """Who answers for a trade date, as somebody said it."""

    trade_date: str
    name: str
    deputies: list[str]
    said_by: str
    at: Instant
    note: str


class Principals(Told):
    """Everything that was said of a trade date, the newest first; the newest counts."""

    principals: list[PrincipalTold]


class ReasonTold(Told):
    """A way in which an exception can be closed, and what that says of the rule."""

    code: str
    words: str
    counts_as: str


class LimitsTold(Told):
    """The clocks of one severity in nanoseconds of the firm's hours; null: no such clock."""

    severity: str
    acknowledge_within_ns: int | None
    close_within_ns: int | None
    acknowledgement_expires_ns: int | None
    escalate_to: str


class WorkRules(Told):
    """What the firm laid down for the work on exceptions."""

    reasons: list[ReasonTold]
    limits: list[LimitsTold]
    four_eyes: list[str] = Field(description="Severities whose closing takes two people.")
    forbid_own_desk: bool
    longest_shelving_ns: int


class RulePrecision(Told):
    """As what the closed exceptions of a rule were closed; `precision` of those that were decided, null without any."""

    rule: str
    closed: int
    true: int
    false: int
    not_decided: int
    open: int
    precision: str | None = Field(description="true / (true + false) with four digits.", examples=["0.9250"])


class Precisions(Told):
    """How often each rule was right, by what people made of its exceptions."""

    rules: list[RulePrecision]


def incident(one: Incident, exceptions: int) -> IncidentTold:
    """Return an incident."""
    return IncidentTold(
        number=one.number or 0,
        kind=one.trouble.kind.value,
        subject=one.trouble.subject,
        trade_date=one.trouble.trade_date,
        first_at=instant(one.first_at),
        last_at=instant(one.last_at),
        rules=list(one.rules),
        symbols=list(one.symbols),
        exceptions=exceptions,
    )


def scope_of(asked: ShelvedScope) -> Scope:
    """Return the scope that is asked for; a value that holds nothing is as if it were not there."""
    return Scope(**{name: value for name, value in asked.model_dump().items() if value})


def shelving(one: Shelving, hid: int, hides: int, now: int) -> ShelvingTold:
    """Return a shelving."""
    named = ((name, getattr(one.scope, name)) for name in one.scope.__struct_fields__)
    return ShelvingTold(
        number=one.number,
        scope={name: value for name, value in named if value is not None},
        by=one.by,
        why=one.why,
        at=instant(one.at),
        until=instant(one.until),
        ended_at=instant_of(one.ended_at),
        ended_by=one.ended_by,
        in_force=one.at <= now < one.until and one.ended_at is None,
        hid=hid,
        hides=hides,
    )


def work_rules(rules: Rules) -> WorkRules:
    """Return what the firm laid down."""
    return WorkRules(
        reasons=[ReasonTold(code=one.code, words=one.words, counts_as=one.counts_as.value) for one in rules.reasons],
        limits=[
            LimitsTold(
                severity=severity.value,
                acknowledge_within_ns=limits.acknowledge_within,
                close_within_ns=limits.close_within,
                acknowledgement_expires_ns=limits.acknowledgement_expires,
                escalate_to=limits.escalate_to,
            )
            for severity, limits in rules.limits.items()
        ],
        four_eyes=[severity.value for severity in rules.four_eyes],
        forbid_own_desk=rules.forbid_own_desk,
        longest_shelving_ns=rules.longest_shelving,
    )


def precision(rule: str, counted: dict[str, int]) -> RulePrecision:
    """Return what came of the exceptions of a rule, by as what they were closed."""
    true, false, undecided = (counted.get(name, 0) for name in ("true", "false", "not_decided"))
    decided = true + false
    return RulePrecision(
        rule=rule,
        closed=decided + undecided,
        true=true,
        false=false,
        not_decided=undecided,
        open=counted.get("open", 0),
        precision=None
        if not decided
        else f"{true * 10_000 // decided // 10_000}.{true * 10_000 // decided % 10_000:04d}",
    )
