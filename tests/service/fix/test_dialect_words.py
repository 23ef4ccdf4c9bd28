"""What `sorwatch check` says of a dialect."""

from __future__ import annotations

import pytest

from service.fix.dialect import parse_dialect
from service.fix.dialect_words import summary, warnings

PLAIN = "begin_string: FIX.4.4\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "FIX.4.4, drop copy, missed reports by ResendRequest"),
        ("role: own_orders\nown_orders: {vendor: sor}", "FIX.4.4, our own orders, missed reports by ResendRequest"),
        (
            "recovery: {method: redelivery}\ndelay: 1 s",
            "FIX.4.4, drop copy, missed reports redelivered after a logon, held back by 1000 ms",
        ),
        (
            "recovery: {method: request, allow: [BW], ask: BW}\nsequence: {scope: [1180], number: 1181}",
            "FIX.4.4, drop copy, missed reports when asked for, tag 1181 counted by 1180",
        ),
    ],
)
def test_a_dialect_is_said_in_one_line(text: str, words: str) -> None:
    """Version, role, recovery, and what is out of the ordinary."""
    assert summary(parse_dialect(PLAIN + text)) == words


def test_what_can_never_come_back_should_be_waited_for() -> None:
    """Without recovery the receipt is the only chance; waiting for the commit silences the warning."""
    dialect = parse_dialect(PLAIN + "recovery: {method: none}")

    careless = list(warnings(dialect, waits_for_commit=False, spoken={"FIX.4.4"}))
    careful = list(warnings(dialect, waits_for_commit=True, spoken={"FIX.4.4"}))

    (words,) = careless
    assert words.startswith("missed reports never come (recovery.method none), and a crash loses what is not yet")
    assert words.endswith('expected journal.durability = "on_receipt"')
    assert careful == []


def test_a_dialect_of_another_version_than_the_session_is_said() -> None:
    """It may be meant, and it is most often a slip; a folder without sessions speaks nothing."""
    dialect = parse_dialect(PLAIN)

    said = list(warnings(dialect, waits_for_commit=False, spoken=["FIX.4.2", "FIX.4.4"]))

    assert said == ["a session speaks FIX.4.2, the dialect is written for FIX.4.4"]
    assert list(warnings(dialect, waits_for_commit=False, spoken=())) == []
