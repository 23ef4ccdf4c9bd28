"""The command line: reads the words, calls the room that does the work, prints what it says. Nothing else.

Exit codes: 0 done, 1 the work found a failure, 2 the configuration or the call is wrong.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from service.access.commands import token, user
from service.audit.bundle.command import bundle
from service.audit.command import audit
from service.backfill.command import backfill
from service.backtest.command import backtest
from service.calling import FOLDER, refusing_bad_configuration, wanted_store_url
from service.change.rulebook_command import rulebook
from service.change.venues_command import venues
from service.desk.command import exceptions
from service.fix.trial.command import dialect
from service.report.command import report
from service.rules_commands import rules
from service.simulator.command import simulate
from service.statements.commands import COMMANDS
from service.telling.command import alerts
from service.verify.command import verify_day

EXIT_FAILED = 1
EXPORTED = (
    "executions",
    "quality",
    "markouts",
    "quality_after",
    "orders",
    "requotes",
    "finding_quotes",
    "parents",
    "fades",
    "own_orders",
    "unmatched",
    "not_evaluated",
    "exceptions",
    "incidents",
    "messages",
    "statements",
    "register_changes",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sorwatch")
def main() -> None:
    """Watch a third-party Smart Order Router: drop copies in, exceptions and alerts out."""


@main.command()
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="End after this time; else on Ctrl-C.")
@click.option(
    "--dir", "folder", type=click.Path(file_okay=False, path_type=Path), help="Keep everything in this folder."
)
@click.option("--no-browser", is_flag=True, help="Do not open the page in a browser.")
def demo(minutes: float | None, folder: Path | None, *, no_browser: bool) -> None:
    """Show the whole of it: broker, simulated router with faults, daemon and page, in one command."""
    from service.demo import run as run_demo

    sys.exit(run_demo(minutes=minutes, folder=folder, browser=not no_browser))


@main.command()
@FOLDER
@refusing_bad_configuration
def run(folder: Path) -> None:
    """Run the daemon: sessions, journal, rules, exceptions, alerts, metrics."""
    from service.app import run_daemon
    from service.logs import configure_logs

    configure_logs()
    sys.exit(run_daemon(folder))


@main.command()
@FOLDER
@refusing_bad_configuration
def web(folder: Path) -> None:
    """Serve the supervisors' page to who logs in."""
    from service.logs import configure_logs
    from service.web.serve import serve

    configure_logs()
    sys.exit(serve(folder))


@main.command()
@FOLDER
@refusing_bad_configuration
def check(folder: Path) -> None:
    """Prove settings, FIX files, dialects, registers and rulebook; list every problem; show the next seven days."""
    from service.check import check_folder

    for line in check_folder(folder):
        click.echo(line)


@main.command()
@FOLDER
@refusing_bad_configuration
def doctor(folder: Path) -> None:
    """Look at a running installation: store, backlog, sessions, quotes, channels, disk."""
    from service.doctor import examine

    results = examine(folder)
    for result in results:
        click.echo(f"{result.verdict:<5} {result.subject}: {result.words}")
    if any(result.verdict == "fail" for result in results):
        sys.exit(EXIT_FAILED)


@main.command()
@click.argument("fixlog", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--quotes", type=click.Path(exists=True, path_type=Path), help="CSV or Parquet, or a folder by date.")
@click.option("--counterparty", help="Use this counterparty's dialect and register; else the plain dialect.")
@click.option("--store", "store_url", help="Record into this store (URL); else only in memory.")
@click.option("--format", "form", type=click.Choice(["text", "jsonl"]), default="text", show_default=True)
@click.option("--ignore-checksum", is_flag=True, help="Accept messages whose CheckSum (10) is wrong.")
@FOLDER
@refusing_bad_configuration
def replay(
    fixlog: Path,
    quotes: Path | None,
    counterparty: str | None,
    store_url: str | None,
    form: str,
    *,
    ignore_checksum: bool,
    folder: Path,
) -> None:
    """Run a FIX log down the same road as the live messages."""
    from service.replay_file import replay_file
    from service.replay_print import printer

    show = printer(form, fixlog)
    with show:
        summary = replay_file(
            fixlog,
            quotes=quotes,
            counterparty=counterparty,
            store_url=None if store_url is None else wanted_store_url(store_url, folder),
            folder=folder,
            ignore_checksum=ignore_checksum,
            on_finding=show.finding,
            progress=show.progress,
        )
    show.summary(summary)


@main.command()
@click.argument("what", type=click.Choice(EXPORTED))
@click.option("--store", "store_url", help="URL of the store; else the folder's.")
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Trade date in New York; else all days.",
)
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@FOLDER
@refusing_bad_configuration
def export(what: str, store_url: str | None, day: datetime | None, form: str, folder: Path) -> None:
    """Write rows to standard output by the documented contract."""
    from service.configuration import fee_schedules
    from service.store.export import WITH_FEES, write_export

    trade_date = None if day is None else day.date().isoformat()
    fees = fee_schedules(folder) if what in WITH_FEES else None
    write_export(wanted_store_url(store_url, folder), what, trade_date, form, sys.stdout, fees)


@main.group()
def store() -> None:
    """Look after the store."""


@store.command()
@click.option("--store", "store_url", help="URL of the store; else the folder's.")
@FOLDER
@refusing_bad_configuration
def upgrade(store_url: str | None, folder: Path) -> None:
    """Bring the store to this version's tables, after a backup."""
    from service.store.upgrade import upgrade as upgrade_store

    click.echo(upgrade_store(wanted_store_url(store_url, folder)))


main.add_command(audit)
audit.add_command(bundle)
main.add_command(simulate)
main.add_command(user)
main.add_command(token)
main.add_command(backfill)
main.add_command(dialect)
main.add_command(rulebook)
main.add_command(venues)
main.add_command(rules)
main.add_command(verify_day)
main.add_command(backtest)
main.add_command(exceptions)
main.add_command(report)
main.add_command(alerts)
for command in COMMANDS:
    main.add_command(command)
