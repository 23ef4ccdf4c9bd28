"""The words of `sorwatch verify-day`: it calls the room that runs the day again, and prints what came of it."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from service.calling import FOLDER, refusing_bad_configuration, wanted_store_url

EXIT_FAILED = 1


@click.command("verify-day")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD")
@click.option("--store", "store_url", help="URL of the store; else the folder's.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@FOLDER
@refusing_bad_configuration
def verify_day(day: datetime, store_url: str | None, form: str, folder: Path) -> None:
    """Run a trade date again with the recorded decisions; exit code 1 when it comes to anything else."""
    from service.verify.run import verify_store
    from service.verify.verified import as_json, lines

    told = verify_store(wanted_store_url(store_url, folder), day.date().isoformat())
    click.echo(as_json(told) if form == "json" else "\n".join(lines(told)))
    if not told.equal:
        sys.exit(EXIT_FAILED)
