"""The clocks: how far SendingTime (52) is behind TransactTime (60), how fine each is, and which one is local. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rules.facts import SECOND, Nanos
from service.fix.events import Execution
from service.fix.habits import Dialect
from service.fix.trial.part import Guess, Taken

ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", "Europe/London", "Europe/Berlin", "Asia/Tokyo")
"""Where the clocks of vendors stand; asked in this order."""
_HOUR = 3_600 * SECOND
_NEAR = 60 * SECOND
_MOST = 50_000
_ENOUGH = 0.9
_FEW = 10
_MICRO = 1_000


class Spread:
    """Differences in nanoseconds: exact while they are few, then rounded to a grain that grows."""

    def __init__(self) -> None:
        self.count = self.negative = 0
        self.least: int = 0
        self.most: int = 0
        self.grain = 1
        self._counts: dict[int, int] = {}

    def add(self, difference: int) -> None:
        """Count a difference."""
        self.least = min(self.least, difference) if self.count else difference
        self.most = max(self.most, difference) if self.count else difference
        self.count += 1
        self.negative += difference < 0
        self._put(difference // self.grain * self.grain, 1)
        while len(self._counts) > _MOST:
            self.grain *= 10
            before, self._counts = self._counts, {}
            for value, count in before.items():
                self._put(value // self.grain * self.grain, count)

    def _put(self, value: int, count: int) -> None:
        self._counts[value] = self._counts.get(value, 0) + count

    def at(self, share: float) -> int:
        """Return the difference below which that share of all lies."""
        left = max(round(share * self.count), 1)
        for value, count in sorted(self._counts.items()):
            left -= count
            if left <= 0:
                return min(max(value, self.least), self.most)
        return self.most

    @property
    def hours(self) -> int:
        """Return the whole hours, not 0, around which nearly all lie; 0 when they lie elsewhere."""
        if not self.count:
            return 0
        hours = round(self.at(0.5) / _HOUR)
        near = sum(count for value, count in self._counts.items() if abs(value - hours * _HOUR) <= _NEAR)
        return hours if near >= _ENOUGH * self.count else 0

    def found(self) -> dict[str, Any]:
        """Return the distribution in nanoseconds."""
        return {
            "count": self.count,
            "negative": self.negative,
            "min_ns": self.least,
            "p50_ns": self.at(0.5),
            "p99_ns": self.at(0.99),
            "max_ns": self.most,
            "grain_ns": self.grain,
        }


class _Digits:
    """How many fractional digits are written, and how many of them are ever anything but nought."""

    def __init__(self) -> None:
        self.count = self.written = self.used = 0

    def add(self, text: str) -> None:
        fraction = text.partition(".")[2]
        self.count += 1
        self.written = max(self.written, len(fraction))
        self.used = max(self.used, len(fraction.rstrip("0")))

    @property
    def rounded(self) -> int:
        """Return the digits in use, rounded up to a usual precision."""
        return -(-self.used // 3) * 3


class Clocks:
    """The two stamps of executions that were sent once."""

    title = "Clocks"

    def __init__(self, dialect: Dialect) -> None:
        self._habits = dialect.clocks
        self.between, self.received = Spread(), Spread()
        self._digits = {"52": _Digits(), "60": _Digits()}
        self._at = Nanos(0)
        self._suspect = 0

    def take(self, one: Taken) -> None:
        """Compare the stamps of an execution."""
        if not isinstance(one.decoded, Execution) or not one.first_copy:
            return
        sent, traded = one.decoded.header.sent_at, one.decoded.stamps.transacted_at
        for tag, digits in self._digits.items():
            if text := one.fields.get(tag):
                digits.add(text)
        self._suspect += one.decoded.stamps.suspect is not None
        if sent is not None and traded is not None:
            self.between.add(sent - traded)
            self._at = sent
        if sent is not None and one.received_at is not None:
            self.received.add(one.received_at - sent)

    def found(self) -> dict[str, Any]:
        """Return both distributions, the precisions, and the hours by which a clock is off."""
        return {
            "sending_minus_transact": self.between.found() if self.between.count else None,
            "received_minus_sending": self.received.found() if self.received.count else None,
            "precision": {
                tag: {"written": digits.written, "used": digits.used}
                for tag, digits in self._digits.items()
                if digits.count
            },
            "hours_off": self.between.hours,
            "suspect": self._suspect,
        }

    def lines(self) -> list[str]:
        """Return the same in words."""
        lines = []
        for name, spread in (("52 − 60", self.between), ("received − 52", self.received)):
            if spread.count:
                parts = (("min", spread.least), ("p50", spread.at(0.5)), ("p99", spread.at(0.99)), ("max", spread.most))
                shown = ", ".join(f"{part} {_seconds(value)}" for part, value in parts)
                about = f" (rounded to {_seconds(spread.grain)})" if spread.grain > 1 else ""
                lines.append(f"{name} of {spread.count:,} executions: {shown}; negative {spread.negative:,}{about}")
        lines += [
            f"{tag} is written with {digits.written} fractional digits, {digits.used} of them used"
            for tag, digits in self._digits.items()
            if digits.count
        ]
        if self.between.hours:
            zone = self._local()
            lines.append(f"52 − 60 lies at {self.between.hours:+} h: one of them is local time ({zone[1] or 'where?'})")
        if self._suspect:
            lines.append(f"{self._suspect:,} stamps cannot be believed as the dialect reads them")
        return lines

    def problems(self) -> list[tuple[str, int]]:
        """Return the executions whose clock is off by hours, else those with suspect stamps."""
        return [("clock off", self.between.count if self.between.hours else self._suspect)]

    def guesses(self) -> list[Guess]:
        """Return the zone of the clock that is off, and the digits that mean something."""
        guesses = []
        key, zone = self._local()
        if zone:
            words = f"52 − 60 lies within a minute of {self.between.hours:+} h on {self.between.count} executions"
            guesses.append(Guess(("clocks", key), zone, words))
        declared = {"52": self._habits.sending_digits, "60": self._habits.transaction_digits}
        for tag, name in (("52", "sending_digits"), ("60", "transaction_digits")):
            digits = self._digits[tag]
            if declared[tag] is None and digits.count >= _FEW and digits.rounded < digits.written:
                words = (
                    f"{tag} is written with {digits.written} digits, the last {digits.written - digits.used} always 0"
                )
                guesses.append(Guess(("clocks", name), str(digits.rounded), f"{words}: {digits.count} executions"))
        return guesses

    def _local(self) -> tuple[str, str]:
        """Return the key and the zone of the clock that is local; the zone is "" when none fits."""
        hours = self.between.hours
        sending = self.received.hours != 0 if self.received.count else hours < 0
        offset = hours if sending else -hours
        if hours == 0 or (self._habits.sending if sending else self._habits.transaction) != "UTC":
            return "", ""
        fitting = [zone for zone in ZONES if _offset(self._at, zone) == offset * _HOUR]
        return ("sending" if sending else "transaction"), (fitting[0] if fitting else "")


def _offset(at: Nanos, zone: str) -> int:
    """Return how far a zone's clock is ahead of UTC at that instant, in ns."""
    moment = datetime.fromtimestamp(at // SECOND, ZoneInfo(zone))
    return (moment.replace(tzinfo=UTC) - moment) // timedelta(seconds=1) * SECOND


def _seconds(value: int) -> str:
    """Return a length of time as a person reads it."""
    return f"{value / SECOND:,.6f} s" if value % _MICRO == 0 else f"{value / SECOND:,.9f} s"
