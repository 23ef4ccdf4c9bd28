"""`sorwatch audit …` as an operator and an examiner type it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.access.permissions import Role
from service.access.trail import Deed
from service.cli import main
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.trail import SqlTrail
from tests.factories_access import a_draft, a_user
from tests.factories_audit import NEXT_DAY, a_record, meddle
from tests.factories_folder import a_working_folder, settings_on
from tests.stores import lay_tables


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    """Give a store with work, and two seals made during it."""
    with Database(store_url) as made:
        lay_tables(made)
        a_record(made)
        yield made


@pytest.fixture
def folder(tmp_path: Path, store_url: str, database: Database) -> Path:
    """Give a working folder on that store."""
    return a_working_folder(tmp_path / "work", settings=settings_on(store_url))


def asked(folder: Path, *words: str) -> Result:
    """Run a command on the folder."""
    return CliRunner().invoke(main, ["audit", *words, "--folder", str(folder)])


def test_sealing_twice_a_day_is_said_and_not_done(folder: Path) -> None:
    """Unless somebody wants it; the file has every seal of the store, the older ones too."""
    first, second, third = asked(folder, "seal"), asked(folder, "seal"), asked(folder, "seal", "--again")

    lines = [json.loads(line) for line in (folder / "seals" / "seals.jsonl").read_bytes().splitlines()]
    assert first.output.startswith("seal 3 of ")
    assert "seal 3 of" in second.output
    assert "stands already; --again makes another" in second.output
    assert third.output.startswith("seal 4 of ")
    assert [line["seq"] for line in lines] == [1, 2, 3, 4]
    assert lines[-1]["hash"] in third.output


def test_a_record_that_holds_ends_with_0_and_says_against_what(folder: Path) -> None:
    """Without a file, with the folder's own, with a copy."""
    alone = asked(folder, "verify")
    asked(folder, "seal")
    own = asked(folder, "verify")
    copy = folder / "copy.jsonl"
    copy.write_bytes((folder / "seals" / "seals.jsonl").read_bytes())
    kept = asked(folder, "verify", "--seals", str(copy))

    assert (alone.exit_code, own.exit_code, kept.exit_code) == (0, 0, 0), alone.output
    assert "no file of seals at hand: who holds the store could have sealed anew" in alone.stdout
    assert "3 of them in seals.jsonl, the folder's own file, no copy kept elsewhere" in own.stdout
    assert "3 of them in copy.jsonl, a copy kept elsewhere" in kept.stdout
    assert kept.stdout.splitlines()[-1] == "everything holds"
    assert "statements" in kept.stderr


def test_a_record_that_was_changed_ends_with_1_and_names_the_place(folder: Path, database: Database) -> None:
    """In words and as JSON."""
    meddle(database, "UPDATE case_events SET actor = 'kim' WHERE case_id = 1 AND n = 2")

    said, plain = asked(folder, "verify", "--day", NEXT_DAY), asked(folder, "verify", "--json")

    assert said.exit_code == plain.exit_code == 1
    assert said.stdout.splitlines()[0] == "BROKEN  exceptions, exception 1, 2: changed row"
    assert said.stdout.splitlines()[-1] == "the record is not what it was"
    told = json.loads(plain.stdout)
    assert (told["whole"], told["broken"][0]["what"], told["cases"]) == (False, "changed row", 4)


def exported(folder: Path, out: Path, *words: str) -> Result:
    """Export into a folder; it must succeed."""
    result = asked(folder, "export", "--out", str(out), *words)
    assert result.exit_code == 0, result.output
    return result


def proved(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the exported verifier with nothing of ours at hand."""
    call = [sys.executable, "-I", str(out / "verify.py"), str(out), *words]
    return subprocess.run(call, capture_output=True, text=True, check=False, cwd=out)


def rows(out: Path, name: str) -> list[dict[str, object]]:
    """Return the rows of an exported file."""
    return [json.loads(line) for line in (out / f"{name}.jsonl").read_bytes().splitlines()]


def test_everything_is_given_out_and_proved_without_the_program(folder: Path, tmp_path: Path) -> None:
    """By the verifier in the folder, by sha256sum, and against a file of seals that was kept elsewhere."""
    asked(folder, "seal")
    out = tmp_path / "out"

    exported(folder, out, "--csv")

    made = proved(out, str(folder / "seals" / "seals.jsonl"))
    assert (made.returncode, made.stdout) == (0, "everything in the folder holds\n"), made.stdout + made.stderr
    assert subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=out, capture_output=True, check=False).returncode == 0
    assert [len(rows(out, name)) for name in ("exceptions", "case_events", "findings", "statements")] == [4, 12, 6, 4]
    with (out / "case_events.csv").open(encoding="utf-8", newline="") as file:
        assert [line["hash"] for line in csv.DictReader(file)] == [row["hash"] for row in rows(out, "case_events")]
    text = (out / "README.md").read_text(encoding="utf-8")
    for name in rows(out, "findings")[0]:
        assert f"`{name}`" in text
    assert json.loads((out / "manifest.json").read_bytes())["files"][0]["name"] == "exceptions.jsonl"


TAMPERED = {
    "case_events": ("pat", "exception 1: its history does not hold at event 2"),
    "statements": ("readiness", "statements: the chain does not hold at 1"),
    "access_log": ("root", "access_log: the chain does not hold at 1"),
    "proposals": ("agreed", "proposals: the chain does not hold at 1"),
    "seals": ("demo", "seals: the chain does not hold at 1"),
    "exceptions": ('"head_n":4', "exception 1: it does not stand where its history ends"),
    "findings": ("XTST", "seal 1: findings up to 4 are not what was sealed"),
    "second_looks": ("stands", "seal 2: second looks up to 1 are not what was sealed"),
    "case_findings": ('"case_id":1', "seal 1: findings of exceptions up to 4 are not what was sealed"),
    "principals": ("kim", "seal 1: principals up to 1 are not what was sealed"),
    "shelvings": ("known", "seal 1: shelvings up to 1 are not what was sealed"),
    "sealed_heads": ('"n":1', "seal 1: the heads kept for it are not those that were sealed"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_changed_export_is_found_by_its_own_verifier(folder: Path, tmp_path: Path, name: str) -> None:
    """By the checksum, and by the chain itself when that was made anew."""
    out = tmp_path / "out"
    exported(folder, out)
    old, expected = TAMPERED[name]
    path = out / f"{name}.jsonl"

    path.write_text(path.read_text(encoding="utf-8").replace(old, old.replace(old[-1], "9"), 1), encoding="utf-8")

    made = proved(out)
    assert made.returncode == 1
    assert f"{name}.jsonl: it is not the file that was exported" in made.stdout
    assert expected in made.stdout


def test_one_exception_is_given_out_with_its_messages(folder: Path, tmp_path: Path) -> None:
    """And proved by what is there; nothing of another exception."""
    out = tmp_path / "out"

    exported(folder, out, "--case", "2")

    assert proved(out).returncode == 0
    assert {row["case_id"] for name in ("exceptions", "case_events") for row in rows(out, name)} == {2}
    assert [row["seq"] for row in rows(out, "findings")] == [2, 6]
    assert [row["offset"] for row in rows(out, "messages")] == []
    assert not (out / "executions.jsonl").exists()


def test_days_are_given_out_by_trade_date(folder: Path, tmp_path: Path) -> None:
    """Both ends included; chains always whole."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"

    exported(folder, inside, "--from", "2026-11-20", "--to", "2026-11-20")
    exported(folder, outside, "--from", "2026-11-21")

    assert [len(rows(out, "exceptions")) for out in (inside, outside)] == [4, 0]
    assert [len(rows(out, "case_events")) for out in (inside, outside)] == [12, 0]
    assert [len(rows(out, "statements")) for out in (inside, outside)] == [4, 4]
    assert proved(inside).returncode == proved(outside).returncode == 0


def test_who_exported_what_stands_in_the_access_log_and_in_the_export(
    folder: Path, tmp_path: Path, database: Database
) -> None:
    """Written down before anything is read."""
    exported(folder, tmp_path / "out")

    entry = SqlTrail(database).newest(1)[0]
    assert (entry.deed, entry.words) == (Deed.READ, f"audit export of all there is to {tmp_path / 'out'}")
    assert entry.actor.endswith("(command)")
    assert rows(tmp_path / "out", "access_log")[-1]["words"] == entry.words


def test_an_account_exports_what_its_roles_may(folder: Path, tmp_path: Path, database: Database) -> None:
    """A supervisor without the access log, an auditor with it, the desk not at all."""
    accounts = SqlAccounts(database)
    for name, role in (("sam", Role.SUPERVISOR), ("ann", Role.AUDITOR), ("dan", Role.DESK)):
        accounts.add(a_user(name, role), a_draft(subject=name))

    sam = exported(folder, tmp_path / "sam", "--actor", "sam")
    exported(folder, tmp_path / "ann", "--actor", "ann")
    dan = asked(folder, "export", "--out", str(tmp_path / "dan"), "--actor", "dan")

    assert "access_log: left out" in sam.output
    assert not (tmp_path / "sam" / "access_log.jsonl").exists()
    assert proved(tmp_path / "sam").returncode == 0
    assert rows(tmp_path / "ann", "access_log")
    assert dan.exit_code == 2
    assert "may not export" in dan.output


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--case", "1", "--from", "2026-11-20"), "--case: it is one exception"),
        (("--from", "2026-11-21", "--to", "2026-11-20"), "--to 2026-11-20: it is before --from"),
        ((), "it is there already"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(
    folder: Path, tmp_path: Path, words: tuple[str, ...], problem: str
) -> None:
    """Nothing is written, and nobody is said to have read anything."""
    out = tmp_path / "out"
    if not words:
        out.mkdir()
        (out / "old").touch()

    result = asked(folder, "export", "--out", str(out), *words)

    assert result.exit_code == 2
    assert problem in result.output
