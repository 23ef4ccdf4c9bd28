"""The words of `sorwatch audit …`: seal the record, verify it, give it out. Nothing else."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from service.calling import FOLDER, refusing_bad_configuration

EXIT_FAILED = 1
STORE = click.option("--store", "store_url", help="URL of the store; else the folder's.")
DATE = click.DateTime(["%Y-%m-%d"])


@click.group()
def audit() -> None:
    """Prove that the record was not changed, and give it out."""


@audit.command()
@click.option("--again", is_flag=True, help="Seal although there is a seal of today.")
@FOLDER
@refusing_bad_configuration
def seal(*, again: bool, folder: Path) -> None:
    """Seal the heads of all chains now: into the store, the file of seals and the outbox. The daemon does it daily."""
    from service.audit.asked import sealed

    click.echo(sealed(folder, again=again))


@audit.command()
@click.option(
    "--seals",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of seals.jsonl that was kept elsewhere; else the folder's own file.",
)
@click.option("--day", type=DATE, metavar="YYYY-MM-DD", help="Compare with the seals up to that day's only.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
@STORE
@FOLDER
@refusing_bad_configuration
def verify(seals: Path | None, day: datetime | None, store_url: str | None, *, as_json: bool, folder: Path) -> None:
    """Recompute every chain and compare with the seals; exit code 1 when anything is not as it was."""
    from service.audit.asked import verified

    verdict = verified(folder, store_url, seals, _date(day), lambda words: click.echo(words, err=True))
    click.echo(verdict.json if as_json else "\n".join(verdict.lines))
    if not verdict.whole:
        sys.exit(EXIT_FAILED)


@audit.command()
@click.option("--from", "first", type=DATE, metavar="YYYY-MM-DD", help="First trade date; else all there are.")
@click.option("--to", "last", type=DATE, metavar="YYYY-MM-DD", help="Last trade date.")
@click.option("--case", type=click.IntRange(min=1), help="One exception only, with its raw messages.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new folder.")
@click.option("--csv", is_flag=True, help="Write each file as CSV, too.")
@click.option("--actor", help="Under which account, where there are accounts; else the user of the machine.")
@STORE
@FOLDER
@refusing_bad_configuration
def export(
    first: datetime | None,
    last: datetime | None,
    case: int | None,
    out: Path,
    actor: str | None,
    store_url: str | None,
    *,
    csv: bool,
    folder: Path,
) -> None:
    """Give out record and trail, readable without this program, with what proves them. It is written down who did."""
    from service.audit.asked import exported

    for line in exported(folder, store_url, (_date(first), _date(last)), case, out, actor, csv=csv):
        click.echo(line)


def _date(day: datetime | None) -> str | None:
    return None if day is None else day.date().isoformat()
