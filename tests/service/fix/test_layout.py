"""What the tags of a message tell by themselves: groups, repeats, and the order in which content is hashed."""

from __future__ import annotations

from hashlib import blake2b

import pytest

from service.fix.habits import HEADER_AND_TRAILER
from service.fix.layout import hash_order, layout_of
from service.fix.message import SOH, Message, split
from service.fix.report import content_hash
from tests.factories_messages import framed

STAMPS = ("60", "768", "769", "770", "771")


def message_of(text: str) -> Message:
    """Split a message of which only the body is given, with `|` for the separator."""
    message = split(framed(f"{text}|".replace("|", "\x01")))
    assert isinstance(message, Message)
    return message


def two_hashes(content: list[bytes], stamps: list[bytes]) -> bytes:
    """Hash both halves field by field, sorted as bytes."""
    return b"".join(blake2b(SOH.join(sorted(half)), digest_size=8).digest() for half in (content, stamps))


@pytest.mark.parametrize("tags", ["8=9=x=35", "8=9==35", "8=9=35=95=96"])
def test_a_layout_with_a_tag_that_is_no_number_or_counts_bytes_is_not_plain(tags: str) -> None:
    """Such a message is cut with care, or refused in words."""
    assert not layout_of(tags).plain
    assert layout_of("8=9=35").plain


def test_a_group_ends_before_the_first_tag_that_is_no_member() -> None:
    """Its declared count is not believed."""
    layout = layout_of("35=768=769=770=769=770=31=770")

    assert [(group.name, group.begin, group.end, group.in_pairs) for group in layout.groups] == [("stamp", 2, 6, True)]


def test_stamps_that_were_sorted_apart_from_their_types_are_no_group_to_read() -> None:
    """There is no telling which type is whose; and yet their tags do not count as repeated."""
    layout = layout_of("35=768=769=769=770=770")

    assert (layout.groups, layout.repeats) == ((), False)


@pytest.mark.parametrize(("tags", "repeats"), [("35=453=448=452=448=452", False), ("35=31=31", True)])
def test_only_what_is_twice_outside_the_groups_is_a_repeat(tags: str, repeats: bool) -> None:  # noqa: FBT001 # a table
    """Two parties are two parties; two prices contradict each other."""
    assert layout_of(tags).repeats is repeats


@pytest.mark.parametrize(
    "body",
    [
        "35=8|37=A|17=B",
        "35=8|37=A|60=20260105-14:30:00|6=1|59=0|600=2",
        "35=8|768=2|769=b|770=1|769=a|770=2|31=1|7691=A",
        "35=8|453=2|448=Z|452=1|448=A|452=2|97=Y|31=1",
        "35=0",
    ],
)
def test_content_is_hashed_sorted_however_the_layout_has_it(body: str) -> None:
    """The two halves are those of a plain sort of the fields as bytes."""
    fields = [field.encode() for field in body.split("|") if field.split("=")[0] not in HEADER_AND_TRAILER]
    has_group = b"768=2" in fields
    stamps = [field for field in fields if field.split(b"=")[0].decode() in (STAMPS if has_group else STAMPS[:1])]

    found = content_hash(message_of(body), HEADER_AND_TRAILER)

    assert found == two_hashes([field for field in fields if field not in stamps], stamps)


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ("35=8|37=A|354=3|355=a|b|60=1|6=2", [b"37=A", b"354=3", b"355=a", b"b", b"6=2"]),
        ("35=8|37=A|354=3|355=a|b|60=1|6=2|97=Y", [b"37=A", b"354=3", b"355=a\x01b", b"6=2"]),
    ],
)
def test_data_with_a_separator_is_hashed_as_it_always_was(body: str, content: list[bytes]) -> None:
    """A copy of what came before an upgrade must be known as a copy after it."""
    found = content_hash(message_of(body), HEADER_AND_TRAILER)

    assert found == two_hashes(content, [b"60=1"])


def test_a_layout_without_stamps_picks_none() -> None:
    """Nothing is nothing."""
    assert list(hash_order("35=37", HEADER_AND_TRAILER).stamps([b"35=8", b"37=A"])) == []
