"""The OpenAPI as it is kept in the repository; `python -m tests.openapi` writes it, a test compares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from service.store.engine import Database
from service.web.api.document import document
from tests.page_people import an_open_app

KEPT = Path(__file__).resolve().parents[1] / "deploy" / "api" / "openapi.json"


def described() -> dict[str, Any]:
    """Return the OpenAPI of the application as it is now."""
    with Database("sqlite://") as database:
        return document(an_open_app(database, Path()))


def text() -> str:
    """Return it as the file has it."""
    return json.dumps(described(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    KEPT.write_text(text(), encoding="utf-8")
