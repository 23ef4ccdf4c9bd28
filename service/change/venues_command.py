"""`sorwatch venues …`: which venues a counterparty's router may use, changed by two people; who allowed what when."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from rules.order import OrderType
from rules.session_of_day import SessionOfDay
from service.calling import FOLDER, refusing_bad_configuration
from service.change.decisions import add_decisions
from service.change.options import ACTOR, COUNTERPARTY, EFFECTIVE, FORM, WHY
from service.change.printing import as_json, say, show_rows, show_text
from service.versions import VersionKind

KIND = VersionKind.REGISTER
DAY = click.DateTime(["%Y-%m-%d"])
TYPES = click.Choice([one.value for one in OrderType])
SESSIONS = click.Choice([one.value for one in SessionOfDay])
WHOSE = click.option("--counterparty", required=True, help="For whose router.")


@click.group()
def venues() -> None:
    """Change a counterparty's venue register by two people, and look at who allowed which venue when."""


@venues.command()
@click.argument("counterparty")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@ACTOR
@WHY
@EFFECTIVE
@FOLDER
@refusing_bad_configuration
def propose(counterparty: str, file: Path, actor: str, why: str, effective: str | None, folder: Path) -> None:
    """Propose a whole venues.yaml as the register of a counterparty; a second person confirms it."""
    from service.change.asked import Who, propose_file

    say(propose_file(folder, KIND, counterparty, file, Who(actor=actor, why=why, effective=effective)))


@venues.command()
@click.argument("venue")
@WHOSE
@click.option("--from", "first", type=DAY, required=True, metavar="YYYY-MM-DD", help="First day of the approval.")
@click.option("--until", "last", type=DAY, metavar="YYYY-MM-DD", help="Last day of it; else open.")
@click.option("--name", help="The venue's name; else the one it has in the register.")
@click.option(
    "--order-type",
    "order_types",
    type=TYPES,
    multiple=True,
    help="Else every type.",
)
@click.option(
    "--session",
    "sessions",
    type=SESSIONS,
    multiple=True,
    help="Else the whole day.",
)
@click.option("--document", help="Where the approval is written down.")
@click.option("--approver", help="Who or which committee approved the venue.")
@click.option("--pays-for-order-flow", is_flag=True, help="The venue pays for the flow.")
@click.option("--fees", help="The fee schedule that was looked at.")
@ACTOR
@WHY
@EFFECTIVE
@FOLDER
@refusing_bad_configuration
def approve(
    venue: str,
    counterparty: str,
    first: datetime,
    last: datetime | None,
    name: str | None,
    order_types: tuple[str, ...],
    sessions: tuple[str, ...],
    document: str | None,
    approver: str | None,
    *,
    pays_for_order_flow: bool,
    fees: str | None,
    actor: str,
    why: str,
    effective: str | None,
    folder: Path,
) -> None:
    """Propose that a venue be approved; an approval of it that overlaps ends the day before. `confirm` decides."""
    from rules.register import Approval
    from service.change.asked import Who, propose_edit
    from service.change.registers import approving

    wanted = Approval(
        venue=venue,
        name=name or "",
        approved_from=first.date().isoformat(),
        approved_until=None if last is None else last.date().isoformat(),
        order_types=tuple(OrderType(one) for one in order_types),
        sessions=tuple(SessionOfDay(one) for one in sessions),
        document=document,
        approver=approver,
        pays_for_order_flow=pays_for_order_flow,
        fees=fees,
    )
    say(propose_edit(folder, counterparty, approving(wanted), Who(actor=actor, why=why, effective=effective)))


@venues.command()
@click.argument("venue")
@WHOSE
@click.option("--on", "last", type=DAY, required=True, metavar="YYYY-MM-DD", help="The last day of the approval.")
@ACTOR
@WHY
@EFFECTIVE
@FOLDER
@refusing_bad_configuration
def end(
    venue: str, counterparty: str, last: datetime, actor: str, why: str, effective: str | None, folder: Path
) -> None:
    """Propose that a venue be approved no longer than until a day. `confirm` decides."""
    from service.change.asked import Who, propose_edit
    from service.change.registers import ending

    who = Who(actor=actor, why=why, effective=effective)
    say(propose_edit(folder, counterparty, ending(venue, last.date().isoformat()), who))


add_decisions(venues, KIND, "register", "confirm")


@venues.command("list")
@COUNTERPARTY
@click.option("--at", "day", type=DAY, metavar="YYYY-MM-DD", help="As it was on that day in New York; else today.")
@FORM
@FOLDER
@refusing_bad_configuration
def list_(counterparty: str | None, day: datetime | None, form: str, folder: Path) -> None:
    """List the venues approved on a day by the register that was in force then, with who made it so."""
    from service.change.asked import approved
    from service.change.registers import approved_words

    found = approved(folder, counterparty, None if day is None else day.date().isoformat())
    say([as_json(one) if form == "json" else approved_words(one) for one in found])


@venues.command()
@COUNTERPARTY
@click.option("--venue", help="Of this venue only.")
@FORM
@FOLDER
@refusing_bad_configuration
def history(counterparty: str | None, venue: str | None, form: str, folder: Path) -> None:
    """Say who allowed or ended which venue, when and why: every change of the registers, oldest first."""
    from service.change.asked import history as changes
    from service.change.registers import history_words

    say([as_json(one) if form == "json" else history_words(one) for one in changes(folder, counterparty, venue)])


@venues.command()
@COUNTERPARTY
@FORM
@FOLDER
@refusing_bad_configuration
def versions(counterparty: str | None, form: str, folder: Path) -> None:
    """List every register that was in force, with who approved it, and every proposal."""
    from service.change.asked import listed

    show_rows(listed(folder, KIND, counterparty), form)


@venues.command()
@click.argument("hash_", metavar="HASH", default="in-force")
@COUNTERPARTY
@FOLDER
@refusing_bad_configuration
def show(hash_: str, counterparty: str | None, folder: Path) -> None:
    """Show a register's text: the one in force, or by its hash or #number."""
    from service.change.asked import found

    show_text(found(folder, KIND, hash_, counterparty))


@venues.command()
@click.argument("old")
@click.argument("new")
@COUNTERPARTY
@FOLDER
@refusing_bad_configuration
def diff(old: str, new: str, counterparty: str | None, folder: Path) -> None:
    """Say venue by venue what differs between two registers, each a hash, #number, in-force or a file."""
    from service.change.asked import differing, found

    say(differing(KIND, *(found(folder, KIND, one, counterparty) for one in (old, new))))
