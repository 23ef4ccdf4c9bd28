"""API tokens: what one looks like, what it may do, and when it no longer holds. Pure.

A token is `swt_<id>_<secret>`: the id is public and names it in lists and in the trail, of the secret only the SHA-256
is kept.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Iterator

import msgspec

from rules.facts import Nanos
from service.access.permissions import Scope
from service.access.sessions import kept

FORM = re.compile(r"swt_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")

LONGEST_LABEL = 80
MOST_DAYS = 366


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """One token as it is kept."""

    token_id: str
    hash: bytes
    user: str
    label: str
    scopes: tuple[Scope, ...]
    created: Nanos
    expires: Nanos
    revoked: Nanos | None = None


def token_problems(label: str, scopes: Collection[Scope], days: int) -> Iterator[str]:
    """Yield what is wrong with a token that somebody asks for."""
    if not label.strip() or len(label) > LONGEST_LABEL or not label.isprintable():
        yield f"say in at most {LONGEST_LABEL} characters what the token is for"
    if not scopes:
        yield "choose at least one thing that the token may do"
    if not 1 <= days <= MOST_DAYS:
        yield f"a token holds for 1 to {MOST_DAYS} days"


def spelt(token_id: str, secret: str) -> str:
    """Return the text that a program presents."""
    return f"swt_{token_id}_{secret}"


def read(text: str) -> tuple[str, str] | None:
    """Return id and secret of a text, None when it is no token."""
    found = FORM.fullmatch(text)
    return None if found is None else (found[1], found[2])


def holds(token: Token, secret: str, now: Nanos) -> bool:
    """Return whether a secret opens a token now: the right one, neither revoked nor expired."""
    right = hmac.compare_digest(token.hash, kept(secret))
    return right and token.revoked is None and now < token.expires


def bearer(header: str) -> str | None:
    """Return the credential of an Authorization header of the kind Bearer (RFC 6750, 2.1), None of any other."""
    kind, _, text = header.partition(" ")
    return text.strip() if kind.casefold() == "bearer" else None
