"""The sections of a dialect that say how a copy comes to us: recovery, sequence, symbols, delay, own orders. Pure.

Refuses to let a watch send what enters, changes or cancels an order, or what belongs to the session itself.
"""

from __future__ import annotations

import re

from rules.facts import Level
from rules.instruments import Instrument
from service.fix import standard
from service.fix.decode import ADMIN
from service.fix.dialect_sections import LEVELS
from service.fix.dialect_sheet import Sheet
from service.fix.habits import (
    HEADER_AND_TRAILER,
    NOT_WATCHED,
    InstrumentHabits,
    OwnOrderHabits,
    RecoveryHabits,
    RecoveryMethod,
    Role,
    SequenceHabits,
    SymbolHabits,
)
from service.market.symbols import COMMON, SymbolStyle

KNOWN = ("last_exec_id", "since", "now")
"""What a template of a request may put in."""
_METHODS = {method.value: method for method in RecoveryMethod}
_ROLES = {role.value: role for role in Role}
_STYLES = {style.value: style for style in SymbolStyle}
_OWN_LEVELS: dict[str, Level | None] = {"as_reported": None, **LEVELS}
_KINDS = {kind.value: kind for kind in Instrument}
_HOLE = re.compile(r"\{([^{}]*)\}")
_WITH_AN_END = (RecoveryMethod.REDELIVERY, RecoveryMethod.REQUEST)


def read_recovery(sheet: Sheet) -> RecoveryHabits:
    """Return how missed reports come back."""
    default = RecoveryHabits()
    habits = RecoveryHabits(
        method=sheet.choice("method", _METHODS, default.method),
        allow=frozenset(sheet.words("allow", ())),
        ended_by=sheet.marks("ended_by", default.ended_by),
        quiet_after=sheet.duration("quiet_after", default.quiet_after),
        limit=sheet.duration("limit", default.limit),
        ask=sheet.text("ask", "") or None,
        fields=tuple(sheet.table("fields", {}).items()),
    )
    _check_allowed(sheet, habits)
    _check_end(sheet, habits)
    _check_request(sheet, habits)
    sheet.done()
    return habits


def _check_allowed(sheet: Sheet, habits: RecoveryHabits) -> None:
    for kind in sorted(habits.allow & standard.ORDER_ENTRY):
        sheet.say("allow", f"message type {kind} enters, changes or cancels orders; a watch never sends it")
    for kind in sorted(habits.allow & ADMIN):
        sheet.say("allow", f"message type {kind} is the session's own; the engine sends it, no request of ours does")


def _check_end(sheet: Sheet, habits: RecoveryHabits) -> None:
    if habits.ended_by and habits.method not in _WITH_AN_END:
        sheet.say("ended_by", f"nothing announces the end when the method is {habits.method.value}")
    if habits.quiet_after <= 0:
        sheet.say("quiet_after", 'must be longer than nothing, for example "5 s"')
    if habits.limit <= habits.quiet_after:
        sheet.say("limit", "must be longer than recovery.quiet_after, or no recovery could end quietly")


def _check_request(sheet: Sheet, habits: RecoveryHabits) -> None:
    wanted = habits.method is RecoveryMethod.REQUEST
    if not wanted:
        for key in ("ask", "fields"):
            if getattr(habits, key):
                sheet.say(
                    key, f"nothing is asked for when the method is {habits.method.value}; expected method: request"
                )
        return
    if habits.ask is None:
        sheet.say("ask", "method request needs the message type that asks, for example ask: BW")
    elif habits.ask not in habits.allow:
        sheet.say("ask", f"message type {habits.ask} is not in recovery.allow, so the gateway would not send it")
    for tag, template in habits.fields:
        sheet.checked_tag("fields", tag)
        if tag in HEADER_AND_TRAILER:
            sheet.say("fields", f"tag {tag} belongs to header or trailer, which the engine writes")
        _check_template(sheet, tag, template)


def _check_template(sheet: Sheet, tag: str, template: str) -> None:
    for name in _HOLE.findall(template):
        if name not in KNOWN:
            known = ", ".join(f"{{{word}}}" for word in KNOWN)
            sheet.say("fields", f"tag {tag}: {{{name}}} stands for nothing; expected {known}")
    if "{" in (rest := _HOLE.sub("", template)) or "}" in rest:
        sheet.say("fields", f"tag {tag}: {template!a} has a brace without its partner")


def read_sequence(sheet: Sheet) -> SequenceHabits:
    """Return which numbers prove completeness."""
    default = SequenceHabits()
    habits = SequenceHabits(scope=sheet.places("scope", default.scope), number=sheet.tag("number", default.number))
    sheet.done()
    return habits


def read_symbols(sheet: Sheet) -> SymbolHabits:
    """Return how the counterparty writes symbols."""
    styles = sheet.words("styles", COMMON)
    for style in styles:
        if style not in _STYLES:
            sheet.say("styles", f"{style!a} is not known; expected {', '.join(_STYLES)}")
    habits = SymbolHabits(
        styles=tuple(_STYLES[style] for style in styles if style in _STYLES),
        table=sheet.table("table", {}),
        test=frozenset(sheet.words("test", ())),
    )
    sheet.done()
    return habits


def read_instruments(sheet: Sheet) -> InstrumentHabits:
    """Return what tells a stock from what has no quotes among a stock's."""
    default = InstrumentHabits()
    codes = sheet.table("types", {})
    for kind in sorted({*codes.values()} - {*_KINDS}):
        sheet.say("types", f"{kind!a} is no kind of security; expected {', '.join(_KINDS)}")
    of_type, cfi = sheet.places("type", default.type), sheet.places("cfi", default.cfi)
    put_or_call, strike = sheet.places("put_or_call", default.put_or_call), sheet.places("strike", default.strike)
    expiry, legs = sheet.places("expiry", default.expiry), sheet.places("legs", default.legs)
    habits = InstrumentHabits(
        type=of_type,
        types={code: _KINDS.get(kind, Instrument.OTHER) for code, kind in codes.items()},
        cfi=cfi,
        without_type=sheet.choice("without_type", _KINDS, default.without_type),
        option_symbol=sheet.places("option_symbol", default.option_symbol),
        put_or_call=put_or_call,
        strike=strike,
        expiry=expiry,
        day=sheet.places("day", default.day),
        legs=legs,
        marks=frozenset((*cfi, *put_or_call, *strike, *expiry, *legs)),
    )
    sheet.done()
    return habits


def read_role(sheet: Sheet) -> Role:
    """Return what the sessions carry."""
    return sheet.choice("role", _ROLES, Role.DROP_COPY)


def read_own_orders(sheet: Sheet, role: Role) -> OwnOrderHabits:
    """Return to which vendor the firm's own orders were sent; only a copy of own orders may say so, and it must."""
    default = OwnOrderHabits()
    habits = OwnOrderHabits(
        vendor=sheet.text("vendor", "") or None,
        sent_to=sheet.places("sent_to", default.sent_to),
        codes=sheet.table("codes", {}),
        level=sheet.choice("level", _OWN_LEVELS, default.level),
    )
    if role is not Role.OWN_ORDERS and habits != default:
        sheet.say("", "only a dialect with role: own_orders says to whom the firm's orders were sent")
    if role is Role.OWN_ORDERS:
        _check_vendors(sheet, habits)
    sheet.done()
    return habits


def _check_vendors(sheet: Sheet, habits: OwnOrderHabits) -> None:
    if habits.vendor == NOT_WATCHED:
        sheet.say("vendor", f"{NOT_WATCHED} is for a destination in own_orders.codes; then no order would be watched")
    elif not habits.vendors:
        sheet.say("", "expected vendor (one counterparty for all orders) or codes (destination: counterparty)")
    if habits.codes and not habits.sent_to:
        sheet.say("sent_to", "codes need a place where the destination stands, for example [128, 57, 100]")
