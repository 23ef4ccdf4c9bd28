"""A vendor that tells its words over a bad line: lost sends, disconnects, duplicates, PossResends, resets.

The session layer is that of tests/fix_peer.py. What it lost comes back by a resend, except the words that it forgets.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.fix_peer import FixPeer, stamp
from tests.vendor_words import Word, fields_of, told_again

PIECE = 64
REST_AFTER = 400
"""So many pieces it tells in one go."""


@dataclass(frozen=True)
class Weather:
    """How bad the line is: the chance of each trouble for each piece of up to 64 words, and how many resets."""

    lost: float = 0.2
    duplicate: float = 0.1
    redelivered: float = 0.1
    disconnect: float = 0.01
    resets: int = 2


@dataclass
class ForgetfulVendor(FixPeer):
    """One counterparty; `words` is what it has to tell, `forgets` the places of those that it cannot send again."""

    words: list[Word] = field(default_factory=list)
    forgets: frozenset[int] = frozenset()
    weather: Weather = Weather()
    seed: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        self.did: Counter[str] = Counter()
        self._kept: dict[int, tuple[int, str]] = {}
        self._dice = Random(self.seed)
        self.done = threading.Event()

    def tell_all(self, settled: Callable[[FixPeer], None], rested: Callable[[], None]) -> None:
        """Tell every word; `settled` waits until the watch holds all that was sent, which a reset needs.

        `rested` waits, now and then in a long story, until the watch has also noted how far it is.
        """
        places = len(self.words)
        pieces = range(1, -(-places // PIECE))
        resets = set(self._dice.sample(pieces, min(self.weather.resets, len(pieces))))
        for piece, start in enumerate(range(0, places, PIECE)):
            if piece in resets:
                settled(self)
                self._reset(start)
            if piece % REST_AFTER == REST_AFTER - 1:
                settled(self)
                rested()
            self._tell(range(start, min(start + PIECE, places)))
        self.done.set()

    def _tell(self, places: range) -> None:
        dice = self._dice
        self._wait_for_somebody()
        lost: set[int] = set(self.forgets.intersection(places))
        if dice.random() < self.weather.lost:
            first = dice.choice(places)
            lost.update(range(first, min(first + dice.randint(1, 5), places.stop)))
        for place in places:
            self.tell(place, lost=place in lost)
        self.did["lost"] += len(lost)
        if dice.random() < self.weather.duplicate:
            self._again(places.stop, "duplicate")
        if dice.random() < self.weather.redelivered:
            self._again(places.stop, "redelivered", t97="Y")
        if dice.random() < self.weather.disconnect:
            self.did["disconnect"] += 1
            self.drop()
            for _ in range(dice.randint(0, 2)):
                self._again(places.stop, "duplicate")

    def tell(self, place: int, *, lost: bool = False, **header: str) -> None:
        """Tell one word under the next number; what is told while nobody is logged on is lost."""
        with self._changed:
            number = self.next_out
            self.next_out += 1
            self._kept[number] = (place, stamp())
            if self._logged_on and not lost:
                self.send_bytes(self.message(number, "8", fields_of(self.words[place]), **header))

    def nudge(self) -> None:
        """Send a heartbeat, which shows the other side whether something before it was lost."""
        with self._changed:
            if self._logged_on:
                self.send("0", [])

    def forgotten(self) -> list[bytes]:
        """Return the messages that it cannot send again, as its log has them."""
        return [
            self.message(number, "8", fields_of(self.words[place]), t52=sent_at)
            for number, (place, sent_at) in self._kept.items()
            if place in self.forgets
        ]

    def _again(self, upto: int, what: str, **header: str) -> None:
        for place in told_again(self._dice, upto):
            if place not in self.forgets:
                self.did[what] += 1
                self.tell(place, **header)

    def _wait_for_somebody(self) -> None:
        self.wait_logged_on(600)

    def _reset(self, upto: int) -> None:
        """Begin the numbers anew, by a Logon with 141=Y or by a SequenceReset, and redeliver some under new numbers."""
        by_logon = self._dice.random() < 0.5
        with self._changed:
            if by_logon:
                self.reset_next_logon = True
                self._kept.clear()
                self.drop()
            else:
                new = self.next_out + self._dice.randint(5, 50)
                if self._logged_on:
                    self.send_bytes(self.message(self.next_out, "4", [(36, str(new))]))
                    self.next_out = new
        self.did["141=Y" if by_logon else "sequence reset"] += 1
        self.wait_logged_on(600)
        self._again(upto, "redelivered", t97="Y")

    def _on_resend(self, message: dict[int, str]) -> None:
        """Send again what is asked for; a word that it forgot is neither sent nor filled."""
        last = min(int(message[16]) or self.next_out - 1, self.next_out - 1)
        gap: int | None = None
        self.did["resend request"] += 1
        for number in range(int(message[7]), last + 1):
            kept = self._kept.get(number)
            if kept is None:
                gap = gap or number
                continue
            self._fill_gap(gap, number)
            gap = None
            if kept[0] not in self.forgets:
                self.did["resent"] += 1
                self.send_bytes(self.message(number, "8", fields_of(self.words[kept[0]]), t43="Y", t122=kept[1]))
        self._fill_gap(gap, last + 1)
