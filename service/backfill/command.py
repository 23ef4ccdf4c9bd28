"""The words after `sorwatch backfill`: calls the room that fills the gap when it runs, and prints what it says."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from service.calling import FOLDER, refusing_bad_configuration, wanted_store_url

EXIT_FAILED = 1


@click.command()
@click.argument("counterparty")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--actor", required=True, help="Who back-fills; kept in the journal.")
@click.option("--reason", default="", help="Why, in words; kept in the journal.")
@click.option("--session", help="Session of the messages whose 49 and 56 name none, as FIX.4.4:FIRM->SOR.")
@click.option("--store", "store_url", help="URL of the store; else the folder's.")
@click.option("--ignore-checksum", is_flag=True, help="Accept messages whose CheckSum (10) is wrong.")
@click.option("--dry-run", is_flag=True, help="Only say what the file holds and what of it is new.")
@click.option(
    "--timeout", "timeout_s", type=click.FloatRange(min=0), default=300.0, show_default=True, help="Seconds to wait."
)
@FOLDER
@refusing_bad_configuration
def backfill(
    counterparty: str,
    file: Path,
    actor: str,
    reason: str,
    session: str | None,
    store_url: str | None,
    *,
    ignore_checksum: bool,
    dry_run: bool,
    timeout_s: float,
    folder: Path,
) -> None:
    """Fill a gap from a FIX log or a CSV: the same road, marked as back-filled, twice changes nothing."""
    from service.backfill.fill import Wanted, fill

    wanted = Wanted(
        folder=folder,
        store_url=wanted_store_url(store_url, folder),
        counterparty=counterparty,
        file=file,
        actor=actor,
        reason=reason,
        session=session,
        ignore_checksum=ignore_checksum,
        dry_run=dry_run,
        timeout_s=timeout_s,
    )
    if not fill(wanted, click.echo):
        sys.exit(EXIT_FAILED)
