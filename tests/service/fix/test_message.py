"""The bytes of a message: split, frame check, masking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.fix.message import Flaw, Message, checksum, frame_end, masked, our_session, restated, split
from tests.factories_messages import SOH, execution_report, fix_message, framed


def fields_of(body: bytes) -> dict[str, str]:
    """Split a message that must be good."""
    message = split(body)
    assert isinstance(message, Message), message
    return message.fields


def reason_of(body: bytes) -> str:
    """Split a message that must be broken."""
    flaw = split(body)
    assert isinstance(flaw, Flaw), flaw
    return flaw.reason


def test_a_value_may_hold_equals_signs() -> None:
    """Only the first equals sign ends the tag."""
    body = fix_message(_35="8", _58="a=b=c")

    fields = fields_of(body)

    assert fields["58"] == "a=b=c"


def test_an_empty_value_is_kept_as_empty() -> None:
    """`58=` is a field without a value, not an error."""
    body = fix_message(_35="8", _58="")

    fields = fields_of(body)

    assert fields["58"] == ""


def test_blanks_around_a_value_are_taken_off() -> None:
    """`19= 10430` names the execution 10430."""
    body = fix_message(_35="8", _19=" 10430", _58="said so ")

    fields = fields_of(body)

    assert (fields["19"], fields["58"]) == ("10430", "said so")


def test_repeated_tags_are_all_kept_in_order() -> None:
    """A group is read from the pairs; the plain fields hold the last value."""
    message = split(fix_message(_35="8", _382="2", _375="AAAA") + b"")
    twice = split(framed(f"35=8{SOH}375=AAAA{SOH}375=BBBB{SOH}"))

    assert isinstance(message, Message)
    assert isinstance(twice, Message)
    assert [pair for pair in twice.pairs if pair[0] == "375"] == [("375", "AAAA"), ("375", "BBBB")]
    assert twice.fields["375"] == "BBBB"


def test_fields_behind_the_checksum_are_left_out() -> None:
    """What no CheckSum covers is not believed."""
    body = fix_message(_35="8", _58="said") + f"31=9.99{SOH}".encode()

    fields = fields_of(body)

    assert "31" not in fields


def test_a_data_field_may_hold_the_separator() -> None:
    """RawData (96) is as long as RawDataLength (95) says, whatever is in it."""
    body = framed(f"35=B{SOH}95=9{SOH}96=a{SOH}10=000b{SOH}58=after{SOH}")

    fields = fields_of(body)

    assert (fields["96"], fields["58"]) == (f"a{SOH}10=000b", "after")


@pytest.mark.parametrize("length", ["3", "99", "x", "", "9999999999"])
def test_a_wrong_data_length_is_ignored(length: str) -> None:
    """A length that does not end at a separator does not swallow what follows."""
    body = framed(f"35=B{SOH}95={length}{SOH}96=ab{SOH}58=after{SOH}")

    fields = fields_of(body)

    assert (fields["96"], fields["58"]) == ("ab", "after")


def test_a_length_before_another_tag_is_no_length() -> None:
    """Only the data tag of the pair belongs to the length."""
    body = framed(f"35=B{SOH}95=2{SOH}58=after{SOH}96=ab{SOH}")

    fields = fields_of(body)

    assert (fields["58"], fields["96"]) == ("after", "ab")


def test_a_data_field_at_the_end_of_the_body_is_whole() -> None:
    """The separator before CheckSum (10) ends it."""
    body = framed(f"35=B{SOH}95=3{SOH}96=a{SOH}b{SOH}")

    fields = fields_of(body)

    assert fields["96"] == f"a{SOH}b"


@pytest.mark.parametrize(
    ("text", "expected"), [("Zürich".encode(), "Zürich"), (b"Z\xfcrich", "Zürich"), ("株".encode(), "株")]
)
def test_text_that_is_not_ascii_is_read_without_loss(text: bytes, expected: str) -> None:
    """UTF-8 where it is valid, else one character a byte."""
    body = framed(b"35=8\x0158=" + text + b"\x01")

    fields = fields_of(body)

    assert fields["58"] == expected


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        (f"35=8{SOH}broken{SOH}58=x{SOH}", "field 4 has no '=' (it follows tag 35)"),
        (f"35=8{SOH}{SOH}58=x{SOH}", "field 4 has no '=' (it follows tag 35)"),
        (f"35=8{SOH}5x=x{SOH}", "'5x' is not a tag number"),
        (f"35=8{SOH}=x{SOH}", "'' is not a tag number"),
        (f"35=8{SOH}55=I\x00BM{SOH}", "tag 55 holds a zero byte"),
    ],
)
def test_a_broken_field_is_named(inner: str, words: str) -> None:
    """The reason says which field and why."""
    body = framed(inner)

    reason = reason_of(body)

    assert reason == words


def test_a_zero_byte_in_raw_data_is_no_flaw() -> None:
    """Data fields may hold any byte."""
    body = framed(f"35=B{SOH}95=2{SOH}96=\x00b{SOH}")

    fields = fields_of(body)

    assert fields["96"] == "\x00b"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not a FIX message: it does not begin with BeginString (8) and BodyLength (9)"),
        (b"garbage", "not a FIX message: it does not begin with BeginString (8) and BodyLength (9)"),
        (b"8=FIX.4.4\x019=5", "not a FIX message: it does not begin with BeginString (8) and BodyLength (9)"),
        (b"8=FIX.4.4\x019=5\x0135=0\x01", "CheckSum (10) is absent: the message is cut off"),
        (b"8=FIX.4.4\x019=6\x0135=0\x0110=163\x01", "BodyLength (9) is '6', the body has 5 bytes"),
        (b"8=FIX.4.4\x019=\x0135=0\x0110=163\x01", "BodyLength (9) is '', the body has 5 bytes"),
        (b"8=FIX.4.4\x019=9999999999\x0135=0\x0110=163\x01", "BodyLength (9) is '9999999999', the body has 5 bytes"),
        (b"8=FIX.4.4\x019=5\x0135=0\x0110=999\x01", "CheckSum (10) is '999', the bytes add up to 163"),
        (b"8=FIX.4.4\x019=5\x0135=0\x0110=1630\x01", "CheckSum (10) is '1630', the bytes add up to 163"),
    ],
)
def test_a_broken_frame_says_what_was_expected(body: bytes, words: str) -> None:
    """BeginString, BodyLength and CheckSum must hold before a field is believed."""
    reason = reason_of(body)

    assert reason == words


def test_the_last_separator_may_be_missing() -> None:
    """A log may end a message at the digits of CheckSum (10)."""
    body = fix_message(_35="0").rstrip(b"\x01")

    fields = fields_of(body)

    assert fields["35"] == "0"


@given(st.binary(max_size=2_000))
def test_the_checksum_is_the_sum_of_the_bytes(content: bytes) -> None:
    """The quick sum equals the plain one for any bytes."""
    assert checksum(content) == sum(content) % 256


@pytest.mark.parametrize("tag", ["554", "925", "96"])
def test_a_secret_is_masked_and_the_frame_still_holds(tag: str) -> None:
    """Stars of the same length, and a CheckSum (10) that fits them."""
    body = fix_message(_35="A", **{f"_{tag}": "hunter2"}, _58="x")

    kept = masked(body)

    assert b"hunter2" not in kept
    assert fields_of(kept)[tag] == "*******"
    assert len(kept) == len(body)


def test_raw_data_with_separators_is_masked_whole() -> None:
    """No part of RawData (96) stays readable, and neither does its length."""
    body = framed(f"35=A{SOH}95=11{SOH}96=one{SOH}two{SOH}six{SOH}58=x{SOH}")

    kept = masked(body)

    assert b"one" not in kept
    assert b"two" not in kept
    assert b"95=**\x01" in kept
    assert fields_of(kept)["58"] == "x"


def test_a_message_without_secrets_is_left_as_it_is() -> None:
    """The same bytes come back, also when a value looks like one."""
    plain, alike = execution_report(), execution_report(_58="1554=5 and 96=7")

    assert masked(plain) is plain
    assert masked(alike) is alike


def test_a_broken_message_is_masked_too_and_stays_broken() -> None:
    """A wrong CheckSum (10) is not put right by masking."""
    body = fix_message(_35="A", _554="hunter2")[:-4] + b"000\x01"

    kept = masked(body)

    assert b"hunter2" not in kept
    assert isinstance(frame_end(kept), Flaw)


def test_a_message_gets_the_length_and_checksum_that_its_bytes_call_for() -> None:
    """A redacted log can be read on request."""
    body = execution_report().replace(b"ACC-7", b"XXXXXXXXXX")

    put_right = restated(body)

    assert isinstance(frame_end(body), Flaw)
    assert fields_of(put_right)["1"] == "XXXXXXXXXX"


@pytest.mark.parametrize("body", [b"", b"8=FIX.4.4\x0135=0\x01", b"8=FIX.4.4\x019=5\x0135=0\x01"])
def test_a_message_without_a_frame_is_not_restated(body: bytes) -> None:
    """There is nothing to put right."""
    assert restated(body) == body


def test_our_session_is_the_target_of_what_came() -> None:
    """The SessionID text of our side, also of bytes that are no message."""
    assert our_session(execution_report()) == "FIX.4.4:FIRM->SOR"
    assert our_session(b"") == "?:?->?"
