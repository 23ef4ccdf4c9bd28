"""Checks a bundle of evidence offline: python3 verify.py [its folder or zip]. Exit code 1: something differs.

Only Python's own library (3.9 or later), no network, nothing is written. What is checked, in this order:
1. manifest.json has the SHA-256 that manifest.sha256 says;
2. every file has the size and SHA-256 that the manifest says, none is missing and none was added;
3. the history in history.json is one chain: each event covers the one before, and the last is the head that the
   manifest and case.json name. A bundle for a vendor has no history.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OUTSIDE = ("manifest.json", "manifest.sha256")
PROVES = """What this proves: these are the files that the manifest names, byte for byte.
What it does not prove: who made this manifest and when (its SHA-256 stands in the access log of the firm's sorwatch,
which is chained: ask for that entry); that what is written in the files is true; that this very script is genuine
(compare it with a copy that you trust, or read it: it is short)."""
PROVES_HISTORY = """The history is one unbroken chain that ends at the event named above: none of its events was
changed, left out or put in since. That nothing was cut off its end before the bundle was made it does not prove:
compare the last event's hash with what the firm's sorwatch has now, or with a seal kept elsewhere."""


def files_of(place: Path) -> dict[str, bytes]:
    """Return name and content of every file in a folder or a zip."""
    if place.is_file():
        with zipfile.ZipFile(place) as held:
            names = held.namelist()
            if len(names) != len(set(names)):
                message = "a name is twice in the zip"
                raise ValueError(message)
            return {name: held.read(name) for name in names}
    found = (path for path in sorted(place.rglob("*")) if path.is_file())
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in found}


def wrong_files(files: dict[str, bytes], manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what differs between the files and the manifest."""
    listed = manifest["files"]
    for name in sorted(set(listed) - set(files)):
        yield f"{name} is missing"
    for name in sorted(set(files) - set(listed) - set(OUTSIDE)):
        yield f"{name} is not in the manifest"
    for name in sorted(set(files) & set(listed)):
        content, told = files[name], listed[name]
        if len(content) != told["size"] or hashlib.sha256(content).hexdigest() != told["sha256"]:
            yield f"{name} is not as the manifest says"


def link(previous: bytes, event: dict[str, Any]) -> bytes:
    """Return the SHA-256 of one event of the history: over the hash before, what it is, and its body."""
    told = [event[name] for name in ("case_id", "n", "at", "actor", "action")]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(previous + text.encode() + event["body"].encode()).digest()


def wrong_history(history: list[dict[str, Any]], case: dict[str, Any], manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what does not hold in the chain of the case's history."""
    previous = b"\0" * 32
    for number, event in enumerate(history, start=1):
        good = link(previous, event)
        told = (event["n"], event["case_id"], event["previous"], event["hash"])
        if told != (number, manifest["case_id"], previous.hex(), good.hex()):
            yield f"history: event {number} does not hold"
            return
        previous = good
    for name, head in (("manifest.json", manifest["head"]), ("case.json", case["case"]["head"])):
        if head != {"n": len(history), "hash": previous.hex()}:
            yield f"history: it ends at event {len(history)}, and {name} names another head"


def differences(files: dict[str, bytes]) -> Iterator[str]:
    """Yield everything that differs in a bundle."""
    for name in OUTSIDE:
        if name not in files:
            yield f"{name} is missing"
            return
    if files["manifest.sha256"] != f"{hashlib.sha256(files['manifest.json']).hexdigest()}  manifest.json\n".encode():
        yield "manifest.json has another SHA-256 than manifest.sha256 says"
        return
    manifest = json.loads(files["manifest.json"])
    yield from wrong_files(files, manifest)
    if "history.json" in manifest["files"] and "history.json" in files and "case.json" in files:
        yield from wrong_history(json.loads(files["history.json"]), json.loads(files["case.json"]), manifest)


def main(words: list[str]) -> int:
    """Check the bundle and say what came of it."""
    place = Path(words[0]) if words else Path(__file__).resolve().parent
    try:
        files = files_of(place)
        wrong = list(differences(files))
    except Exception as error:  # noqa: BLE001 - whatever cannot be read is not as it was
        files, wrong = {}, [f"{place} cannot be read: {type(error).__name__}: {error}"]
    if wrong:
        sys.stdout.write("".join(f"DIFFERS: {line}\n" for line in wrong))
        return 1
    manifest = json.loads(files["manifest.json"])
    sys.stdout.write(f"{len(files)} files, all as the manifest says. SHA-256 of the manifest:\n")
    sys.stdout.write(f"  {hashlib.sha256(files['manifest.json']).hexdigest()}\n")
    if "head" in manifest:
        sys.stdout.write(f"History of exception {manifest['case_id']}: {manifest['head']['n']} events, the last is\n")
        sys.stdout.write(f"  {manifest['head']['hash']}\n{PROVES_HISTORY}\n")
    sys.stdout.write(PROVES + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
