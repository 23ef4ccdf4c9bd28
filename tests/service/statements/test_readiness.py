"""The lines of the start of a day: ok, warn or fail, each in words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from service.statements.readiness import LOW_DISK, Found, Line, SessionFound, lines, worst
from tests.factories_statements import DAY, OPENS

CARELESS = "a crash may lose a report for good; expected on_receipt"
SESSION = SessionFound(
    counterparty="demo",
    session="S",
    logged_on=True,
    open_now=True,
    schedule="open Fri 07:00 to Fri 20:00 New York",
    certificate="reconciled",
    recovery="resend",
)


def found(**named: Any) -> Found:
    """Return a morning on which everything is well."""
    usual: dict[str, Any] = {
        "at": OPENS,
        "day": DAY,
        "trading_day": True,
        "last_day": "2026-11-19",
        "daemon": "ready",
        "sessions": (SESSION,),
        "quotes": "mqtt",
        "quotes_lag": 0.2,
        "registers": {"demo": 12},
        "disk_free": LOW_DISK,
    }
    return Found(**{**usual, **named})


def line(subject: str, **named: Any) -> tuple[str, str]:
    """Return verdict and words of one subject."""
    (one,) = [line for line in lines(found(**named)) if line.subject == subject]
    return one.verdict, one.words


def session(**changes: Any) -> dict[str, Any]:
    """Return the session, changed."""
    return {"sessions": (msgspec.structs.replace(SESSION, **changes),)}


def test_a_good_morning_is_ok_in_every_line() -> None:
    """And every thing has its line."""
    told = lines(found())

    assert worst(told) == "ok"
    assert [one.subject for one in told] == [
        "day",
        "daemon",
        "demo S",
        "certificate of 2026-11-19, demo S",
        "quotes",
        "venue register of demo",
        "symbols",
        "recovery of demo",
        "disk",
    ]


@pytest.mark.parametrize(
    ("subject", "named", "expected"),
    [
        ("day", {"trading_day": False}, ("warn", f"{DAY} is not a trading day by the calendar")),
        ("daemon", {"daemon": None, "problems": ("refused",)}, ("fail", "does not answer: refused")),
        ("daemon", {"daemon": "failing", "problems": ("a", "b")}, ("fail", "failing: a; b")),
        ("daemon", {}, ("ok", "ready: all is well")),
        ("demo S", session(), ("ok", f"logged on; {SESSION.schedule}")),
        (
            "demo S",
            session(logged_on=None),
            ("fail", f"nothing is known of it: the daemon was not heard; {SESSION.schedule}"),
        ),
        (
            "demo S",
            session(logged_on=False),
            ("fail", f"not logged on, though it should be open; {SESSION.schedule}"),
        ),
        (
            "demo S",
            session(logged_on=False, open_now=False),
            ("warn", f"not logged on, outside its hours; {SESSION.schedule}"),
        ),
        ("certificate of 2026-11-19, demo S", session(certificate=None), ("warn", "there is none")),
        ("certificate of 2026-11-19, demo S", session(certificate="red"), ("fail", "not complete")),
        (
            "certificate of 2026-11-19, demo S",
            session(certificate="complete_not_reconciled"),
            ("warn", "session complete but not reconciled with our own orders"),
        ),
        ("quotes", {"quotes": "none"}, ("warn", "no source is configured: nothing is judged against the market")),
        ("quotes", {"quotes": "file"}, ("ok", "from a file")),
        ("quotes", {"quotes_lag": None}, ("fail", "nothing has been heard of the source")),
        ("quotes", {"quotes_lag": 9.0}, ("fail", "the source stands 9.0 s behind")),
        ("quotes", {}, ("ok", "alive, 0.2 s behind")),
        ("venue register of demo", {"registers": {"demo": None}}, ("warn", "is not in force yet")),
        ("venue register of demo", {"registers": {"demo": 0}}, ("warn", "is empty: no venue is approved")),
        ("venue register of demo", {"registers": {"demo": 1}}, ("ok", "1 venue")),
        ("symbols", {"unmatched": ("A",)}, ("warn", "1 of the last day's are unknown to the quote source: A")),
        (
            "symbols",
            {"unmatched": tuple("ABCDEF")},
            ("warn", "6 of the last day's are unknown to the quote source: A, B, C, D, E …"),
        ),
        (
            "recovery of demo",
            session(recovery="none"),
            (
                "warn",
                f"missed reports do not come back; durability pipelined: {CARELESS}",
            ),
        ),
        (
            "recovery of demo",
            {**session(recovery="none"), "durability": "on_receipt"},
            ("ok", "missed reports do not come back; durability on_receipt"),
        ),
        ("disk", {"disk_free": LOW_DISK - 1}, ("warn", "2.0 GiB free in the working folder")),
        ("disk", {"disk_free": 1024}, ("fail", "0.0 GiB free in the working folder")),
    ],
)
def test_every_trouble_has_its_words(subject: str, named: dict[str, Any], expected: tuple[str, str]) -> None:
    """Which, how bad, and what was expected."""
    assert line(subject, **named) == expected


def test_a_first_day_asks_for_no_certificate() -> None:
    """There is no day before."""
    assert not [one for one in lines(found(last_day=None)) if one.subject.startswith("certificate")]


def test_the_gravest_verdict_stands_for_all() -> None:
    """Nothing looked at is nothing wrong."""
    made = [Line(verdict=verdict, subject="", words="") for verdict in ("ok", "warn", "fail")]

    assert [worst(made[:n]) for n in range(4)] == ["ok", "ok", "warn", "fail"]
