"""The words by which people decide about a proposal: the same for a rulebook and for a register."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from service.calling import FOLDER, refusing_bad_configuration
from service.change.options import ACTOR, WHY
from service.change.printing import say
from service.change.proposal_events import State
from service.versions import VersionKind


def add_decisions(group: click.Group, kind: VersionKind, what: str, approve: str) -> None:
    """Give a group the commands that decide about a proposed `what`; the second person's word is `approve`."""
    words = {
        (approve, State.APPROVED): f"Approve a proposed {what}, by the beginning of its hash or #number; "
        "never by who proposed it.",
        ("refuse", State.REFUSED): f"Refuse a proposed {what}, also one that is approved and not in force yet.",
        ("withdraw", State.WITHDRAWN): "Take back what one has proposed oneself.",
    }
    for (name, state), told in words.items():
        group.command(name, help=told)(_decision(kind, state))


def _decision(kind: VersionKind, state: State) -> Callable[..., None]:
    @click.argument("hash_", metavar="HASH")
    @ACTOR
    @WHY
    @FOLDER
    @refusing_bad_configuration
    def decided(hash_: str, actor: str, why: str, folder: Path) -> None:
        from service.change.asked import Who, decide

        say(decide(folder, kind, hash_, state, Who(actor=actor, why=why)))

    return decided
