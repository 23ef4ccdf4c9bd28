"""The bytes of one FIX message and its tags: split, frame check, masking of secrets. Knows no meaning of any tag.

Two outcomes: a `Message` (all fields in order, and the last value of each tag), or a `Flaw` that says in words what is
wrong with the frame. What stands behind CheckSum (10) is not covered by it and is left out.
"""

from __future__ import annotations

import re
from zlib import adler32

import msgspec

from service.fix.layout import DATA_OF_LENGTH, Layout, layout_of

SOH = b"\x01"
SECRETS = frozenset({"554", "925", "95", "96"})
"""Password, NewPassword, RawDataLength and RawData: never kept (design.md §2.2)."""
_DATA = frozenset(DATA_OF_LENGTH.values())
_THREE_DIGITS = [b"%03d" % number for number in range(256)]
_NEITHER = bytes(byte for byte in range(256) if byte not in b"=\x01")
_TRAILER = b"\x0110="
_SUSPECT_OF_SECRET = (b"554=", b"925=", b"95=", b"96=")
# adler32 counts modulo 65521: so many bytes of at most 127, or of at most 255, cannot reach it
_ASCII_CHUNK = 512
_CHUNK = 256


class Flaw(msgspec.Struct, frozen=True, gc=False):
    """What is wrong with a message, in words, and the tag it is about."""

    reason: str
    tag: int | None = None


class Message(msgspec.Struct, frozen=True, gc=False):
    """The fields up to CheckSum (10): as bytes, their tags, their values in order, and each tag's last value."""

    content: bytes
    layout: Layout
    values: list[str]
    fields: dict[str, str]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return (tag, value) of every field in order."""
        return list(zip(self.layout.tags, self.values, strict=True))


def split(body: bytes) -> Message | Flaw:
    """Return the fields of one message, or what is wrong with its frame."""
    end = frame_end(body)
    if isinstance(end, Flaw):
        return end
    content = body[:end]
    shape = content.translate(None, _NEITHER)
    if shape != b"=\x01" * (len(shape) >> 1) + b"=":
        return _split_slowly(content)
    text = _text(content)
    flat = text.replace("\x01", "=").split("=")
    layout = layout_of("=".join(flat[::2]))
    if not layout.plain or "\x00" in text:
        return _split_slowly(content)
    values = flat[1::2]
    if " " in text and ("= " in text or " \x01" in text or text[-1] == " "):
        values = _without_blanks(layout, values)
    return Message(content, layout, values, dict(zip(layout.tags, values, strict=False)))


def _split_slowly(content: bytes) -> Message | Flaw:
    """Split a message with data fields or with equals signs in its values, or find out which field is broken."""
    tags: list[str] = []
    values: list[str] = []
    for segment in segments_of(content):
        tag, equals, value = _text(segment).partition("=")
        if not equals:
            return Flaw(f"field {len(tags) + 1} has no '=' (it follows tag {tags[-1]})")
        if not tag.isdecimal():
            return Flaw(f"{tag[:20]!a} is not a tag number")
        if "\x00" in value and tag not in _DATA:
            return Flaw(f"tag {tag[:9]} holds a zero byte", int(tag[:9]))
        tags.append(tag)
        values.append(value)
    layout = layout_of("=".join(tags))
    values = _without_blanks(layout, values)
    return Message(content, layout, values, dict(zip(tags, values, strict=True)))


def _without_blanks(layout: Layout, values: list[str]) -> list[str]:
    return [value if tag in _DATA else value.strip(" ") for tag, value in zip(layout.tags, values, strict=True)]


def _text(content: bytes) -> str:
    """Return the text without loss: UTF-8 where it is valid, else one character a byte."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def segments_of(content: bytes) -> list[bytes]:
    """Split at the separators that are not inside a data field whose length is given before it."""
    found: list[bytes] = []
    at = 0
    while at <= len(content):
        end = content.find(SOH, at)
        end = len(content) if end < 0 else end
        if found:
            end = _data_end(content, at, found[-1]) or end
        found.append(content[at:end])
        at = end + 1
    return found


def _data_end(content: bytes, at: int, before: bytes) -> int | None:
    """Return where the data field that starts at `at` ends, if `before` is its length and the length holds."""
    tag, _, length = before.partition(b"=")
    data = DATA_OF_LENGTH.get(tag.decode("latin-1"))
    prefix = f"{data}=".encode()
    if data is None or not length.isdigit() or len(length) > 9 or not content.startswith(prefix, at):  # noqa: PLR2004 # digits of a length
        return None
    end = at + len(prefix) + int(length)
    return end if end == len(content) or content[end : end + 1] == SOH else None


def frame_end(body: bytes) -> int | Flaw:
    """Return where the separator before CheckSum (10) stands, when BeginString, BodyLength and CheckSum hold."""
    first = body.find(SOH)
    second = body.find(SOH, first + 1)
    if body[:2] != b"8=" or body[first + 1 : first + 3] != b"9=" or second < 0:
        return Flaw("not a FIX message: it does not begin with BeginString (8) and BodyLength (9)", 8)
    length = body[first + 3 : second]
    end = second + int(length) if length.isdigit() and len(length) < 10 else -1  # noqa: PLR2004 # digits of a length
    if end < 0 or body[end : end + 4] != _TRAILER:
        return _length_flaw(body, second, length)
    stated = body[end + 4 : end + 7]
    counted = _THREE_DIGITS[checksum(body[: end + 1])]
    if stated != counted or body[end + 7 : end + 8] not in (SOH, b""):
        said = body[end + 4 :].split(SOH, 1)[0][:20].decode("latin-1")
        return Flaw(f"CheckSum (10) is {said!a}, the bytes add up to {counted.decode()}", 10)
    return end


def _length_flaw(body: bytes, second: int, length: bytes) -> Flaw:
    end = body.find(_TRAILER, second)
    if end < 0:
        return Flaw("CheckSum (10) is absent: the message is cut off", 10)
    stated = length[:20].decode("latin-1")
    return Flaw(f"BodyLength (9) is {stated!a}, the body has {end - second} bytes", 9)


def checksum(content: bytes) -> int:
    """Return the sum of the bytes modulo 256, which CheckSum (10) must state."""
    size = _ASCII_CHUNK if content.isascii() else _CHUNK
    total = 0
    for at in range(0, len(content), size):
        total += adler32(content[at : at + size], 0) & 0xFFFF
    return total & 0xFF


def restated(body: bytes) -> bytes:
    """Return the message with the BodyLength and CheckSum that its bytes call for; unchanged where it has none."""
    first = body.find(SOH)
    second = body.find(SOH, first + 1)
    end = body.rfind(_TRAILER)
    if body[first + 1 : first + 3] != b"9=" or second < 0 or end < second:
        return body
    content = body[: first + 3] + str(end - second).encode() + body[second : end + 1]
    return content + b"10=%03d\x01" % checksum(content)


def masked(body: bytes) -> bytes:
    """Return the message with each secret overwritten by as many stars, its CheckSum put right if it was right."""
    if not any(mark in body for mark in _SUSPECT_OF_SECRET):
        return body
    starred = SOH.join(_starred(segment) for segment in segments_of(body))
    if starred == body:
        return body
    end = frame_end(body)
    if isinstance(end, Flaw):
        return starred
    return starred[: end + 4] + b"%03d" % checksum(starred[: end + 1]) + starred[end + 7 :]


def _starred(segment: bytes) -> bytes:
    tag, equals, value = segment.partition(b"=")
    return tag + equals + b"*" * len(value) if tag.decode("latin-1") in SECRETS else segment


_HEADER_FIELD = re.compile(rb"(?:^|\x01)(8|49|56)=([^\x01]*)")


def our_session(body: bytes) -> str:
    """Return the QuickFIX SessionID text of our side for a message that came to us, e.g. `FIX.4.4:FIRM->SOR`."""
    found: dict[bytes, str] = {}
    for tag, value in _HEADER_FIELD.findall(body):
        found.setdefault(tag, value.decode("latin-1"))
    return f"{found.get(b'8', '?')}:{found.get(b'56', '?')}->{found.get(b'49', '?')}"
