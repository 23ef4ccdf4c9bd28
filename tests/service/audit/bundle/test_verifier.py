"""The verifier as whoever gets a bundle runs it: alone, offline, and nothing that was changed escapes it."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.cards import catalogue
from service.audit.bundle import verifier
from service.audit.bundle.extract import extracted
from service.audit.bundle.files import bundled
from service.audit.bundle.make import VERIFIER
from service.cases.chain import link
from tests.factories_bundle import MAKING, an_evidence, files_in

RULE = catalogue()["slow_fill"]
WHOLE = bundled(an_evidence(), MAKING, RULE, VERIFIER.read_bytes(), "")
FILES = files_in(WHOLE.content)


def unpacked(content: bytes, folder: Path) -> Path:
    """Unpack a zip into a new folder."""
    with zipfile.ZipFile(BytesIO(content)) as held:
        held.extractall(folder)
    return folder


def run(script: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a verifier in a process of its own that sees nothing of this program."""
    command = [sys.executable, "-I", str(script), *words]
    return subprocess.run(command, cwd=script.parent, capture_output=True, text=True, check=False)


def test_a_bundle_proves_itself_and_says_what_that_is_worth(tmp_path: Path) -> None:
    """With the hash that stands in the access log."""
    folder = unpacked(WHOLE.content, tmp_path / "bundle")

    done = run(folder / "verify.py")

    assert (done.returncode, done.stderr) == (0, "")
    assert WHOLE.manifest_hash in done.stdout
    assert "What it does not prove" in done.stdout
    assert "one unbroken chain" in done.stdout


def test_an_extract_proves_itself_without_a_history(tmp_path: Path) -> None:
    """And says nothing of one."""
    made = extracted(an_evidence(), MAKING, RULE, "demo", VERIFIER.read_bytes())

    done = run(unpacked(made.content, tmp_path / "extract") / "verify.py")

    assert done.returncode == 0
    assert "chain that ends" not in done.stdout


def test_a_zip_can_be_checked_without_unpacking(tmp_path: Path) -> None:
    """By a copy of the verifier that one trusts."""
    zipped, script = tmp_path / "exception.zip", tmp_path / "trusted.py"
    zipped.write_bytes(WHOLE.content)
    shutil.copy(VERIFIER, script)

    assert run(script, str(zipped)).returncode == 0
    zipped.write_bytes(WHOLE.content[:-40])
    assert run(script, str(zipped)).returncode == 1
    assert run(script, str(tmp_path / "nowhere")).returncode == 1


@pytest.mark.parametrize("name", sorted(FILES))
def test_one_changed_byte_of_any_file_is_found_by_a_process_of_its_own(name: str, tmp_path: Path) -> None:
    """By the bundle's own verifier; a changed verifier by one that is trusted."""
    folder = unpacked(WHOLE.content, tmp_path / "bundle")
    trusted = tmp_path / "trusted.py"
    shutil.copy(VERIFIER, trusted)
    content = bytearray(FILES[name])
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)

    done = run(trusted, str(folder)) if name == "verify.py" else run(folder / "verify.py")

    assert done.returncode == 1
    assert done.stdout.startswith("DIFFERS: ")


@given(st.sampled_from(sorted(FILES)), st.integers(min_value=0), st.integers(1, 255))
def test_no_change_of_one_byte_escapes(name: str, place: int, by: int) -> None:
    """Whichever file, place and byte."""
    content = bytearray(FILES[name])
    content[place % len(content)] ^= by

    assert list(_tried(FILES | {name: bytes(content)}))


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_missing_and_an_added_file_are_found(name: str) -> None:
    """Whichever is missing."""
    without = {other: content for other, content in FILES.items() if other != name}

    assert list(_tried(without))
    assert list(_tried(FILES | {"raw/more.txt": b""})) == ["raw/more.txt is not in the manifest"]


def test_a_history_that_was_written_anew_is_found_although_the_manifest_fits() -> None:
    """Its head would be another: the manifest, the case and the history must agree."""
    history = FILES["history.json"].replace(b'"caseworker"', b'"somebody"')
    assert history != FILES["history.json"]

    assert list(verifier.wrong_history(*_told(history))) == ["history: event 1 does not hold"]
    assert list(verifier.wrong_history(*_told(b"[]"))) == [
        "history: it ends at event 0, and manifest.json names another head",
        "history: it ends at event 0, and case.json names another head",
    ]


@given(st.integers(1, 2**63 - 1), st.integers(0, 2**63 - 1), st.text(), st.text())
def test_the_verifier_makes_the_links_that_the_program_makes(n: int, at: int, actor: str, body: str) -> None:
    """Whatever a name or a text holds: neither side may write a sign in another way."""
    event = {"case_id": 7, "n": n, "at": at, "actor": actor, "action": "note", "body": body}

    assert verifier.link(b"x", event) == link(b"x", 7, n, at, actor, "note", body.encode())


def test_the_verifier_runs_on_an_old_python_and_needs_nothing() -> None:
    """3.9 reads it; it imports only what comes with Python."""
    tree = ast.parse(VERIFIER.read_text(), feature_version=(3, 9))

    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module).partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert named <= sys.stdlib_module_names
    assert not named & {"socket", "urllib", "http", "subprocess"}
    assert len(VERIFIER.read_text().splitlines()) < 130


def _told(history: bytes) -> tuple[list[dict[str, object]], dict[str, object], dict[str, object]]:
    return json.loads(history), json.loads(FILES["case.json"]), json.loads(FILES["manifest.json"])


def _tried(files: dict[str, bytes]) -> list[str]:
    """Return what the verifier says of files, one that breaks its reading included."""
    try:
        return list(verifier.differences(files))
    except (ValueError, KeyError, TypeError) as error:
        return [repr(error)]
