"""What must hold of decode for any bytes at all, in words; the fuzzers and the property test ask it of every input.

Every input ends as exactly one `Decoded`, and nothing raises. A number of the sequence comes from an intact frame
alone: a garbled one must not close a gap. An execution has an id, an order, a side, a symbol and shares above zero.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from service.fix import stamps
from service.fix.decode import decode
from service.fix.dialect import parse_dialect
from service.fix.events import Decoded, Execution, Undecodable
from service.fix.habits import Dialect
from service.fix.logfile import read_log
from service.fix.message import Flaw, split

SHIPPED = Path(str(files("fix_configs")))


def shipped_dialects() -> dict[str, Dialect]:
    """Return every dialect that is shipped, the plain ones too, by name."""
    found = sorted([*SHIPPED.glob("*/dialect.yaml"), *SHIPPED.glob("plain/*.yaml")])
    return {
        path.parent.name if path.name == "dialect.yaml" else path.stem: parse_dialect(path.read_text(encoding="utf-8"))
        for path in found
    }


def shipped_messages() -> dict[str, list[bytes]]:
    """Return the example messages of each shipped dialect that has some."""
    logs = sorted(SHIPPED.glob("*/messages/*.fix"))
    return {log.parts[-3]: [line.body for line in read_log(log)] for log in logs}


OWN_ORDERS = "begin_string: FIX.4.4\nrole: own_orders\nown_orders: {vendor: sor}"
DIALECTS = {**shipped_dialects(), "own orders": parse_dialect(OWN_ORDERS)}
_KINDS = frozenset(kind for kind in Decoded.__args__)


def hold(body: bytes) -> list[Decoded]:
    """Return what the bytes are by each shipped dialect; an AssertionError says which promise is broken."""
    message = split(body)
    if isinstance(message, Flaw):
        return [_garbled(body)]
    sequence = stamps.whole(message.fields.get("34", ""))
    return [_intact(body, name, dialect, sequence) for name, dialect in DIALECTS.items()]


def _garbled(body: bytes) -> Decoded:
    decoded = decode(body, next(iter(DIALECTS.values())), "2013-10-04")
    assert type(decoded) is Undecodable, f"a broken frame became {type(decoded).__name__}"
    assert decoded.header.sequence is None, "a garbled frame must not close a gap"
    assert decoded.reason, "an undecodable message has a reason"
    return decoded


def _intact(body: bytes, name: str, dialect: Dialect, sequence: int | None) -> Decoded:
    decoded = decode(body, dialect, "2013-10-04")
    assert type(decoded) in _KINDS, f"{name}: {decoded!r} is no outcome"
    assert decoded.header.sequence == sequence, f"{name}: the number of an intact frame is its own"
    if isinstance(decoded, Undecodable):
        assert decoded.reason, f"{name}: an undecodable message has a reason"
    if isinstance(decoded, Execution):
        assert decoded.exec_id, f"{name}: an execution without an id"
        assert decoded.ids.order_key, f"{name}: an execution of no order"
        assert decoded.terms.side, f"{name}: an execution without a side"
        assert decoded.terms.symbol, f"{name}: an execution without a symbol"
        assert decoded.quantity > 0, f"{name}: an execution of {decoded.quantity}"
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", decoded.trade_date), f"{name}: {decoded.trade_date} is no day"
    return decoded
