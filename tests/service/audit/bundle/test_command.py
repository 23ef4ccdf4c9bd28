"""`sorwatch audit bundle` as a person calls it: a new file, under a name that may export, and written down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.access.permissions import Role
from service.cli import main
from service.store.engine import Database
from service.store.trail import SqlTrail
from tests.factories_bundle import a_rich_store, files_in
from tests.factories_folder import a_working_folder
from tests.page_people import an_account
from tests.stores import lay_tables


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no variable of this machine into a test."""
    for name in [name for name in os.environ if name.upper().startswith("SORWATCH_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a working folder whose store holds a bit of everything."""
    made = a_working_folder(tmp_path / "work")
    with store_of(made) as database:
        lay_tables(database)
        a_rich_store(database)
    return made


def store_of(folder: Path) -> Database:
    """Return the store of a folder."""
    return Database(f"sqlite:///{folder / 'sorwatch.db'}")


def asked(folder: Path, *words: object) -> Result:
    """Call the command."""
    return CliRunner().invoke(main, ["audit", "bundle", *map(str, words), "--folder", str(folder)])


def test_a_bundle_is_written_checks_itself_and_stands_in_the_log(folder: Path, tmp_path: Path) -> None:
    """The hash that is printed is the one that the log has."""
    out = tmp_path / "exception.zip"

    result = asked(folder, 1, "--out", out)

    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(out) as held:
        held.extractall(tmp_path / "new")
    command = [sys.executable, "-I", "verify.py"]
    assert subprocess.run(command, cwd=tmp_path / "new", capture_output=True, check=False).returncode == 0
    with store_of(folder) as database:
        (entry,) = SqlTrail(database).newest()
    assert entry.words.startswith("bundle of evidence of exception 1, manifest ")
    assert result.output.strip().endswith(entry.words.rpartition(" ")[2])
    assert entry.actor.endswith(" (command)")


def test_an_extract_is_made_for_the_vendor(folder: Path, tmp_path: Path) -> None:
    """Of several counterparties one is named."""
    out = tmp_path / "vendor.zip"

    assert asked(folder, 1, "--out", out, "--for-vendor", "--counterparty", "demo").exit_code == 0

    files = files_in(out.read_bytes())
    assert json.loads(files["extract.json"])["reference"] == 1
    assert b"client-9" not in b"".join(files.values())


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("9",), "there is no exception 9"),
        (("1", "--counterparty", "demo"), "--counterparty: it goes with --for-vendor"),
        (("1", "--for-vendor", "--counterparty", "beta"), "is about demo, not about beta: --counterparty"),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(
    words: tuple[str, ...], problem: str, folder: Path, tmp_path: Path
) -> None:
    """And no file is left."""
    result = asked(folder, *words, "--out", tmp_path / "out.zip")

    assert result.exit_code == 2
    assert problem in result.output
    assert not (tmp_path / "out.zip").exists()


def test_no_file_is_written_over(folder: Path, tmp_path: Path) -> None:
    """Evidence least of all."""
    out = tmp_path / "kept.zip"
    out.write_bytes(b"kept")

    result = asked(folder, 1, "--out", out)

    assert (result.exit_code, out.read_bytes()) == (2, b"kept")


def test_where_there_are_accounts_the_one_that_is_named_must_be_allowed_to_export(folder: Path, tmp_path: Path) -> None:
    """A desk only looks."""
    with store_of(folder) as database:
        an_account(database, "ada", Role.AUDITOR)
        an_account(database, "dan", Role.DESK)

    refused = asked(folder, 1, "--out", tmp_path / "dan.zip", "--actor", "dan")
    granted = asked(folder, 1, "--out", tmp_path / "ada.zip", "--actor", "Ada")

    assert (refused.exit_code, granted.exit_code) == (2, 0)
    assert "may not export" in refused.output
    assert json.loads(files_in((tmp_path / "ada.zip").read_bytes())["manifest.json"])["made_by"] == "ada"
