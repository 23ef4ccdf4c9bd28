"""The files of a bundle: complete, the same every time, readable alone, and honest about what was left out."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import msgspec
import pytest

from rules.cards import catalogue
from rules.facts import Nanos
from service.audit.bundle.evidence import Evidence, Held
from service.audit.bundle.files import bundle_files, bundled
from service.audit.bundle.packed import packed
from service.cases.chain import link
from service.journal import RecordKind
from tests.factories import NOON
from tests.factories_bundle import MAKING, a_message, an_evidence, files_in, sha256
from tests.factories_picture import a_family
from tests.factories_store import a_finding

RULE = catalogue()["slow_fill"]
NAMES = {
    *(
        "README.txt",
        "case.json",
        "history.json",
        "quotes.csv",
        "page.html",
        "verify.py",
        "picture.svg",
        "rulebook.yaml",
    ),
    *("raw/index.json", "raw/readable.txt", "raw/000000000002.fix"),
}


def files_of(evidence: Evidence) -> dict[str, bytes]:
    """Return the files of a bundle."""
    return bundle_files(evidence, MAKING, RULE, b"# verifier", ".picture { color: red }")


def bare(finding_count: int = 0) -> Evidence:
    """Return an exception of which nothing is kept but itself."""
    held = tuple(Held(finding=a_finding(f"F{n}", offset=n)) for n in range(finding_count))
    return an_evidence(held=held, records=(), rulebook=None, family=None)


def test_a_bundle_has_every_file_and_the_manifest_its_hashes() -> None:
    """And who made it, when, with which version, and the head of the history."""
    evidence = an_evidence()

    files = files_in(bundled(evidence, MAKING, RULE, b"# verifier", "").content)

    manifest = json.loads(files.pop("manifest.json"))
    files.pop("manifest.sha256")
    assert set(files) == NAMES
    assert manifest["files"] == {name: {"sha256": sha256(one), "size": len(one)} for name, one in files.items()}
    assert (manifest["made_by"], manifest["made_at"], manifest["program"]) == (
        "pat",
        "2026-11-20T18:00:00.000000000Z",
        "sorwatch 9.9",
    )
    assert manifest["head"] == {"n": 1, "hash": evidence.case.head.hex()}


def test_the_same_exception_gives_the_same_bytes() -> None:
    """Another instant gives others; times that no zip can write are held to those that it can."""
    first, second = (bundled(an_evidence(), MAKING, RULE, b"", "") for _ in range(2))
    later = bundled(an_evidence(), msgspec.structs.replace(MAKING, at=Nanos(MAKING.at + 1)), RULE, b"", "")

    assert first == second
    assert later.manifest_hash != first.manifest_hash
    assert files_in(packed({}, {}, Nanos(0)).content) == files_in(packed({}, {}, Nanos(2**62)).content)


def test_messages_are_byte_for_byte_and_in_words() -> None:
    """Also those that came from a file, those of no known form, and records that are no message."""
    broken = a_message(7, body=b"\xff\x00 no FIX", received_at=None)
    note = a_message(3, RecordKind.FILE, body=b'{"file": "vendor.csv"}')
    filed = a_message(4, RecordKind.BACKFILL)

    files = files_of(an_evidence(records=(a_message(), note, filed, broken)))

    assert files["raw/000000000007.fix"] == b"\xff\x00 no FIX"
    assert files["raw/000000000003.json"] == b'{"file": "vendor.csv"}'
    listed = json.loads(files["raw/index.json"])
    assert [(one["offset"], one["kind"]) for one in listed] == [
        (2, "message"),
        (3, "file"),
        (4, "backfill"),
        (7, "message"),
    ]
    text = files["raw/readable.txt"].decode()
    assert "ExecutionReport from a file, read from a file 2026-11-20T17:00:00.000000000Z" in text
    assert re.search(r"  54 Side +1   \(buy\)", text)
    assert "received at a time that is not known" in text


def test_quotes_are_exact_and_the_one_in_force_is_named() -> None:
    """A missing side is empty."""
    rows = list(csv.DictReader(io.StringIO(files_of(an_evidence())["quotes.csv"].decode())))

    assert [(row["bid"], row["bid_size"], row["offer"], row["in_force"]) for row in rows] == [
        ("42.11", "1200", "42.13", "yes"),
        ("", "1200", "42.14", ""),
    ]
    assert rows[1]["at_ns"] == str(NOON + 1_000_000_000)


def test_each_link_of_the_history_can_be_made_again_from_the_file() -> None:
    """The body is the very text that was hashed."""
    (event,) = json.loads(files_of(an_evidence())["history.json"])

    made = link(
        bytes.fromhex(event["previous"]),
        *(event[name] for name in ("case_id", "n", "at", "actor", "action")),
        event["body"].encode(),
    )

    assert made.hex() == event["hash"]


def test_an_exception_of_which_nothing_is_kept_is_bundled_all_the_same() -> None:
    """Without message, finding, quote, rule, rulebook: it says so."""
    files = bundle_files(bare(), MAKING, None, b"", "")
    with_finding = bundle_files(bare(1), MAKING, None, b"", "")
    with_order = bundle_files(msgspec.structs.replace(bare(1), family=a_family()), MAKING, None, b"", "")

    assert "picture.svg" not in files
    assert "picture.svg" not in with_finding
    assert "rulebook.yaml" not in files
    assert files["raw/readable.txt"] == b"No message is behind this exception.\n"
    assert json.loads(files["case.json"])["rule"] is None
    assert b"None is behind this exception" in files["page.html"]
    assert b"No quotes are kept with this finding" in with_order["picture.svg"]


def test_what_was_left_out_is_said_in_every_place_where_it_is_looked_for() -> None:
    """In the case, on the page and in the README."""
    files = files_of(an_evidence(left_out=("4,500 of 5,000 findings",)))
    whole = files_of(an_evidence())

    assert json.loads(files["case.json"])["left_out"] == ["4,500 of 5,000 findings"]
    assert "4,500 of 5,000 findings" in files["page.html"].decode()
    assert "Left out: 4,500 of 5,000 findings." in files["README.txt"].decode()
    assert "Nothing was left out." in whole["README.txt"].decode()


def test_the_page_tells_how_it_was_measured_and_where_relatives_were_looked_for() -> None:
    """As far as there is anything to tell."""
    finding = msgspec.structs.replace(a_finding(quotes={}), clocks=None, sample_count=120)
    family = msgspec.structs.replace(a_family(), more_others=3, looked="Looked for near it.")
    family = msgspec.structs.replace(family, own=msgspec.structs.replace(family.own, more=9))

    text = _Page(files_of(an_evidence(finding=finding, family=family))["page.html"]).text

    assert "sample120" in text
    assert "measured from" not in text
    assert "and 3 more orders of the same parent" in text
    assert "Looked for near it." in text
    assert "and 9 more, farther from the finding" in text


def test_the_page_shows_so_many_findings_and_says_how_many_more() -> None:
    """The others are in the other files."""
    assert "and 70 more in case.json" in files_of(bare(120))["page.html"].decode()


class _Page(HTMLParser):
    """Notes what a page would load, and what it says."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loaded: list[str] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data", "style")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_opens_alone() -> None:
    """It loads nothing, runs nothing, and its own policy forbids both."""
    page = _Page(files_of(an_evidence())["page.html"])

    assert page.loaded == []
    assert not page.tags & {"script", "link", "img", "iframe", "object"}
    assert "default-src 'none'" in files_of(an_evidence())["page.html"].decode()
    for words in ("The fill took 2 s.", "bought 400 at 42.18", "ExecutionReport", "opened", "vendor", "changed"):
        assert words in page.text, words


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "a & b"])
def test_no_text_of_a_message_becomes_markup(hostile: str) -> None:
    """Whatever a counterparty or a person writes."""
    finding = a_finding(sentence=hostile, values={"note": hostile})
    evidence = an_evidence(finding=finding, records=(a_message(body=f"35=8\x0158={hostile}\x01".encode()),))

    page = _Page(files_of(evidence)["page.html"])

    assert not page.tags & {"script", "img"}
    assert page.text.count(hostile) >= 3
