"""What is asked of a provider and how: addresses, secrets of one attempt, and what it may say of itself."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from service.access.oidc import (
    Endpoints,
    attempt,
    authorization_address,
    claim,
    endpoints,
    goodbye_address,
    metadata_address,
    same_state,
    texts,
    token_question,
)
from tests.factories_oidc import CLIENT, ISSUER

BACK = "https://watch.firm.example/login/provider/back"
WHERE = Endpoints(
    authorization=f"{ISSUER}/auth?tenant=1", token=f"{ISSUER}/token", keys=f"{ISSUER}/keys", end_session=f"{ISSUER}/end"
)


def metadata(**more: Any) -> bytes:
    """Return what a sound provider says of itself; None takes a part out."""
    sound = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/auth?tenant=1",
        "token_endpoint": f"{ISSUER}/token",
        "jwks_uri": f"{ISSUER}/keys",
        "end_session_endpoint": f"{ISSUER}/end",
    }
    return json.dumps({name: value for name, value in (sound | more).items() if value is not None}).encode()


def asked(address: str) -> dict[str, str]:
    """Return the query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_the_person_is_sent_with_state_nonce_and_the_challenge_of_a_secret_that_stays() -> None:
    """PKCE by S256; what was in the provider's address stays there."""
    now = attempt("secret of the browser")

    address = authorization_address(WHERE, CLIENT, BACK, now)

    challenge = base64.urlsafe_b64encode(hashlib.sha256(now.verifier.encode()).digest()).rstrip(b"=").decode()
    assert address.startswith(f"{ISSUER}/auth?")
    assert asked(address) == {
        "tenant": "1",
        "response_type": "code",
        "client_id": "sorwatch",
        "redirect_uri": BACK,
        "scope": "openid profile",
        "state": now.state,
        "nonce": now.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    assert now.verifier not in address


def test_every_attempt_is_its_own_and_tells_nothing_of_the_others() -> None:
    """State, nonce and verifier differ from each other and from browser to browser."""
    one, other = attempt("one"), attempt("other")

    assert len({one.state, one.nonce, one.verifier, other.state, other.nonce, other.verifier}) == 6
    assert attempt("one") == one
    assert 43 <= len(one.verifier) <= 128


@pytest.mark.parametrize(
    ("secret", "given", "right"),
    [
        ("one", attempt("one").state, True),
        ("one", attempt("two").state, False),
        ("one", "", False),
        ("one", "\udcff", False),
        ("", attempt("").state, False),
    ],
)
def test_what_comes_back_belongs_to_the_attempt_of_this_browser(secret: str, given: str, *, right: bool) -> None:
    """Or to nobody's."""
    assert same_state(secret, given) is right


def test_a_code_is_changed_with_the_verifier_and_our_secret() -> None:
    """In the header, or in the body where the provider knows only that."""
    basic = token_question(WHERE, CLIENT, BACK, "c-1", "v-1")
    told = endpoints(metadata(token_endpoint_auth_methods_supported=["client_secret_post"]), ISSUER)
    assert isinstance(told, Endpoints)
    post = token_question(told, CLIENT, BACK, "c-1", "v-1")

    sent = {"grant_type": "authorization_code", "code": "c-1", "redirect_uri": BACK, "code_verifier": "v-1"}
    assert asked(f"?{basic.body}") == sent
    assert basic.headers["Authorization"] == "Basic " + base64.b64encode(b"sorwatch:s3cret").decode()
    assert asked(f"?{post.body}") == {**sent, "client_id": "sorwatch", "client_secret": "s3cret"}
    assert "Authorization" not in post.headers


def test_a_providers_metadata_says_where_it_is_asked() -> None:
    """Below its name."""
    assert metadata_address(f"{ISSUER}/") == f"{ISSUER}/.well-known/openid-configuration"
    assert endpoints(metadata(), ISSUER) == WHERE


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (metadata(issuer="https://other.example"), "its metadata is that of https://other.example"),
        (metadata(token_endpoint="http://id.firm.example/token"), "http://id.firm.example/token, which is no https"),
        (metadata(end_session_endpoint="javascript:alert(1)"), "javascript:alert(1), which is no https address"),
        (metadata(jwks_uri="https://[::1"), "https://[::1, which is no https address"),
        (metadata(jwks_uri=None), "its metadata cannot be read: Object missing required field `jwks_uri`"),
        (b"\xff", "its metadata cannot be read: "),
        (b"<html>", "its metadata cannot be read: "),
    ],
)
def test_metadata_that_cannot_be_trusted_is_said_not_to_be(document: bytes, why: str) -> None:
    """Another provider's, or one that would be asked in the open."""
    found = endpoints(document, ISSUER)

    assert isinstance(found, str)
    assert why in found


def test_a_logout_goes_to_the_provider_where_it_says_how() -> None:
    """With the way back."""
    without = endpoints(metadata(end_session_endpoint=None), ISSUER)
    assert isinstance(without, Endpoints)

    assert asked(goodbye_address(WHERE, CLIENT, BACK) or "") == {
        "client_id": "sorwatch",
        "post_logout_redirect_uri": BACK,
    }
    assert goodbye_address(without, CLIENT, BACK) is None


@pytest.mark.parametrize(
    ("name", "found"),
    [("groups", ["a"]), ("realm.roles", ["b"]), ("https://x.y/z", "c"), ("realm.none", None), ("groups.x", None)],
)
def test_a_claim_is_found_by_its_name_or_by_a_path(name: str, found: object) -> None:
    """A name with points in it comes first."""
    told = {"groups": ["a"], "realm": {"roles": ["b"]}, "https://x.y/z": "c"}

    assert claim(told, name) == found


@pytest.mark.parametrize(("value", "listed"), [(["a", 1, "b"], ("a", "b")), ("a", ("a",)), (None, ()), ({"a": 1}, ())])
def test_a_claim_that_lists_texts_is_read_and_any_other_lists_nothing(value: object, listed: tuple[str, ...]) -> None:
    """One group may be told as a text."""
    assert texts(value) == listed
