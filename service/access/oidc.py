"""Asking an OpenID provider who somebody is: the attempt, its addresses, and what is sent to the provider. Pure.

The authorization code flow of OpenID Connect Core 1.0, 3.1, with PKCE (RFC 7636). What an attempt needs is made from
the one secret that the browser keeps for it, so that nothing is stored here before anybody is known; a code is worth
something once only, which the provider sees to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import msgspec
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from service.settings_web import is_safe_address

FORM = "application/x-www-form-urlencoded"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to come in: what must come back unchanged (`state`, `nonce`), and the secret half of PKCE."""

    state: str
    nonce: str
    verifier: str


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Where a provider is asked for what; `end_session` where it can be told of a logout."""

    authorization: str
    token: str
    keys: str
    end_session: str | None = None
    secret_in_body: bool = False


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """What we are to the provider."""

    issuer: str
    client_id: str
    secret: str
    scopes: tuple[str, ...]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent to the provider by ourselves."""

    url: str
    headers: dict[str, str]
    body: str


class Document(msgspec.Struct, frozen=True):
    """The part of a provider's metadata that is used (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


def attempt(secret: str) -> Attempt:
    """Return the attempt that a browser's secret stands for."""

    def made(name: bytes) -> str:
        digest = hmac.new(secret.encode("utf-8", "surrogateescape"), b"oidc " + name, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    return Attempt(state=made(b"state"), nonce=made(b"nonce"), verifier=made(b"verifier"))


def same_state(secret: str, given: str) -> bool:
    """Return whether what came back belongs to the attempt of this browser."""
    return bool(secret) and hmac.compare_digest(attempt(secret).state.encode(), given.encode("utf-8", "replace"))


def metadata_address(issuer: str) -> str:
    """Return where a provider says where it is asked for what."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def endpoints(document: bytes, issuer: str) -> Endpoints | str:
    """Return where this provider is asked for what, or what is wrong with what it says."""
    try:
        told = msgspec.json.decode(document, type=Document)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return f"its metadata cannot be read: {error}"
    if told.issuer != issuer:
        return f"its metadata is that of {told.issuer}, not of {issuer}"
    asked = (told.authorization_endpoint, told.token_endpoint, told.jwks_uri, told.end_session_endpoint)
    unsafe = [address for address in asked if address is not None and not is_safe_address(address)]
    if unsafe:
        return f"its metadata names {unsafe[0]}, which is no https address"
    methods = told.token_endpoint_auth_methods_supported
    return Endpoints(
        authorization=told.authorization_endpoint,
        token=told.token_endpoint,
        keys=told.jwks_uri,
        end_session=told.end_session_endpoint,
        secret_in_body="client_secret_basic" not in methods and "client_secret_post" in methods,
    )


def authorization_address(where: Endpoints, client: Client, back: str, now: Attempt) -> str:
    """Return the address at which the provider asks the person."""
    address: str = prepare_grant_uri(
        where.authorization,
        client_id=client.client_id,
        response_type="code",
        redirect_uri=back,
        scope=" ".join(client.scopes),
        state=now.state,
        nonce=now.nonce,
        code_challenge=create_s256_code_challenge(now.verifier),
        code_challenge_method="S256",
    )
    return address


def token_question(where: Endpoints, client: Client, back: str, code: str, verifier: str) -> Question:
    """Return the question that changes a code into an ID token."""
    body = prepare_token_request("authorization_code", "", code=code, redirect_uri=back, code_verifier=verifier)
    method = "client_secret_post" if where.secret_in_body else "client_secret_basic"
    told = ClientAuth(client.client_id, client.secret, method)
    url, headers, body = told.prepare("POST", where.token, {"Content-Type": FORM, "Accept": "application/json"}, body)
    return Question(url=url, headers=headers, body=body)


def goodbye_address(where: Endpoints, client: Client, back: str) -> str | None:
    """Return where the provider ends its own login, None when it does not say (RP-Initiated Logout 1.0, 2)."""
    if where.end_session is None:
        return None
    told = [("client_id", client.client_id), ("post_logout_redirect_uri", back)]
    address: str = add_params_to_uri(where.end_session, told)
    return address


def claim(claims: dict[str, Any], name: str) -> Any:
    """Return a claim by its name, or by the path that `a.b` means, None where there is none."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def texts(value: Any) -> tuple[str, ...]:
    """Return a claim that lists texts, or is one; anything else lists nothing."""
    if isinstance(value, str):
        return (value,)
    listed: Sequence[Any] = value if isinstance(value, list) else ()
    return tuple(one for one in listed if isinstance(one, str))
