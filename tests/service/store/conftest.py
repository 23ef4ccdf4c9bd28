"""Real stores for the tests of this folder."""

from __future__ import annotations

from tests.stores import database, store_url

__all__ = ["database", "store_url"]
