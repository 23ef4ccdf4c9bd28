"""Where a vendor's book keeps the firm's own orders, and the orders whose claimed totals are in doubt. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import Level, Nanos, Quote
from service.fix.events import OwnOrder
from service.orders.life import Life


class Held(msgspec.Struct, frozen=True, gc=False):
    """A replace or cancel of the firm's whose order is not known yet, with the quote at its receipt."""

    own: OwnOrder
    receipt: Quote | None


class FirmShelf(msgspec.Struct, gc=False, kw_only=True):
    """The firm's own orders in the book of the vendor that was to get them.

    `level` is theirs in the vendor's copy, `sources` the counterparties whose copies hold them. `by_id` leads from own
    ids to orders, whoever told the id; `waiting` holds those that the vendor has not answered, in the order in which
    they are due; `held` requests by the id that they name; `children` orders by a parent's name that leads nowhere yet;
    `days` the trade dates that own orders came for.
    `acknowledges`: the copy has reported an order before its fill; `fills`: it has reported fills.
    """

    level: Level
    sources: set[str] = set()
    by_id: dict[str, Life] = {}
    waiting: dict[str, Life] = {}
    held: dict[str, list[Held]] = {}
    children: dict[str, list[Life]] = {}
    days: set[str] = set()
    acknowledges: bool = False
    fills: bool = False

    @property
    def fills_only(self) -> bool:
        """Return whether the copy reports fills and never an acknowledgement: its silence says nothing."""
        return self.fills and not self.acknowledges

    def forget(self, before: str) -> None:
        """Drop what ended or came before this trade date."""
        self.by_id = {key: life for key, life in self.by_id.items() if life.ended_on is None or life.ended_on >= before}
        self.days = {day for day in self.days if day >= before}
        kept = {ref: [one for one in held if one.own.trade_date >= before] for ref, held in self.held.items()}
        self.held = {ref: held for ref, held in kept.items() if held}
        left = {
            ref: [life for life in lives if life.ended_on is None or life.ended_on >= before]
            for ref, lives in self.children.items()
        }
        self.children = {ref: lives for ref, lives in left.items() if lives}


class Doubt(msgspec.Struct, gc=False, kw_only=True):
    """An order whose claimed total differs from what was executed; it is judged when `due`."""

    life: Life
    due: Nanos
    wait: Nanos
    offset: int
    at: Nanos
