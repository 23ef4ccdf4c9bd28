"""Whether an ID token can be believed: signed by the provider, for us, for this attempt, and now. Pure.

The checks of OpenID Connect Core 1.0, 3.1.3.7. Only signatures that a public key proves are looked at: never `none`,
never one that is made with a secret that we hold too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import Key, import_key

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
PUBLIC = ("RSA", "EC", "OKP")
MOST_KEYS = 32
SKEW_S = 60
"""So much may the provider's clock differ from ours."""


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What a token must say to be meant for this attempt."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str | None = None


class Doubted(msgspec.Struct, frozen=True):
    """Why a token is not believed; `strange` where no key of ours proves it, which newer keys may."""

    why: str
    strange: bool = False


def public_keys(document: bytes) -> list[Key] | str:
    """Return the keys that can prove a token of this provider, or what is wrong with what it says."""
    try:
        told = msgspec.json.decode(document, type=dict[str, list[dict[str, Any]]])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return f"its keys cannot be read: {error}"
    usable = [one for one in told.get("keys", []) if one.get("kty") in PUBLIC and one.get("use", "sig") == "sig"]
    return [key for key in map(_imported, usable[:MOST_KEYS]) if key is not None]


def believed(text: str, keys: Sequence[Key], expected: Expected, now_s: int) -> dict[str, Any] | Doubted:
    """Return the claims of a token, or why it is not believed."""
    token = _proved(text, keys)
    if isinstance(token, Doubted):
        return token
    claims = CodeIDToken(
        token.claims,
        token.header,
        {
            "iss": {"essential": True, "value": expected.issuer},
            "aud": {"essential": True, "value": expected.client_id},
            "sub": {"essential": True},
        },
        {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": expected.access_token},
    )
    try:
        claims.validate(now=now_s, leeway=SKEW_S)
    except (JoseError, ValueError, TypeError) as error:
        return Doubted(_said(error))
    return dict(claims)


def _proved(text: str, keys: Sequence[Key]) -> jwt.Token | Doubted:
    """Return the token that one of the keys proves."""
    doubt = Doubted("it is signed by none of the provider's keys", strange=True)
    for key in keys:
        try:
            return jwt.decode(text, key, algorithms=ALGORITHMS)
        except BadSignatureError:
            continue
        except (JoseError, ValueError, TypeError) as error:
            doubt = Doubted(_said(error), strange=True)
    return doubt


def _imported(told: dict[str, Any]) -> Key | None:
    try:
        return import_key(told)
    except (JoseError, ValueError, TypeError, KeyError):
        return None  # of a kind that we do not know, or not whole: it proves nothing


def _said(error: Exception) -> str:
    return str(error).removesuffix(".") or type(error).__name__
