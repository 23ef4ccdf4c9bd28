"""Names of tags and codes for people."""

from __future__ import annotations

import pytest

from service.fix.codes import CODES
from service.fix.tags import TAGS, explain, message_name, named, tag_name


@pytest.mark.parametrize(
    ("tag", "value", "expected"),
    [
        ("54", "1", ("Side", "buy")),
        ("18", "1 f", ("ExecInst", "not held, intermarket sweep")),
        ("18", "~ f", ("ExecInst", "intermarket sweep")),
        ("54", "?", ("Side", "")),
        ("54", "", ("Side", "")),
        ("31", "10.05", ("LastPx", "")),
        ("9999", "x", ("", "")),
        ("35", "8", ("MsgType", "ExecutionReport")),
    ],
)
def test_a_field_is_explained(tag: str, value: str, expected: tuple[str, str]) -> None:
    """Name and meaning, part by part for lists of codes; what is not known stays silent."""
    assert explain(tag, value) == expected


def test_tags_are_named_for_reasons() -> None:
    """A custom tag has only its number."""
    assert (named("31"), named("9999")) == ("LastPx (31)", "tag 9999")
    assert (tag_name("31"), tag_name("9999"), message_name("U9")) == ("LastPx", "", "message")


def test_the_tables_are_whole() -> None:
    """Every enumerated tag has a name, and no entry was torn apart."""
    assert set(CODES) <= set(TAGS)
    assert all(tag.isdigit() and name.isidentifier() for tag, name in TAGS.items())
    assert all(code and meaning for codes in CODES.values() for code, meaning in codes.items())
