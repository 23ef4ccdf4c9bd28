"""The days beside a day."""

from __future__ import annotations

from service.web.report.around import neighbours


def test_a_week_end_is_passed_over() -> None:
    """On both sides; from within it, too."""
    assert neighbours("2026-11-20") == ("2026-11-19", "2026-11-23")
    assert neighbours("2026-11-23") == ("2026-11-20", "2026-11-24")
    assert neighbours("2026-11-21") == ("2026-11-20", "2026-11-23")
