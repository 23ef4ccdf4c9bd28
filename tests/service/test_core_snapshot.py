"""The checkpoint's name: the same in every process, or no start would ever find one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from service.core_state import SCHEMA
from tests.readme import ROOT

ASK = "from service.core_state import SCHEMA; print(SCHEMA)"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_gives_the_checkpoint_the_same_name(seed: str) -> None:
    """Sets are ordered by chance in each process; the name must not be."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}

    other = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, env=environment, capture_output=True, check=True)

    assert other.stdout.decode().strip() == SCHEMA
