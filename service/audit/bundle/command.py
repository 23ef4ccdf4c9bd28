"""`sorwatch audit bundle`: one exception's evidence, or the extract of it for the vendor, into a file."""

from __future__ import annotations

from pathlib import Path

import click

from service.calling import FOLDER, refusing_bad_configuration


@click.command()
@click.argument("number", metavar="CASE", type=click.IntRange(min=1, max=2**63 - 1))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A new file, a zip.")
@click.option("--for-vendor", is_flag=True, help="Only what the vendor may have: his reports of our orders with him.")
@click.option("--counterparty", help="With --for-vendor: which one, of an exception over several.")
@click.option("--actor", help="Under which account, where there are accounts; else the user of the machine.")
@click.option("--store", "store_url", help="URL of the store; else the folder's.")
@FOLDER
@refusing_bad_configuration
def bundle(
    number: int,
    out: Path,
    counterparty: str | None,
    actor: str | None,
    store_url: str | None,
    *,
    for_vendor: bool,
    folder: Path,
) -> None:
    """Put all evidence of an exception into one zip that proves itself offline. It is written down who did."""
    from service.audit.bundle.asked import made

    click.echo(made(folder, store_url, number, out, actor, counterparty, for_vendor=for_vendor))
