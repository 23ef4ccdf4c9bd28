"""A vendor's end-of-day file laid beside the executions that are recorded, one by one and in both directions. Pure.

The file is CSV with a heading of FIX field names or tags: ExecID (17), LastQty or LastShares (32), LastPx (31), Side
(54), Symbol (55), and where it has one LastMkt (30). Other columns are left alone. An execution that was corrected
goes by its own ExecID or by its correction's; one that was busted should not be in the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

import msgspec

from rules.facts import PRICE_SCALE, QUANTITY_SCALE, Side
from service.exact_text import plain_dollars, plain_shares

COLUMNS = {
    "exec_id": ("execid", "17"),
    "quantity": ("lastqty", "lastshares", "32"),
    "price": ("lastpx", "31"),
    "side": ("side", "54"),
    "symbol": ("symbol", "55"),
    "venue": ("lastmkt", "venue", "30"),
}
OPTIONAL = ("venue",)
SIDES = {"1": Side.BUY, "2": Side.SELL, "5": Side.SELL_SHORT, "6": Side.SELL_SHORT_EXEMPT}
LISTED = 200


class FileError(Exception):
    """The file cannot be compared; `problems` lists everything that is wrong with it, in words."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Theirs(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of the file, in our units; `line` is where it stands."""

    line: int
    exec_id: str
    quantity: int
    price: int
    side: str
    symbol: str
    venue: str = ""


class Ours(msgspec.Struct, frozen=True, kw_only=True):
    """One execution as it is recorded now; `other_id` is its newest correction's ExecID, `venue_raw` its code there."""

    exec_id: str
    other_id: str = ""
    quantity: int
    price: int
    side: str
    symbol: str
    venue: str = ""
    venue_raw: str = ""
    busted: bool = False


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One execution on which file and record disagree, in words."""

    exec_id: str
    kind: str
    words: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What a file came to: how many agree, are not here, are not in the file, or differ; the first of them listed."""

    name: str
    sha256: str
    same: int
    not_here: int
    not_there: int
    unlike: int
    listed: tuple[Difference, ...] = ()

    @property
    def differences(self) -> int:
        """Return how many executions disagree in any way."""
        return self.not_here + self.not_there + self.unlike


def read_file(lines: Iterable[str]) -> list[Theirs]:
    """Return the executions of a file; raise FileError with every problem."""
    rows = csv.reader(lines)
    heading = [cell.strip().lower().replace("_", "") for cell in next(rows, [])]
    places = {name: _place(heading, names) for name, names in COLUMNS.items()}
    absent = [name for name, place in places.items() if place is None and name not in OPTIONAL]
    if absent:
        wanted = "; ".join(" or ".join(COLUMNS[name]) for name in absent)
        raise FileError([f"line 1: no column {wanted}; expected FIX field names or tags as a heading"])
    problems: list[str] = []
    found = [
        one
        for number, row in enumerate(rows, start=2)
        if any(cell.strip() for cell in row) and (one := _theirs(number, row, places, problems)) is not None
    ]
    if problems:
        raise FileError(problems)
    return found


def compare(name: str, sha256: str, theirs: Iterable[Theirs], ours: Iterable[Ours]) -> Comparison:
    """Return where file and record agree and where not; several executions of one ExecID are matched best first."""
    held = _Held(ours)
    left = [one for one in theirs if not held.take_equal(one)]
    same = held.taken
    found = [_unmatched(one, held.take_any(one.exec_id)) for one in left]
    found += [_not_there(one) for one in held.rest() if not one.busted]
    kinds = [one.kind for one in found]
    return Comparison(
        name=name,
        sha256=sha256,
        same=same,
        not_here=kinds.count("not_here"),
        not_there=kinds.count("not_there"),
        unlike=kinds.count("unlike"),
        listed=tuple(found[:LISTED]),
    )


class _Held:
    """Our executions by every ExecID that each goes by; each is taken once."""

    def __init__(self, ours: Iterable[Ours]) -> None:
        self.taken = 0
        self._ours = list(ours)
        self._free = [True] * len(self._ours)
        self._by_id: dict[str, list[int]] = {}
        for index, one in enumerate(self._ours):
            for exec_id in dict.fromkeys(filter(None, (one.exec_id, one.other_id))):
                self._by_id.setdefault(exec_id, []).append(index)

    def take_equal(self, theirs: Theirs) -> bool:
        """Take one that agrees in everything; return whether there was one."""
        return self._take(index for index in self._of(theirs.exec_id) if _agree(theirs, self._ours[index])) is not None

    def take_any(self, exec_id: str) -> Ours | None:
        """Take one of that ExecID, None when none is left."""
        return self._take(self._of(exec_id))

    def rest(self) -> Iterator[Ours]:
        """Yield those that nothing took."""
        return (one for one, free in zip(self._ours, self._free, strict=True) if free)

    def _of(self, exec_id: str) -> Iterator[int]:
        return (index for index in self._by_id.get(exec_id, ()) if self._free[index])

    def _take(self, candidates: Iterator[int]) -> Ours | None:
        index = next(candidates, None)
        if index is None:
            return None
        self._free[index] = False
        self.taken += 1
        return self._ours[index]


def _place(heading: list[str], names: tuple[str, ...]) -> int | None:
    return next((heading.index(name) for name in names if name in heading), None)


def _theirs(number: int, row: list[str], places: dict[str, int | None], problems: list[str]) -> Theirs | None:
    cells = {
        name: row[place].strip() if place is not None and place < len(row) else "" for name, place in places.items()
    }
    quantity, price = _scaled(cells["quantity"], QUANTITY_SCALE), _scaled(cells["price"], PRICE_SCALE)
    wrong = [name for name, value in (("LastQty", quantity), ("LastPx", price)) if value is None]
    if not cells["exec_id"]:
        wrong.append("ExecID")
    if quantity is None or price is None or wrong:
        problems.append(f"line {number}: {', '.join(wrong)} cannot be read")
        return None
    side = SIDES.get(cells["side"]) or cells["side"].lower().replace(" ", "_")
    return Theirs(
        line=number,
        exec_id=cells["exec_id"],
        quantity=quantity,
        price=price,
        side=str(side),
        symbol=cells["symbol"],
        venue=cells["venue"],
    )


def _scaled(text: str, scale: int) -> int | None:
    try:
        value = Decimal(text) * scale
        return int(value) if value == int(value) else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _agree(theirs: Theirs, ours: Ours) -> bool:
    return not ours.busted and not any(_unlike(theirs, ours))


def _unlike(theirs: Theirs, ours: Ours) -> Iterator[str]:
    if theirs.quantity != ours.quantity:
        yield f"LastQty is {plain_shares(theirs.quantity)} in the file and {plain_shares(ours.quantity)} here"
    if theirs.price != ours.price:
        yield f"LastPx is {plain_dollars(theirs.price)} in the file and {plain_dollars(ours.price)} here"
    if theirs.side != ours.side:
        yield f"Side is {theirs.side} in the file and {ours.side} here"
    if _bare(theirs.symbol) != _bare(ours.symbol):
        yield f"Symbol is {theirs.symbol} in the file and {ours.symbol} here"
    if theirs.venue and theirs.venue.casefold() not in (ours.venue.casefold(), ours.venue_raw.casefold()):
        yield f"LastMkt is {theirs.venue} in the file and {ours.venue} here"


def _bare(symbol: str) -> str:
    """Return the symbol without what separates a class or a series from its root, which everybody writes in his way."""
    return "".join(sign for sign in symbol.upper() if sign.isalnum())


def _unmatched(theirs: Theirs, ours: Ours | None) -> Difference:
    if ours is None:
        words = f"line {theirs.line}: {_words(theirs)} is not here"
        return Difference(exec_id=theirs.exec_id, kind="not_here", words=words)
    if ours.busted:
        words = f"line {theirs.line}: {_words(theirs)} was busted here"
    else:
        words = f"line {theirs.line}: {'; '.join(_unlike(theirs, ours))}"
    return Difference(exec_id=theirs.exec_id, kind="unlike", words=words)


def _not_there(ours: Ours) -> Difference:
    return Difference(exec_id=ours.exec_id, kind="not_there", words=f"{_words(ours)} is not in the file")


def _words(one: Theirs | Ours) -> str:
    return f"{one.side} {plain_shares(one.quantity)} {one.symbol} at {plain_dollars(one.price)}"
