"""How good the rules were measured to be, where the record of it lies beside the program."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from service.quality.record import Record, decode

KEPT = Path(__file__).resolve().parents[3] / "deploy" / "quality.json"


@cache
def measured() -> Record | None:
    """Return the record, None where the program was installed without it."""
    return decode(KEPT.read_bytes()) if KEPT.is_file() else None
