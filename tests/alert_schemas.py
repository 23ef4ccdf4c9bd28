"""The JSON Schemas of what leaves the house; `python -m tests.alert_schemas` writes them, a test compares.

A schema's name carries its version; one that is published is never changed but by a new key.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from alerts import alert, envelope, storm, summary

FOLDER = Path(alert.__file__).parent / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
PUBLISHED: dict[str, type[msgspec.Struct]] = {
    f"alert-{alert.SCHEMA}": alert.Alert,
    f"storm-{storm.SCHEMA}": storm.StormReport,
    f"summary-{summary.SCHEMA}": summary.Summary,
    f"webhook-{envelope.SCHEMA}": envelope.Envelope,
}


def schemas() -> dict[str, str]:
    """Return the text of every schema by the name of its file."""
    return {f"{name}.schema.json": _text(name, struct) for name, struct in PUBLISHED.items()}


def _text(name: str, struct: type[msgspec.Struct]) -> str:
    made = msgspec.json.schema(struct)
    parts: dict[str, Any] = made["$defs"]
    body = parts.pop(struct.__name__)
    body["description"] = _paragraphs(body["description"])
    body["properties"]["schema"] = {"const": int(name.rpartition("-")[2])}
    body["required"] = ["schema", *body["required"]]
    rest = {"$defs": parts} if parts else {}
    whole = {"$schema": DIALECT, "$id": f"{name}.schema.json", **body, **rest}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _paragraphs(docstring: str) -> str:
    """Return a docstring as one line a paragraph."""
    return "\n".join(" ".join(part.split()) for part in docstring.split("\n\n"))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, text in schemas().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
