"""Which tags name an order over its life, which name only a message, and which name its parent. Pure.

A life is all reports with one value of a base tag, 37 or 11; whichever holds more reports together is the order.
"""

from __future__ import annotations

from typing import Any

from service.fix.events import Execution
from service.fix.habits import Dialect
from service.fix.tags import TAGS
from service.fix.trial.part import Distinct, Guess, Taken, place_name, plural

ID_TAGS = ("11", "37", "41", "109", "198", "526", "583", "880", "1080", "66", "117", "548")
"""Tags of the standard that may name an order, its parent or its message."""
MOST_ORDERS = 50_000
_MOST_IDS = 200_000
_MOST_VALUES = 20_000
_MOST_CUSTOM = 40
_BASES = ("37", "11")
_NO_PARENT = ("11", "37", "41")


class Life:
    """One order: what each id tag held last, how often it was there, how often it changed."""

    __slots__ = ("reports", "shares", "tags")

    def __init__(self) -> None:
        self.reports = self.shares = 0
        self.tags: dict[str, tuple[str, int, int]] = {}

    def add(self, ids: dict[str, str]) -> None:
        """Take the ids of a report; a replace or cancel (41) may bring new ones, which is no change of habit."""
        self.reports += 1
        asked = "41" in ids
        for tag, value in ids.items():
            last, seen, changes = self.tags.get(tag, (value, 0, 0))
            self.tags[tag] = (value, seen + (not asked), changes + (value != last and not asked))


class Habit:
    """How one tag behaves over lives: in how many of two reports or more it stays, or is new each time."""

    def __init__(self) -> None:
        self.orders = self.constant = self.renewed = self.lives = 0
        self.values: set[str] = set()

    @property
    def shared(self) -> bool:
        """Return whether two lives have the same value."""
        return len(self.values) < self.lives


class Identities:
    """Lives by each base, links of 41, and values that name other orders."""

    title = "Ids and levels"

    def __init__(self, dialect: Dialect) -> None:
        self._habits, self._level = dialect.ids, dialect.level
        self._client = dialect.client
        self._lives: dict[str, dict[str, Life]] = {base: {} for base in _BASES}
        self._known = {base: Distinct(_MOST_IDS) for base in _BASES}
        self._custom: set[str] = set()
        self._links = self._linked = self._beyond = self.reports = 0
        self._naming: dict[str, dict[str, int]] = {}
        self._own: dict[str, int] = {}

    def take(self, one: Taken) -> None:
        """Take the ids of an execution report."""
        if not one.report:
            return
        self.reports += 1
        ids = self._ids(one)
        shares = one.decoded.quantity if isinstance(one.decoded, Execution) and one.first_copy else 0
        if "41" in ids and ids["41"] != ids.get("11"):
            self._links += 1
            self._linked += ids["41"] in self._known["11"].values
        self._name(ids, shares)
        for base in _BASES:
            if value := ids.get(base):
                self._known[base].add(value)
                self._live(base, value, ids, shares)

    def _ids(self, one: Taken) -> dict[str, str]:
        """Return the values that may be ids, those left out that mean "no id"."""
        for tag, _ in one.pairs:
            if tag not in TAGS and len(self._custom) < _MOST_CUSTOM:
                self._custom.add(tag)
        no_id = self._habits.placeholders
        found = {tag: one.fields.get(tag, "") for tag in (*ID_TAGS, *sorted(self._custom))}
        return {tag: value for tag, value in found.items() if value and value not in no_id}

    def _live(self, base: str, value: str, ids: dict[str, str], shares: int) -> None:
        lives = self._lives[base]
        life = lives.get(value)
        if life is None:
            if len(lives) >= MOST_ORDERS:
                self._beyond += 1
                return
            life = lives[value] = Life()
        life.shares += shares
        life.add(ids)

    def _name(self, ids: dict[str, str], shares: int) -> None:
        """Remember what each tag names, with the shares that were traded under that name."""
        own = {ids.get(base) for base in _BASES}
        for tag, value in ids.items():
            if tag in _NO_PARENT:
                continue
            if value in own:
                self._own[tag] = self._own.get(tag, 0) + 1
                continue
            named = self._naming.setdefault(tag, {})
            if value in named or len(named) < _MOST_VALUES:
                named[value] = named.get(value, 0) + shares

    def order(self) -> str:
        """Return the base whose values hold more reports together; 37 when both do equally."""
        lives = self._lives
        per = {base: sum(life.reports for life in lives[base].values()) / max(len(lives[base]), 1) for base in _BASES}
        return max(_BASES, key=lambda base: per[base])

    def habits(self) -> dict[str, Habit]:
        """Return how each id tag behaves over the lives of the order."""
        base = self.order()
        found: dict[str, Habit] = {}
        for life in self._lives[base].values():
            for tag, (value, seen, changes) in life.tags.items():
                if tag == base:
                    continue
                habit = found.setdefault(tag, Habit())
                habit.lives += 1
                habit.values.add(value)
                if seen > 1:
                    habit.orders += 1
                    habit.constant += changes == 0
                    habit.renewed += changes == seen - 1
        return found

    def renewed(self) -> str:
        """Return "11" or "37" when it is new on each message of an order, else ""."""
        other = next(base for base in _BASES if base != self.order())
        habit = self.habits().get(other)
        return other if habit and habit.orders and habit.renewed == habit.orders else ""

    def client_orders(self) -> dict[str, Habit]:
        """Return the tags that name an order as well: the same over its life, and of no other order."""
        return {
            tag: habit
            for tag, habit in self.habits().items()
            if tag not in _NO_PARENT
            and habit.orders
            and habit.constant == habit.orders
            and not habit.shared
            and tag not in self.parents()
        }

    def parents(self) -> dict[str, tuple[str, int, int]]:
        """Return tag → (37 or 11, how many of its values are another report's, how many values)."""
        found = {}
        for tag, named in self._naming.items():
            hits = {base: len(named.keys() & self._known[base].values) for base in _BASES}
            base = max(_BASES, key=lambda base: hits[base])
            if hits[base] * 2 >= len(named) and hits[base] and not self._own.get(tag):
                found[tag] = (base, hits[base], len(named))
        return found

    def both_levels(self) -> tuple[int, int]:
        """Return how many orders trade and have children that trade, and of these, whose children trade as much."""
        children: dict[tuple[str, str], int] = {}
        for tag, (base, _, _) in self.parents().items():
            for value, shares in self._naming[tag].items():
                children[base, value] = children.get((base, value), 0) + shares
        own = {key: self._lives[key[0]][key[1]].shares for key in children if key[1] in self._lives[key[0]]}
        both = [key for key, shares in own.items() if shares and children[key]]
        return len(both), sum(own[key] == children[key] for key in both)

    def found(self) -> dict[str, Any]:
        """Return the order's tag, the habits of the others, the links, the parents."""
        return {
            "order": self.order(),
            "orders": len(self._lives[self.order()]),
            "tags": {
                tag: {"orders": h.orders, "constant": h.constant, "renewed": h.renewed, "shared": h.shared}
                for tag, h in sorted(self.habits().items())
            },
            "links": {"41_names_another": self._links, "known_11": self._linked},
            "parents": {
                tag: {"names": base, "known": hits, "values": values}
                for tag, (base, hits, values) in sorted(self.parents().items())
            },
            "both_levels": dict(zip(("trading", "same_shares"), self.both_levels(), strict=True)),
            "capped": bool(self._beyond) or self._crowded,
        }

    def lines(self) -> list[str]:
        """Return the same in words."""
        if not self.reports:
            return []
        base = self.order()
        lines = [f"{place_name(base)} holds an order together: {plural(len(self._lives[base]), 'order')}"]
        for tag, habit in sorted(self.habits().items(), key=lambda item: int(item[0])):
            if habit.orders:
                shared = ", shared by orders" if habit.shared else ""
                words = (
                    f"the same in {habit.constant} of {habit.orders} orders, new each time in {habit.renewed}{shared}"
                )
                lines.append(f"{place_name(tag)}: {words}")
        if self._links:
            lines.append(f"OrigClOrdID (41) names another 11 on {self._links:,} reports, known {self._linked:,}")
        for tag, (named, hits, values) in sorted(self.parents().items()):
            lines.append(f"{place_name(tag)} names other orders by {named}: {hits} of {values} values")
        if (levels := self.both_levels())[0]:
            words = f"{levels[0]} trade, as their children do; in {levels[1]} the same shares"
            lines.append(f"parents and children both report shares: {words}")
        if self._beyond:
            lines.append(f"{plural(self._beyond, 'report')} of orders past the first {MOST_ORDERS:,} are not compared")
        if self._crowded:
            lines.append("more ids than are remembered: a parent that is named late or seldom may be missed")
        return lines

    @property
    def _crowded(self) -> bool:
        """Return whether an id found no room."""
        full = any(known.full for known in self._known.values()) or len(self._custom) == _MOST_CUSTOM
        return full or any(len(named) == _MOST_VALUES for named in self._naming.values())

    def problems(self) -> list[tuple[str, int]]:
        """Return the reports that the dialect would take apart, and the parents it does not see."""
        renewed = self.renewed()
        apart = self.reports if renewed in {*self._habits.client_order[:1], *self._habits.order[:1]} else 0
        unseen = sum(values for tag, (_, _, values) in self.parents().items() if tag not in self._habits.parent)
        levels = self.both_levels()[0] if self._one_level() else 0
        return [("id new on each report", apart), ("parent not seen", unseen), ("shares counted twice", levels)]

    def _one_level(self) -> bool:
        """Return whether the dialect takes parents and children for the same, and both report shares."""
        return bool(self.both_levels()[0]) and self._level.with_parent is self._level.without_parent

    def guesses(self) -> list[Guess]:
        """Return which tags name the order, its client's id and its parent, and the levels."""
        guesses: list[Guess] = []
        renewed, base = self.renewed(), self.order()
        if renewed == "37" == self._habits.order[0]:  # an order has a place always
            guesses.append(Guess(("ids", "order"), [base], self._evidence(renewed), replaces=True))
        if renewed in self._habits.client_order[:1]:
            guesses += self._client_guesses(renewed)
        places = self._habits.parent
        for tag, (named, hits, values) in sorted(self.parents().items()):
            if tag not in self._habits.parent:
                words = f"{tag} holds the {named} of another order: {hits} of {values} values"
                places = (tag, *places)
                guesses.append(Guess(("ids", "parent"), list(places), words, replaces=True))
        if self._one_level():
            trading, same = self.both_levels()
            words = f"{trading} parents report shares of their own, {same} of them as many as their children"
            guesses.append(Guess(("level", "without_parent"), "parent", words))
        return guesses

    def _client_guesses(self, renewed: str) -> list[Guess]:
        named = self.client_orders()
        if not named:
            return []
        tag = min(named, key=lambda tag: (-named[tag].orders, int(tag)))
        words = (
            f"{self._evidence(renewed)}, {tag} is constant over the order: {named[tag].constant} of {named[tag].orders}"
        )
        guesses = [Guess(("ids", key), [tag], words, replaces=True) for key in ("client_order", "own")]
        if tag in self._client:
            left = [place for place in self._client if place != tag]
            guesses.append(Guess(("client",), left, f"{tag} is no client: no two orders share one", replaces=True))
        return guesses

    def _evidence(self, renewed: str) -> str:
        habit = self.habits()[renewed]
        return f"{renewed} is new on each message: {habit.renewed} of {habit.orders} orders"
