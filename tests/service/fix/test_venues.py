"""Where it traded: codes, dark segments, trade-reporting facilities."""

from __future__ import annotations

import pytest

from service.fix.dialect import parse_dialect
from service.fix.venues import LIT_BOOKS, SIP_LETTERS, UNKNOWN, Place, mics, resolve

DIALECT = parse_dialect(
    "begin_string: FIX.4.4\n"
    "venue: {codes: {STX: XBOS, GS: GSX, CITAD: CDED}, local: [GSX, GSXD], dark_segments: {GSXD: GSX}}"
)


def where(**by_tag: str) -> Place:
    """Resolve fields by the dialect above."""
    fields = {tag.removeprefix("_").replace("_", " "): value for tag, value in by_tag.items()}
    return resolve(fields, DIALECT.venue)


@pytest.mark.parametrize(
    ("raw", "venue", "book"),
    [
        ("XNYS", "XNYS", "XNYS"),
        ("N", "XNYS", "XNYS"),
        ("Q", "XNAS", "XNAS"),
        ("T", "XNAS", "XNAS"),
        ("STX", "XBOS", "XBOS"),
        ("GS", "GSX", "GSX"),
        ("GSXD", "GSXD", "GSX"),
        ("BZXD", "BZXD", "BATS"),
        ("NYSD", "NYSD", "XNYS"),
        ("ARCD", "ARCD", "ARCX"),
        ("NASD", "NASD", "XNAS"),
        ("EDGD", "EDGD", "EDGA"),
        ("EDDP", "EDDP", "EDGX"),
        ("NYSE", UNKNOWN, UNKNOWN),
        ("ROGX", UNKNOWN, UNKNOWN),
        ("xnys", UNKNOWN, UNKNOWN),
    ],
)
def test_a_code_becomes_a_mic_or_a_local_code(raw: str, venue: str, book: str) -> None:
    """By the dialect's codes, SIP letters and ISO 10383; what is in none of them stays unknown, with its text."""
    assert where(_30=raw) == Place(venue, book, raw)


@pytest.mark.parametrize("fields", [{}, {"_30": ""}, {"_100": "XNYS"}, {"_207": "XNYS"}])
def test_nothing_but_the_declared_place_says_where(fields: dict[str, str]) -> None:
    """Where it was asked to go (100) and where it is listed (207) never count."""
    assert where(**fields) == Place(UNKNOWN, UNKNOWN, None)


@pytest.mark.parametrize("facility", ["D", "FINN", "FINC", "FINY", "XADF"])
@pytest.mark.parametrize(
    ("fields", "venue"),
    [
        ({"party_66": "CITAD"}, "CDED"),
        ({"party_17": "VIRT"}, "VIRT"),
        ({"_375": "JNST"}, "JNST"),
        ({"_76": "GS"}, "GSX"),
        ({"party_66": "CITAD", "_375": "JNST"}, "CDED"),
    ],
)
def test_a_trade_reporting_facility_gives_way_to_the_market_maker(
    facility: str, fields: dict[str, str], venue: str
) -> None:
    """The fill's venue is who traded, by the dialect's party or contra tags."""
    place = where(_30=facility, **fields)

    assert place == Place(venue, venue, f"{facility} {next(iter(fields.values()))}")


def test_a_facility_without_a_market_maker_is_an_unknown_venue() -> None:
    """A facility is never taken for a venue, though it is in ISO 10383."""
    assert where(_30="FINN") == Place(UNKNOWN, UNKNOWN, "FINN")


def test_the_shipped_tables_name_real_markets() -> None:
    """Each letter and each book is a MIC; no dark segment is joined by ISO's operating MIC."""
    assert set(SIP_LETTERS.values()) <= mics()
    assert set(LIT_BOOKS) | set(LIT_BOOKS.values()) <= mics()
    assert "D" not in SIP_LETTERS
    assert "XCBO" not in LIT_BOOKS.values()
