"""Who may fill a gap: where there are accounts, the account of that name."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.access.permissions import Role
from service.cli import main
from service.journal import RecordKind
from service.store.engine import Database
from service.store.journal import SqlJournal
from tests.factories_folder import a_fix_log, a_working_folder, messages, settings_on
from tests.page_people import an_account
from tests.stores import lay_tables


def filled(tmp_path: Path, store_url: str, actor: str) -> Result:
    """Fill a gap of a store with two accounts under a name."""
    folder = a_working_folder(tmp_path / "work", settings=settings_on(store_url))
    log = a_fix_log(tmp_path / "a.log", messages())
    with Database(store_url) as database:
        lay_tables(database)
        an_account(database, "Pat", Role.SUPERVISOR)
        an_account(database, "sam", Role.DESK)
    words = ["backfill", "demo", str(log), "--session", "FIX.4.4:FIRM->SOR", "--folder", str(folder)]
    return CliRunner().invoke(main, [*words, "--actor", actor])


@pytest.mark.parametrize(
    ("actor", "said"),
    [("sam", "sam (desk) may not work on exceptions"), ("nobody", "--actor nobody: there is no such account")],
)
def test_a_name_that_may_not_fills_nothing(tmp_path: Path, store_url: str, actor: str, said: str) -> None:
    """In words, and the journal is as it was."""
    result = filled(tmp_path, store_url, actor)

    assert result.exit_code == 2
    assert said in result.output
    with Database(store_url) as database:
        assert SqlJournal(database).last_offset() == 0


def test_a_supervisor_fills_it_under_the_name_of_the_account(tmp_path: Path, store_url: str) -> None:
    """However it was typed."""
    result = filled(tmp_path, store_url, "pat")

    assert result.exit_code == 0, result.output
    with Database(store_url) as database:
        notes = [one.body for one in SqlJournal(database).read(0, 100) if one.kind is RecordKind.FILE]
    assert [b'"Pat"' in body for body in notes] == [True]
