"""`sorwatch user …` and `sorwatch token …`: who may come in, and the first admin. Nothing else.

A password is asked for or read from a file, never given as a word of the command: such a word stands in the shell's
history and in the list of processes.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.access.permissions import Role, Scope
from service.access.users import identity_key
from service.calling import FOLDER, refusing_bad_configuration
from service.exact_text import iso_utc
from service.people import plain
from service.settings import ConfigurationError

if TYPE_CHECKING:
    from service.access.administer import People
    from service.store.accounts import SqlAccounts
    from service.store.engine import Database

ROLES = click.Choice([role.value for role in Role])
SCOPES = click.Choice([scope.value for scope in Scope])
ROLE = click.option("--role", "roles", type=ROLES, multiple=True, help="What the person is in the firm; repeatable.")
DESK = click.option("--desk", "desks", multiple=True, help="A desk that the person belongs to; repeatable.")
WHY = click.option("--why", default="", help="Why, for the access log.")
PASSWORD_FILE = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="First line is the password; else it is asked for.",
)
SECOND = 1_000_000_000


@click.group()
def user() -> None:
    """Say who may come in to the page."""


@user.command()
@click.argument("name")
@ROLE
@click.option("--admin", is_flag=True, help="Make an admin: short for --role admin.")
@DESK
@PASSWORD_FILE
@FOLDER
@refusing_bad_configuration
def add(
    name: str, roles: tuple[str, ...], *, admin: bool, desks: tuple[str, ...], password_file: Path | None, folder: Path
) -> None:
    """Add an account; the first one should be an admin's."""
    wanted = [Role(role) for role in roles] + ([Role.ADMIN] if admin else [])
    if not wanted:
        raise ConfigurationError(["nobody comes in for nothing; give --role at least once, or --admin"])
    with _people(folder) as (people, _):
        made = people.add(name, wanted, desks, _password(password_file))
    click.echo(f"{made.name} may come in as {', '.join(made.roles)}")


@user.command()
@click.argument("name")
@ROLE
@DESK
@FOLDER
@refusing_bad_configuration
def role(name: str, roles: tuple[str, ...], desks: tuple[str, ...], folder: Path) -> None:
    """Give an account these roles and desks and no others; its logins end."""
    with _people(folder) as (people, _):
        made = people.set_roles(name, [Role(one) for one in roles], desks)
    click.echo(f"{made.name} is {', '.join(made.roles) or 'without a role and may do nothing'} now")


@user.command()
@click.argument("name")
@WHY
@FOLDER
@refusing_bad_configuration
def lock(name: str, why: str, folder: Path) -> None:
    """Let nobody in under a name; its logins end and its tokens hold no more."""
    with _people(folder) as (people, _):
        made = people.lock(name, why)
    click.echo(f"{made.name} is locked; `sorwatch user unlock` lets them in again")


@user.command()
@click.argument("name")
@WHY
@FOLDER
@refusing_bad_configuration
def unlock(name: str, why: str, folder: Path) -> None:
    """Let a person in again, also after too many failed attempts."""
    with _people(folder) as (people, _):
        made = people.unlock(name, why)
    click.echo(f"{made.name} may come in")


@user.command()
@click.argument("name")
@PASSWORD_FILE
@FOLDER
@refusing_bad_configuration
def password(name: str, password_file: Path | None, folder: Path) -> None:
    """Give an account another password; its logins end."""
    with _people(folder) as (people, _):
        people.known(name)
        made = people.set_password(name, _password(password_file))
    click.echo(f"{made.name} has another password")


@user.command()
@click.argument("name")
@click.option("--issuer", required=True, help="The provider, as web.oidc.issuer names it.")
@click.option("--subject", required=True, help="Who it is there; `sorwatch user log` shows it where it was refused.")
@FOLDER
@refusing_bad_configuration
def link(name: str, issuer: str, subject: str, folder: Path) -> None:
    """Let somebody of the firm's OpenID provider have this account; its password opens nothing any more."""
    with _people(folder) as (people, _):
        made = people.link(name, identity_key(issuer, subject))
    click.echo(f"{made.name} comes in by the provider now")


@user.command()
@click.argument("name")
@FOLDER
@refusing_bad_configuration
def unlink(name: str, folder: Path) -> None:
    """Let the provider open an account no more; `sorwatch user password` opens it again."""
    with _people(folder) as (people, _):
        made = people.unlink(name)
    click.echo(f"{made.name} is an account of ours, without a password")


@user.command("list")
@FOLDER
@refusing_bad_configuration
def list_users(folder: Path) -> None:
    """Show every account with its roles."""
    with _people(folder) as (_, accounts):
        found = accounts.users()
    for one in found:
        roles, desks = ", ".join(one.roles) or "no role", f"  desks {', '.join(one.desks)}" if one.desks else ""
        by = "  by the provider" if one.identity is not None else ""
        click.echo(f"{one.name:<24} {roles}{desks}{by}{'  locked' if one.locked else ''}")
    if not found:
        click.echo("there is no account yet; `sorwatch user add NAME --admin` makes the first")


@user.command("log")
@click.option("--most", type=click.IntRange(min=1), default=50, show_default=True, help="So many entries.")
@FOLDER
@refusing_bad_configuration
def log_of_people(most: int, folder: Path) -> None:
    """Show the newest entries of the access log: who came in, was refused, changed whom, read what."""
    from service.store.trail import SqlTrail

    with _store(folder) as database:
        found = SqlTrail(database).newest(most)
    for one in found:
        about = "" if one.subject in ("", plain(one.actor)) else f" {one.subject}"
        told = "".join(f"  {words}" for words in (one.words, one.place) if words)
        click.echo(f"{one.seq:>8}  {iso_utc(one.at)}  {one.actor}: {one.deed.value}{about}{told}")


@click.group()
def token() -> None:
    """Make and revoke the tokens by which programs use the API."""


@token.command("add")
@click.argument("name")
@click.option("--label", required=True, help="What it is for.")
@click.option("--scope", "scopes", type=SCOPES, multiple=True, required=True, help="What it may do; repeatable.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it holds.")
@FOLDER
@refusing_bad_configuration
def add_token(name: str, label: str, scopes: tuple[str, ...], days: int, folder: Path) -> None:
    """Make a token that acts as an account, within its scopes; it is shown once."""
    with _people(folder) as (people, _):
        made = people.make_token(name, label, [Scope(scope) for scope in scopes], days)
    click.echo("keep it now, it is not shown again:", err=True)
    click.echo(made)


@token.command()
@click.argument("token_id", metavar="ID")
@FOLDER
@refusing_bad_configuration
def revoke(token_id: str, folder: Path) -> None:
    """Revoke a token by its id."""
    with _people(folder) as (people, _):
        made = people.revoke(token_id)
    click.echo(f"{made.token_id} ({made.label}) holds no more")


@token.command("list")
@FOLDER
@refusing_bad_configuration
def list_tokens(folder: Path) -> None:
    """Show every token: whose, what for, and until when."""
    with _people(folder) as (_, accounts):
        found = accounts.tokens()
    for one in found:
        until = "revoked" if one.revoked is not None else f"until {_day(one.expires)}"
        click.echo(f"{one.token_id}  {one.user:<16} {', '.join(one.scopes):<20} {until}  {one.label}")


@contextmanager
def _store(folder: Path) -> Iterator[Database]:
    from service.settings import read_settings
    from service.store.engine import Database
    from service.store.upgrade import require_current

    with Database(read_settings(folder).store_url) as database:
        require_current(database)
        yield database


@contextmanager
def _people(folder: Path) -> Iterator[tuple[People, SqlAccounts]]:
    """Give the work on the folder's store, under the name of the system's user; refusals become problems."""
    from rules.facts import Nanos
    from service.access.administer import NotDone, People
    from service.store.accounts import SqlAccounts

    with _store(folder) as database:
        accounts = SqlAccounts(database)
        try:
            yield People(accounts, f"{getpass.getuser()} (command)", Nanos(time.time_ns())), accounts
        except NotDone as refused:
            raise ConfigurationError(refused.problems) from None


def _password(file: Path | None) -> str:
    if file is None:
        asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return asked
    try:
        return next(iter(file.read_text(encoding="utf-8").splitlines()), "")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{file}: cannot be read: {error}"]) from None


def _day(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).date().isoformat()
