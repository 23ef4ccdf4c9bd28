"""The signature of a webhook, by the Standard Webhooks specification (v1, symmetric). Pure.

What is signed is `id.timestamp.body`; with several secrets there is a signature by each, so that a receiver can go over
to a new one while the old one still counts.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, by the specification."""


class SecretError(ValueError):
    """The file of secrets cannot be used; the text says why, and never holds a secret."""


def read_secrets(text: str) -> tuple[bytes, ...]:
    """Return the secrets of a file, one a line, the newest first; a line that begins with # is a remark."""
    lines = [line.strip() for line in text.splitlines()]
    secrets = tuple(_secret(number, line) for number, line in enumerate(lines, start=1) if line and line[0] != "#")
    if not secrets:
        msg = f"there is no secret in it; expected a line {PREFIX}… with {SHORTEST} to {LONGEST} bytes in base64"
        raise SecretError(msg)
    return secrets


def _secret(number: int, line: str) -> bytes:
    try:
        secret = base64.b64decode(line.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not line.startswith(PREFIX) or not SHORTEST <= len(secret) <= LONGEST:
        msg = f"line {number} is no secret; expected {PREFIX}… with {SHORTEST} to {LONGEST} bytes in base64"
        raise SecretError(msg)
    return secret


def signed(secrets: Sequence[bytes], key: str, at: int, body: bytes) -> dict[str, str]:
    """Return the headers that say who sent it and when; `at` is in whole seconds since 1970."""
    content = f"{key}.{at}.".encode() + body
    made = [base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode() for secret in secrets]
    return {
        "webhook-id": key,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in made),
    }
