"""The sections of a dialect that say what one report means: ids, level, venue, clocks, cancels, keys, exemptions. Pure.

Each takes its sheet and gives its habits; what is wrong is said to the sheet, never raised.
"""

from __future__ import annotations

from zoneinfo import available_timezones

from rules.facts import ExemptReason, Level
from service.fix import standard, venues
from service.fix.dialect_sheet import Sheet
from service.fix.habits import (
    HEADER_AND_TRAILER,
    NEVER_A_VENUE,
    CancelHabits,
    ClockHabits,
    IdHabits,
    KeyHabits,
    LevelHabits,
    RouteHabits,
    VenueHabits,
)

LEVELS = {level.value: level for level in Level}
_DIGITS: dict[str, int | None] = {"as_written": None, "0": 0, "3": 3, "6": 6, "9": 9, "12": 12}


def read_ids(sheet: Sheet) -> IdHabits:
    """Return where the ids of the order stand; the ClOrdID of our own order is the client's unless it is said."""
    default = IdHabits()
    client_order = sheet.places("client_order", default.client_order)
    habits = IdHabits(
        order=sheet.places("order", default.order),
        client_order=client_order,
        previous=sheet.places("previous", default.previous),
        parent=sheet.places("parent", default.parent),
        own=sheet.places("own", client_order),
        placeholders=frozenset(sheet.words("placeholders", tuple(default.placeholders))),
    )
    if not habits.order:
        sheet.say("order", "an order needs a place for its id, for example [37, 11]")
    sheet.done()
    return habits


def read_level(sheet: Sheet) -> LevelHabits:
    """Return how the level is told."""
    default = LevelHabits()
    codes = {}
    for code, level in sheet.table("codes", {code: level.value for code, level in default.codes.items()}).items():
        if level not in LEVELS:
            sheet.say("codes", f"{level!a} is no level; expected {', '.join(LEVELS)}")
        codes[code] = LEVELS.get(level, Level.CHILD)
    habits = LevelHabits(
        tag=sheet.tag("tag", default.tag),
        codes=codes,
        with_parent=sheet.choice("with_parent", LEVELS, default.with_parent),
        without_parent=sheet.choice("without_parent", LEVELS, default.without_parent),
    )
    sheet.done()
    return habits


def read_route(sheet: Sheet) -> RouteHabits:
    """Return how the way an order was sent is told."""
    habits = RouteHabits(
        places=sheet.places("from", ()), codes=sheet.table("codes", {}), accounts=sheet.table("accounts", {})
    )
    sheet.done()
    return habits


def read_venue(sheet: Sheet) -> VenueHabits:
    """Return where the venue stands and what its codes mean."""
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


def read_clocks(sheet: Sheet, stamps: Sheet) -> ClockHabits:
    """Return the zones and precision of the stamps, and the regulatory stamps to use."""
    default = ClockHabits()
    zones = {name: name for name in available_timezones()}
    habits = ClockHabits(
        sending=sheet.choice("sending", zones, default.sending),
        transaction=sheet.choice("transaction", zones, default.transaction),
        sending_digits=sheet.choice("sending_digits", _DIGITS, default.sending_digits),
        transaction_digits=sheet.choice("transaction_digits", _DIGITS, default.transaction_digits),
        executed=stamps.kinds("executed", "stamp", default.executed),
        time_in=stamps.kinds("time_in", "stamp", default.time_in),
        time_out=stamps.kinds("time_out", "stamp", default.time_out),
    )
    sheet.done()
    stamps.done()
    return habits


def read_cancel(sheet: Sheet) -> CancelHabits:
    """Return which cancels the customer asked for."""
    default = CancelHabits()
    habits = CancelHabits(
        with_previous_id=sheet.flag("with_previous_id", default=default.with_previous_id),
        always=sheet.marks("always", default.always),
        never=sheet.marks("never", default.never),
    )
    sheet.done()
    return habits


def read_key(sheet: Sheet) -> KeyHabits:
    """Return what belongs to the idempotency key, and what is volatile."""
    volatile = [sheet.checked_tag("volatile", word) for word in sheet.words("volatile", ())]
    habits = KeyHabits(extra=sheet.places("extra", ()), volatile=HEADER_AND_TRAILER | set(volatile))
    sheet.done()
    return habits


def read_exempt(sheet: Sheet) -> tuple[tuple[str, dict[str, ExemptReason]], ...]:
    """Turn reason → marks round into place → value → reason, the graver claim first where two share a value."""
    found: dict[str, dict[str, ExemptReason]] = {}
    for reason in ExemptReason:
        for place, values in sheet.marks(reason.value, tuple(standard.EXEMPT[reason].items())):
            for value in values:
                found.setdefault(place, {}).setdefault(value, reason)
    sheet.done()
    return tuple(found.items())


def read_trade_date(sheet: Sheet) -> tuple[str, ...]:
    """Return the tags of the trade date in their order; the session's own day comes last."""
    sources = sheet.words("trade_date", ("75", "60", "session"))
    if not sources or "session" in sources[:-1]:
        sheet.say("trade_date", "expected tags and at last 'session', for example [75, 60, session]")
    return tuple(sheet.checked_tag("trade_date", source) for source in sources if source != "session")
