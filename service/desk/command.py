"""`sorwatch exceptions`: the words of the command line for the work on exceptions."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from rules.facts import Nanos
from service.calling import FOLDER, refusing_bad_configuration
from service.cases.actor import Actor, Way
from service.cases.given import Given
from service.cases.shelving import Scope
from service.cases.states import PERSONAL, State
from service.cases.until import NoTimeError, until_of
from service.settings import ConfigurationError

EXIT_REFUSED = 1
ACTIONS = {action.value.replace("_", "-"): action for action in PERSONAL}
STATES = {state.value.replace("_", "-"): state for state in State}


def _named(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say who acts."""
    options = (
        click.option("--actor", required=True, help="Who acts."),
        click.option("--role", "roles", multiple=True, help="In which role; may be given several times."),
        click.option("--desk", "desks", multiple=True, help="Of which desk; may be given several times."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def exceptions() -> None:
    """Work on exceptions: list, show, act, shelve."""


@exceptions.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(list(STATES)), help="In this state; else open ones."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@FOLDER
@refusing_bad_configuration
def list_them(states: tuple[str, ...], form: str, folder: Path) -> None:
    """List exceptions as they stand now, the gravest first, each with the clock that runs out first."""
    from service.desk.asked import listed

    _say(listed(folder, [STATES[name] for name in states], form))


@exceptions.command()
@click.argument("number", type=int)
@click.option("--actor", help="Say what this one may do.")
@click.option("--role", "roles", multiple=True, help="In which role; may be given several times.")
@click.option("--desk", "desks", multiple=True, help="Of which desk; may be given several times.")
@FOLDER
@refusing_bad_configuration
def show(number: int, actor: str | None, roles: tuple[str, ...], desks: tuple[str, ...], folder: Path) -> None:
    """Show one exception: its clocks, how long it took, and its history."""
    from service.desk.asked import shown

    _say(shown(folder, number, None if actor is None else _actor(actor, roles, desks)))


@exceptions.command()
@click.argument("action", type=click.Choice(list(ACTIONS)))
@click.argument("numbers", type=int, nargs=-1)
@_named
@click.option("--words", default="", help="What there is to say; most actions need it.")
@click.option("--reason", help="Reason code of a closing.")
@click.option("--until", help='Shelve until: a length of time ("2 h"), or a date and time in New York.')
@click.option("--ticket", help="Number of the vendor's ticket.")
@click.option("--assignee", help="Who shall have it.")
@click.option("--to", "role", help="Role to escalate to; else the severity's.")
@click.option("--seen", type=int, help="The last link of the history that was seen; who acted since then is named.")
@click.option("--incident", type=int, help="On all exceptions of this incident, as one decision.")
@click.option("--bulk", help="Number of the decision over several exceptions; else one is made.")
@FOLDER
@refusing_bad_configuration
def act(action: str, numbers: tuple[int, ...], folder: Path, **said: Any) -> None:
    """Do something to exceptions under a name; exit code 1 when it was refused of any."""
    from service.desk.asked import acted, acted_on_incident

    actor = _actor(said["actor"], said["roles"], said["desks"])
    names = ("words", "reason", "ticket", "assignee", "role", "seen", "bulk")
    given = Given(**{name: said[name] for name in names}, until=_until(said["until"]))
    if (said["incident"] is None) is (not numbers):
        problem = "name exceptions, or one --incident"
        raise ConfigurationError([problem])
    if numbers:
        _say(acted(folder, numbers, ACTIONS[action], actor, given))
    else:
        _say(acted_on_incident(folder, said["incident"], ACTIONS[action], actor, given))


@exceptions.command()
@click.argument("bulk", required=False)
@FOLDER
@refusing_bad_configuration
def resume(bulk: str | None, folder: Path) -> None:
    """Go on with a decision over many that was cut off; without a number list those that are not through."""
    from service.desk.asked import resumed, unfinished

    _say(unfinished(folder) if bulk is None else resumed(folder, bulk))


@exceptions.command("shelve-scope")
@click.option("--rule", help="Exceptions of this rule.")
@click.option("--venue", help="Exceptions at this venue.")
@click.option("--symbol", help="Exceptions in this symbol.")
@click.option("--counterparty", help="Exceptions of this counterparty.")
@click.option("--cause", help="Exceptions of this cause.")
@click.option("--until", required=True, help='A length of time ("2 h"), or a date and time in New York.')
@click.option("--why", required=True, help="Why they are shelved.")
@_named
@FOLDER
@refusing_bad_configuration
def shelve_scope(folder: Path, **said: Any) -> None:
    """Shelve all exceptions that have these values, those to come included, for a bounded time."""
    from service.desk.asked import shelved

    scope = Scope(**{name: said[name] for name in Scope.__struct_fields__})
    until = _until(said["until"])
    assert until is not None
    _say(shelved(folder, scope, _actor(said["actor"], said["roles"], said["desks"]), said["why"], until))


@exceptions.command("end-shelving")
@click.argument("number", type=int)
@click.option("--words", default="", help="Why it ends.")
@_named
@FOLDER
@refusing_bad_configuration
def end_shelving(number: int, words: str, folder: Path, **said: Any) -> None:
    """End the shelving of a scope before its time; what it hid comes back."""
    from service.desk.asked import shelving_ended

    _say(shelving_ended(folder, number, _actor(said["actor"], said["roles"], said["desks"]), words))


@exceptions.command()
@click.option("--all", "everything", is_flag=True, help="Also those that are over.")
@FOLDER
@refusing_bad_configuration
def shelvings(*, everything: bool, folder: Path) -> None:
    """List the scopes that are shelved: who, why, until when, and what each hid."""
    from service.desk.asked import shelvings as asked

    _say(asked(folder, everything=everything))


@exceptions.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", required=True, help="Trade date.")
@click.option("--name", help="Who answers for the day; without it what was said so far is listed.")
@click.option("--deputy", "deputies", multiple=True, help="Who covers; may be given several times.")
@click.option("--actor", help="Who says so.")
@click.option("--note", default="", help="What there is to say of it.")
@FOLDER
@refusing_bad_configuration
def principal(day: datetime, folder: Path, **said: Any) -> None:
    """Say who is the principal of a day and who covers, or list what was said."""
    from service.cases.principal import Principal
    from service.desk.asked import principal as asked

    date = day.date().isoformat()
    if said["name"] is None:
        _say(asked(folder, date, None))
        return
    if not (said["actor"] or "").strip() or not said["name"].strip():
        problem = "--actor must say who names the principal, and --name must not be empty"
        raise ConfigurationError([problem])
    named = Principal(
        trade_date=date,
        name=said["name"],
        deputies=said["deputies"],
        by=said["actor"],
        at=Nanos(0),
        note=said["note"],
    )
    _say(asked(folder, date, named))


def _actor(name: str, roles: tuple[str, ...], desks: tuple[str, ...]) -> Actor:
    return Actor(name=name, roles=roles, desks=desks, how=Way.COMMAND)


def _until(text: str | None) -> Nanos | None:
    if text is None:
        return None
    try:
        return until_of(text, Nanos(time.time_ns()))
    except NoTimeError as error:
        raise ConfigurationError([f"--until: {error}"]) from None


def _say(said: Any) -> None:
    """Print what came of it; what was refused ends with exit code 1."""
    for line in said.lines:
        click.echo(line)
    if said.refused:
        sys.exit(EXIT_REFUSED)
