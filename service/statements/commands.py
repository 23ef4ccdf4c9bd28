"""The words of the command line that are about a day: completeness, readiness, the close of day, the chain."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from service.calling import FOLDER, refusing_bad_configuration

EXIT_FAILED = 1
DAY = click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", required=True, help="Trade date in New York."
)
FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
SIGN = click.option("--sign", is_flag=True, help="Keep it, signed by --actor.")
ACTOR = click.option("--actor", default="", help="Who signs.")
COMMENT = click.option("--comment", default="", help="What the person who signs has to say.")


@click.command()
@DAY
@click.option("--counterparty", help="Of this counterparty only; needed with --against when there are several.")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of the vendor's executions of the day (ExecID, LastQty, LastPx, Side, Symbol), compared one by one.",
)
@FORM
@click.option("--no-store", is_flag=True, help="Show the certificates without keeping them.")
@FOLDER
@refusing_bad_configuration
def completeness(
    day: datetime, counterparty: str | None, against: Path | None, form: str, *, no_store: bool, folder: Path
) -> None:
    """Certify for each session that a trading day is complete; exit code 1 when one is not."""
    from service.statements.asked import certificates, shown

    made = certificates(folder, _date(day), counterparty, against, keep=not no_store)
    click.echo(shown(made, form))
    if any(one.state.value == "red" for one in made):
        sys.exit(EXIT_FAILED)


@click.command()
@SIGN
@ACTOR
@COMMENT
@FOLDER
@refusing_bad_configuration
def readiness(*, sign: bool, actor: str, comment: str, folder: Path) -> None:
    """Look at the start of a day whether everything is ready; exit code 1 when something is not."""
    from service.statements.asked import ready

    lines, said = ready(folder, actor if sign else None, comment)
    for line in lines:
        click.echo(f"{line.verdict:<5} {line.subject}: {line.words}")
    _say(said)
    if any(line.verdict == "fail" for line in lines):
        sys.exit(EXIT_FAILED)


@click.command("close-of-day")
@DAY
@SIGN
@ACTOR
@COMMENT
@FOLDER
@refusing_bad_configuration
def close_of_day(day: datetime, *, sign: bool, actor: str, comment: str, folder: Path) -> None:
    """Say what was reviewed on a trading day, what was not, and what was found: negative assurance."""
    from service.statements.asked import closed

    lines, said = closed(folder, _date(day), actor if sign else None, comment)
    for line in lines:
        click.echo(line)
    _say(said)


@click.group()
def statements() -> None:
    """Look after the chain of certificates and signatures."""


@statements.command()
@click.option("--store", "store_url", help="URL of the store; else the folder's.")
@FOLDER
@refusing_bad_configuration
def verify(store_url: str | None, folder: Path) -> None:
    """Recompute every link of the chains of statements, proposals and access log; name the first that does not hold."""
    from service.statements.asked import verified

    words, whole = verified(folder, store_url)
    click.echo(words)
    if not whole:
        sys.exit(EXIT_FAILED)


COMMANDS = (completeness, readiness, close_of_day, statements)


def _date(day: datetime) -> str:
    return day.date().isoformat()


def _say(said: str | None) -> None:
    if said is not None:
        click.echo(said)
