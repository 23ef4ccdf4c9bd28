"""How a replay is shown: text for a person with a progress bar on a terminal, or JSON lines for a program."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import click
import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from rules.finding import Finding
from service.replay import Summary


class Printer(AbstractContextManager["Printer"], Protocol):
    """Shows a replay while it runs and when it is done."""

    def finding(self, finding: Finding) -> None:
        """Show one finding."""
        ...

    def progress(self, messages: int) -> None:
        """Say that so many more messages went down the road."""
        ...

    def summary(self, summary: Summary) -> None:
        """Show what it all came to."""
        ...


class JsonPrinter:
    """One JSON object a line: {"finding": …} for each, {"summary": …} at the end."""

    def __enter__(self) -> Self:
        """Need nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing open."""

    def finding(self, finding: Finding) -> None:
        """Print the finding."""
        click.echo(msgspec.json.encode({"finding": finding}))

    def progress(self, messages: int) -> None:
        """Stay silent: a program reads this."""

    def summary(self, summary: Summary) -> None:
        """Print the summary."""
        click.echo(msgspec.json.encode({"summary": summary}))


class TextPrinter:
    """Sentences, and a progress line on standard error when that is a terminal."""

    def __init__(self, fixlog: Path) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn(f"{fixlog.name}: {{task.completed:,.0f}} messages"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task("replay", total=None)

    def __enter__(self) -> Self:
        """Start the progress line."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the progress line away."""
        self._progress.stop()

    def finding(self, finding: Finding) -> None:
        """Print the finding as a sentence."""
        click.echo(f"{finding.severity.value:<8} {finding.rule:<20} {finding.sentence}")

    def progress(self, messages: int) -> None:
        """Move the progress line."""
        self._progress.advance(self._task, messages)

    def summary(self, summary: Summary) -> None:
        """Print the sums."""
        click.echo(f"messages      {summary.messages}")
        for outcome, count in sorted(summary.outcomes.items()):
            click.echo(f"  {outcome:<20} {count}")
        click.echo(f"executions    {summary.executions}, of which evaluated {summary.evaluated}")
        for reason, count in sorted(summary.not_evaluated.items()):
            click.echo(f"  not evaluated: {reason:<28} {count}")
        click.echo(f"marks         {summary.marks}, at up to five minutes after the executions")
        for reason, count in sorted(summary.marks_not_evaluated.items()):
            click.echo(f"  not evaluated: {reason:<28} {count}")
        click.echo(f"findings      {sum(sum(by.values()) for by in summary.findings.values())}")
        for rule, by_severity in sorted(summary.findings.items()):
            shares = ", ".join(f"{count} {severity}" for severity, count in sorted(by_severity.items()))
            click.echo(f"  {rule:<20} {shares}")
        for verdict, count in sorted(summary.second_looks.items()):
            click.echo(f"  uncertain while messages were missing, then {verdict:<10} {count}")
        for scope, digest in sorted(summary.digest.items()):
            click.echo(f"digest {scope:<7} {digest}")


def printer(form: str, fixlog: Path) -> Printer:
    """Return the printer for `text` or `jsonl`."""
    return JsonPrinter() if form == "jsonl" else TextPrinter(fixlog)
