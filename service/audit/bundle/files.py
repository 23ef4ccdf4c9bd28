"""Every file of a bundle of evidence, and what its manifest says of it. Pure."""

from __future__ import annotations

from typing import Any

from rules.rule import Rule
from service.audit.bundle.evidence import Evidence, Making
from service.audit.bundle.packed import Packed, packed, pretty
from service.audit.bundle.page import page
from service.audit.bundle.raw import raw_files
from service.audit.bundle.told import case_json, history_json, quotes_csv
from service.exact_text import iso_utc
from service.picture.nbbo import picture

README = """Evidence of exception {case_id} of {firm}
made by {by} at {at} with sorwatch {program}

page.html          all of it to read and to print; needs nothing else
case.json          the exception, its findings, second looks, limits in force, the rule's card
rulebook.yaml      the rulebook in force at the newest finding, where one was put in force
raw/               the messages byte for byte as they came, a list of them with our receipt, and the same in words
quotes.csv         the quotes kept around the executions
picture.svg        the best bid and offer around the newest finding's execution, and the life of its order
history.json       who did what to the exception, each event with the text that its hash covers
manifest.json      size and SHA-256 of every file, and the hash of the history's last event
verify.py          checks all of that: unpack into a new folder and run  python3 verify.py
                   (it says what it proves and what not; exit code 1 when anything differs)

{left_out}"""
WHOLE = "Nothing was left out.\n"


def bundle_files(
    evidence: Evidence, making: Making, rule: Rule | None, verifier: bytes, style: str
) -> dict[str, bytes]:
    """Return the files but for the manifest; `verifier` is the script, `style` the sheet of the picture."""
    drawn = _drawn(evidence, style)
    files = {
        "README.txt": _readme(evidence, making).encode(),
        "case.json": pretty(case_json(evidence, making, rule)),
        "history.json": pretty(history_json(evidence.history)),
        "quotes.csv": quotes_csv(evidence.held),
        "page.html": page(evidence, making, rule, drawn).encode(),
        "verify.py": verifier,
        **raw_files(evidence.records),
    }
    if drawn:
        files["picture.svg"] = drawn.encode()
    if evidence.rulebook is not None:
        files["rulebook.yaml"] = evidence.rulebook.text.encode()
    return files


def bundled(evidence: Evidence, making: Making, rule: Rule | None, verifier: bytes, style: str) -> Packed:
    """Return the whole bundle as a zip."""
    case = evidence.case
    told: dict[str, Any] = {
        "what": "evidence of one exception",
        "case_id": case.case_id,
        "head": {"n": case.n, "hash": case.head.hex()},
        "firm": making.firm,
        "made_by": making.by,
        "made_at": iso_utc(making.at),
        "program": f"sorwatch {making.program}",
    }
    return packed(bundle_files(evidence, making, rule, verifier, style), told, making.at)


def _drawn(evidence: Evidence, style: str) -> str:
    """Return the picture of the newest finding, "" where neither quotes nor an order are behind it."""
    newest = evidence.held[0] if evidence.held else None
    if newest is None or (newest.quotes is None and evidence.family is None):
        return ""
    return picture(newest.finding, newest.quotes, evidence.family, style=style)


def _readme(evidence: Evidence, making: Making) -> str:
    left_out = "".join(f"Left out: {line}.\n" for line in evidence.left_out) or WHOLE
    return README.format(
        case_id=evidence.case.case_id,
        firm=making.firm,
        by=making.by,
        at=iso_utc(making.at),
        program=making.program,
        left_out=left_out,
    )
