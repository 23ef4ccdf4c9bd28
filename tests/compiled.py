"""Lets the many processes of a run share what Python has compiled; without it each compiles every module it imports.

Where the environment forbids compiled files beside the sources (PYTHONDONTWRITEBYTECODE, as containers do), they are
kept in `.build/bytecode`. It refuses to change anything where they are allowed.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

PLACE = Path(__file__).resolve().parents[1] / ".build/bytecode"
FORBIDS, KEEPS = "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"


def keep() -> None:
    """Keep what is compiled from here on, in this process and in all that it starts."""
    if sys.dont_write_bytecode:
        _forget_earlier_runs()
        sys.pycache_prefix = sys.pycache_prefix or str(PLACE)
        sys.dont_write_bytecode = False
        os.environ[KEEPS] = sys.pycache_prefix
        os.environ.pop(FORBIDS, None)


def _forget_earlier_runs() -> None:
    """Remove what was compiled in temporary folders, of which each run has another."""
    folder = Path(tempfile.gettempdir())
    for left in PLACE.joinpath(folder.relative_to(folder.anchor)).glob("pytest-of-*"):
        shutil.rmtree(left, ignore_errors=True)
