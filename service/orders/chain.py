"""A trade and the chain of busts and corrections that hangs on it: what of it is live, whatever order they came in.

Pure. A chain may point at the ExecID of a bust or a correction as well as at the trade's (domain.md §4.2).
"""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from service.fix.events import Bust, Correction
from service.orders.life import Life


class Link(msgspec.Struct, frozen=True, gc=False):
    """One bust (quantity 0) or correction: its own ExecID, what it names, and what it makes of the trade."""

    exec_id: str | None
    refers_to: str
    quantity: int
    price: int
    venue: str


class Chain(msgspec.Struct, frozen=True, gc=False):
    """The trade's own ExecID and how it began, and every link since, as they arrived."""

    exec_id: str
    quantity: int
    price: int
    venue: str
    links: tuple[Link, ...] = ()


class Trade(msgspec.Struct, gc=False):
    """One execution in memory, as small as it can be; quantity, price and venue are those that count now.

    A busted trade has quantity 0. `chain` is there once something amended it; without links it only says how a trade
    was reported that a store knows in its amended form.
    """

    key: str
    content_hash: bytes
    life: Life
    quantity: int
    price: int
    venue: str
    executed_at: Nanos | None
    chain: Chain | None = None


def link(event: Bust | Correction, trade: Trade) -> Link:
    """Return the link that a bust or correction adds to the trade."""
    if isinstance(event, Bust):
        return Link(event.exec_id, event.refers_to, 0, trade.price, trade.venue)
    return Link(event.exec_id, event.refers_to, event.quantity, event.price, event.venue)


def amend(trade: Trade, added: Link) -> None:
    """Hang one more link on the trade and count its order anew."""
    # before the first link, only its own ExecID can have led to the trade
    chain = trade.chain if trade.chain is not None and trade.chain.links else None
    chain = chain or Chain(added.refers_to, trade.quantity, trade.price, trade.venue)
    chain = msgspec.structs.replace(chain, links=(*chain.links, added))
    trade.life.count(-trade.quantity, trade.price, trade.venue)
    tip = _tip(chain) or chain
    trade.quantity, trade.price, trade.venue, trade.chain = tip.quantity, tip.price, tip.venue, chain
    trade.life.count(trade.quantity, trade.price, trade.venue)


def _tip(chain: Chain) -> Link | None:
    """Return the link that has the last word; of several on the same name a bust wins, else the latest.

    A link that reuses the trade's ExecID is the end of its line, and none is taken twice: no message can make a loop.
    """
    left = list(chain.links)
    named: str | None = chain.exec_id
    tip = None
    while candidates := [one for one in left if one.refers_to == named]:
        tip = next((one for one in candidates if one.quantity == 0), candidates[-1])
        left.remove(tip)
        named = None if tip.exec_id == chain.exec_id else tip.exec_id
    return tip
