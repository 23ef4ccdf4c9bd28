"""The words after `sorwatch rules quality`: which runs are wanted, a progress bar meanwhile, the table at the end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.calling import refusing_bad_configuration
from service.simulator.faults import FaultName

if TYPE_CHECKING:
    from service.quality.record import Record

SPOKEN = 25
"""Where there is no terminal for a bar, a line is said after so many runs."""
WORDS = ("weak", "middle", "strong")


def _seeds(_: click.Context, __: click.Parameter, text: str) -> tuple[int, ...]:
    try:
        return tuple(dict.fromkeys(int(word) for word in text.split(",")))
    except ValueError:
        msg = f"{text!r} is no list of seeds; expected for example 1,2,3"
        raise click.BadParameter(msg) from None


@click.command()
@click.option("--seeds", default="1,2,3", show_default=True, callback=_seeds, help="Each is a day of its own.")
@click.option(
    "--minutes", type=click.FloatRange(min=1), default=2.0, show_default=True, help="A run lasts at least so long."
)
@click.option("--rate", type=click.FloatRange(min=5), default=30.0, show_default=True, help="Messages a second, about.")
@click.option(
    "--intensity", "words", multiple=True, type=click.Choice(WORDS), help="Only this strength of the faults; else all."
)
@click.option("--fault", "names", multiple=True, metavar="NAME", help="Only this fault; else all of them.")
@click.option(
    "--rulebook",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Measure it; else the cards.",
)
@click.option("--processes", type=click.IntRange(min=1), help="Runs at a time; else one a processor.")
@click.option("--format", "form", type=click.Choice(["table", "json", "md"]), default="table", show_default=True)
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="Keep the figures in this file too.")
@click.option("--commit", help="State of the code, to be kept with it.")
@refusing_bad_configuration
def quality(
    *,
    seeds: tuple[int, ...],
    minutes: float,
    rate: float,
    words: tuple[str, ...],
    names: tuple[str, ...],
    rulebook: Path | None,
    processes: int | None,
    form: str,
    record: Path | None,
    commit: str | None,
) -> None:
    """Measure the rules by labelled faults: precision, recall and time to detect, with intervals."""
    from service.quality.record import encode
    from service.quality.run import Wanted, measure

    wanted = Wanted(
        seeds=seeds,
        positions=tuple(WORDS.index(word) for word in dict.fromkeys(words)) or (0, 1, 2),
        faults=tuple(_fault(name) for name in names),
        seconds=minutes * 60,
        rate=rate,
        rulebook="" if rulebook is None else rulebook.read_text(encoding="utf-8"),
        commit=commit,
    )
    with _progress() as bar:
        task = bar.add_task("runs", total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)
            if not bar.console.is_terminal and (done % SPOKEN == 0 or done == total):
                click.echo(f"{done} of {total} runs", err=True)

        made = measure(wanted, processes or os.cpu_count() or 1, tell)
    if record is not None:
        record.write_bytes(encode(made))
    _show(made, form)


def _fault(name: str) -> FaultName:
    from service.quality.run import measured

    known = {fault.value: fault for fault in measured()}
    if name not in known:
        msg = f"unknown fault {name!r}; expected one of {', '.join(known)}"
        raise click.BadParameter(msg)
    return known[name]


def _progress() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _show(made: Record, form: str) -> None:
    from service.quality.record import encode
    from service.quality.table import HEADINGS, heading, markdown, rows, weak

    if form == "json":
        click.echo(encode(made), nl=False)
        return
    if form == "md":
        click.echo(markdown(made))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*HEADINGS)
    for row in rows(made):
        table.add_row(*row)
    console = Console()
    console.print(heading(made))
    console.print(table)
    for name, why in weak(made):
        click.echo(f"{name}: {why}")
