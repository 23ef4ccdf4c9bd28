"""The words by which an exception is found again: ids, accounts, tickets, what people wrote. Pure.

An id is one word, whole: a search for it finds what has it and nothing else. Sentences are not taken apart: they are
looked through where they stand.
"""

from __future__ import annotations

from collections.abc import Iterable

from rules.finding import Finding

MOST_LETTERS = 100
SHORTEST = 2
MOST_WORDS = 300
MOST_ASKED = 8
_AROUND = ".,;:!?\"'()[]{}<>“”‘’"
ACCOUNT = "account="
"""Before an account, where it is kept as one."""


def word(text: str) -> str:
    """Return a word as words are compared, "" for what cannot be one."""
    plain = text.strip().strip(_AROUND).casefold()
    return plain if plain.isprintable() and len(plain) <= MOST_LETTERS else ""


def asked_for(text: str) -> list[str]:
    """Return the words of a search, each once; the first eight count."""
    return list(dict.fromkeys(filter(None, map(word, text.split()))))[:MOST_ASKED]


def of_account(account: str) -> str:
    """Return the word that only an exception of this account has."""
    return f"{ACCOUNT}{word(account)}"


def of_finding(finding: Finding) -> set[str]:
    """Return the words of a finding: its subject's last part, which is an order's or execution's id, and accounts."""
    told = {word(finding.subject.rpartition("/")[2]), word(finding.subject)}
    accounts = filter(word, finding.accounts)
    return (told | {name for account in accounts for name in (word(account), of_account(account))}) - {""}


def of_texts(*texts: str) -> set[str]:
    """Return the words of what somebody wrote, and of the parts that signs join: "X1/X2" is found by X2 too."""
    told: dict[str, None] = {}
    for text in " ".join(texts).split():
        told |= dict.fromkeys((word(text), *map(word, _pieces(text))))
    return set([one for one in told if len(one) >= SHORTEST][:MOST_WORDS])


def of_ids(ids: Iterable[str | None]) -> set[str]:
    """Return the words of ids."""
    return {word(one) for one in ids if one} - {""}


def _pieces(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in text).split()
