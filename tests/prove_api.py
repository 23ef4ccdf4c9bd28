"""The proof of the API: schemathesis over its whole OpenAPI, against the real application over a morning."""

from __future__ import annotations

from tests import api_schema


def run(seed: int, examples: int = 400) -> str:
    """Run the proof; return its report, raise at the first answer that is not as the OpenAPI says."""
    return api_schema.run(seed, examples)
