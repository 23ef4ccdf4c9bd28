"""Parent orders rolled up from their children, out of executions as they stand now: each share once. Pure.

A router's copy often tells a share twice: with the child that got it and with the parent's roll-up, under two ExecIDs.
One of the two counts, never both: the children, unless the parent was told more than they. A package counts its own
executions and not its legs', whose securities are others; where only legs were told, they have no sum of shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec

from rules.facts import PRICE_SCALE, Level, Quantity, Side
from service.store.export_ended import arrival, ratio, receipt, venue_text

Row = Mapping[str, Any]
NOT_TOLD = "parent not told"
TERMS = ("order_id", "cl_ord_id", "account", "symbol", "side")
QUOTE = tuple(f"receipt_{name}" for name in ("bid", "bid_size", "offer", "offer_size", "quote_at", "quote_state"))


class Identity(NamedTuple):
    """Which order of which day; legs share the key of their package and are apart by symbol and side."""

    trade_date: str
    counterparty: str
    key: str
    level: str | None
    apart: str = ""


class Made(msgspec.Struct):
    """What was executed; `harm` is None until one execution could be evaluated."""

    executions: int = 0
    not_evaluated: int = 0
    shares: int = 0
    notional: int = 0
    by_venue: dict[str, int] = msgspec.field(default_factory=dict)
    harm: int | None = None

    def add(self, execution: Row) -> None:
        """Add one execution."""
        quantity, venue = execution["quantity"], execution["venue"]
        unevaluated = execution["not_evaluated_reason"] is not None
        notional = quantity * execution["price"]
        self.merge(Made(1, unevaluated, quantity, notional, {venue: quantity}, execution["dollar_harm"]))

    def merge(self, other: Made) -> None:
        """Add what the other has."""
        self.executions += other.executions
        self.not_evaluated += other.not_evaluated
        self.shares += other.shares
        self.notional += other.notional
        for venue, quantity in other.by_venue.items():
            self.by_venue[venue] = self.by_venue.get(venue, 0) + quantity
        if other.harm is not None:
            self.harm = (self.harm or 0) + other.harm


class Families:
    """Who is whose child, and what of it was executed."""

    def __init__(self, orders: Iterable[Row], executions: Iterable[Row], names: Iterable[Row]) -> None:
        self.orders = {_identity(row, "level", "symbol", "side"): row for row in orders}
        self.children: dict[Identity, list[Identity]] = {}
        self._made: dict[Identity, Made] = {}
        self._named: dict[tuple[str, str, str], list[Identity]] = {}
        for row in executions:
            if row["state"] != "busted":
                own = _identity(row, "order_level", "order_symbol", "order_side")
                self._made.setdefault(own, Made()).add(row)
        for row in names:
            self._name(row)
        for own, row in self.orders.items():
            self._join(own, row)

    def counted(self, own: Identity, above: frozenset[Identity] = frozenset()) -> tuple[str, Made]:
        """Return who counts the shares of an order, and what was executed of it."""
        alone, below = self._made.get(own, Made()), Made()
        if own.level == Level.PACKAGE and own in self.orders:
            return Level.PACKAGE, alone
        around = above | {own}  # ids that lead in a circle must not lead us in one
        children = [child for child in self.children.get(own, ()) if child not in around]
        for child in children:
            below.merge(self.counted(child, around)[1])
        if not children or below.shares < alone.shares:
            return "parent", alone
        return "legs" if own.level == Level.PACKAGE else "children", below

    def first(self, own: Identity) -> int:
        """Return the first offset at which anything of the family was told."""
        family = [one for one in (own, *self.children[own]) if one in self.orders]
        return min(int(self.orders[one]["offset"]) for one in family)

    def _name(self, row: Row) -> None:
        own = Identity(row["trade_date"], row["counterparty"], row["order_key"], row["level"])
        if own not in self.orders:
            return
        for name in (row["order_key"], row["order_id"], row["cl_ord_id"]):
            known = self._named.setdefault((own.trade_date, own.counterparty, name), [])
            if own not in known:
                known.append(own)

    def _join(self, own: Identity, row: Row) -> None:
        if own.level in (Level.PARENT, Level.PACKAGE):
            self.children.setdefault(own, [])
        if own.level == Level.LEG:
            package = Identity(own.trade_date, own.counterparty, own.key, Level.PACKAGE)
            self.children.setdefault(package, []).append(own)
        elif row["parent_id"] is not None and (parent := self._parent(own, row["parent_id"])) != own:
            self.children.setdefault(parent, []).append(own)

    def _parent(self, own: Identity, name: str) -> Identity:
        """Return the order of that name, as far as one was told of that is no child of the same parent."""
        found = [
            one for one in self._named.get((own.trade_date, own.counterparty, name), ()) if self._may_be(one, name)
        ]
        nobody = Identity(own.trade_date, own.counterparty, name, None)
        return next((one for one in found if one.level == Level.PARENT), found[0] if found else nobody)

    def _may_be(self, one: Identity, name: str) -> bool:
        return one.level == Level.PARENT or one.key == name or self.orders[one]["parent_id"] is None


def parents(orders: Iterable[Row], executions: Iterable[Row], names: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Yield one row for each parent and package, in the order in which their families were first told of.

    `names` are all ids that each order ever had: children may name one that was replaced since.
    """
    families = Families(orders, executions, names)
    for own in sorted(families.children, key=families.first):
        yield _row(families, own)


def _row(families: Families, own: Identity) -> dict[str, Any]:
    told, children = families.orders.get(own), [families.orders[child] for child in families.children[own]]
    counted, made = families.counted(own)
    known = children[0] if told is None else told
    summed = counted != "legs"
    return {
        **{name: known[name] for name in ("schema", "session")},
        **dict.fromkeys((*TERMS, "quantity", "state", "ended_at", "received_at", "firm_received_at", *QUOTE)),
        **_terms(told, known, summed=summed),
        "offset": families.first(own),
        "trade_date": own.trade_date,
        "counterparty": own.counterparty,
        "order_key": own.key,
        "level": Level.PACKAGE if own.level == Level.PACKAGE else Level.PARENT,
        "children": len(children),
        "counted": counted,
        "executions": made.executions,
        "not_evaluated": made.not_evaluated,
        "executed": made.shares if summed else None,
        "fill_ratio": ratio(made.shares, told["ordered"]) if told is not None and summed else None,
        "average_price": Fraction(made.notional, made.shares * PRICE_SCALE) if made.shares and summed else None,
        "venue_shares": venue_text(made.by_venue.items()),
        "dollar_harm": made.harm,
        **_arrival(told, made),
        **_after(told, children),
    }


def _terms(told: Row | None, known: Row, *, summed: bool) -> dict[str, Any]:
    """Return the parent's own terms; where it was never told, what its children must share with it."""
    if told is not None:
        names = (*TERMS, "state", "ended_at", "received_at", "firm_received_at", *QUOTE)
        return {**{name: told[name] for name in names}, "quantity": told["ordered"]}
    return {name: known[name] for name in (("account", "symbol", "side") if summed else ("account",))}


def _arrival(told: Row | None, made: Made) -> dict[str, Any]:
    """Return the cost against the parent's receipt: the firm's where it is known, else the router's; say which."""
    if told is None:
        nothing = dict.fromkeys(("receipt_at_whom", "arrival_slippage", "arrival_slippage_dollars"))
        return {**nothing, "arrival_reason": NOT_TOLD}
    vendor = None if told["received_at"] is None else "router"
    side = None if told["side"] is None else Side(told["side"])
    return {
        "receipt_at_whom": vendor if told["firm_received_at"] is None else "firm",
        **arrival(side, Quantity(made.shares), made.notional, receipt(told, "receipt")),
    }


def _after(told: Row | None, children: list[Row]) -> dict[str, Any]:
    """Return how long after the parent's receipt its first and its last child were received, and by whose clocks."""
    came = [child["received_at"] for child in children if child["received_at"] is not None]
    since = None if told is None else told["received_at"] or told["firm_received_at"]
    if told is None or since is None or not came or min(came) < since:
        return dict.fromkeys(("first_child_after", "last_child_after", "child_clocks"))
    return {
        "first_child_after": min(came) - since,
        "last_child_after": max(came) - since,
        "child_clocks": "router" if told["received_at"] is not None else "firm and router",
    }


def _identity(row: Row, level: str, symbol: str, side: str) -> Identity:
    apart = f"{row[symbol]} {row[side] or ''}" if row[level] == Level.LEG else ""
    return Identity(row["trade_date"], row["counterparty"], row["order_key"], row[level], apart)
