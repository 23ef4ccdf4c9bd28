"""One inbound message → one `Decoded`, by the dialect: the door to all of this room. Pure, and never raises.

Whatever cannot be understood is `Undecodable` with the reason in words, naming the tag. Garbled frames carry no
sequence number: FIX says to ignore them, so they must not close a gap.
"""

from __future__ import annotations

import msgspec

from service.fix import stamps
from service.fix.cancel_reject import read_cancel_reject
from service.fix.events import Admin, Decoded, Header, OrderEvent, Status, Undecodable
from service.fix.groups import places
from service.fix.habits import Dialect, Role, SequenceHabits, one_of
from service.fix.message import Flaw, Message, split
from service.fix.own_orders import COPIED, REPORT_TO_OURSELVES, read_own_order
from service.fix.report import read_report
from service.fix.standard import TRADES_ELSEWHERE
from service.fix.tags import message_name
from service.fix.times import Sent, read_sent

ADMIN = one_of("0 1 2 3 4 5 A")
"""MsgType (35) of the session level."""
_REPORT = "8"
_CANCEL_REJECT = "9"
_NO_HEADER = Header(msg_type="")
_OWN_ORDERS = Role.OWN_ORDERS


def decode(body: bytes, dialect: Dialect, fallback_trade_date: str) -> Decoded:
    """Return what the message is; `fallback_trade_date` (YYYY-MM-DD) is the session's day."""
    message = split(body)
    if isinstance(message, Flaw):
        return Undecodable(header=_NO_HEADER, reason=message.reason, tag=message.tag)
    sent = read_sent(message.fields, dialect.clocks)
    header = _header(message.fields, sent)
    if dialect.sequence.scope or dialect.sequence.number != "34":
        header = _counted(header, message.fields, dialect.sequence)
    if dialect.role is _OWN_ORDERS and header.msg_type in COPIED:
        return _own(message, dialect, header, sent, fallback_trade_date)
    if header.msg_type == _REPORT:
        return _report(message, dialect, header, sent, fallback_trade_date)
    if header.msg_type in ADMIN:
        return _admin(message.fields, header)
    if header.msg_type == _CANCEL_REJECT and dialect.role is not _OWN_ORDERS:
        return _refusal(message, dialect, header, sent, fallback_trade_date) or _other(message.fields, header)
    return _other(message.fields, header)


def segment_of(body: bytes, habits: SequenceHabits) -> tuple[str, int] | None:
    """Return the segment and number under which a message is counted apart; None when it is not."""
    message = split(body)
    if isinstance(message, Flaw):
        return None
    fields = message.fields
    sequence = stamps.whole(fields.get("34", ""))
    header = _counted(Header(msg_type=fields.get("35", ""), sequence=sequence), fields, habits)
    number = sequence if header.number is None else header.number
    return None if header.scope is None or number is None else (header.scope, number)


def _header(fields: dict[str, str], sent: Sent) -> Header:
    return Header(
        msg_type=fields.get("35", ""),
        sequence=stamps.whole(fields.get("34", "")),
        sent_at=sent.at,
        poss_dup=fields.get("43") == "Y",
        poss_resend=fields.get("97") == "Y",
    )


def _counted(header: Header, fields: dict[str, str], habits: SequenceHabits) -> Header:
    """Return the header with its segment and number; the session's own messages and what bears neither have none."""
    number = None if habits.number == "34" else stamps.whole(fields.get(habits.number, ""))
    scope = "/".join(fields.get(place, "") for place in habits.scope)
    if header.msg_type in ADMIN or (number is None if habits.number != "34" else not scope.strip("/")):
        return header
    return msgspec.structs.replace(header, scope=scope, number=number)


def _report(message: Message, dialect: Dialect, header: Header, sent: Sent, fallback: str) -> Decoded:
    fields = places(message, dialect.reads)
    if isinstance(fields, Flaw):
        return Undecodable(header=header, reason=fields.reason, tag=fields.tag)
    return read_report(message, fields, dialect, header, sent, fallback)


def _refusal(message: Message, dialect: Dialect, header: Header, sent: Sent, fallback: str) -> OrderEvent | None:
    fields = places(message, dialect.reads)
    if isinstance(fields, Flaw):
        return None
    return read_cancel_reject(message, fields, dialect, header, sent, fallback)


def _own(message: Message, dialect: Dialect, header: Header, sent: Sent, fallback: str) -> Decoded:
    if header.msg_type == _REPORT:
        return Status(header=header, reason=REPORT_TO_OURSELVES)
    fields = places(message, dialect.reads)
    if isinstance(fields, Flaw):
        return Undecodable(header=header, reason=fields.reason, tag=fields.tag)
    return read_own_order(message, fields, dialect, header, sent, fallback)


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
