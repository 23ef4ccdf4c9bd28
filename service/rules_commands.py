"""The words after `sorwatch rules`: what a rule said and why, and how good the rules are."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from service.calling import FOLDER, refusing_bad_configuration, wanted_store_url
from service.quality.command import quality
from service.settings import ConfigurationError


@click.group()
def rules() -> None:
    """Look at the rules: what they said and why."""


@rules.command()
@click.option("--execution", metavar="ID", help="An execution, by its execution id or its ExecID (17).")
@click.option("--order", metavar="KEY", help="An order's events and its end, by its order key.")
@click.option("--finding", metavar="ID", help="The fact that a finding was made on, and its rule alone.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Of this trade date alone.")
@click.option("--store", "store_url", help="URL of the store; else the folder's.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@FOLDER
@refusing_bad_configuration
def explain(
    execution: str | None,
    order: str | None,
    finding: str | None,
    day: datetime | None,
    store_url: str | None,
    form: str,
    folder: Path,
) -> None:
    """Say of a fact which line of which rulebook decided for each rule, why, and what the rule said."""
    from service.explain.look import explain_execution, explain_finding, explain_order
    from service.explain.words import as_json, as_text
    from service.store.engine import Database
    from service.store.upgrade import require_current

    asked = [
        (look, name)
        for look, name in ((explain_execution, execution), (explain_order, order), (explain_finding, finding))
        if name is not None
    ]
    if len(asked) != 1:
        raise ConfigurationError(["name one thing: --execution ID, --order KEY or --finding ID"])
    ((look, name),) = asked
    with Database(wanted_store_url(store_url, folder)) as database:
        require_current(database)
        told = look(database, name, None if day is None else day.date().isoformat())
    click.echo(as_json(told) if form == "json" else as_text(told))


rules.add_command(quality)
