"""Makes bundles and extracts from the store, and writes down who did: page, API and command all come here."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import msgspec

from rules.cards import catalogue
from rules.facts import Nanos
from service.access.trail import Deed, Draft
from service.audit.bundle.evidence import Evidence, Making
from service.audit.bundle.extract import extracted, vendor_of
from service.audit.bundle.files import bundled
from service.audit.bundle.packed import Packed
from service.cases.rules import DEFAULTS, Rules
from service.people import plain
from service.store.case_evidence import case_evidence
from service.store.engine import Database
from service.store.trail import SqlTrail

HERE = Path(__file__).parent
VERIFIER = HERE / "verifier.py"
STYLE = HERE.parents[1] / "web" / "static" / "picture.css"


class NoSuchExceptionError(LookupError):
    """There is no exception of that number."""


class Bundle(msgspec.Struct, frozen=True):
    """A zip under the name that it should be kept by; the hash of its manifest stands in the access log."""

    name: str
    content: bytes
    manifest_hash: str


def bundle(
    database: Database, case_id: int, *, by: str, firm: str, at: Nanos, place: str = "", rules: Rules = DEFAULTS
) -> Bundle:
    """Return the evidence of an exception as a zip, after it was written into the access log that it was made.

    The same store, name and time give the same bytes; `rules` hold the words of reasons. Raise NoSuchExceptionError.
    """
    evidence = _read(database, case_id)
    making = Making(by=by, firm=firm, at=at, program=version("sorwatch"), rules=rules)
    style = STYLE.read_text(encoding="utf-8")
    made = bundled(evidence, making, catalogue().get(evidence.case.key.rule), VERIFIER.read_bytes(), style)
    _note(database, making, place, f"bundle of evidence of exception {case_id}", made)
    return Bundle(f"exception-{case_id}.zip", made.content, made.manifest_hash)


def extract(
    database: Database,
    case_id: int,
    *,
    by: str,
    firm: str,
    at: Nanos,
    place: str = "",
    counterparty: str | None = None,
) -> Bundle:
    """Return the extract of an exception for a counterparty, after it was written into the access log that it was made.

    Raise NoSuchExceptionError, or SeveralVendorsError for an exception over several of which none is named.
    """
    evidence, making = _read(database, case_id), Making(by=by, firm=firm, at=at, program=version("sorwatch"))
    vendor = vendor_of(evidence, counterparty)
    made = extracted(evidence, making, catalogue().get(evidence.case.key.rule), vendor, VERIFIER.read_bytes())
    _note(database, making, place, f"extract of exception {case_id} for {vendor}", made)
    return Bundle(f"exception-{case_id}-for-vendor.zip", made.content, made.manifest_hash)


def _read(database: Database, case_id: int) -> Evidence:
    evidence = case_evidence(database, case_id)
    if evidence is None:
        msg = f"there is no exception {case_id}"
        raise NoSuchExceptionError(msg)
    return evidence


def _note(database: Database, making: Making, place: str, words: str, made: Packed) -> None:
    told = f"{words}, manifest {made.manifest_hash}"
    SqlTrail(database).append(
        Draft(at=making.at, actor=making.by, deed=Deed.READ, subject=plain(making.by), place=place, words=told)
    )
