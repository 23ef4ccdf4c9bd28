"""The commands about a day, as an operator types them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text, update

from service.access.permissions import Role
from service.access.trail import Deed
from service.cli import main
from service.statements.chain import Kind
from service.store.engine import Database
from service.store.statements import SqlStatements
from service.store.tables import access_log, statements
from service.store.trail import SqlTrail
from tests.factories_access import a_draft
from tests.factories_cases import a_queue, gather_all
from tests.factories_folder import a_working_folder, settings_on
from tests.factories_recorded import ROAD_DAY, admin, record_all, trade
from tests.page_people import an_account
from tests.stores import lay_tables

WHOLE = [admin(1, 0, "A"), *(trade(number) for number in range(2, 8))]
HEADING = "ExecID,LastQty,LastPx,Side,Symbol"


@pytest.fixture
def folder(tmp_path: Path, store_url: str) -> Path:
    """Give a working folder whose store has a whole day."""
    made = a_working_folder(tmp_path / "work", settings=settings_on(store_url))
    with Database(store_url) as database:
        lay_tables(database)
        record_all(database, WHOLE)
        gather_all(a_queue(database))
    return made


@pytest.fixture
def store(folder: Path, store_url: str) -> Iterator[SqlStatements]:
    """Give the statements of the folder's store."""
    with Database(store_url) as database:
        yield SqlStatements(database)


def asked(folder: Path, *words: str) -> Result:
    """Run a command on the folder."""
    return CliRunner().invoke(main, [*words, "--folder", str(folder)])


def test_a_complete_day_is_certified_and_kept(folder: Path, store: SqlStatements) -> None:
    """Exit code 0; the statement is in the chain."""
    result = asked(folder, "completeness", "--day", ROAD_DAY)

    assert result.exit_code == 0, result.output
    assert "SESSION COMPLETE BUT NOT RECONCILED WITH OUR OWN ORDERS" in result.output
    assert [one.state for one in store.of_day(ROAD_DAY)] == ["complete_not_reconciled"]


def test_a_day_that_is_not_complete_makes_the_exit_code(folder: Path, store: SqlStatements) -> None:
    """And is not kept when nobody wants it kept."""
    result = asked(folder, "completeness", "--day", "2013-10-08", "--no-store", "--format", "json")

    assert result.exit_code == 1
    assert [json.loads(line)["state"] for line in result.output.splitlines()] == ["red"]
    assert store.of_day("2013-10-08") == []


def test_a_vendors_file_is_compared(folder: Path, tmp_path: Path) -> None:
    """With one execution too many."""
    file = tmp_path / "eod.csv"
    rows = [f"E{number},100,181.95,1,IBM" for number in range(2, 8)]
    file.write_text("\n".join([HEADING, *rows]), encoding="utf-8")

    good = asked(folder, "completeness", "--day", ROAD_DAY, "--against", str(file))
    file.write_text("\n".join([HEADING, *rows, "E9,1,1,1,X"]), encoding="utf-8")
    bad = asked(folder, "completeness", "--day", ROAD_DAY, "--against", str(file))

    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "eod.csv: all 6 executions agree" in good.output
    assert "E9: line 8: buy 1 X at 1 is not here" in bad.output


def test_a_bad_call_is_refused_in_words(folder: Path, tmp_path: Path) -> None:
    """A file of no columns, a counterparty that is not there, a signature of nobody."""
    file = tmp_path / "eod.csv"
    file.write_text("a,b\n", encoding="utf-8")

    for words, said in (
        (("completeness", "--day", ROAD_DAY, "--against", str(file)), "eod.csv: line 1: no column execid or 17"),
        (("completeness", "--day", ROAD_DAY, "--counterparty", "nobody"), "there is no session of nobody"),
        (("close-of-day", "--day", ROAD_DAY, "--sign"), "not signed: nobody is named"),
        (("readiness", "--sign", "--actor", "pat"), "not signed: not everything is well"),
    ):
        result = asked(folder, *words)
        assert (result.exit_code, said in result.output) == (2, True), result.output


def test_a_file_of_one_counterparty_needs_its_name_when_there_are_several(folder: Path, tmp_path: Path) -> None:
    """Whose executions would it be compared with?"""
    a_working_folder(tmp_path / "other", party="other")
    (tmp_path / "other" / "fix_configs" / "other").rename(folder / "fix_configs" / "other")
    file = tmp_path / "eod.csv"
    file.write_text(f"{HEADING}\n", encoding="utf-8")

    result = asked(folder, "completeness", "--day", ROAD_DAY, "--against", str(file))

    assert (result.exit_code, "name it with --counterparty" in result.output) == (2, True)


def test_the_start_of_a_day_without_a_daemon_fails_and_can_be_signed_with_a_reason(
    folder: Path, store: SqlStatements
) -> None:
    """What was found is kept with the name under it."""
    result = asked(folder, "readiness", "--sign", "--actor", "pat", "--comment", "the daemon is being moved")

    assert result.exit_code == 1
    assert "fail  daemon: does not answer: http://127.0.0.1:" in result.output
    assert "warn  venue register of demo: is empty: no venue is approved" in result.output
    assert "signed by pat as 2" in result.output
    assert store.verify() == (2, None)


def test_the_close_of_a_day_is_signed(folder: Path, store: SqlStatements) -> None:
    """The signature names the hash of what was signed."""
    asked(folder, "completeness", "--day", ROAD_DAY)

    result = asked(folder, "close-of-day", "--day", ROAD_DAY, "--sign", "--actor", "pat")

    assert result.exit_code == 0, result.output
    assert f"Of 6 executions reported for trade date {ROAD_DAY}" in result.output
    _, close, signature = store.of_day(ROAD_DAY)
    assert (close.kind.value, close.state, signature.actor) == ("close_of_day", "as_reviewed", "pat")
    assert json.loads(signature.body)["hash"] == close.hash.hex()


def test_the_chain_is_verified_and_whoever_edits_it_is_found(folder: Path, store_url: str) -> None:
    """By its first broken link."""
    for _ in range(3):
        asked(folder, "completeness", "--day", ROAD_DAY)
    good = asked(folder, "statements", "verify")
    with Database(store_url) as database, database.writing() as connection:
        connection.execute(update(statements).where(statements.c.seq == 2).values(state="reconciled"))

    bad = asked(folder, "statements", "verify")

    assert good.exit_code == 0
    assert good.output == (
        "3 statements, the chain holds; 0 events of proposals, theirs holds; "
        "0 entries of the access log, theirs holds\n"
    )
    assert (bad.exit_code, "broken at statement 2" in bad.output) == (1, True)


def test_whoever_edits_the_access_log_is_found_too(folder: Path, store_url: str) -> None:
    """By the first entry that is not what was written."""
    with Database(store_url) as database:
        SqlTrail(database).append(a_draft(), a_draft(Deed.LOCKED))
        with database.writing() as connection:
            connection.execute(update(access_log).where(access_log.c.seq == 2).values(actor="nobody"))

    result = asked(folder, "statements", "verify")

    assert (result.exit_code, "the access log is broken at entry 2" in result.output) == (1, True)


def test_a_store_of_other_tables_is_refused(folder: Path, store_url: str) -> None:
    """In words, not with a trace."""
    with Database(store_url) as database, database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))

    result = asked(folder, "statements", "verify")

    assert result.exit_code == 2
    assert "has the tables of version 0002; expected version" in result.output


def test_where_there_are_accounts_only_who_may_sign_does(folder: Path, store: SqlStatements, store_url: str) -> None:
    """Under the account's own spelling; a desk does not, a stranger does not."""
    with Database(store_url) as database:
        an_account(database, "Pat", Role.SUPERVISOR)
        an_account(database, "sam", Role.DESK)
    close = ("close-of-day", "--day", ROAD_DAY, "--sign", "--comment", "seen", "--actor")
    ready = ("readiness", "--sign", "--comment", "no daemon", "--actor")

    by_a_desk, by_a_stranger = asked(folder, *close, "sam"), asked(folder, *ready, "nobody")
    done = [asked(folder, *close, "pat"), asked(folder, *ready, "pat")]

    assert by_a_desk.exit_code == by_a_stranger.exit_code == 2
    assert "sam (desk) may not certify and sign days" in by_a_desk.output
    assert "--actor nobody: there is no such account, or it is locked" in by_a_stranger.output
    assert all("signed by Pat" in one.output for one in done), [one.output for one in done]
    assert [one.actor for one in store.of_day(ROAD_DAY) if one.kind is Kind.SIGNATURE] == ["Pat"]
