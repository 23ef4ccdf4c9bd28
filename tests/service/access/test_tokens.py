"""API tokens: how they are spelt and when they hold."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos
from service.access.permissions import Scope
from service.access.sessions import kept
from service.access.tokens import Token, bearer, holds, read, spelt, token_problems

SECRET = "a" * 43
TOKEN = Token(
    token_id="0123456789ab",
    hash=kept(SECRET),
    user="pat",
    label="blotter",
    scopes=(Scope.READ,),
    created=Nanos(0),
    expires=Nanos(100),
)


def test_what_is_spelt_is_read_back() -> None:
    """The id is public, the secret is not kept."""
    assert read(spelt(TOKEN.token_id, SECRET)) == (TOKEN.token_id, SECRET)
    assert SECRET.encode() not in msgspec.json.encode(TOKEN)


@given(st.text(max_size=80))
def test_no_other_text_is_a_token(text: str) -> None:
    """Whatever stands in a header is read or is none."""
    found = read(text)

    assert found is None or spelt(*found) == text


def test_a_token_holds_until_it_expires_or_is_revoked_and_only_for_its_secret() -> None:
    """At the very instant it does no more."""
    assert holds(TOKEN, SECRET, Nanos(99))
    assert not holds(TOKEN, SECRET, Nanos(100))
    assert not holds(TOKEN, "b" * 43, Nanos(1))
    assert not holds(msgspec.structs.replace(TOKEN, revoked=Nanos(5)), SECRET, Nanos(6))


@pytest.mark.parametrize(
    ("header", "credential"), [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("", None)]
)
def test_only_a_bearer_presents_a_token(header: str, credential: str | None) -> None:
    """The word is read without regard to case (RFC 7235, 2.1)."""
    assert bearer(header) == credential


@pytest.mark.parametrize(
    ("label", "scopes", "days", "said"),
    [
        ("blotter", [Scope.READ], 90, []),
        (" ", [], 0, ["what the token is for", "at least one thing", "1 to 366 days"]),
        ("x" * 81, [Scope.READ], 366, ["at most 80 characters"]),
        ("a\nb", [Scope.READ], 367, ["at most 80 characters", "1 to 366 days"]),
    ],
)
def test_a_token_that_is_asked_for_has_a_use_a_scope_and_an_end(
    label: str, scopes: list[Scope], days: int, said: list[str]
) -> None:
    """Everything that is wrong is said at once."""
    found = list(token_problems(label, scopes, days))

    assert len(found) == len(said)
    assert all(part in problem for part, problem in zip(said, found, strict=True))
