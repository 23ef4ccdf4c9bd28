"""`sorwatch report`: the words of the command line for the report of a day."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from service.calling import FOLDER, refusing_bad_configuration


@click.command("report")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", required=True, help="Trade date in New York."
)
@click.option("--format", "form", type=click.Choice(["text", "csv"]), default="text", show_default=True)
@FOLDER
@refusing_bad_configuration
def report(day: datetime, form: str, folder: Path) -> None:
    """Report a day: what was found, who handled it and how fast, what is open, what was not reviewed."""
    from service.report.asked import report as asked

    click.echo(asked(folder, day.date().isoformat(), form), nl=False)
