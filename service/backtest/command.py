"""The words of `sorwatch backtest`: it calls the room that judges the days again, and prints what came of it."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from service.calling import FOLDER, refusing_bad_configuration, wanted_store_url

DATE = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option(
    "--rulebook", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The one to try."
)
@click.option(
    "--against", default="in-force", show_default=True, help="Hash (or its start) of a version once in force."
)
@click.option("--from", "first", type=DATE, metavar="YYYY-MM-DD", required=True, help="First trade date.")
@click.option("--to", "last", type=DATE, metavar="YYYY-MM-DD", required=True, help="Last trade date.")
@click.option("--sweep", metavar="RULE.PARAMETER=A..B:N", help="Try one limit at N values from A to B.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--jobs", type=click.IntRange(min=1), help="Days judged side by side; default: one a core.")
@click.option("--store", "store_url", help="URL of the store; else the folder's.")
@FOLDER
@refusing_bad_configuration
def backtest(
    rulebook: Path,
    against: str,
    first: datetime,
    last: datetime,
    sweep: str | None,
    form: str,
    jobs: int | None,
    store_url: str | None,
    folder: Path,
) -> None:
    """Judge the stored facts by another rulebook: what would be new, what would be lost. Writes nothing."""
    from service.backtest.run import Wanted
    from service.backtest.run import backtest as run
    from service.backtest.shown import as_json, lines, table

    told = run(
        Wanted(
            store_url=wanted_store_url(store_url, folder),
            rulebook=rulebook,
            against=against,
            first=first.date().isoformat(),
            last=last.date().isoformat(),
            sweep=sweep,
            jobs=jobs or os.cpu_count() or 1,
        )
    )
    if form == "csv":
        click.echo(table(told), nl=False)
    else:
        click.echo(as_json(told) if form == "json" else "\n".join(lines(told)))
