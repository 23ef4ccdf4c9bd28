"""Execution reports as FIX bodies in the versions in use; refuses headers: they are the engine's (or `wire`'s)."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from service.simulator.orders import Life
from service.simulator.stamps import dollars, stamp, trade_date

SOH = "\x01"


class BeginString(StrEnum):
    """The FIX versions that the simulator speaks; FIXT.1.1 carries FIX 5.0 SP2."""

    FIX42 = "FIX.4.2"
    FIX44 = "FIX.4.4"
    FIXT11 = "FIXT.1.1"


class Kind(StrEnum):
    """What a report says; the value is ExecType (150) from FIX 4.3 on."""

    NEW = "0"
    CANCELED = "4"
    PENDING_CANCEL = "6"
    REJECTED = "8"
    PENDING_NEW = "A"
    TRADE = "F"
    CORRECTION = "G"
    BUST = "H"


PENDING = {Kind.PENDING_CANCEL: "6", Kind.PENDING_NEW: "A"}
"""OrdStatus (39) of what only promises an answer."""
TRANSACTION = {Kind.BUST: "1", Kind.CORRECTION: "2"}
"""ExecTransType (20) of FIX 4.2; 0 (new) for all else."""


class Report(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """All that one report says beside the order's own state; quantity and price are those of the execution."""

    kind: Kind
    at: int
    exec_id: str
    venue: str | None = None
    quantity: int = 0
    price: int = 0
    liquidity: str = "2"
    refers_to: str | None = None
    cancel_id: str | None = None
    text: str | None = None

    @property
    def with_execution(self) -> bool:
        """Return whether 31 and 32 belong into it."""
        return self.kind in (Kind.TRADE, Kind.CORRECTION)


def body(report: Report, life: Life, version: BeginString) -> str:
    """Write the fields after the header, each ended by SOH."""
    fields = _identity(report, life)
    fields += _state(report, life) if version is not BeginString.FIX42 else _state_42(report, life)
    fields += _terms(life)
    if report.with_execution:
        fields += f"32={report.quantity}{SOH}31={dollars(report.price)}{SOH}"
    if report.venue is not None:
        fields += f"30={report.venue}{SOH}"
    fields += (
        f"14={life.cumulative}{SOH}151={life.leaves}{SOH}6={dollars(life.average)}{SOH}"
        f"60={stamp(report.at, 6 if version is BeginString.FIX42 else 9)}{SOH}75={trade_date(report.at)}{SOH}"
    )
    fields += _extras(report, life) if version is not BeginString.FIX42 else _extras_42(report, life)
    if report.text:
        fields += f"58={report.text}{SOH}"
    return fields


def _identity(report: Report, life: Life) -> str:
    terms = life.terms
    ids = f"37={terms.order_id}{SOH}11={report.cancel_id or terms.cl_ord_id}{SOH}17={report.exec_id}{SOH}"
    if report.cancel_id:
        ids += f"41={terms.cl_ord_id}{SOH}"
    if report.refers_to:
        ids += f"19={report.refers_to}{SOH}"
    return ids


def _state(report: Report, life: Life) -> str:
    status = PENDING.get(report.kind, life.status)
    return f"150={report.kind.value}{SOH}39={status}{SOH}"


def _state_42(report: Report, life: Life) -> str:
    status = PENDING.get(report.kind, life.status)
    kind = status if report.kind in (Kind.TRADE, Kind.BUST, Kind.CORRECTION) else report.kind.value
    return f"20={TRANSACTION.get(report.kind, '0')}{SOH}150={kind}{SOH}39={status}{SOH}"


def _terms(life: Life) -> str:
    terms = life.terms
    symbol = terms.written or terms.symbol
    price = "40=1" if terms.limit is None else f"40=2{SOH}44={dollars(terms.limit)}"
    return (
        f"1={terms.account}{SOH}55={symbol}{SOH}54={terms.side}{SOH}38={terms.quantity}{SOH}{price}{SOH}"
        f"59={'3' if terms.immediate else '0'}{SOH}18=1{SOH}"
    )


def _extras(report: Report, life: Life) -> str:
    terms = life.terms
    fields = f"528=A{SOH}442=1{SOH}"
    if terms.parent is not None:
        fields += f"526={terms.parent}{SOH}583={terms.parent}{SOH}"
    if report.with_execution:
        fields += f"851={report.liquidity}{SOH}768=2{SOH}769={stamp(report.at, 9)}{SOH}770=1{SOH}"
    else:
        fields += f"768=1{SOH}"
    fields += f"769={stamp(terms.received_at, 9)}{SOH}770=2{SOH}"
    return fields


def _extras_42(report: Report, life: Life) -> str:
    """Write what FIX 4.2 has no field for in the customs that vendors use: 9526 parent, 9882 liquidity."""
    fields = f"47=A{SOH}"
    if life.terms.parent is not None:
        fields += f"9526={life.terms.parent}{SOH}"
    if report.with_execution:
        fields += f"9882={'A' if report.liquidity == '1' else 'R'}{SOH}"
    return fields
