"""What a forgetful vendor has to tell: seeded orders, fills, cancels, busts, corrections, and how they truly end.

Small values in place of whole messages: a million of them must fit beside the daemon that is watched.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import IntEnum
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.fix_peer import Fields
from tests.simulations import Reported

SYMBOLS = ("IBM", "GE", "F", "T", "XOM", "KO", "PG", "MRK", "CAT", "BA")
VENUES = ("XNYS", "XNAS", "BATS", "EDGX", "ARCX")
OPEN_ORDERS = 40
LOT = 100


class Kind(IntEnum):
    """What a word reports."""

    NEW = 0
    FILL = 1
    CANCEL = 2
    BUST = 3
    CORRECT = 4


class Word(NamedTuple):
    """One report to be made: numbers stand for ids, `shares` and `cents` for LastQty and LastPx, `at_ms` for 60."""

    kind: Kind
    order: int
    exec_id: int
    shares: int
    cents: int
    cumulative: int
    ordered: int
    refers_to: int
    at_ms: int


class Truth(NamedTuple):
    """How everything ends: executions by ExecID, and (executed shares, state) of orders by OrderID.

    The state is None where a bust makes it a matter of the order of arrival.
    """

    executions: dict[str, Reported]
    orders: dict[str, tuple[int, str | None]]


class _Order:
    def __init__(self, number: int, ordered: int) -> None:
        self.number, self.ordered, self.cumulative = number, ordered, 0
        self.fills: list[Word] = []


def written(seed: int, messages: int, now: datetime | None = None) -> list[Word]:
    """Return so many words and what ends the orders that are open then: each is told from acknowledgement to end."""
    dice, begun = Random(seed), int((now or datetime.now(UTC)).timestamp() * 1000)
    words: list[Word] = []
    running: list[_Order] = []
    ended: list[_Order] = []
    orders = execs = 0
    while len(words) < messages:
        at, execs = begun + len(words), execs + 1
        if len(running) < OPEN_ORDERS and (not running or dice.random() < 0.25):
            orders += 1
            running.append(order := _Order(orders, LOT * dice.randint(1, 6)))
            words.append(Word(Kind.NEW, order.number, execs, 0, 0, 0, order.ordered, 0, at))
        elif dice.random() < 0.04 and (told := [one for one in (*running, *ended[-40:]) if one.fills]):
            words.append(_amended(dice, dice.choice(told), execs, at))
        else:
            order = dice.choice(running)
            word = _moved(dice, order, execs, at)
            words.append(word)
            if word.kind is Kind.CANCEL or order.cumulative == order.ordered:
                running.remove(order)
                ended.append(order)
    for order in running:
        execs += 1
        words.append(
            Word(Kind.CANCEL, order.number, execs, 0, 0, order.cumulative, order.ordered, 0, begun + len(words))
        )
    return words


def _moved(dice: Random, order: _Order, exec_id: int, at: int) -> Word:
    """Fill some of what is left of an order, or cancel it."""
    if dice.random() < 0.08:
        return Word(Kind.CANCEL, order.number, exec_id, 0, 0, order.cumulative, order.ordered, 0, at)
    shares = LOT * dice.randint(1, (order.ordered - order.cumulative) // LOT)
    order.cumulative += shares
    cents = dice.randint(9_000, 11_000)
    word = Word(Kind.FILL, order.number, exec_id, shares, cents, order.cumulative, order.ordered, 0, at)
    order.fills.append(word)
    return word


def _amended(dice: Random, order: _Order, exec_id: int, at: int) -> Word:
    """Bust or correct one fill of an order; each fill is amended once."""
    fill = order.fills.pop(dice.randrange(len(order.fills)))
    if dice.random() < 0.5:
        order.cumulative -= fill.shares if order.cumulative < order.ordered else 0
        return Word(Kind.BUST, order.number, exec_id, 0, 0, 0, order.ordered, fill.exec_id, at)
    return Word(Kind.CORRECT, order.number, exec_id, fill.shares, fill.cents + 1, 0, order.ordered, fill.exec_id, at)


def truth(words: list[Word], missing: frozenset[int] = frozenset()) -> Truth:
    """Return how the words end, without those whose places in the list are missing."""
    executions: dict[str, Reported] = {}
    shares: dict[int, int] = {}
    live: dict[int, tuple[int, int]] = {}
    state: dict[int, str | None] = {}
    ordered: dict[int, int] = {}
    for word in (one for place, one in enumerate(words) if place not in missing):
        ordered[word.order] = word.ordered
        state.setdefault(word.order, "open")
        if word.kind is Kind.FILL:
            executions[f"E{word.exec_id}"] = (str(word.shares), _dollars(word.cents), "live")
            live[word.exec_id] = (word.order, word.shares)
            shares[word.order] = shares.get(word.order, 0) + word.shares
        elif word.kind is Kind.CANCEL:
            state[word.order] = "canceled"
        elif word.kind is Kind.CORRECT:
            executions[f"E{word.refers_to}"] = (str(word.shares), _dollars(word.cents), "corrected")
        elif word.kind is Kind.BUST:
            was = executions[f"E{word.refers_to}"]
            executions[f"E{word.refers_to}"] = (was[0], was[1], "busted")
            order, busted = live[word.refers_to]
            shares[order] -= busted
            state[order] = None
        if state[word.order] == "open" and shares.get(word.order, 0) == ordered[word.order]:
            state[word.order] = "filled"
    orders = {f"O{number}": (shares.get(number, 0), ended) for number, ended in state.items()}
    return Truth(executions, orders)


def _dollars(cents: int) -> str:
    """Return dollars in plain decimal text without trailing zeros."""
    return f"{cents // 100}.{cents % 100:02d}".rstrip("0").rstrip(".")


def fields_of(word: Word) -> Fields:
    """Return the body of the execution report that the word stands for."""
    code = {Kind.NEW: "0", Kind.FILL: "F", Kind.CANCEL: "4", Kind.BUST: "H", Kind.CORRECT: "G"}[word.kind]
    at = datetime.fromtimestamp(word.at_ms / 1000, UTC)
    day = at.astimezone(ZoneInfo("America/New_York")).strftime("%Y%m%d")
    fields: Fields = [(37, f"O{word.order}"), (11, f"C{word.order}"), (17, f"E{word.exec_id}")]
    fields += [(150, code), (39, _status(word)), (55, SYMBOLS[word.order % len(SYMBOLS)])]
    fields += [(54, "1" if word.order % 2 else "2"), (38, str(word.ordered)), (40, "1"), (59, "0")]
    fields += [(60, at.strftime("%Y%m%d-%H:%M:%S.%f")[:-3]), (75, day)]
    if word.refers_to:
        fields.append((19, f"E{word.refers_to}"))
    if word.shares:
        fields += [(32, str(word.shares)), (31, _dollars(word.cents)), (30, VENUES[word.exec_id % len(VENUES)])]
    if word.kind in (Kind.NEW, Kind.FILL, Kind.CANCEL):
        fields += [(14, str(word.cumulative)), (151, str(word.ordered - word.cumulative)), (6, "0")]
    return fields


def _status(word: Word) -> str:
    if word.kind is Kind.CANCEL:
        return "4"
    if word.cumulative == word.ordered:
        return "2"
    return "1" if word.cumulative else "0"


def unsendable(words: list[Word], seed: int, count: int) -> frozenset[int]:
    """Return the places of so many fills that nothing later names: what is missing without them is a matter of fact."""
    named = {word.refers_to for word in words}
    plain = [place for place, word in enumerate(words) if word.kind is Kind.FILL and word.exec_id not in named]
    return frozenset(Random(seed).sample(plain, count))


def told_again(dice: Random, upto: int) -> Iterator[int]:
    """Yield places of words that came before, to be redelivered."""
    for _ in range(min(upto, dice.randint(1, 20))):
        yield dice.randrange(upto)
