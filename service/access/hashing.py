"""Passwords as argon2id hashes; nothing else of a password is ever kept."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.access.passwords import normal

HASHER = PasswordHasher()
"""The library's defaults: argon2id by RFC 9106's profile for little memory."""


def hashed(password: str) -> str:
    """Return the hash of a password, with its salt and parameters."""
    return HASHER.hash(normal(password))


def opens(kept: str | None, password: str) -> bool:
    """Return whether a password opens an account; where there is none it takes as long to say no."""
    try:
        right = HASHER.verify(kept or _nobodys(), normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and kept is not None


def is_dated(kept: str) -> bool:
    """Return whether a hash was made with other parameters than those of today."""
    return HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return HASHER.hash("nobody")
