"""One proposal as it is shown: what it changes, on top of what, who may decide, and what stands in its way. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from rules.facts import Nanos
from service.access.permissions import May, allowed
from service.access.users import User
from service.change.effective import shown_instant
from service.change.proposal_events import FOLLOWS, State
from service.change.proposals import SHORT, Done, Proposal, Standing
from service.people import same_person
from service.versions import VersionKind
from service.web.said import Instant, instant

WORDS = {
    State.PROPOSED: "waits for a second person",
    State.APPROVED: "approved, not in force yet",
    State.REFUSED: "refused",
    State.WITHDRAWN: "withdrawn",
    State.ACTIVATED: "in force",
    State.LAPSED: "lapsed",
}
DEEDS = {
    State.PROPOSED: "proposed",
    State.APPROVED: "approved",
    State.REFUSED: "refused",
    State.WITHDRAWN: "withdrawn",
    State.ACTIVATED: "came into force",
    State.LAPSED: "lapsed",
}
NO_MERGE = "Open proposals do not merge: once one of them is in force, the others must be proposed again on top of it."


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done with the proposal."""

    at: Instant
    actor: str
    deed: str
    why: str
    backtest: str


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """Another proposal for the same rulebook or register that is open too."""

    number: int
    proposer: str
    state: str
    why: str


class ProposalPage(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal; `choices` are the decisions that are offered to whoever looks."""

    number: int
    title: str
    is_book: bool
    name: str
    state: str
    open: bool
    proposer: str
    proposed_at: Instant
    why: str
    effective: str
    hash: str
    based_on: str
    offset: str
    history: tuple[Step, ...]
    others: tuple[Other, ...]
    in_the_way: str
    choices: tuple[State, ...]
    who: str


def proposal_page(
    one: Proposal, standing: Standing, actor: str, may: Collection[May], who: str, now: Nanos
) -> ProposalPage:
    """Return the page of a proposal for somebody; `who` says in words who may approve it."""
    wanted = one.wanted
    is_book = wanted.kind is VersionKind.RULEBOOK
    return ProposalPage(
        number=one.number,
        title="a rulebook" if is_book else f"the venues of {wanted.name}",
        is_book=is_book,
        name=wanted.name,
        state=WORDS[one.state],
        open=one.state in FOLLOWS,
        proposer=one.proposer,
        proposed_at=instant(one.history[0].at),
        why=wanted.why,
        effective=shown_instant(wanted.effective) if wanted.effective is not None else "as soon as it is approved",
        hash=wanted.hash,
        based_on=one.based_on[:SHORT],
        offset="" if one.offset is None else f"{one.offset:,}",
        history=tuple(_step(done) for done in one.history),
        others=tuple(_others(one, standing)),
        in_the_way=_in_the_way(one, standing, now),
        choices=tuple(choices(one, actor, may)),
        who=who,
    )


def choices(one: Proposal, actor: str, may: Collection[May]) -> Iterable[State]:
    """Yield what somebody may do with a proposal: the proposer withdraws, another approves or refuses."""
    own = same_person(actor, one.proposer)
    for state in FOLLOWS.get(one.state, ()):
        if state is State.WITHDRAWN and own and May.PROPOSE_CHANGE in may:
            yield state
        if state in (State.APPROVED, State.REFUSED) and not own and May.APPROVE_CHANGE in may:
            yield state


def who_may_approve(users: Iterable[User], proposer: str) -> str:
    """Return in words who may approve what somebody proposed, where there are accounts."""
    names = [
        user.name
        for user in users
        if not user.locked and May.APPROVE_CHANGE in allowed(user.roles) and not same_person(user.name, proposer)
    ]
    return ", ".join(names) if names else "nobody: there is no other account that may approve"


def _step(done: Done) -> Step:
    return Step(
        at=instant(done.at),
        actor=done.actor,
        deed=DEEDS[done.state],
        why=done.why,
        backtest=done.backtest[:SHORT],
    )


def _others(one: Proposal, standing: Standing) -> Iterable[Other]:
    for other in standing.proposals:
        if other.number != one.number and other.wanted.key == one.wanted.key and other.state in FOLLOWS:
            yield Other(number=other.number, proposer=other.proposer, state=WORDS[other.state], why=other.wanted.why)


def _in_the_way(one: Proposal, standing: Standing, now: Nanos) -> str:
    """Return why an open proposal cannot come into force as it is, "" when nothing stands in its way."""
    if one.state is not State.PROPOSED:
        return ""
    base = standing.base(one.wanted.key, Nanos(max(now, one.wanted.effective or 0)))
    if base == one.based_on:
        return ""
    return (
        f"It was made on top of {one.based_on[:SHORT]}, and by then {base[:SHORT]} will be in force: it cannot be "
        "approved any more. Propose the change again on top of that."
    )
