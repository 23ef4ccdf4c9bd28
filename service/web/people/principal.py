"""Who answers for a day, as lines of a page. Pure."""

from __future__ import annotations

import msgspec

from service.cases.principal import Principal
from service.web.said import Instant, instant


class PrincipalLine(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of one day: who answers, who covers, who said so when and what else."""

    day: str
    name: str
    deputies: str
    by: str
    at: Instant
    note: str


def principal_line(one: Principal) -> PrincipalLine:
    """Return it in a line."""
    return PrincipalLine(
        day=one.trade_date,
        name=one.name,
        deputies=", ".join(one.deputies),
        by=one.by,
        at=instant(one.at),
        note=one.note,
    )
