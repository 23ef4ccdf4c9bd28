"""What a report says of its order: ids, level, terms, exemptions. Absent stays absent; nothing is inferred."""

from __future__ import annotations

from rules.facts import ExemptReason, Level, OrderType, Side, TimeInForce
from service.fix.events import Ids, OrderTerms
from service.fix.habits import Dialect, IdHabits, Places, RouteHabits, first, marked
from service.fix.instruments import read_symbol
from service.fix.reading import Reading
from service.fix.standard import ORDER_TYPES, SIDES, TIMES_IN_FORCE

_HELD, _NOT_HELD = "5", "1"
# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_LEG = Level.LEG
_OF_A_LEG = ExemptReason.MULTILEG_LEG
_OTHER_TYPE = OrderType.OTHER
_OTHER_TIME = TimeInForce.OTHER
_RANK = {reason: rank for rank, reason in enumerate(ExemptReason)}


def read_ids(reading: Reading, habits: IdHabits) -> Ids | None:
    """Return the ids of the order, None (and a flaw) when there is none to key it on."""
    fields = reading.fields
    nothing = habits.placeholders
    key = _id(fields, habits.order, nothing)
    if key is None:
        if fields.get(habits.order[0]):
            reading.note(habits.order[0], "no id, and nothing else names the order")
        else:
            reading.miss(habits.order[0], " and nothing else names the order")
        return None
    order_id = fields.get("37")
    cl_ord_id = _id(fields, habits.client_order, nothing)
    return Ids(
        order_key=key,
        order_id=order_id if order_id and order_id not in nothing else None,
        cl_ord_id=cl_ord_id,
        previous_key=_id(fields, habits.previous, nothing),
        parent_id=_id(fields, habits.parent, nothing),
        own_id=cl_ord_id if habits.own == habits.client_order else _id(fields, habits.own, nothing),
    )


def _id(fields: dict[str, str], places: Places, nothing: frozenset[str]) -> str | None:
    for place in places:
        value = fields.get(place)
        if value and value not in nothing:
            return value
    return None


def read_words(reading: Reading, dialect: Dialect, parent_id: str | None) -> OrderTerms:
    """Return the terms without prices and quantity; wrong values become flaws of the reading."""
    fields = reading.fields
    level = _level(fields, dialect, parent_id)
    account = first(fields, dialect.account)
    return OrderTerms(
        level=level,
        account=account,
        desk=first(fields, dialect.desk),
        client=first(fields, dialect.client),
        symbol=read_symbol(fields, dialect, level),
        side=_side(reading),
        order_type=_order_type(fields.get("40")),
        time_in_force=_time_in_force(fields.get("59")),
        held=_held(fields.get("18"), default=dialect.held_default),
        directed=marked(fields, dialect.directed),
        capacity=first(fields, dialect.capacity),
        route=_route(fields, dialect.route, account),
        exempt=_exempt(fields, dialect, level),
    )


def _route(fields: dict[str, str], habits: RouteHabits, account: str | None) -> str | None:
    code = first(fields, habits.places)
    if code is not None:
        return habits.codes.get(code, code)
    return habits.accounts.get(account) if account is not None else None


def _level(fields: dict[str, str], dialect: Dialect, parent_id: str | None) -> Level:
    habits = dialect.level
    level = habits.codes.get(fields.get(habits.tag, ""))
    if level is not None:
        return level
    return habits.without_parent if parent_id is None else habits.with_parent


def _side(reading: Reading) -> Side | None:
    text = reading.fields.get("54")
    if not text:
        return None
    side = SIDES.get(text)
    if side is None:
        reading.note("54", "neither a buy nor a sell")
    return side


def _order_type(text: str | None) -> OrderType | None:
    return ORDER_TYPES.get(text, _OTHER_TYPE) if text else None


def _time_in_force(text: str | None) -> TimeInForce | None:
    return TIMES_IN_FORCE.get(text, _OTHER_TIME) if text else None


def _held(text: str | None, *, default: bool | None) -> bool | None:
    """Read ExecInst (18): 5 held, 1 not held; neither or both says nothing."""
    parts = text.split(" ") if text else ()
    held = _HELD in parts
    return held if held != (_NOT_HELD in parts) else default


def _exempt(fields: dict[str, str], dialect: Dialect, level: Level) -> ExemptReason | None:
    found: ExemptReason | None = _OF_A_LEG if level is _LEG else None
    for place, reasons in dialect.exempt:
        if place not in fields:
            continue
        value = fields[place]
        for part in value.split(" ") if " " in value else (value,):
            reason = reasons.get(part) or reasons.get("*")
            if reason is not None and (found is None or _RANK[reason] < _RANK[found]):
                found = reason
    return found
