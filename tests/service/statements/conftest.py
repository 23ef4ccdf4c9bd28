"""The stores that are read, on both kinds of data base."""

from __future__ import annotations

from tests.stores import database

__all__ = ["database"]
