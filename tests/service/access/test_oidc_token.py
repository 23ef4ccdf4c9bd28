"""Which ID tokens are believed: only what the provider signed, for us, for this attempt, now."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import Key

from service.access.oidc_token import MOST_KEYS, Doubted, believed, public_keys
from tests.factories_oidc import CURVE, EXPECTED, NOW_S, RSA, SECRET, STRANGER, a_token, claims, published


def judged(text: str, *keys: Key, now_s: int = NOW_S, **more: Any) -> dict[str, Any] | Doubted:
    """Judge a token by what the provider publishes of its keys."""
    known = public_keys(json.dumps(published(*(keys or (RSA, CURVE)))).encode())
    assert not isinstance(known, str)
    return believed(text, known, msgspec.structs.replace(EXPECTED, **more), now_s)


def unsigned(header: dict[str, str], told: dict[str, Any]) -> str:
    """Return a token that nobody signed."""
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, told))
    return ".".join([*parts, ""])


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (RSA, "PS384"), (CURVE, "ES256")])
def test_a_token_that_one_of_the_keys_proves_is_believed(key: Key, algorithm: str) -> None:
    """With all that it says."""
    assert judged(a_token(key, algorithm)) == claims()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"exp": NOW_S - 61}, "expired"),
        ({"iat": NOW_S + 61}, "issued in the future"),
        ({"nbf": NOW_S + 61}, "not yet valid"),
        ({"iss": "https://other.example"}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["another", "third"]}, "aud"),
        ({"aud": ["sorwatch", "another"]}, "azp"),
        ({"azp": "another"}, "azp"),
        ({"nonce": "n-2"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"sub": 17}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": ["u-17"]}, "sub"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"iat": None}, "iat"),
        ({"iss": None}, "iss"),
        ({"aud": None}, "aud"),
    ],
)
def test_a_token_that_says_what_it_must_not_is_doubted(more: dict[str, Any], why: str) -> None:
    """Whoever signed it."""
    found = judged(a_token(**more))

    assert isinstance(found, Doubted)
    assert why in found.why
    assert not found.strange


@pytest.mark.parametrize(
    "more", [{"exp": NOW_S - 59}, {"iat": NOW_S + 59}, {"aud": ["sorwatch", "x"], "azp": "sorwatch"}]
)
def test_a_clock_may_be_a_minute_off_and_others_may_be_meant_too(more: dict[str, Any]) -> None:
    """As long as we are the party that it was made for."""
    assert judged(a_token(**more)) == claims(**more)


@pytest.mark.parametrize(
    "text",
    [
        unsigned({"alg": "none"}, claims()),
        unsigned({"alg": "NONE"}, claims()),
        a_token(STRANGER),
        a_token(SECRET, "HS256"),
        a_token()[:-4] + "AAAA",
        "",
        "a.b.c",
        "....",
    ],
)
def test_a_token_that_no_key_of_the_provider_proves_is_doubted_and_newer_keys_may_help(text: str) -> None:
    """Unsigned, signed by somebody else under the same name of key, by a shared secret, or no token at all."""
    found = judged(text)

    assert isinstance(found, Doubted)
    assert found.strange


def test_a_public_key_is_no_secret_that_signs() -> None:
    """The old trick: what everybody can read, used as the secret of HS256."""
    text = a_token(SECRET, "HS256")

    assert isinstance(judged(text, RSA), Doubted)
    assert public_keys(json.dumps({"keys": [SECRET.as_dict(private=True)]}).encode()) == []


def test_the_access_token_must_be_the_one_that_the_token_speaks_of() -> None:
    """Where it speaks of one."""
    text = a_token(at_hash="AAAAAAAAAAAAAAAAAAAAAA")

    assert isinstance(judged(text, access_token="other"), Doubted)
    assert judged(text) == claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA")


def test_keys_for_other_uses_of_unknown_kinds_or_broken_prove_nothing() -> None:
    """And no provider has so many."""
    told = [
        *published(RSA)["keys"],
        {"kty": "RSA", "n": "?"},
        {"kty": "future"},
        {**published(RSA)["keys"][0], "use": "enc"},
    ]

    found = public_keys(json.dumps({"keys": told}).encode())
    many = public_keys(json.dumps({"keys": published(RSA)["keys"] * 99}).encode())

    assert len(found) == 1
    assert len(many) == MOST_KEYS


@pytest.mark.parametrize("document", [b"", b"[]", b"\xff", b'{"keys": 1}', b'{"keys": [1]}'])
def test_a_document_that_is_none_of_keys_is_said_to_be_none(document: bytes) -> None:
    """In words for the log."""
    assert str(public_keys(document)).startswith("its keys cannot be read: ")


@given(text=st.text(max_size=200))
def test_any_text_at_all_is_a_claim_or_a_doubt(text: str) -> None:
    """Nothing that somebody sends raises."""
    assert isinstance(judged(text), Doubted)
