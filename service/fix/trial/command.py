"""The words after `sorwatch dialect`: try a vendor's sample log, print what it shows, put the draft away."""

from __future__ import annotations

from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from service.calling import FOLDER, refusing_bad_configuration
from service.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.fix.logfile import LogLine

_LOOKED_AT = 1_000
_NEWEST = "FIX.4.4"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def dialect() -> None:
    """Get to know how a counterparty speaks."""


@dialect.command("try")
@click.argument("fixlog", type=_FILE)
@click.option("--counterparty", help="Begin with this counterparty's dialect; else with the plain one.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the draft to this new file; else it is printed.")
@click.option("--quotes", type=_FILE, help="CSV of quotes, whose symbols the log's should match.")
@click.option("--ignore-checksum", is_flag=True, help="Accept messages whose CheckSum (10) is wrong.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@FOLDER
@refusing_bad_configuration
def try_dialect(
    fixlog: Path,
    counterparty: str | None,
    out: Path | None,
    quotes: Path | None,
    form: str,
    *,
    ignore_checksum: bool,
    folder: Path,
) -> None:
    """Read a vendor's sample log; report what it shows and draft a dialect.yaml."""
    from service.fix.logfile import read_log
    from service.fix.trial.trial import Trial

    if out is not None and out.exists():
        raise ConfigurationError([f"--out: {out} exists already; name a new file"])
    lines: Iterator[LogLine] = read_log(fixlog, ignore_checksum=ignore_checksum)
    first = list(islice(lines, _LOOKED_AT))
    text = _named(folder, counterparty) if counterparty else _plain(first)
    trial = Trial(text, None if quotes is None else _quoted(quotes))
    for line in chain(first, lines):
        trial.take(line.number, line.received_at, line.body)
    draft = trial.draft()
    if out is not None:
        _written(out, draft)
    if form == "json":
        click.echo(msgspec.json.encode({**trial.found(), "draft": draft}))
        return
    for said in trial.lines():
        click.echo(said)
    click.echo(f"\n{draft}" if out is None else f"the draft is in {out}", nl=out is not None)


def _named(folder: Path, counterparty: str) -> str:
    """Return the text of the counterparty's own dialect."""
    from service.configuration import collect
    from service.fix.dialect import parse_dialect

    path = folder / Settings.folder_name / counterparty / "dialect.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path} cannot be read: {error}"]) from None
    problems: list[str] = []
    collect(problems, f"{path}: ", lambda: parse_dialect(text))
    if problems:
        raise ConfigurationError(problems)
    return text


def _plain(first: list[LogLine]) -> str:
    """Return the plain dialect of the BeginString with which the log begins."""
    from service.configuration import plain_dialect

    for line in first:
        version = line.body.partition(b"\x01")[0].removeprefix(b"8=").decode("latin-1")
        if text := plain_dialect(version):
            return text
    text = plain_dialect(_NEWEST)
    assert text is not None
    return text


def _quoted(path: Path) -> frozenset[str]:
    """Return the symbols of a quote file."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        header = [name.strip() for name in file.readline().replace('"', "").split(",")]
        if "symbol" not in header:
            raise ConfigurationError([f"--quotes: {path} has no column symbol in its header row"])
        place = header.index("symbol")
        rows = (row.replace('"', "").split(",") for row in file)
        return frozenset(row[place].strip() for row in rows if len(row) > place)


def _written(out: Path, draft: str) -> None:
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(draft)
    except OSError as error:
        raise ConfigurationError([f"--out: {out} cannot be written: {error.strerror}"]) from None
