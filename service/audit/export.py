"""Writes record and trail into a folder that is read and proved without this program."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from service.audit import prove
from service.audit.export_words import days_between, readme
from service.audit.parts import PARTS
from service.store.engine import Database
from service.store.export import WRITERS, SqlRecords
from service.store.export_columns import EXPORTS, shown
from service.store.export_kinds import Columns, as_they_are
from service.store.export_text import iso_utc, raw_text
from service.store.export_trail import Selection, SqlTrailExport

RECORD = ("executions", "orders")
MESSAGES: Columns = {
    **as_they_are("offset", "kind", "counterparty", "session", "epoch", "received_at"),
    "received_at_utc": iso_utc,
    "raw": raw_text,
}
README, SUMS, MANIFEST, PROVER = "README.md", "SHA256SUMS", "manifest.json", "verify.py"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be exported: trade dates or one exception, in which forms, and which parts are left out."""

    first: str | None = None
    last: str | None = None
    case: int | None = None
    csv: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Return what was chosen, in words."""
        if self.case is not None:
            return f"exception {self.case}"
        if self.first is None and self.last is None:
            return "all there is"
        return f"trade dates {self.first or 'from the first'} to {self.last or 'the last'}"


class Written(msgspec.Struct, frozen=True):
    """A file of the export."""

    name: str
    rows: int
    sha256: str


class _Counted:
    """Rows that are counted as they pass."""

    def __init__(self, rows: Iterable[dict[str, object]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[dict[str, object]]:
        for row in self._rows:
            self.count += 1
            yield row


def export(database: Database, wanted: Wanted, out: Path, *, by: str) -> Iterator[str]:
    """Write the files of an export; yield a line for each, and one for what was left out."""
    out.mkdir(parents=True, exist_ok=True)
    source = _Source(database, wanted)
    written: list[Written] = []
    rows: dict[str, int] = {}
    for name in source.names:
        for form in ("jsonl", *(["csv"] if wanted.csv else [])):
            counted = _Counted(source.rows(name))
            with (out / f"{name}.{form}").open("w", encoding="utf-8", newline="") as file:
                WRITERS[form](source.columns(name), iter(counted), file)
            written.append(_written(out, f"{name}.{form}", counted.count))
        rows[name] = counted.count
        yield f"{name}: {counted.count:,} rows"
    about = f"{wanted.words[0].upper()}{wanted.words[1:]}, written {_now()} by {by}."
    columns = {name: list(source.columns(name)) for name in source.names}
    (out / README).write_text(readme(columns, rows, about), encoding="utf-8")
    (out / PROVER).write_bytes(Path(prove.__file__).read_bytes())
    written += [_written(out, README, 0), _written(out, PROVER, 0)]
    yield from _finish(out, wanted, written, by)


def _finish(out: Path, wanted: Wanted, written: list[Written], by: str) -> Iterator[str]:
    """Write the manifest, and the checksums of everything with it."""
    about = {"program": f"sorwatch {importlib.metadata.version('sorwatch')}", "written_at": _now(), "by": by}
    chosen = {"from": wanted.first, "to": wanted.last, "case": wanted.case, "left_out": wanted.left_out}
    manifest = {**about, **chosen, "files": written}
    (out / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    sums = [*written, _written(out, MANIFEST, 0)]
    (out / SUMS).write_text("".join(f"{one.sha256}  {one.name}\n" for one in sums), encoding="utf-8")
    for name in wanted.left_out:
        yield f"{name}: left out; it is for who may read the access log"
    yield f"checksums of {len(sums)} files in {out / SUMS}"


class _Source:
    """The rows and columns of every file."""

    def __init__(self, database: Database, wanted: Wanted) -> None:
        self._wanted = wanted
        self._record = SqlRecords(database)
        self._trail = SqlTrailExport(database, Selection(first=wanted.first, last=wanted.last, case=wanted.case))
        record = RECORD if wanted.case is None else ()
        self.names = (*(name for name in PARTS if name not in wanted.left_out), "messages", *record)

    def columns(self, name: str) -> Columns:
        """Return the columns of a file."""
        if name in PARTS:
            return self._trail.columns(name)
        return MESSAGES if name == "messages" else EXPORTS[name]

    def rows(self, name: str) -> Iterator[dict[str, object]]:
        """Yield the rows of a file."""
        if name in PARTS:
            yield from self._trail.rows(name)
        elif name == "messages":
            for row in self._trail.messages():
                yield shown(MESSAGES, {**row, "received_at_utc": row["received_at"], "raw": row["body"]})
        else:
            for day in self._days():
                yield from self._record.rows(name, day)

    def _days(self) -> Iterator[str | None]:
        """Yield the trade dates that are meant, None for all together."""
        if self._wanted.first is None and self._wanted.last is None:
            yield None
            return
        first, last = self._trail.ends()
        yield from days_between(self._wanted.first or first, self._wanted.last or last)


def _written(out: Path, name: str, rows: int) -> Written:
    with (out / name).open("rb") as file:
        return Written(name, rows, hashlib.file_digest(file, "sha256").hexdigest())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
