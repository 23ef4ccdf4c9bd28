"""What Python has compiled is shared by the processes of a run, whatever the environment says about it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import compiled

ROOT = Path(__file__).resolve().parents[1]
ASK = "import rules.facts; print(rules.facts.__cached__)"


def test_a_process_that_a_test_starts_keeps_what_it_compiles() -> None:
    """The next one need not compile it again."""
    said = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, check=True, text=True)

    assert Path(said.stdout.strip()).is_file()


def test_where_compiled_files_are_forbidden_beside_the_sources_they_go_to_a_place_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A folder that the user chose for them stays chosen."""
    monkeypatch.setenv(compiled.FORBIDS, "1")
    monkeypatch.setenv(compiled.KEEPS, "")
    for chosen, place in ((None, str(compiled.PLACE)), ("/elsewhere", "/elsewhere")):
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        monkeypatch.setattr(sys, "pycache_prefix", chosen)

        compiled.keep()

        assert (sys.pycache_prefix, sys.dont_write_bytecode) == (place, False)
        assert os.environ[compiled.KEEPS] == place
        assert compiled.FORBIDS not in os.environ


def test_where_compiled_files_are_allowed_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """They lie beside the sources, as everywhere."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    before = dict(os.environ)

    compiled.keep()

    assert (sys.pycache_prefix, sys.dont_write_bytecode, dict(os.environ)) == (None, False, before)
