"""What the commands about versions do: open the store, ask, and give back what is to be printed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from rules.facts import Nanos
from rules.reading import ReadingError
from rules.register import parse_register
from service.access.acting import acting
from service.access.actor import Actor, Way
from service.access.permissions import May
from service.calling import wanted_store_url
from service.change import doing
from service.change.differences import differences
from service.change.effective import NEW_YORK, EffectiveError, read_effective, shown_instant
from service.change.history import Row, find_proposal, find_text, in_force_at, rows
from service.change.proposal_events import State, Wanted
from service.change.proposals import Asked, Proposal, Refused, Standing
from service.change.registers import Approved, Edit, approved_on
from service.register_changes import RegisterChange
from service.settings import ConfigurationError
from service.store.engine import Database
from service.store.held_versions import changes_of_registers, held_versions, offset_of_finding
from service.store.proposals import SqlProposals
from service.store.upgrade import require_current
from service.versions import Version, VersionKind

RULEBOOK = "rulebook"
_T = TypeVar("_T")


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, why, and from when on it is to be so (as written; None: as soon as it is approved)."""

    actor: str
    why: str = ""
    effective: str | None = None


def propose_file(folder: Path, kind: VersionKind, name: str, file: Path, who: Who) -> list[str]:
    """Propose the text of a file; return what was proposed, and what it changes."""
    text = read_text(file)
    with _store(folder) as database:
        who = _known(database, who, May.PROPOSE_CHANGE)
        wanted = _wanted(kind, name, text, who)
        before = _base(database, wanted)
        return _proposed(doing.propose(database, wanted, who.actor, _now()), before, file.name)


def propose_edit(folder: Path, name: str, edit: Edit, who: Who) -> list[str]:
    """Propose the register as it will be by then with an edit; return what was proposed, and what it changes."""
    with _store(folder) as database:
        who = _known(database, who, May.PROPOSE_CHANGE)
        wanted = _wanted(VersionKind.REGISTER, name, "", who)
        before = _base(database, wanted)
        return _proposed(doing.propose_edit(database, wanted, edit, who.actor, _now()), before)


def decide(folder: Path, kind: VersionKind, handle: str, state: State, who: Who) -> list[str]:
    """Approve, refuse or withdraw the proposal that is meant; return what was done."""
    needs = May.PROPOSE_CHANGE if state is State.WITHDRAWN else May.APPROVE_CHANGE
    with _store(folder) as database:
        known = _known(database, who, needs)

        def asking(standing: Standing) -> Asked | Refused:
            found = find_proposal(standing.proposals, kind, handle, state)
            if isinstance(found, Refused):
                return found
            return Asked(state=state, actor=known.actor, why=known.why, proposal=found)

        done = _taken(SqlProposals(database).ask(asking, _now()))
    told = [f"{done.words} of {done.proposer} is {done.state} by {done.history[-1].actor}"]
    if done.state is State.APPROVED:
        when = f"at {shown_instant(done.due)}" if done.due > _now() else "now"
        told.append(f"it comes into force {when}; a running daemon needs no restart")
    return told


def _known(database: Database, who: Who, needs: May) -> Who:
    actor = acting(database, Actor(name=who.actor, how=Way.COMMAND), needs)
    return msgspec.structs.replace(who, actor=actor.name)


def listed(folder: Path, kind: VersionKind, name: str | None = None) -> list[Row]:
    """Return every version that was in force and every proposal."""
    with _store(folder) as database:
        return rows(held_versions(database, kind, name), doing.proposals_of(database, kind, name))


def found(folder: Path, kind: VersionKind, handle: str, name: str | None = None) -> Version:
    """Return the version that is meant: by a hash, "#7" or "in-force"; else the text of the file of that name."""
    with _store(folder) as database:
        version = find_text(held_versions(database, kind, name), doing.proposals_of(database, kind, name), kind, handle)
    if isinstance(version, Refused) and Path(handle).is_file():
        return Version(kind=kind, name=name or RULEBOOK, text=read_text(Path(handle)))
    return _taken(version)


def judged_by(folder: Path, finding_id: str) -> Version:
    """Return the rulebook by which a finding was made, whichever program reads its hash today."""
    with _store(folder) as database:
        offset = offset_of_finding(database, finding_id)
        if offset is None:
            raise ConfigurationError([f"there is no finding {finding_id}"])
        return _taken(in_force_at(held_versions(database, VersionKind.RULEBOOK), offset))


def differing(kind: VersionKind, old: Version, new: Version) -> list[str]:
    """Return what differs in meaning, a line each."""
    with _refusing(""):
        return differences(kind, old.text, new.text) or ["no difference in meaning"]


def approved(folder: Path, counterparty: str | None, day: str | None) -> list[Approved]:
    """Return the venues approved on a day (today) by the registers in force at its end, and who made it so."""
    wanted = day or _day(_now())
    with _store(folder) as database:
        held = held_versions(database, VersionKind.REGISTER, counterparty)
        changes = changes_of_registers(database, counterparty, None)
    then = {one.version.name: one.version for one in held if _day(one.since) <= wanted}
    last = {(one.counterparty, one.venue): one for one in changes if _day(one.received_at) <= wanted}
    return [
        Approved(counterparty=name, approval=one, change=last.get((name, one.venue)))
        for name, version in sorted(then.items())
        for one in approved_on(parse_register(version.text), wanted)
    ]


def history(folder: Path, counterparty: str | None, venue: str | None) -> list[RegisterChange]:
    """Return who changed what of which venue, oldest first."""
    with _store(folder) as database:
        return changes_of_registers(database, counterparty, venue)


def read_text(file: Path) -> str:
    """Return a file's text; raise ConfigurationError when it has none."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"{file.name}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError([f"{file.name}: cannot be read: it is not UTF-8 at byte {error.start}"]) from None


def _proposed(answer: Proposal | Refused, before: Version | None, file: str = "") -> list[str]:
    made = _taken(answer, file)
    wanted = made.wanted
    effective = f" at {shown_instant(wanted.effective)}" if wanted.effective is not None else ""
    word = "rulebook approve" if wanted.kind is VersionKind.RULEBOOK else "venues confirm"
    assert before is not None
    said = f"sorwatch {word} {wanted.hash[:12]} --actor NAME"
    return [
        f"{made.proposer} proposes {wanted.hash} as {made.words}, on top of {made.based_on[:12]}",
        *(f"  {line}" for line in differences(wanted.kind, before.text, wanted.text) or ["no difference in meaning"]),
        f"it comes into force{effective} once somebody else approves it: {said}",
    ]


def _wanted(kind: VersionKind, name: str, text: str, who: Who) -> Wanted:
    try:
        effective = None if who.effective is None else read_effective(who.effective)
    except EffectiveError as error:
        raise ConfigurationError([f"--effective: {error}"]) from None
    return Wanted(kind=kind, name=name, text=text, why=who.why.strip(), effective=effective)


def _base(database: Database, wanted: Wanted) -> Version | None:
    return _taken(doing.base(database, wanted, _now()))


def _taken(answer: _T | Refused, file: str = "") -> _T:
    """Return what was answered; raise ConfigurationError when it was a refusal, its lines under the file's name."""
    if isinstance(answer, Refused):
        named = [f"{file}: {words}" if file and words.startswith("line ") else words for words in answer.problems]
        raise ConfigurationError(named)
    return answer


@contextmanager
def _refusing(file: str) -> Iterator[None]:
    try:
        yield
    except ReadingError as error:
        raise ConfigurationError([f"{file}: {words}" if file else words for words in error.problems]) from None


def _day(at: Nanos | None) -> str:
    return datetime.fromtimestamp((at or 0) // 1_000_000_000, NEW_YORK).date().isoformat()


def _now() -> Nanos:
    return Nanos(time.time_ns())


@contextmanager
def _store(folder: Path) -> Iterator[Database]:
    with Database(wanted_store_url(None, folder)) as database:
        require_current(database)
        yield database
