"""Who answers for a day, as a line of a page."""

from __future__ import annotations

from service.cases.principal import Principal
from service.web.people.principal import principal_line
from tests.factories import NOON


def test_what_was_said_of_a_day_is_told_in_a_line() -> None:
    """With who covers, and who said so."""
    one = Principal(trade_date="2026-11-20", name="pat", deputies=("sam", "kim"), by="kim", at=NOON, note="as planned")

    line = principal_line(one)

    assert (line.name, line.deputies, line.by, line.note) == ("pat", "sam, kim", "kim", "as planned")
    assert line.at.time == "12:00:00"
