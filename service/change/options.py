"""The options that the commands about versions share."""

from __future__ import annotations

import click

ACTOR = click.option("--actor", required=True, help="Who does this.")
WHY = click.option("--why", default="", help="For what reason.")
EFFECTIVE = click.option(
    "--effective",
    metavar="TIME",
    help="From when on: 2026-12-01T09:30 in New York, or with Z in UTC; else once it is approved.",
)
FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
COUNTERPARTY = click.option("--counterparty", help="Of this counterparty.")
