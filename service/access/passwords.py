"""What a password must be: long, and nothing that names the person or repeats itself. Pure.

No rule about kinds of characters and no expiry: length is what helps (NIST SP 800-63B, 5.1.1.2). The text is compared
and kept in its normal form, so that one key typed on two keyboards is one password.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from service.people import plain

SHORTEST = 12
LONGEST = 128
FEWEST_DIFFERENT = 5
COMMON = ("password", "passwort", "letmein", "welcome", "qwerty", "iloveyou", "administrator", "123456", "sorwatch")
"""Beginnings of what is tried first; a password of which little but such a word remains is refused."""
REST = 6


def normal(password: str) -> str:
    """Return the password as it is kept and compared."""
    return unicodedata.normalize("NFKC", password)


def problems(password: str, name: str) -> Iterator[str]:
    """Yield what is wrong with a password for somebody of that name; never the password."""
    text, folded = normal(password), plain(password)
    if len(text) < SHORTEST:
        yield f"the password has {len(text)} characters; at least {SHORTEST} are expected"
    if len(text) > LONGEST:
        yield f"the password has {len(text)} characters; at most {LONGEST} are expected"
    if len(set(folded)) < FEWEST_DIFFERENT:
        yield f"the password has fewer than {FEWEST_DIFFERENT} different characters"
    if plain(name) and plain(name) in folded:
        yield "the password contains the user's name"
    if any(word in folded and len(folded) - len(word) < REST for word in COMMON):
        yield "the password is little more than a word that is tried first"
