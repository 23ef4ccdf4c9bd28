"""Every version that was in force and every proposal, one line each; and which one somebody means by a hash. Pure."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence

import msgspec

from rules.facts import Nanos
from rules.reading import ReadingError
from rules.register import parse_register
from rules.rulebook import parse_rulebook
from service.change.effective import shown_instant
from service.change.proposal_events import FOLLOWS, State
from service.change.proposals import SHORT, Proposal, Refused
from service.versions import Version, VersionKind

IN_FORCE = "in-force"
FEWEST = 4
"""So many digits of a hash are the fewest that name it."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A version as the journal holds it: at which offset, and since when it is (or was) in force."""

    offset: int
    since: Nanos | None
    version: Version


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One version or proposal: `hash` is the text's, `meaning` that of what it says (the one on findings)."""

    state: str
    kind: str
    name: str
    hash: str
    meaning: str
    proposer: str
    approver: str
    proposal: int | None
    offset: int | None
    since: Nanos | None
    effective: Nanos | None
    why: str

    @property
    def words(self) -> str:
        """Return it in a line."""
        whose = f" {self.name}" if self.kind == VersionKind.REGISTER else ""
        parts = [f"{self.state:<9} {self.hash[:SHORT]}{whose}", f"means {self.meaning[:SHORT] or '?'}", self._people]
        if self.since is not None:
            parts.append(f"since {shown_instant(self.since)}")
        if self.effective is not None and self.offset is None:
            parts.append(f"effective {shown_instant(self.effective)}")
        if self.offset is not None:
            parts.append(f"journal {self.offset}")
        return ", ".join([*parts, *([self.why] if self.why else [])])

    @property
    def _people(self) -> str:
        if self.proposal is None:
            return f"by {self.approver or 'the start'}"
        approved = f", approved by {self.approver}" if self.approver else ""
        return f"proposal {self.proposal} of {self.proposer}{approved}"


def rows(held: Sequence[Held], proposals: Iterable[Proposal]) -> list[Row]:
    """Return the versions in the order in which they came, then the proposals that are not in force or never were."""
    newest = {one.version.key: one.offset for one in held}
    known = [_version_row(one, now=newest[one.version.key] == one.offset) for one in held]
    return known + [_proposal_row(one) for one in proposals if one.offset is None]


def meaning(kind: VersionKind, text: str) -> str:
    """Return the hash of what a rulebook or register says, "" when this program cannot read it."""
    with contextlib.suppress(ReadingError):
        return (parse_rulebook(text) if kind is VersionKind.RULEBOOK else parse_register(text)).hash
    return ""


def _version_row(one: Held, *, now: bool) -> Row:
    version = one.version
    return Row(
        state="in force" if now else "earlier",
        kind=version.kind,
        name=version.name,
        hash=version.hash,
        meaning=meaning(version.kind, version.text),
        proposer=version.proposer,
        approver=version.approver or version.actor,
        proposal=version.proposal,
        offset=one.offset,
        since=one.since,
        effective=version.effective,
        why=version.why,
    )


def _proposal_row(one: Proposal) -> Row:
    approved = one.approved
    return Row(
        state=one.state,
        kind=one.wanted.kind,
        name=one.wanted.name,
        hash=one.wanted.hash,
        meaning=meaning(one.wanted.kind, one.wanted.text),
        proposer=one.proposer,
        approver=approved.actor if approved else "",
        proposal=one.number,
        offset=None,
        since=None,
        effective=one.wanted.effective,
        why="; ".join(dict.fromkeys(why for why in (one.wanted.why, one.history[-1].why) if why)),
    )


def find_proposal(proposals: Iterable[Proposal], kind: VersionKind, handle: str, state: State) -> Proposal | Refused:
    """Return the proposal that somebody means by "#7" or by the beginning of its hash, to do `state` to it.

    Of several with the same text it is the one that can still be decided, else the newest.
    """
    found = [one for one in proposals if one.wanted.kind is kind and _names(handle, one.wanted.hash, one.number)]
    open_ones = [one for one in found if state in FOLLOWS.get(one.state, ())]
    if not found:
        return Refused((f'there is no proposal "{handle}"; `list` shows them with their hashes',))
    if len(open_ones) > 1:
        told = ", ".join(f"#{one.number} ({one.wanted.name})" for one in open_ones)
        return Refused((f'"{handle}" can mean several proposals: say one of {told}',))
    return (open_ones or found)[-1]


def find_text(held: Iterable[Held], proposals: Iterable[Proposal], kind: VersionKind, handle: str) -> Version | Refused:
    """Return the version, or the proposal as the version that it would be, that somebody means.

    A handle is "in-force", "#7", or the beginning of the hash of the text or of what it means.
    """
    mine = [one.version for one in held if one.version.kind is kind]
    if handle == IN_FORCE:
        found = list({one.name: one for one in mine}.values())
    else:
        proposed = [_as_version(one) for one in proposals if one.wanted.kind is kind]
        found = [one for one in (*proposed, *mine) if _names(handle, one.hash, one.proposal)]
        found = found or [one for one in mine if _names(handle, meaning(kind, one.text), None)]
    if not found:
        return Refused((f'there is no version "{handle}"; `list` shows them with their hashes',))
    if len({one.hash for one in found}) > 1:
        told = ", ".join(sorted({one.hash[:SHORT] for one in found}))
        return Refused((f'"{handle}" can mean several versions: say more of one of {told}',))
    return found[-1]


def in_force_at(held: Iterable[Held], offset: int) -> Version | Refused:
    """Return the version that was in force when the record at an offset was judged."""
    before = [one.version for one in held if one.offset < offset]
    return before[-1] if before else Refused((f"nothing was in force yet at journal {offset}",))


def _as_version(one: Proposal) -> Version:
    approved = one.approved
    return Version(
        kind=one.wanted.kind,
        name=one.wanted.name,
        text=one.wanted.text,
        proposer=one.proposer,
        approver=approved.actor if approved else "",
        proposal=one.number,
        effective=one.wanted.effective,
        why=one.wanted.why,
    )


def _names(handle: str, digest: str, number: int | None) -> bool:
    if handle.startswith("#"):
        return handle == f"#{number}"
    return len(handle) >= FEWEST and digest.startswith(handle.lower())
