"""Terms that are read once from the same texts: they are those of a plain reading, for any message and dialect."""

from __future__ import annotations

from typing import Any

import pytest

from service.fix import known_terms
from service.fix.decode import decode
from service.fix.events import Execution, Undecodable
from service.fix.groups import places
from service.fix.known_terms import read_from, read_terms
from service.fix.message import Message, split
from service.fix.reading import Reading
from service.fix.terms import read_words
from tests.decode_invariant import DIALECTS, shipped_messages
from tests.factories_messages import execution_report

DAY = "2013-10-07"
PARTIES = "453=2|448={}|447=D|452=24|448=DESK|452=76"
MESSAGES = [
    *(body for bodies in shipped_messages().values() for body in bodies[:20]),
    execution_report(more=PARTIES.format("ACC")),
    execution_report(_65="PR", _167="OPT", _201="1", _202="10", _200="201312", _205="20", _555="2"),
]


class Asked(dict[str, str]):
    """Fields that know which of them were asked for."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields)
        self.of: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        """Note it and answer."""
        self.of.add(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self.of.add(str(key))
        return super().__contains__(key)


def message_of(body: bytes) -> Message:
    """Split a message that must be good, and lay its groups flat."""
    message = split(body)
    assert isinstance(message, Message)
    places(message, frozenset())
    return message


@pytest.mark.parametrize("name", DIALECTS)
def test_nothing_is_read_that_is_not_a_part_of_what_terms_are_known_by(name: str) -> None:
    """Else two different orders would get the terms of the first."""
    dialect = DIALECTS[name]

    for body in MESSAGES:
        fields = Asked(message_of(body).fields)
        read_words(Reading(fields), dialect, None)

        assert fields.of <= read_from(dialect)


@pytest.mark.parametrize("parent", [None, "P1"])
def test_the_second_reading_of_a_message_is_the_first(parent: str | None) -> None:
    """By whichever dialect."""
    for dialect in DIALECTS.values():
        for body in MESSAGES:
            message = message_of(body)
            first = read_terms(Reading(message.fields), message, dialect, parent)

            assert read_terms(Reading(message.fields), message, dialect, parent) == first


def test_the_party_of_a_group_is_a_part_of_what_terms_are_known_by() -> None:
    """Two accounts in one layout are two."""
    dialect = DIALECTS["FIX.4.4"]

    found = [decode(execution_report(_1=None, more=PARTIES.format(name)), dialect, DAY) for name in ("A", "B")]

    assert [one.terms.account for one in found if isinstance(one, Execution)] == ["A", "B"]


def test_a_side_that_is_none_is_complained_of_every_time() -> None:
    """A flaw is not kept with the terms."""
    body = execution_report(_54="8")

    found = [decode(body, DIALECTS["FIX.4.4"], DAY) for _ in range(2)]

    assert [type(one) for one in found] == [Undecodable, Undecodable]


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond that it is learnt anew, and the same."""
    monkeypatch.setattr(known_terms, "MOST_PLANS", 2)
    monkeypatch.setattr(known_terms, "MOST_KNOWN", 2)
    bodies = [execution_report(_1=account, **more) for account in "AB" for more in ({}, {"_9001": "x"}, {"_9002": "x"})]

    found = [decode(body, DIALECTS["FIX.4.4"], DAY) for body in bodies * 2]

    assert [one.terms.account for one in found if isinstance(one, Execution)] == [*"AAABBB"] * 2
    assert len(known_terms._plans) <= 2
    assert len(known_terms._known) <= 2
