"""What people do about versions, of one open store: the same for the command line and for the page.

Nothing is decided here: `proposals.decide` says what may be, this file reads what it needs and puts away.
"""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from rules.register import parse_register
from rules.register_text import register_text
from service.backtest.kept import newest_done
from service.change.history import find_text
from service.change.proposal_events import State, Wanted
from service.change.proposals import Asked, Proposal, Refused, Standing
from service.change.registers import Edit
from service.store.engine import Database
from service.store.held_versions import held_versions
from service.store.proposal_backtests import SqlProposalBacktests
from service.store.proposals import SqlProposals
from service.versions import Version, VersionKind

NEWER = "a backtest came in since you looked; look at it, then decide"
CHANGED = "it was changed by somebody else just now; look again and repeat it"


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decides about a proposal; `backtest` is the digest of the one that they had before them."""

    state: State
    actor: str
    why: str = ""
    backtest: str = ""


def propose(
    database: Database, wanted: Wanted, actor: str, now: Nanos, on_top_of: str | None = None
) -> Proposal | Refused:
    """Propose a text; refused where something else than `on_top_of` will be in force by then."""

    def asking(standing: Standing) -> Asked | Refused:
        if on_top_of is not None and standing.base(wanted.key, _due(wanted, now)) != on_top_of:
            return Refused((CHANGED,))
        return Asked(state=State.PROPOSED, actor=actor, wanted=wanted)

    return SqlProposals(database).ask(asking, now)


def propose_edit(database: Database, wanted: Wanted, edit: Edit, actor: str, now: Nanos) -> Proposal | Refused:
    """Propose the register as it will be by then with an edit; the text of `wanted` is made from it."""
    before = base(database, wanted, now)
    if before is None:
        known = ", ".join(sorted({one.version.name for one in held_versions(database, wanted.kind)}))
        return Refused((f"no register of {wanted.name} is in force; expected {known or 'none yet'}",))
    if isinstance(before, Refused):
        return before
    made = edit(parse_register(before.text))
    if isinstance(made, Refused):
        return made
    whole = msgspec.structs.replace(wanted, text=register_text(made))
    return propose(database, whole, actor, now, on_top_of=before.hash)


def decide(database: Database, number: int, decided: Decided, now: Nanos) -> Proposal | Refused:
    """Approve, refuse or withdraw a proposal by its number."""

    def asking(standing: Standing) -> Asked | Refused:
        found = next((one for one in standing.proposals if one.number == number), None)
        if found is None:
            return Refused((f"there is no proposal {number}",))
        return Asked(
            state=decided.state, actor=decided.actor, why=decided.why, proposal=found, backtest=decided.backtest
        )

    return SqlProposals(database).ask(asking, now)


def decide_beside(database: Database, number: int, decided: Decided, now: Nanos) -> Proposal | Refused:
    """Decide with the newest backtest of the proposal in sight; who approves must have had that one before them."""
    done = newest_done(SqlProposalBacktests(database).of(number, now))
    newest = "" if done is None else done.digest or ""
    if decided.state is State.APPROVED and newest != decided.backtest:
        return Refused((NEWER,))
    seen = "" if decided.state is State.WITHDRAWN else newest
    return decide(database, number, msgspec.structs.replace(decided, backtest=seen), now)


def base(database: Database, wanted: Wanted, now: Nanos) -> Version | Refused | None:
    """Return the version that will be in force by then, as far as is approved; None when there is none."""
    held, standing = held_versions(database, wanted.kind, wanted.name), SqlProposals(database).standing()
    if not held or wanted.key not in standing.in_force:
        return None
    pending = standing.pending(wanted.key)
    return find_text(held, pending, wanted.kind, standing.base(wanted.key, _due(wanted, now)))


def proposals_of(database: Database, kind: VersionKind, name: str | None = None) -> list[Proposal]:
    """Return every proposal of a kind (and name), in the order in which they were made."""
    every = SqlProposals(database).standing().proposals
    return [one for one in every if one.wanted.kind is kind and name in (None, one.wanted.name)]


def _due(wanted: Wanted, now: Nanos) -> Nanos:
    return Nanos(max(now, wanted.effective or 0))
