"""How the commands about versions print what they are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click
import msgspec

from service.change.history import Row
from service.versions import Version


def say(lines: Iterable[str]) -> None:
    """Print lines."""
    for line in lines:
        click.echo(line)


def show_rows(rows: Sequence[Row], form: str) -> None:
    """Print versions and proposals, a line each."""
    say([as_json(row) for row in rows] if form == "json" else [row.words for row in rows])


def show_text(version: Version) -> None:
    """Print a version's text, exactly; who it is by goes to standard error, so that a file can be made of it."""
    people = f"proposed by {version.proposer}, approved by {version.approver or 'nobody yet'}"
    click.echo(
        f"version {version.hash}, {people if version.proposer else 'by ' + (version.actor or 'the start')}", err=True
    )
    click.echo(version.text, nl=False)


def as_json(value: Any) -> str:
    """Return a value as one line of JSON with sorted keys."""
    return msgspec.json.encode(value, order="sorted").decode()
