"""The instant at which a version is to come into force, as people write and read it: New York's clock, or UTC. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rules.facts import Nanos

NEW_YORK = ZoneInfo("America/New_York")
EXPECTED = "expected a time in New York such as 2026-12-01T09:30, or in UTC such as 2026-12-01T14:30Z"
_MICROSECOND = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EffectiveError(ValueError):
    """A text is no instant at which something could come into force; the words say why."""


def read_effective(text: str) -> Nanos:
    """Return the instant that the text names; one without an offset is New York's. Raise EffectiveError if it is none.

    An hour that New York's clocks show twice or not at all is refused: it has to be told in UTC.
    """
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError:
        msg = f'"{text}" is no time; {EXPECTED}'
        raise EffectiveError(msg) from None
    if told.tzinfo is None:
        told = _in_new_york(told, text)
    return Nanos((told - _EPOCH) // (_EPOCH.resolution) * _MICROSECOND)


def _in_new_york(told: datetime, text: str) -> datetime:
    early, late = (told.replace(tzinfo=NEW_YORK, fold=fold) for fold in (0, 1))
    if early.utcoffset() != late.utcoffset():
        there = early.astimezone(UTC).astimezone(NEW_YORK).replace(tzinfo=None) == told
        msg = f"New York's clocks show {text} {'twice' if there else 'never'}; {EXPECTED}"
        raise EffectiveError(msg)
    return early


def shown_instant(at: Nanos) -> str:
    """Return an instant to the second by both clocks: "2026-12-01 09:30:00 New York (14:30:00 UTC)"."""
    utc = datetime.fromtimestamp(at // 1_000_000_000, UTC)
    return f"{utc.astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S} New York ({utc:%H:%M:%S} UTC)"
