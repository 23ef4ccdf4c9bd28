"""FIX messages for tests, with BodyLength and CheckSum put right and only what matters to a test named in it."""

from __future__ import annotations

from service.fix.message import checksum

SOH = "\x01"
HEADER = ("35", "34", "43", "49", "52", "56", "97")
REPORT: dict[str, object] = {
    "35": "8",
    "34": 2,
    "49": "SOR",
    "52": "20131007-14:30:00.250",
    "56": "FIRM",
    "37": "O-1",
    "11": "C-1",
    "17": "E-1",
    "150": "F",
    "39": "2",
    "1": "ACC-7",
    "55": "IBM",
    "54": "1",
    "38": 100,
    "40": "2",
    "44": "181.96",
    "59": "0",
    "32": 100,
    "31": "181.95",
    "30": "XNYS",
    "14": 100,
    "151": 0,
    "6": "181.95",
    "60": "20131007-14:30:00.125",
    "75": "20131007",
}


def framed(inner: str | bytes, begin_string: str = "FIX.4.4") -> bytes:
    """Return the message around its fields (each ended by SOH), with 8, 9 and 10 put right."""
    content = inner.encode() if isinstance(inner, str) else inner
    head = f"8={begin_string}{SOH}9={len(content)}{SOH}".encode() + content
    return head + f"10={checksum(head):03d}{SOH}".encode()


def fix_message(begin_string: str = "FIX.4.4", **by_tag: object) -> bytes:
    """Return a message with these fields in order (`_35="8"`); a value of None leaves a field out."""
    fields = {tag.removeprefix("_"): value for tag, value in by_tag.items()}
    return framed("".join(f"{tag}={value}{SOH}" for tag, value in fields.items() if value is not None), begin_string)


def execution_report(begin_string: str = "FIX.4.4", *, more: str = "", **by_tag: object) -> bytes:
    """Return a whole trade of 100 IBM, changed by tag (`_150="4"`; None leaves out); `more` is `448=X|452=17`."""
    changed = REPORT | {tag.removeprefix("_"): value for tag, value in by_tag.items()}
    inner = "".join(f"{tag}={value}{SOH}" for tag, value in changed.items() if value is not None)
    return framed(inner + "".join(f"{field}{SOH}" for field in more.split("|") if field), begin_string)
