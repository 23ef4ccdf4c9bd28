"""One observation as a window keeps it, with its identity in eight bytes."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

import msgspec


class Row(msgspec.Struct, frozen=True, gc=False, order=True, array_like=True):
    """One observation as a window keeps it: event time, digest of its identity, two summands, category."""

    at: int
    identity: int
    value: int
    other: int = 0
    label: str = ""

    def same(self, other: Row) -> bool:
        """Return whether both are of one observation, whatever they say of it."""
        return (self.at, self.identity) == (other.at, other.identity)


@lru_cache(maxsize=256)
def digested(identity: str) -> int:
    """Return eight bytes that stand for an identity, as a signed integer.

    That two of a full window's 4,096 share them has a chance of one in two million million. Several rules count one
    fact under one identity, so the last few are remembered.
    """
    text = identity.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)
