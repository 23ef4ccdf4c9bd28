"""dialect.yaml → `Dialect`: every key checked, every problem listed at once with its line. Reads text, opens nothing.

Refuses unknown keys, venue places that never say where it traded (100, 207), codes that are no MIC and not declared
local, and any message type of order entry among those that may be sent for recovery. What one report means is read
by `dialect_sections.py`, how the copy comes to us by `dialect_road.py`.
"""

from __future__ import annotations

import msgspec

from rules.reading import Reader, ReadingError
from service.fix import dialect_road as road
from service.fix import dialect_sections as sections
from service.fix import standard
from service.fix.dialect_sheet import Sheet
from service.fix.habits import Dialect, Marks, Role, one_of

__all__ = ["Dialect", "DialectError", "parse_dialect"]

_BEGIN_STRINGS = ("FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.4.4", "FIXT.1.1")
_HELD: dict[str, bool | None] = {"held": True, "not_held": False, "unknown": None}
_ALWAYS_READ = one_of("11 14 17 18 19 20 31 32 37 38 39 40 41 44 54 55 59 60 65 75 99 150 151")


class DialectError(ReadingError):
    """A dialect cannot be used."""


def parse_dialect(text: str) -> Dialect:
    """Return the dialect that the YAML text describes; raise DialectError with every problem."""
    reader = Reader()
    root = reader.tree(text)
    if root is None:
        reader.refuse(0, "a dialect is a set of keys; the least is begin_string")
        raise DialectError(reader.problems)
    dialect = _dialect(Sheet(root, "", reader))
    if reader.problems:
        raise DialectError(reader.problems)
    return msgspec.structs.replace(dialect, reads=_reads(dialect))


def _dialect(sheet: Sheet) -> Dialect:
    default = Dialect(begin_string="")
    role = road.read_role(sheet)
    semantics, held = sheet.section("semantics"), sheet.section("held")
    dialect = Dialect(
        begin_string=_begin_string(sheet),
        ids=sections.read_ids(sheet.section("ids")),
        level=sections.read_level(sheet.section("level")),
        route=sections.read_route(sheet.section("route")),
        venue=sections.read_venue(sheet.section("venue")),
        clocks=sections.read_clocks(sheet.section("clocks"), sheet.section("stamps")),
        cancel=sections.read_cancel(sheet.section("customer_cancel")),
        key=sections.read_key(sheet.section("dedup")),
        account=sheet.places("account", default.account),
        desk=sheet.places("desk", default.desk),
        client=sheet.places("client", default.client),
        capacity=sheet.places("capacity", default.capacity),
        fees=sheet.places("fees", default.fees),
        fees_are_costs=sheet.choice("fees_above_zero", {"paid": True, "received": False}, default.fees_are_costs),
        suffix=sheet.text("suffix", default.suffix),
        liquidity=tuple(sheet.tables("liquidity", standard.LIQUIDITY).items()),
        held_default=held.choice("default", _HELD, None),
        directed=sheet.marks("directed", ()),
        auction=sheet.marks("auction", tuple(standard.AUCTION.items())),
        exempt=sections.read_exempt(sheet.section("exempt")),
        status=sheet.marks("status", ()),
        fill_without_exec_type=semantics.flag("fill_without_exec_type", default=False),
        plain_fill_with_trans_type_2=semantics.flag("plain_fill_with_trans_type_2", default=False),
        fill_without_terms=semantics.flag("fill_without_terms", default=False),
        exec_trans_type=semantics.flag("exec_trans_type", default=True),
        trade_date=sections.read_trade_date(sheet),
        recovery=road.read_recovery(sheet.section("recovery")),
        sequence=road.read_sequence(sheet.section("sequence")),
        symbols=road.read_symbols(sheet.section("symbols")),
        instruments=road.read_instruments(sheet.section("instruments")),
        delay=sheet.duration("delay", default.delay),
        role=role,
        own_orders=road.read_own_orders(sheet.section("own_orders"), role),
    )
    for section in (semantics, held, sheet):
        section.done()
    return dialect


def _begin_string(sheet: Sheet) -> str:
    written = sheet.choice("begin_string", dict(zip(_BEGIN_STRINGS, _BEGIN_STRINGS, strict=True)), "")
    if not sheet.has("begin_string"):
        sheet.say("", "begin_string is absent; expected for example begin_string: FIX.4.4")
    return written


def _reads(dialect: Dialect) -> frozenset[str]:
    """Return the tags that decide something: two values of one of them contradict each other."""
    marks: Marks = dialect.directed + dialect.auction + dialect.status + dialect.cancel.always + dialect.cancel.never
    places = [
        *_ALWAYS_READ,
        *(place for place, _ in marks),
        *(place for place, _ in dialect.exempt),
        *(place for place, _ in dialect.liquidity),
        *dialect.ids.order,
        *dialect.ids.client_order,
        *dialect.ids.previous,
        *dialect.ids.parent,
        *dialect.ids.own,
        *dialect.venue.places,
        *dialect.venue.maker,
        *dialect.route.places,
        *dialect.account,
        *dialect.desk,
        *dialect.client,
        *dialect.capacity,
        *dialect.trade_date,
        *dialect.key.extra,
        *dialect.sequence.scope,
        *dialect.instruments.type,
        *dialect.instruments.marks,
        *dialect.instruments.option_symbol,
        *dialect.instruments.day,
        *(dialect.own_orders.sent_to if dialect.role is Role.OWN_ORDERS else ()),
        dialect.level.tag,
    ]
    return frozenset(place for place in places if place.isdigit())
