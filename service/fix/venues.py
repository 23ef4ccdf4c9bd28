"""Codes of venues → ISO 10383 MIC or local code, and the lit book that a dark segment joins. Tables, no guessing.

Never uses ISO's operating MIC (it would approve four exchanges at once), LastMkt's neighbours 100 and 207, nor a
trade-reporting facility as if it were a venue.
"""

from __future__ import annotations

from functools import cache

import msgspec
from iso10383 import MIC

from service.fix.habits import VenueHabits, first

UNKNOWN = "venue_unknown"
SIP_LETTERS = {
    "A": "XASE",
    "B": "XBOS",
    "C": "XCIS",
    "H": "EPRL",
    "J": "EDGA",
    "K": "EDGX",
    "L": "LTSE",
    "M": "XCHI",
    "N": "XNYS",
    "P": "ARCX",
    "Q": "XNAS",
    "T": "XNAS",
    "U": "MEMX",
    "V": "IEXG",
    "X": "XPSX",
    "Y": "BATY",
    "Z": "BATS",
}
"""Participant letters of the securities information processors; D is a trade-reporting facility, not a venue."""
FACILITIES = frozenset({"D", "FINN", "FINC", "FINY", "XADF"})
LIT_BOOKS = {
    "ALDP": "XASE",
    "ARCD": "ARCX",
    "BOSD": "XBOS",
    "BYXD": "BATY",
    "BZXD": "BATS",
    "CISD": "XCIS",
    "EDDP": "EDGX",
    "EDGD": "EDGA",
    "EPRD": "EPRL",
    "IEXD": "IEXG",
    "MEMD": "MEMX",
    "NASD": "XNAS",
    "NYSD": "XNYS",
}
"""Dark segment → the lit book of the same exchange, by the market names of ISO 10383 (EDGD is EDGA's, EDDP EDGX's)."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a message says that it traded: venue, the book it belongs to, and the text it was told by."""

    venue: str
    book: str
    raw: str | None


_NOWHERE = Place(UNKNOWN, UNKNOWN, None)


@cache
def mics() -> frozenset[str]:
    """Return every MIC of ISO 10383, expired ones too: an old code still says where it was."""
    return frozenset(entry.name.upper() for entry in MIC)


def resolve(fields: dict[str, str], habits: VenueHabits) -> Place:
    """Return where it traded; `venue_unknown` when the places are empty or the code means nothing to the dialect."""
    raw = first(fields, habits.places)
    if raw is None:
        return _NOWHERE
    if raw in habits.facilities:
        maker = first(fields, habits.maker)
        venue = UNKNOWN if maker is None else habits.table.get(maker, maker)
        return Place(venue, habits.books.get(venue, venue), raw if maker is None else f"{raw} {maker}")
    venue = habits.table.get(raw) or (raw if raw in mics() else UNKNOWN)
    return Place(venue, habits.books.get(venue, venue), raw)
