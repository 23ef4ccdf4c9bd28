"""One message being read: typed values out of its places, and every flaw met on the way. Decides nothing."""

from __future__ import annotations

from rules.facts import Nanos, Price, Quantity
from service.fix import stamps
from service.fix.message import Flaw
from service.fix.tags import named


class Reading:
    """Reads typed values; what is absent or empty is None, what is wrong is None too and noted in `flaws`."""

    __slots__ = ("fields", "flaws")

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = fields
        self.flaws: list[Flaw] = []

    def price(self, tag: str) -> Price | None:
        """Return the tag's decimal dollars in 1e-9 dollars; negative ones too."""
        text = self.fields.get(tag)
        if not text:
            return None
        value = stamps.price(text)
        if isinstance(value, str):
            self.note(tag, value)
            return None
        return value

    def quantity(self, tag: str) -> Quantity | None:
        """Return the tag's decimal shares in 1e-6 shares, never negative ones."""
        text = self.fields.get(tag)
        if not text:
            return None
        value = stamps.quantity(text)
        if isinstance(value, str):
            self.note(tag, value)
            return None
        if value < 0:
            self.note(tag, "negative")
            return None
        return value

    def instant(self, tag: str, zone: str) -> tuple[Nanos | None, int]:
        """Return the tag's time in UTC ns and its fractional digits."""
        text = self.fields.get(tag)
        if not text:
            return None, 0
        value = stamps.instant(text, zone)
        if value is None:
            self.note(tag, "not a time of the form YYYYMMDD-HH:MM:SS.sss")
            return None, 0
        return value

    def note(self, tag: str, words: str) -> None:
        """Note what is wrong with the value of a tag."""
        self.flaws.append(Flaw(f"{named(tag)} is {self.fields.get(tag, '')[:40]!a}: {words}", _number(tag)))

    def miss(self, tag: str, words: str = "") -> None:
        """Note that a tag without which the message cannot be understood is absent or empty."""
        state = "empty" if tag in self.fields else "absent"
        self.flaws.append(Flaw(f"{named(tag)} is {state}{words}", _number(tag)))


def _number(place: str) -> int | None:
    return int(place) if place.isdigit() else None
