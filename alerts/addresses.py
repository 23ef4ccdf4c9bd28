"""The file of addresses of a notify channel, and how nothing of them gets into a message. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote

import msgspec

SHORTEST_MASKED = 3
MASK = "…"
BETWEEN = re.compile(r"[/?&=:@,;+#\s]+")


class Address(msgspec.Struct, frozen=True):
    """Where a message goes, as the library writes it; it holds secrets. `line` is its line in the file."""

    line: int
    url: str

    @property
    def scheme(self) -> str:
        """Return what it speaks, the one part that is no secret."""
        return self.url.partition("://")[0]


def read_addresses(text: str) -> tuple[Address, ...]:
    """Return the addresses of a file, one a line; a line that begins with # is a remark."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    return tuple(Address(number, line) for number, line in lines if line and line[0] != "#")


def masked(text: str, address: Address) -> str:
    """Return the text without any part of the address: its host, too, is a token with some services."""
    rest = address.url.partition("://")[2]
    escaped, plain = BETWEEN.split(rest), BETWEEN.split(unquote(rest))
    for part in sorted({*escaped, *plain, *map(unquote, escaped)}, key=len, reverse=True):
        if len(part) >= SHORTEST_MASKED:
            text = text.replace(part, MASK)
    return text
