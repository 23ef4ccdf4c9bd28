"""One inbound message → one `Decoded`, by the dialect: the door to all of this room. Pure, and never raises.

Whatever cannot be understood is `Undecodable` with the reason in words, naming the tag. Garbled frames carry no
sequence number: FIX says to ignore them, so they must not close a gap.
"""

from __future__ import annotations

from service.fix import stamps
from service.fix.events import Admin, Decoded, Header, Status, Undecodable
from service.fix.groups import places
from service.fix.habits import Dialect, one_of
from service.fix.message import Flaw, Message, split
from service.fix.report import read_report
from service.fix.standard import TRADES_ELSEWHERE
from service.fix.tags import message_name
from service.fix.times import Sent, read_sent

ADMIN = one_of("0 1 2 3 4 5 A")
"""MsgType (35) of the session level."""
_REPORT = "8"
_NO_HEADER = Header(msg_type="")


def decode(body: bytes, dialect: Dialect, fallback_trade_date: str) -> Decoded:
    """Return what the message is; `fallback_trade_date` (YYYY-MM-DD) is the session's day."""
    message = split(body)
    if isinstance(message, Flaw):
        return Undecodable(header=_NO_HEADER, reason=message.reason, tag=message.tag)
    sent = read_sent(message.fields, dialect.clocks.sending)
    header = _header(message.fields, sent)
    if header.msg_type == _REPORT:
        return _report(message, dialect, header, sent, fallback_trade_date)
    if header.msg_type in ADMIN:
        return _admin(message.fields, header)
    return _other(message.fields, header)


def _header(fields: dict[str, str], sent: Sent) -> Header:
    return Header(
        msg_type=fields.get("35", ""),
        sequence=stamps.whole(fields.get("34", "")),
        sent_at=sent.at,
        poss_dup=fields.get("43") == "Y",
        poss_resend=fields.get("97") == "Y",
    )


def _report(message: Message, dialect: Dialect, header: Header, sent: Sent, fallback: str) -> Decoded:
    fields = places(message, dialect.reads)
    if isinstance(fields, Flaw):
        return Undecodable(header=header, reason=fields.reason, tag=fields.tag)
    return read_report(message, fields, dialect, header, sent, fallback)


def _admin(fields: dict[str, str], header: Header) -> Admin:
    reset = header.msg_type == "4"
    return Admin(
        header=header,
        new_sequence=stamps.whole(fields.get("36", "")) if reset else None,
        gap_fill=reset and fields.get("123") == "Y",
        text=fields.get("58") or None,
    )


def _other(fields: dict[str, str], header: Header) -> Status | Undecodable:
    kind = header.msg_type
    if not kind:
        return Undecodable(header=header, reason="MsgType (35) is absent", tag=35)
    if kind in TRADES_ELSEWHERE:
        reason = f"MsgType (35) {kind} ({TRADES_ELSEWHERE[kind]}) reports trades in a form that is not read"
        return Undecodable(header=header, reason=reason, tag=35)
    said = fields.get("58") or fields.get("148")
    name = f"{message_name(kind)} (35={kind[:20]})"
    return Status(header=header, reason=f"{name}: {said}" if said else name)
