"""Bundles from a store: everything that is in it, bounded, written down; and no secret of any table for the vendor."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import LargeBinary, Table, Text

from rules.facts import Nanos
from service.audit.bundle import verifier
from service.audit.bundle.extract import SeveralVendorsError
from service.audit.bundle.make import NoSuchExceptionError, bundle, extract
from service.processed import Processed
from service.store import case_evidence
from service.store.columns import metadata
from service.store.engine import Database
from service.store.record import SqlStore
from service.store.trail import SqlTrail
from tests.factories import NOON
from tests.factories_bundle import MADE_AT, a_rich_store, files_in
from tests.factories_cases import a_queue, gather_all
from tests.factories_store import a_finding
from tests.stores import ready_store

SECRET = "s3cret-of-ours"
FACTS = ("executions", "order_events", "order_outcomes")
KNOWN_TO_THE_VENDOR = {(table, column) for table in FACTS for column in ("order_id", "cl_ord_id")}
"""Ids that the vendor gave, or gave back."""
HOLDING = {
    *FACTS,
    *("amendments", "case_events", "case_findings", "cases", "finding_quotes", "findings", "journal", "reassessments"),
    *("access_log", "case_words", "incidents", "offsets", "outbox", "own_orders", "versions"),
}
"""Tables that the rich store has rows in."""


def made(database: Database, case_id: int = 1) -> dict[str, bytes]:
    """Return the files of the bundle of an exception."""
    return files_in(bundle(database, case_id, by="pat", firm="demo", at=MADE_AT).content)


def given(database: Database, case_id: int = 1, counterparty: str | None = None) -> str:
    """Return all that the vendor gets of an exception, as one text."""
    zipped = extract(database, case_id, by="pat", firm="demo", at=MADE_AT, counterparty=counterparty)
    return "\n".join(f"{name}\n{content.decode()}" for name, content in files_in(zipped.content).items())


def test_everything_behind_an_exception_is_in_its_bundle(database: Database) -> None:
    """Messages from the line and from a file with who brought it, quotes, second looks, the order, the history."""
    files = made(database, a_rich_store(database))

    told = json.loads(files["case.json"])
    assert [one["finding_id"] for one in told["findings"]] == ["F1", "F0"]
    assert [look["verdict"] for look in told["findings"][0]["second_looks"]] == ["stands"]
    assert [one["kind"] for one in json.loads(files["raw/index.json"])] == [
        *("version", "message", "file", "backfill"),
        *("message" for _ in range(3)),
    ]
    assert [one["action"] for one in json.loads(files["history.json"])] == ["open", "reassessed", "acknowledge"]
    assert files["quotes.csv"].count(b"\n") == 3
    assert files["rulebook.yaml"] == b"{}"
    assert told["rulebook"]["put_in_force_by"] == "kim"
    assert b"the source was away" in files["picture.svg"]
    assert list(verifier.differences(files)) == []


def test_the_same_question_gives_the_same_bytes_and_each_is_written_down(database: Database) -> None:
    """With the hash of the manifest, in the chained log, for whoever it was."""
    a_rich_store(database)

    first, second = (bundle(database, 1, by="Pat", firm="demo", at=MADE_AT, place="10.0.0.1") for _ in range(2))
    other = extract(database, 1, by="Pat", firm="demo", at=MADE_AT, counterparty="demo")

    assert first == second
    newest, *older = SqlTrail(database).newest()
    assert (newest.actor, newest.subject, newest.deed.value) == ("Pat", "pat", "read")
    assert newest.words == f"extract of exception 1 for demo, manifest {other.manifest_hash}"
    assert [(one.words, one.place) for one in older] == [
        (f"bundle of evidence of exception 1, manifest {first.manifest_hash}", "10.0.0.1")
    ] * 2
    assert SqlTrail(database).verify() == (3, None)


def test_an_exception_without_a_message_is_bundled(database: Database) -> None:
    """For example one about silence."""
    SqlStore(database).record(Processed(upto=9, findings=[a_finding("F1", offset=9, subject="line")]))
    gather_all(a_queue(database), NOON)

    files = made(database)

    assert files["raw/readable.txt"] == b"No message is behind this exception.\n"
    assert list(verifier.differences(files)) == []


def test_an_exception_of_5000_findings_is_bounded_and_says_so(database: Database) -> None:
    """Of the older ones."""
    many = [a_finding(f"F{n}", offset=n, at=Nanos(NOON + n)) for n in range(1, 5_001)]
    SqlStore(database).record(
        Processed(upto=5_000, findings=[msgspec.structs.replace(one, related=(one.offset,)) for one in many])
    )
    gather_all(a_queue(database), NOON)

    zipped = bundle(database, 1, by="pat", firm="demo", at=MADE_AT)

    told = json.loads(files_in(zipped.content)["case.json"])
    assert len(told["findings"]) == case_evidence.MOST_FINDINGS
    assert told["case"]["finding_count"] == 5_000
    assert told["left_out"] == [
        "4,500 of 5,000 findings, the older ones",
        "the quotes around 400 of the 500 findings in it, the older ones",
    ]
    assert len(zipped.content) < 1_000_000


def test_of_many_messages_those_of_the_newest_findings_are_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how many are not."""
    monkeypatch.setattr(case_evidence, "MOST_MESSAGES", 3)
    a_rich_store(database)

    told = json.loads(made(database)["case.json"])

    assert told["left_out"] == ["3 of 6 messages behind the findings in it, those of the older ones"]


def test_there_is_no_bundle_of_no_exception(database: Database) -> None:
    """And nothing is written down."""
    for make in (bundle, extract):
        with pytest.raises(NoSuchExceptionError, match="there is no exception 7"):
            make(database, 7, by="pat", firm="demo", at=MADE_AT)

    assert SqlTrail(database).newest() == []


def test_an_extract_for_a_counterparty_that_it_is_not_about_is_not_made(database: Database) -> None:
    """The message of another counterparty in the evidence does not make it one."""
    a_rich_store(database)

    with pytest.raises(SeveralVendorsError, match="is about demo, not about other"):
        given(database, counterparty="other")


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of a store that holds a bit of everything, closed."""
    folder = tmp_path_factory.mktemp("rich")
    with ready_store("sqlite", folder) as made_store:
        a_rich_store(made_store)
        given(made_store)
    return folder / "sorwatch.db"


def test_the_rich_store_holds_what_it_is_asked_for(rich: Path) -> None:
    """So that the next test is about something."""
    with closing(sqlite3.connect(rich)) as held:
        full = {name for name in metadata.tables if held.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone()}

    assert full == HOLDING


@pytest.mark.parametrize("name", sorted(HOLDING))
def test_a_secret_in_any_field_of_any_table_stays_with_us(name: str, rich: Path, tmp_path: Path) -> None:
    """Field by field: either the extract is made without it, or the row is refused as what nobody can read."""
    table, copy = metadata.tables[name], tmp_path / "sorwatch.db"
    shutil.copy(rich, copy)
    came_to: dict[str, str] = {}
    with closing(sqlite3.connect(copy, isolation_level=None)) as held, Database(f"sqlite:///{copy}") as database:
        held.execute(f'CREATE TEMP TABLE old AS SELECT * FROM "{name}"')
        for column in _fields(table):
            kind = "BLOB" if _is_blob(table, column) else "TEXT"
            own = "hex(randomblob(4))"  # two rows may not be the same
            held.execute(f'UPDATE "{name}" SET "{column}" = CAST(\'{SECRET}\' || {own} AS {kind})')
            came_to[column] = _given_or_refused(database)
            held.execute(f'DELETE FROM "{name}"')
            held.execute(f'INSERT INTO "{name}" SELECT * FROM old')

    assert not [column for column, told in came_to.items() if SECRET in told]
    assert 2 * sum(map(bool, came_to.values())) >= len(came_to), "most fields hold any word"


def test_a_secret_in_any_text_of_a_finding_stays_with_us(rich: Path, tmp_path: Path) -> None:
    """Each leaf of its JSON in turn, and one more in each of its objects."""
    with closing(sqlite3.connect(rich)) as held:
        (body,) = held.execute("SELECT body FROM findings WHERE finding_id = 'F1'").fetchone()
    tried = 0
    for number, changed in enumerate(_changed(json.loads(body))):
        copy = tmp_path / f"{number}.db"
        shutil.copy(rich, copy)
        with closing(sqlite3.connect(copy)) as held, held:
            held.execute("UPDATE findings SET body = ? WHERE finding_id = 'F1'", (json.dumps(changed).encode(),))
        with Database(f"sqlite:///{copy}") as database:
            try:
                told = given(database, counterparty="demo")
            except (msgspec.MsgspecError, ValueError):
                continue
        tried += 1
        assert SECRET not in told, changed

    assert tried > 15


def _given_or_refused(database: Database) -> str:
    try:
        return given(database)
    except (ValueError, KeyError, msgspec.MsgspecError, NoSuchExceptionError):
        return ""


def _fields(table: Table) -> list[str]:
    return [
        column.name
        for column in table.columns
        if isinstance(column.type, Text | LargeBinary) and (table.name, column.name) not in KNOWN_TO_THE_VENDOR
    ]


def _is_blob(table: Table, column: str) -> bool:
    return isinstance(table.c[column].type, LargeBinary)


def _changed(value: object) -> Iterator[object]:
    """Yield a JSON value again and again, each time with the secret in the place of another text."""
    if isinstance(value, str):
        yield SECRET
    elif isinstance(value, dict):
        yield value | {SECRET: SECRET}
        for name, inner in value.items():
            yield from (value | {name: other} for other in _changed(inner))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from ([*value[:number], other, *value[number + 1 :]] for other in _changed(inner))
