"""The chain of statements: every link covers all of itself and the one before; nothing can be changed unseen."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from service.statements.chain import GENESIS, Kind, Signed, Statement, digest, first_broken, linked, refusal, signature
from tests.factories_statements import EVENING, a_draft


def a_chain(length: int = 3) -> list[Statement]:
    """Return so many links."""
    chain: list[Statement] = []
    for seq in range(1, length + 1):
        chain.append(linked(a_draft(body=b'{"n":%d}' % seq), seq, chain[-1].hash if chain else GENESIS))
    return chain


def test_a_chain_that_nobody_touched_holds() -> None:
    """So does the empty one."""
    assert first_broken(a_chain()) is None
    assert first_broken([]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"body": b'{"n":9}'},
        {"state": "reconciled"},
        {"at": EVENING + 1},
        {"actor": "pat"},
        {"trade_date": "2026-11-19"},
        {"counterparty": "other"},
        {"session": "other"},
        {"kind": Kind.READINESS},
        {"seq": 7},
        {"prev_hash": b"\1" * 32},
        {"hash": b"\1" * 32},
    ],
)
def test_whatever_is_changed_breaks_the_chain_at_that_link(change: dict[str, Any]) -> None:
    """No field is left out of the hash."""
    chain = a_chain()
    chain[1] = msgspec.structs.replace(chain[1], **change)

    assert first_broken(chain) == 2


def test_a_link_that_was_taken_out_breaks_the_chain_where_it_stood() -> None:
    """And so does one that was put in."""
    chain = a_chain()

    assert first_broken([chain[0], chain[2]]) == 2
    assert first_broken([*chain[:2], chain[1], chain[2]]) == 3


def test_a_signature_names_the_hash_of_what_was_signed() -> None:
    """It is a statement of its own, on the same day."""
    signed = linked(a_draft(kind=Kind.CLOSE_OF_DAY), 1, GENESIS)

    draft = signature(signed, "pat", "seen", EVENING)

    assert (draft.kind, draft.actor, draft.trade_date) == (Kind.SIGNATURE, "pat", signed.trade_date)
    body = msgspec.json.decode(draft.body, type=Signed)
    assert body == Signed(seq=1, kind="close_of_day", hash=signed.hash.hex(), comment="seen")


@pytest.mark.parametrize(
    ("actor", "comment", "needed", "words"),
    [
        (" ", "", False, "nobody is named; a signature needs a named person"),
        ("sorwatch", "", False, "sorwatch is the program's own name; sign under your own"),
        ("caseworker ", "", False, "caseworker is the program's own name; sign under your own"),
        ("pat", " ", True, "not everything is well; say in a comment why it is signed all the same"),
        ("pat", "known", True, None),
        ("pat", "", False, None),
    ],
)
def test_a_signature_is_a_persons_and_says_why_when_not_all_is_well(
    actor: str, comment: str, *, needed: bool, words: str | None
) -> None:
    """Or it is refused in words."""
    assert refusal(actor, comment, needs_comment=needed) == words


def test_a_digest_is_of_the_bytes() -> None:
    """SHA-256, in hex."""
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
