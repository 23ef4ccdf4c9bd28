"""How what is in force is changed: one person proposes a text, another approves it, the daemon activates it. Pure.

Every change appends one event to one chain; what stands is read out of the events. `decide` is the only door for what
people do, `activation` the only one for what the daemon does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from rules.facts import Nanos
from rules.reading import ReadingError
from rules.register import parse_register
from rules.rulebook import parse_rulebook
from service.change.effective import shown_instant
from service.change.proposal_events import FOLLOWS, Draft, Event, Said, State, Wanted
from service.people import named, same_person
from service.versions import Version, VersionKind

DAEMON = "sorwatch"
SHORT = 12
"""So many digits of a hash are shown."""
READERS: Mapping[VersionKind, Callable[[str], object]] = {
    VersionKind.RULEBOOK: parse_rulebook,
    VersionKind.REGISTER: parse_register,
}
"""What can be proposed, and how its text is proved."""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done with a proposal; `backtest` is the digest of the one that the person had before them."""

    state: State
    at: Nanos
    actor: str
    why: str = ""
    backtest: str = ""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal as it stands; `number` is the place of its first event, `offset` that of the journal once in force."""

    number: int
    wanted: Wanted
    based_on: str
    history: tuple[Done, ...]
    offset: int | None = None

    @property
    def state(self) -> State:
        """Return what was last done with it."""
        return self.history[-1].state

    @property
    def proposer(self) -> str:
        """Return who proposed it."""
        return self.history[0].actor

    @property
    def approved(self) -> Done | None:
        """Return its approval, None when nobody has approved it."""
        return next((done for done in self.history if done.state is State.APPROVED), None)

    @property
    def due(self) -> Nanos:
        """Return from when on it is to be in force, as far as that is known."""
        approved = self.approved
        return Nanos(max(self.wanted.effective or 0, approved.at if approved else 0))

    @property
    def words(self) -> str:
        """Return which one it is, for people."""
        return f"proposal {self.number} ({self.wanted.hash[:SHORT]})"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force, by kind and name, and every proposal there ever was."""

    in_force: Mapping[tuple[str, str], str]
    proposals: tuple[Proposal, ...] = ()

    def pending(self, key: tuple[str, str]) -> list[Proposal]:
        """Return what is approved and not in force yet, in the order in which it will be."""
        mine = (one for one in self.proposals if one.state is State.APPROVED and one.wanted.key == key)
        return sorted(mine, key=lambda one: (one.due, one.number))

    def base(self, key: tuple[str, str], due: Nanos) -> str:
        """Return the hash of the version that will be in force at that instant, as far as is approved."""
        before = [one.wanted.hash for one in self.pending(key) if one.due <= due]
        return before[-1] if before else self.in_force[key]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks for: to propose something `wanted`, or to do `state` to a proposal."""

    state: State
    actor: str
    why: str = ""
    wanted: Wanted | None = None
    proposal: Proposal | None = None
    backtest: str = ""


class Refused(msgspec.Struct, frozen=True):
    """What was asked for is not done; each problem says why, and what to do instead."""

    problems: tuple[str, ...]


def decide(standing: Standing, asked: Asked, now: Nanos) -> Draft | Refused:
    """Return the event that what is asked for comes to, or every reason why it is not done."""
    problems = list(named(asked.actor))
    if asked.proposal is None:
        assert asked.wanted is not None
        problems += _may_propose(standing, asked.wanted, now)
    else:
        problems += _may_follow(standing, asked.proposal, asked, now)
    if problems:
        return Refused(tuple(problems))
    if asked.proposal is not None:
        said = Said(why=asked.why.strip(), backtest=asked.backtest)
        return _draft(asked.proposal.number, asked.state, asked.actor, now, said)
    assert asked.wanted is not None
    based_on = standing.base(asked.wanted.key, Nanos(max(now, asked.wanted.effective or 0)))
    return _draft(None, State.PROPOSED, asked.actor, now, Said(wanted=asked.wanted, based_on=based_on))


def activation(standing: Standing, proposal: Proposal, now: Nanos) -> Version | Draft:
    """Return the version that puts an approved proposal in force, or its end where that cannot be any more."""
    wanted, approved = proposal.wanted, proposal.approved
    assert approved is not None
    problems = [*_unreadable(wanted)]
    if standing.in_force.get(wanted.key) != proposal.based_on:
        problems.append(_stale(proposal, standing.in_force.get(wanted.key, "")))
    if problems:
        return _draft(proposal.number, State.LAPSED, DAEMON, now, Said(why="; ".join(problems)))
    return Version(
        kind=wanted.kind,
        name=wanted.name,
        text=wanted.text,
        actor=approved.actor,
        proposer=proposal.proposer,
        approver=approved.actor,
        proposal=proposal.number,
        effective=wanted.effective,
        why=wanted.why,
    )


def activated(proposal: Proposal, offset: int, now: Nanos) -> Draft:
    """Return the event that says where in the journal a proposal came into force."""
    return _draft(proposal.number, State.ACTIVATED, DAEMON, now, Said(offset=offset))


def due(proposals: Iterable[Proposal], now: Nanos) -> list[Proposal]:
    """Return what is approved and due, in the order in which it is to come into force."""
    waiting = [one for one in proposals if one.state is State.APPROVED and one.due <= now]
    return sorted(waiting, key=lambda one: (one.due, one.number))


def folded(events: Iterable[Event]) -> tuple[Proposal, ...]:
    """Return the proposals as they stand after these events, in the order in which they were made."""
    found: dict[int, Proposal] = {}
    for event in events:
        said = msgspec.json.decode(event.body, type=Said)
        done = Done(state=event.state, at=event.at, actor=event.actor, why=said.why, backtest=said.backtest)
        if said.wanted is not None:
            first = Proposal(number=event.seq, wanted=said.wanted, based_on=said.based_on, history=(done,))
            found[event.seq] = first
            continue
        known = found[event.proposal]
        found[event.proposal] = msgspec.structs.replace(known, history=(*known.history, done), offset=said.offset)
    return tuple(found.values())


def _draft(number: int | None, state: State, actor: str, now: Nanos, said: Said) -> Draft:
    return Draft(proposal=number, at=now, actor=actor.strip(), state=state, body=msgspec.json.encode(said))


def _may_propose(standing: Standing, wanted: Wanted, now: Nanos) -> Iterable[str]:
    if not wanted.why.strip():
        yield "no reason is given; say why the change is wanted"
    if wanted.effective is not None and wanted.effective < now:
        yield f"{shown_instant(wanted.effective)} is past; without a time it comes into force when it is approved"
    yield from _unreadable(wanted)
    if wanted.key not in standing.in_force:
        known = ", ".join(sorted(name for kind, name in standing.in_force if kind == wanted.kind.value))
        known = known or "nothing: start the daemon first"
        yield f"no {wanted.kind.value} of {wanted.name} is in force; expected {known}"
    elif standing.base(wanted.key, Nanos(max(now, wanted.effective or 0))) == wanted.hash:
        yield f"{wanted.hash[:SHORT]} is what is in force already; nothing would change"
    for one in standing.proposals:
        if one.state is State.PROPOSED and (one.wanted.key, one.wanted.hash) == (wanted.key, wanted.hash):
            yield f"{one.proposer} has proposed the same as {one.words}, which waits for a decision"


def _may_follow(standing: Standing, proposal: Proposal, asked: Asked, now: Nanos) -> Iterable[str]:
    if asked.state not in FOLLOWS.get(proposal.state, ()):
        last = proposal.history[-1]
        yield f"{proposal.words} was {last.state.value} by {last.actor}; it cannot be {asked.state.value} any more"
        return
    own = same_person(asked.actor, proposal.proposer)
    if own and asked.state is not State.WITHDRAWN:
        yield (
            f"{proposal.proposer} proposed {proposal.words} and cannot be the one by whom it is {asked.state.value}; "
            "a second person decides, the proposer may withdraw it"
        )
    if not own and asked.state is State.WITHDRAWN:
        yield f"only {proposal.proposer}, who proposed {proposal.words}, can withdraw it; others refuse it"
    if asked.state is State.REFUSED and not asked.why.strip():
        yield "no reason is given; say why it is refused"
    if asked.state is State.APPROVED:
        yield from _may_approve(standing, proposal, now)
    else:
        yield from _holds_others(standing, proposal)


def _may_approve(standing: Standing, proposal: Proposal, now: Nanos) -> Iterable[str]:
    yield from _unreadable(proposal.wanted)
    key, due_at = proposal.wanted.key, Nanos(max(now, proposal.wanted.effective or 0))
    base = standing.base(key, due_at)
    if base != proposal.based_on:
        yield _stale(proposal, base)
    for later in standing.pending(key):
        if later.due > due_at:
            yield f"{later.words}, approved for {shown_instant(later.due)}, is not based on it: refuse that one first"


def _holds_others(standing: Standing, proposal: Proposal) -> Iterable[str]:
    if proposal.state is State.APPROVED:
        for later in standing.pending(proposal.wanted.key):
            if later.based_on == proposal.wanted.hash and later.number != proposal.number:
                yield f"{later.words} is approved on top of it: refuse that one first"


def _stale(proposal: Proposal, base: str) -> str:
    return (
        f"{proposal.words} is based on {proposal.based_on[:SHORT]}, in force is {base[:SHORT] or 'nothing'}: "
        "propose it again on top of that"
    )


def _unreadable(wanted: Wanted) -> Iterable[str]:
    try:
        READERS[wanted.kind](wanted.text)
    except ReadingError as error:
        yield from error.problems
