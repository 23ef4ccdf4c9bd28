"""How long a login lasts: until nothing was asked for a while, and never longer than a day's work. Pure.

What the page asks for by itself is no sign of a person and does not keep a session alive. Only the SHA-256 of a
session's secret is kept; a new login is a new secret.
"""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum

import msgspec

from rules.facts import Nanos

NOTED_EVERY = 30 * 1_000_000_000
"""That somebody is there is written down at most so often."""


class Lasts(msgspec.Struct, frozen=True, kw_only=True):
    """How long without a question, and how long at most; and how long one that is over is remembered."""

    idle: int
    absolute: int
    kept: int = 90 * 86_400 * 1_000_000_000

    @property
    def remembered(self) -> int:
        """Return how long nothing must have happened to a login before it is deleted: never while it may be good."""
        return max(self.kept, self.absolute)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One login: whose, when it began, when a person last asked for something, and when it was ended if it was."""

    user: str
    began: Nanos
    seen: Nanos
    ended: Nanos | None = None


class ListedLogin(msgspec.Struct, frozen=True, kw_only=True):
    """One login as it is listed: a name for it that opens nothing, and the address that it came from if it is known."""

    name: str
    session: Session
    place: str | None = None


class Standing(StrEnum):
    """How a session stands at an instant."""

    GOOD = "good"
    IDLE = "nothing was asked for too long"
    OVER = "it has lasted as long as a login may"
    ENDED = "it was ended"


def standing(session: Session, now: Nanos, lasts: Lasts) -> Standing:
    """Return how a session stands; at the very instant of a limit it is over."""
    if session.ended is not None:
        return Standing.ENDED
    if now - session.began >= lasts.absolute:
        return Standing.OVER
    return Standing.IDLE if now - session.seen >= lasts.idle else Standing.GOOD


def worth_noting(session: Session, now: Nanos) -> bool:
    """Return whether it is to be written down that a person asked for something now."""
    return now - session.seen >= NOTED_EVERY


def kept(secret: str) -> bytes:
    """Return what the store keeps of a secret that was drawn at random: its SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def listed_name(hash_: bytes) -> str:
    """Return the name of a login in a list, from the hash of its secret."""
    return hash_.hex()[:16]


def form_token(secret: str) -> str:
    """Return what a form must carry to be ours; it tells nothing about the secret that it is made from."""
    return hmac.new(secret.encode("utf-8", "surrogateescape"), b"form", hashlib.sha256).hexdigest()


def same_token(secret: str, given: str) -> bool:
    """Return whether a form carries the token of this secret, in the same time whatever was given."""
    return bool(secret) and hmac.compare_digest(form_token(secret).encode(), given.encode("utf-8", "replace"))
