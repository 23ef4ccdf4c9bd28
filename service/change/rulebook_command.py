"""`sorwatch rulebook …`: how the firm's limits are changed by two people, and what they were."""

from __future__ import annotations

from pathlib import Path

import click

from service.calling import FOLDER, refusing_bad_configuration
from service.change.decisions import add_decisions
from service.change.options import ACTOR, EFFECTIVE, FORM, WHY
from service.change.printing import say, show_rows, show_text
from service.versions import VersionKind

KIND = VersionKind.RULEBOOK


@click.group()
def rulebook() -> None:
    """Change the rulebook by two people, without a restart, and look at what was in force."""


@rulebook.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@ACTOR
@WHY
@EFFECTIVE
@FOLDER
@refusing_bad_configuration
def propose(file: Path, actor: str, why: str, effective: str | None, folder: Path) -> None:
    """Propose a rulebook's file; a second person approves it."""
    from service.change.asked import RULEBOOK, Who, propose_file

    say(propose_file(folder, KIND, RULEBOOK, file, Who(actor=actor, why=why, effective=effective)))


add_decisions(rulebook, KIND, "rulebook", "approve")


@rulebook.command("list")
@FORM
@FOLDER
@refusing_bad_configuration
def list_(form: str, folder: Path) -> None:
    """List every rulebook that was in force, with who approved it, and every proposal."""
    from service.change.asked import listed

    show_rows(listed(folder, KIND), form)


@rulebook.command()
@click.argument("hash_", metavar="HASH", default="in-force")
@click.option("--finding", metavar="ID", help="The one by which this finding was made.")
@FOLDER
@refusing_bad_configuration
def show(hash_: str, finding: str | None, folder: Path) -> None:
    """Show a rulebook's text: the one in force, or by the hash on a finding, of a version or of a proposal."""
    from service.change.asked import found, judged_by

    show_text(found(folder, KIND, hash_) if finding is None else judged_by(folder, finding))


@rulebook.command()
@click.argument("old")
@click.argument("new")
@FOLDER
@refusing_bad_configuration
def diff(old: str, new: str, folder: Path) -> None:
    """Say what differs in meaning between two rulebooks, each a hash, #number, in-force or a file."""
    from service.change.asked import differing, found

    say(differing(KIND, found(folder, KIND, old), found(folder, KIND, new)))
