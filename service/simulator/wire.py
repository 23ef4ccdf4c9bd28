"""Whole FIX messages around the simulator's bodies, and a small reader for what came back. No session rules here."""

from __future__ import annotations

from service.simulator.messages import SOH, BeginString
from service.simulator.stamps import stamp

TRANSPORT = 150_000
"""From the sender's stamp to the receiver's, in ns, as a written log shows it."""


def framed(
    version: BeginString,
    fields: str,
    *,
    sequence: int,
    sent_at: int,
    resend: bool = False,
    sender: str = "SOR",
    target: str = "FIRM",
    msg_type: str = "8",
) -> bytes:
    """Put header and trailer around the fields: 8, 9, 35, 34, 49, 52, 56 before, 10 after."""
    digits = 6 if version is BeginString.FIX42 else 9
    inner = (
        f"35={msg_type}{SOH}34={sequence}{SOH}49={sender}{SOH}52={stamp(sent_at, digits)}{SOH}56={target}{SOH}"
        f"{f'97=Y{SOH}' if resend else ''}{fields}"
    ).encode("utf-8", "surrogateescape")
    text = f"8={version.value}{SOH}9={len(inner)}{SOH}".encode() + inner
    return text + f"10={sum(text) % 256:03d}{SOH}".encode()


def pairs(message: bytes) -> list[tuple[int, str]]:
    """Split a message into tags and values, in order, repeats kept."""
    text = message.decode("utf-8", "surrogateescape")
    return [(int(tag), value) for tag, _, value in (part.partition("=") for part in text.split(SOH)[:-1])]


def body_of(message: bytes) -> str:
    """Return the fields between header and trailer, as `DropCopy.body` holds them."""
    header = {8, 9, 35, 34, 43, 49, 50, 52, 56, 57, 97, 122, 10}
    return "".join(f"{tag}={value}{SOH}" for tag, value in pairs(message) if tag not in header)
