"""The tables of what proves the record: the seals, and which heads of cases each of them covers.

Units and shared columns are told in tables.py, where every table is imported from.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from service.store.columns import Big, blob, key, metadata, number, words

seals = Table(
    "seals",
    metadata,
    key("seq"),
    words("day", nullable=False),
    number("at", nullable=False),
    *(blob(name, nullable=False) for name in ("body", "prev_hash", "hash")),
    comment="A seal a day over the heads of all chains: one chain, append-only; `body` is its canonical text.",
)

sealed_heads = Table(
    "sealed_heads",
    metadata,
    *(Column(name, Big, primary_key=True, autoincrement=False) for name in ("case_id", "n")),
    blob("hash", nullable=False),
    number("seal", nullable=False),
    Index(None, "seal"),
    comment="Which link of a case was its head at a seal, where it was another than before; the seal has their digest.",
)
