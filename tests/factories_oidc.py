"""A provider's keys and tokens, a mapping and somebody it speaks of: each names only what matters."""

from __future__ import annotations

from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, OctKey, RSAKey

from service.access.oidc import Client
from service.access.oidc_roles import Identity, Mapping
from service.access.oidc_token import Expected
from service.access.permissions import Role

ISSUER = "https://id.firm.example"
NOW_S = 1_795_185_000
EXPECTED = Expected(issuer=ISSUER, client_id="sorwatch", nonce="n-1")
CLIENT = Client(issuer=ISSUER, client_id="sorwatch", secret="s3cret", scopes=("openid", "profile"))
MAPPING = Mapping(
    name_claim="preferred_username",
    groups_claim="groups",
    roles={"sor-supervisors": (Role.SUPERVISOR,), "sor-compliance": (Role.COMPLIANCE, Role.AUDITOR)},
    desks={"sor-supervisors": ("program",)},
)
RSA = RSAKey.generate_key(2048, {"kid": "one"})
STRANGER = RSAKey.generate_key(2048, {"kid": "one"})
CURVE = ECKey.generate_key("P-256", {"kid": "two"})
SECRET = OctKey.generate_key(256)


def claims(**more: Any) -> dict[str, Any]:
    """Return the claims of a sound token; None takes one out."""
    sound = {
        "iss": ISSUER,
        "sub": "u-17",
        "aud": "sorwatch",
        "iat": NOW_S - 5,
        "exp": NOW_S + 300,
        "nonce": "n-1",
        "preferred_username": "kim",
        "groups": ["sor-supervisors"],
    }
    return {name: value for name, value in (sound | more).items() if value is not None}


def a_token(key: Key = RSA, algorithm: str = "RS256", **more: Any) -> str:
    """Return a token that a key signs."""
    return jwt.encode({"alg": algorithm}, claims(**more), key, algorithms=[algorithm])


def published(*keys: Key) -> dict[str, Any]:
    """Return keys as a provider publishes them."""
    return dict(KeySet(list(keys)).as_dict(private=False))


def somebody(name: str = "kim", *roles: Role, key: str = f"{ISSUER} u-17") -> Identity:
    """Return somebody of the provider."""
    return Identity(key=key, name=name, roles=roles or (Role.SUPERVISOR,), desks=("program",))
