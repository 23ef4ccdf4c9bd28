"""What an execution report is, by the precedence of domain.md §4.2: the first line that matches wins.

There is always an otherwise: a report that no line explains is a Flaw with the reason, never a guess.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.facts import OrderEventKind
from service.fix import stamps
from service.fix.habits import Dialect, marked
from service.fix.message import Flaw
from service.fix.standard import EVENTS, HIDING, TRADES


class Meaning(StrEnum):
    """What a report reports."""

    STATUS = "status"
    BUST = "bust"
    CORRECTION = "correction"
    TRADE = "trade"
    EVENT = "event"


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """The meaning, and the order event that goes with it (or that hid the trade)."""

    meaning: Meaning
    event: OrderEventKind | None = None


_STATUS = Verdict(Meaning.STATUS)
_BUST = Verdict(Meaning.BUST)
_CORRECTION = Verdict(Meaning.CORRECTION)
_TRADE = Verdict(Meaning.TRADE)
_EVENT = {code: Verdict(Meaning.EVENT, kind) for code, kind in EVENTS.items()}
_HIDDEN = {code: Verdict(Meaning.TRADE, EVENTS[code]) for code in HIDING}
_NEW, _CANCEL, _CORRECT, _STATUS_REPORT = "0", "1", "2", "3"


def judge(fields: dict[str, str], dialect: Dialect) -> Verdict | Flaw:
    """Return what the report is, or why it cannot be told."""
    trans_type, exec_type = fields.get("20") if dialect.exec_trans_type else None, fields.get("150")
    if trans_type == _STATUS_REPORT or exec_type == "I" or (dialect.status and marked(fields, dialect.status)):
        return _STATUS
    if (trans_type and trans_type != _NEW) or exec_type in ("G", "H"):
        amendment = _amendment(trans_type, exec_type, fields.get("19"), dialect)
        if amendment is not None:
            return amendment
    if exec_type in TRADES:
        return _traded(fields, exec_type)
    if not exec_type:
        return _without_exec_type(fields, dialect)
    if exec_type in _HIDDEN and _shares(fields):
        return _HIDDEN[exec_type]
    return _EVENT.get(exec_type) or Flaw(f"ExecType (150) is {exec_type[:20]!a}: not known", 150)


def _amendment(
    trans_type: str | None, exec_type: str | None, names: str | None, dialect: Dialect
) -> Verdict | Flaw | None:
    """Return the bust or the correction; None for a plain trade that the dialect marks with 20=2."""
    for code, kind, verdict in ((_CANCEL, "H", _BUST), (_CORRECT, "G", _CORRECTION)):
        if exec_type == kind or (trans_type == code and names):
            return verdict if names else Flaw(f"ExecRefID (19) is absent: 150={kind} must name an execution", 19)
    if trans_type == _CORRECT and dialect.plain_fill_with_trans_type_2:
        return None
    if trans_type in (_CANCEL, _CORRECT):
        return Flaw(f"ExecRefID (19) is absent: ExecTransType (20) {trans_type} must name an execution", 19)
    return Flaw(f"ExecTransType (20) is {(trans_type or '')[:20]!a}: expected 0, 1, 2 or 3", 20)


def _traded(fields: dict[str, str], exec_type: str) -> Verdict | Flaw:
    if _shares(fields):
        return _TRADE
    stated = fields.get("32")
    words = f"is {stated[:40]!a}" if stated else "is absent"
    return Flaw(f"LastQty (32) {words}: ExecType (150) {exec_type} is a trade and needs shares", 32)


def _without_exec_type(fields: dict[str, str], dialect: Dialect) -> Verdict | Flaw:
    """Judge a report of the days before ExecType, where the dialect says that they are not over."""
    if not dialect.fill_without_exec_type:
        return Flaw("ExecType (150) is absent", 150)
    if _shares(fields) and fields.get("31"):
        return _TRADE
    status = fields.get("39", "")
    return _EVENT.get(status) or Flaw(f"ExecType (150) is absent, and OrdStatus (39) {status[:20]!a} is no event", 150)


def _shares(fields: dict[str, str]) -> bool:
    """Return whether 32 holds shares; what is unreadable counts, so that it is complained of where it is read."""
    text = fields.get("32")
    if not text:
        return False
    value = stamps.quantity(text)
    return isinstance(value, str) or value > 0
