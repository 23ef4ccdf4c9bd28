"""dialect.yaml → `Dialect`: every key checked, every problem listed at once with its line. Reads text, opens nothing.

Refuses unknown keys, venue places that never say where it traded (100, 207), codes that are no MIC and not declared
local, and any message type of order entry among those that may be sent for recovery.
"""

from __future__ import annotations

from zoneinfo import available_timezones

import msgspec

from rules.facts import ExemptReason, Level
from rules.reading import Reader, ReadingError
from service.fix import standard, venues
from service.fix.dialect_sheet import Sheet
from service.fix.habits import (
    HEADER_AND_TRAILER,
    NEVER_A_VENUE,
    CancelHabits,
    ClockHabits,
    Dialect,
    IdHabits,
    KeyHabits,
    LevelHabits,
    Marks,
    RecoveryHabits,
    VenueHabits,
    one_of,
)

__all__ = ["Dialect", "DialectError", "parse_dialect"]

_BEGIN_STRINGS = ("FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.4.4", "FIXT.1.1")
_LEVELS = {level.value: level for level in Level}
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
    semantics, held, recovery = sheet.section("semantics"), sheet.section("held"), sheet.section("recovery")
    dialect = Dialect(
        begin_string=_begin_string(sheet),
        ids=_ids(sheet.section("ids")),
        level=_level(sheet.section("level")),
        venue=_venue(sheet.section("venue")),
        clocks=_clocks(sheet.section("clocks"), sheet.section("stamps")),
        cancel=_cancel(sheet.section("customer_cancel")),
        key=_key(sheet.section("dedup")),
        account=sheet.places("account", default.account),
        desk=sheet.places("desk", default.desk),
        client=sheet.places("client", default.client),
        capacity=sheet.places("capacity", default.capacity),
        fees=sheet.places("fees", default.fees),
        suffix=sheet.text("suffix", default.suffix),
        liquidity=tuple(sheet.tables("liquidity", standard.LIQUIDITY).items()),
        held_default=held.choice("default", _HELD, None),
        directed=sheet.marks("directed", ()),
        auction=sheet.marks("auction", tuple(standard.AUCTION.items())),
        exempt=_exempt(sheet.section("exempt")),
        status=sheet.marks("status", ()),
        fill_without_exec_type=semantics.flag("fill_without_exec_type", default=False),
        plain_fill_with_trans_type_2=semantics.flag("plain_fill_with_trans_type_2", default=False),
        trade_date=_trade_date(sheet),
        recovery=RecoveryHabits(allow=_recovery(recovery)),
    )
    for section in (semantics, held, recovery, sheet):
        section.done()
    return dialect


def _begin_string(sheet: Sheet) -> str:
    written = sheet.choice("begin_string", dict(zip(_BEGIN_STRINGS, _BEGIN_STRINGS, strict=True)), "")
    if not sheet.has("begin_string"):
        sheet.say("", "begin_string is absent; expected for example begin_string: FIX.4.4")
    return written


def _ids(sheet: Sheet) -> IdHabits:
    default = IdHabits()
    habits = IdHabits(
        order=sheet.places("order", default.order),
        client_order=sheet.places("client_order", default.client_order),
        previous=sheet.places("previous", default.previous),
        parent=sheet.places("parent", default.parent),
        placeholders=frozenset(sheet.words("placeholders", tuple(default.placeholders))),
    )
    if not habits.order:
        sheet.say("order", "an order needs a place for its id, for example [37, 11]")
    sheet.done()
    return habits


def _level(sheet: Sheet) -> LevelHabits:
    default = LevelHabits()
    codes = {}
    for code, level in sheet.table("codes", {code: level.value for code, level in default.codes.items()}).items():
        if level not in _LEVELS:
            sheet.say("codes", f"{level!a} is no level; expected {', '.join(_LEVELS)}")
        codes[code] = _LEVELS.get(level, Level.CHILD)
    habits = LevelHabits(
        tag=sheet.tag("tag", default.tag),
        codes=codes,
        with_parent=sheet.choice("with_parent", _LEVELS, default.with_parent),
        without_parent=sheet.choice("without_parent", _LEVELS, default.without_parent),
    )
    sheet.done()
    return habits


def _venue(sheet: Sheet) -> VenueHabits:
    default = VenueHabits()
    local = sheet.words("local", ())
    known = venues.mics() | set(local)
    letters = venues.SIP_LETTERS if sheet.flag("sip_letters", default=True) else {}
    codes = sheet.table("codes", {})
    books = {**venues.LIT_BOOKS, **sheet.table("dark_segments", {})}
    places = sheet.places("from", default.places)
    for name, unknown in (
        ("codes", [mic for mic in codes.values() if mic not in known]),
        ("dark_segments", [mic for mic in (*books, *books.values()) if mic not in known]),
    ):
        for mic in unknown:
            sheet.say(name, f"{mic!a} is no MIC of ISO 10383; if it is meant, list it under venue.local")
    for tag in NEVER_A_VENUE.intersection(places):
        sheet.say("from", f"tag {tag} does not say where it traded; it would make an unknown venue plausible")
    habits = VenueHabits(
        places=places,
        table={**letters, **{mic: mic for mic in local}, **codes},
        facilities=frozenset(sheet.words("facilities", tuple(venues.FACILITIES))),
        maker=sheet.places("maker", default.maker),
        books=books,
    )
    sheet.done()
    return habits


def _clocks(sheet: Sheet, stamps: Sheet) -> ClockHabits:
    default = ClockHabits()
    zones = {name: name for name in available_timezones()}
    habits = ClockHabits(
        sending=sheet.choice("sending", zones, default.sending),
        transaction=sheet.choice("transaction", zones, default.transaction),
        executed=stamps.kinds("executed", "stamp", default.executed),
        time_in=stamps.kinds("time_in", "stamp", default.time_in),
        time_out=stamps.kinds("time_out", "stamp", default.time_out),
    )
    sheet.done()
    stamps.done()
    return habits


def _cancel(sheet: Sheet) -> CancelHabits:
    default = CancelHabits()
    habits = CancelHabits(
        with_previous_id=sheet.flag("with_previous_id", default=default.with_previous_id),
        always=sheet.marks("always", default.always),
        never=sheet.marks("never", default.never),
    )
    sheet.done()
    return habits


def _key(sheet: Sheet) -> KeyHabits:
    volatile = [sheet.checked_tag("volatile", word) for word in sheet.words("volatile", ())]
    habits = KeyHabits(extra=sheet.places("extra", ()), volatile=HEADER_AND_TRAILER | set(volatile))
    sheet.done()
    return habits


def _exempt(sheet: Sheet) -> tuple[tuple[str, dict[str, ExemptReason]], ...]:
    """Turn reason → marks round into place → value → reason, the graver claim first where two share a value."""
    found: dict[str, dict[str, ExemptReason]] = {}
    for reason in ExemptReason:
        for place, values in sheet.marks(reason.value, tuple(standard.EXEMPT[reason].items())):
            for value in values:
                found.setdefault(place, {}).setdefault(value, reason)
    sheet.done()
    return tuple(found.items())


def _trade_date(sheet: Sheet) -> tuple[str, ...]:
    sources = sheet.words("trade_date", ("75", "60", "session"))
    if not sources or "session" in sources[:-1]:
        sheet.say("trade_date", "expected tags and at last 'session', for example [75, 60, session]")
    return tuple(sheet.checked_tag("trade_date", source) for source in sources if source != "session")


def _recovery(sheet: Sheet) -> frozenset[str]:
    allowed = frozenset(sheet.words("allow", ()))
    for kind in sorted(allowed & standard.ORDER_ENTRY):
        sheet.say("allow", f"message type {kind} enters, changes or cancels orders; a watch never sends it")
    return allowed


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
        *dialect.venue.places,
        *dialect.venue.maker,
        *dialect.account,
        *dialect.desk,
        *dialect.client,
        *dialect.capacity,
        *dialect.trade_date,
        *dialect.key.extra,
        dialect.level.tag,
    ]
    return frozenset(place for place in places if place.isdigit())
