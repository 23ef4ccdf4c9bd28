"""Proves an exported folder with nothing but Python's own library: `python verify.py FOLDER [seals.jsonl]`.

It recomputes the checksums of the files, every chain and every seal in the folder; with a file of seals that was kept
elsewhere it compares those too. It prints what does not hold, and ends with code 1 if there is anything.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

GENESIS = "00" * 32
Row = dict[str, Any]


def compact(value: Any, *, ordered: bool = False) -> bytes:
    """Return JSON without blanks, in UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=ordered).encode()


def sha(*parts: bytes) -> str:
    """Return the SHA-256 over the parts, in hex."""
    return hashlib.sha256(b"".join(parts)).hexdigest()


def link(previous: str, *head: Any, body: bytes) -> str:
    """Return the hash of a link behind another."""
    return sha(bytes.fromhex(previous), compact(list(head)), body)


def event(row: Row, previous: str) -> str:
    """Return the hash that an event of an exception must have."""
    head = (row["case_id"], row["n"], row["at"], row["actor"], row["kind"])
    return link(previous, *head, body=row["body"].encode())


def statement(row: Row, previous: str) -> str:
    """Return the hash that a statement must have."""
    names = ("seq", "kind", "counterparty", "session", "trade_date", "state", "at", "actor")
    return link(previous, *(row[name] for name in names), body=row["body"].encode())


def proposal(row: Row, previous: str) -> str:
    """Return the hash that an event of a proposal must have."""
    head = (row["proposal"], row["seq"], row["at"], row["actor"], row["state"])
    return link(previous, *head, body=row["body"].encode())


def entry(row: Row, previous: str) -> str:
    """Return the hash that an entry of the access log must have."""
    head = (0, row["seq"], row["at"], row["actor"], row["deed"])
    return link(previous, *head, body=compact([row["subject"], row["place"], row["words"]]))


def sealed(row: Row, previous: str) -> str:
    """Return the hash that a seal must have."""
    body = json.loads(row["body"])
    held = body["previous"] == previous and (body["seq"], body["day"], body["at"]) == (
        row["seq"],
        row["day"],
        row["at"],
    )
    return sha(row["body"].encode()) if held and compact(body, ordered=True).decode() == row["body"] else ""


STRETCHES = {
    "findings": ("findings", "seq"),
    "second looks": ("second_looks", "seq"),
    "findings of exceptions": ("case_findings", "seq"),
    "principals": ("principals", "seq"),
    "shelvings": ("shelvings", "shelving_id"),
}
"""What a seal digests that has no chain: in which file it is, and the key of its rows."""
CHAINS = {"statements": statement, "proposals": proposal, "access_log": entry, "seals": sealed}


def rows_of(folder: Path, name: str) -> Iterator[Row]:
    """Yield the rows of a file of the folder; none when it is not there."""
    path = folder / f"{name}.jsonl"
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)


def broken(rows: Iterator[Row], made: Any, key: str) -> tuple[int | None, Row | None]:
    """Return the first number that does not hold, None when all do, and the last row that does."""
    previous, last = GENESIS, None
    for number, row in enumerate(rows, start=1):
        if (row[key], row["prev_hash"], row["hash"]) != (number, previous, made(row, previous)):
            return number, last
        previous, last = row["hash"], row
    return None, last


def problems(folder: Path, outside: Path | None) -> Iterator[str]:
    """Yield everything in the folder that does not hold."""
    yield from _files(folder)
    for name, made in CHAINS.items():
        wrong, _ = broken(rows_of(folder, name), made, "seq")
        if wrong is not None:
            yield f"{name}: the chain does not hold at {wrong}"
    hashes: dict[tuple[int, int], str] = {}
    sealed_at = {(row["case_id"], row["n"]) for row in rows_of(folder, "sealed_heads")}
    heads = {row["case_id"]: (row["head_n"], row["head_hash"]) for row in rows_of(folder, "exceptions")}
    for case_id, mine in groupby(rows_of(folder, "case_events"), key=lambda row: row["case_id"]):
        events = list(mine)
        wrong, last = broken(iter(events), event, "n")
        if wrong is not None:
            yield f"exception {case_id}: its history does not hold at event {wrong}"
        elif last is not None and heads.pop(case_id, None) != (last["n"], last["hash"]):
            yield f"exception {case_id}: it does not stand where its history ends"
        here = {(case_id, row["n"]): row["hash"] for row in events}
        hashes.update({place: link for place, link in here.items() if place in sealed_at})
    yield from (f"exception {case_id}: it has no history" for case_id in heads)
    yield from _seals(folder, hashes, outside)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    if not any(manifest[name] for name in ("from", "to", "case")):
        for name, (file, key) in STRETCHES.items():
            yield from _stretches(folder, name, file, key)


def _files(folder: Path) -> Iterator[str]:
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        told, name = line.split("  ", 1)
        path = folder / name
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != told:
                yield f"{name}: it is not the file that was exported"


def _seals(folder: Path, hashes: dict[tuple[int, int], str], outside: Path | None) -> Iterator[str]:
    seals = [json.loads(row["body"]) for row in rows_of(folder, "seals")]
    made = {one["seq"]: hashlib.sha256() for one in seals}
    exported = {case_id for case_id, _ in hashes}
    for row in rows_of(folder, "sealed_heads"):
        if row["seal"] in made:
            made[row["seal"]].update(f"{row['case_id']},{row['n']},{row['hash']}\n".encode())
        if row["case_id"] in exported and hashes.get((row["case_id"], row["n"])) != row["hash"]:
            yield f"exception {row['case_id']}: event {row['n']} is not what was sealed"
    for one in seals:
        if made[one["seq"]].hexdigest() != one["cases"]["digest"]:
            yield f"seal {one['seq']}: the heads kept for it are not those that were sealed"
        for head in one["chains"]:
            yield from _head(folder, one["seq"], head)
    if outside is not None:
        yield from _outside(seals, outside)


def cells(row: Row, key: str) -> bytes:
    """Return what a row of a table without a chain adds to its digest."""
    shown = ("ended_at", "ended_by", key)
    covered = [name for name in row if name not in shown and not name.endswith(("_utc", "_usd"))]
    stored = [row[name].encode().hex() if name == "body" and row[name] is not None else row[name] for name in covered]
    return compact([row[key], *stored]) + b"\n"


def _stretches(folder: Path, name: str, file: str, key: str) -> Iterator[str]:
    rows = rows_of(folder, file)
    waiting = iter(sorted(rows, key=lambda row: int(row[key]))) if file == "case_findings" else rows
    row = next(waiting, None)
    for seal in (json.loads(one["body"]) for one in rows_of(folder, "seals")):
        told = next((one for one in seal["stretches"] if one["name"] == name), None)
        made = hashlib.sha256()
        while told is not None and row is not None and row[key] <= told["last"]:
            made.update(cells(row, key))
            row = next(waiting, None)
        if told is not None and made.hexdigest() != told["digest"]:
            yield f"seal {seal['seq']}: {name} up to {told['last']} are not what was sealed"


def _head(folder: Path, seq: int, head: Row) -> Iterator[str]:
    name = head["name"].replace(" ", "_")
    if head["n"] and (folder / f"{name}.jsonl").exists():
        there = next((row for row in rows_of(folder, name) if row["seq"] == head["n"]), None)
        if there is None or there["hash"] != head["hash"]:
            yield f"seal {seq}: {head['name']} {head['n']} is not what was sealed"


def _outside(seals: list[Row], outside: Path) -> Iterator[str]:
    here = {one["seq"]: sha(compact(one, ordered=True)) for one in seals}
    for line in outside.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        told = one.pop("hash")
        if told != sha(compact(one, ordered=True)) or told != here.get(one["seq"], told):
            yield f"seal {one['seq']}: the file of seals has another"


if __name__ == "__main__":
    found = list(problems(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))  # noqa: PLR2004 - a file
    sys.stdout.write("\n".join(found or ["everything in the folder holds"]) + "\n")
    sys.exit(1 if found else 0)
