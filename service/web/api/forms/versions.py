"""Versions of rulebook and registers, and proposals of them, on the wire. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from service.backtest.kept import Kept
from service.change.history import Row
from service.change.proposals import Proposal
from service.versions import Version
from service.web.api.forms.common import (
    NO_NUL,
    Asked,
    Day,
    Digest,
    Instant,
    Text,
    Told,
    Word,
    instant,
    instant_of,
)

Yaml = Annotated[str, StringConstraints(max_length=60_000, pattern=NO_NUL)]
Handle = Annotated[str, StringConstraints(pattern=r"^(in-force|proposal-[0-9]{1,18}|[0-9a-f]{4,64})$")]
HANDLE = "`in-force`, the beginning of a hash (four digits or more), or `proposal-` with a number."


class VersionRow(Told):
    """A version that was in force, or a proposal: `hash` is the text's, `meaning` that of what it says."""

    state: str = Field(examples=["in force"])
    kind: str
    name: str
    hash: Digest
    meaning: str
    proposer: str
    approver: str
    proposal: int | None
    offset: int | None = Field(description="Its place in the journal; null where it never came into force.")
    since: Instant | None
    effective: Instant | None
    why: str


class Versions(Told):
    """Every version that was in force in its order, then the proposals that are not."""

    versions: list[VersionRow]


class VersionText(Told):
    """A version with its text."""

    kind: str
    name: str
    hash: Digest
    text: str
    proposer: str
    approver: str
    proposal: int | None
    why: str


class Differences(Told):
    """What differs in meaning between two versions, a line each; none where nothing does."""

    old: Digest
    new: Digest
    differences: list[str]


class StepTold(Told):
    """One thing that was done with a proposal; `backtest` is the digest of the one that the person had before them."""

    state: str
    at: Instant
    actor: str
    why: str
    backtest: str


class Trial(Told):
    """A backtest of a proposal as it stands."""

    number: int
    asked_by: str
    days: list[str]
    state: str
    done: int
    begun_at: Instant
    ended_at: Instant | None
    why: str | None
    digest: str | None


class ProposalTold(Told):
    """A proposal as it stands."""

    number: int
    kind: str
    name: str
    state: str
    hash: Digest
    based_on: str
    proposer: str
    why: str
    effective: Instant | None
    history: list[StepTold]


class ProposalDetail(ProposalTold):
    """A proposal with its text, what it changes, and its backtests, the newest first."""

    text: str
    differences: list[str]
    backtests: list[Trial]


class Proposals(Told):
    """Proposals in the order in which they were made."""

    proposals: list[ProposalTold]


class ProposalAsked(Asked):
    """Why something is to change, and from when on."""

    why: Text
    effective: Word | None = Field(
        default=None,
        description="A time in New York (`2026-12-01T09:30`), or in UTC with Z; else as soon as it is approved.",
    )


class TextAsked(ProposalAsked):
    """A whole text that is to be in force."""

    text: Yaml = Field(examples=["rules: {}\n"])


class Decision(StrEnum):
    """What a second person makes of a proposal."""

    APPROVED = "approved"
    REFUSED = "refused"


class DecisionAsked(Asked):
    """A second person's decision; `backtest` is the digest of the newest one, when there is any."""

    decision: Decision = Field(examples=["approved"])
    why: Text = ""
    backtest: Word = ""


class WithdrawalAsked(Asked):
    """Why somebody takes back what they proposed."""

    why: Text = ""


class BacktestAsked(Asked):
    """The stored days over which a proposal is tried."""

    days: list[Day] = Field(min_length=1, max_length=100)


def version_row(row: Row) -> VersionRow:
    """Return one version or proposal of the list."""
    plain = ("state", "kind", "name", "hash", "meaning", "proposer", "approver", "proposal", "offset", "why")
    return VersionRow(
        **{name: getattr(row, name) for name in plain},
        since=instant_of(row.since),
        effective=instant_of(row.effective),
    )


def version_text(one: Version) -> VersionText:
    """Return a version with its text."""
    plain = ("kind", "name", "hash", "text", "proposer", "approver", "proposal", "why")
    return VersionText(**{name: getattr(one, name) for name in plain})


def proposal_told(one: Proposal) -> ProposalTold:
    """Return a proposal."""
    return ProposalTold(
        number=one.number,
        kind=one.wanted.kind.value,
        name=one.wanted.name,
        state=one.state.value,
        hash=one.wanted.hash,
        based_on=one.based_on,
        proposer=one.proposer,
        why=one.wanted.why,
        effective=instant_of(one.wanted.effective),
        history=[
            StepTold(
                state=done.state.value, at=instant(done.at), actor=done.actor, why=done.why, backtest=done.backtest
            )
            for done in one.history
        ],
    )


def proposal_detail(one: Proposal, differences: Sequence[str], trials: Sequence[Kept]) -> ProposalDetail:
    """Return a proposal with its text and its backtests."""
    return ProposalDetail(
        **dict(proposal_told(one)),
        text=one.wanted.text,
        differences=list(differences),
        backtests=[trial(each) for each in trials],
    )


def trial(one: Kept) -> Trial:
    """Return a backtest of a proposal."""
    return Trial(
        number=one.seq,
        asked_by=one.asked_by,
        days=list(one.days),
        state=one.state.value,
        done=one.done,
        begun_at=instant(one.begun_at),
        ended_at=instant_of(one.ended_at),
        why=one.why,
        digest=one.digest,
    )
