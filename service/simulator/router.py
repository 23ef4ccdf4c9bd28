"""The simulated router: a parent comes in, children go out to venues, and what they bring back decides what is next.

Immediate children (IOC) take what is at the touch; what is left is routed again or, for a limit order of the day,
posted.
Refuses to know how its reports are worded or sent: that is the desk's.
"""

from __future__ import annotations

from functools import partial

from rules.facts import SECOND
from service.simulator.desk import Desk
from service.simulator.dice import Dice
from service.simulator.faults import Plan
from service.simulator.market import LOT, TICK, Market
from service.simulator.messages import Kind
from service.simulator.orders import Life, Terms, Trade
from service.simulator.pushes import Pushes
from service.simulator.troubles import ROGUE_VENUE, Troubles
from service.simulator.venues import MICROSECOND, VENUES, Venue, VenueChoice, found, improved

ACCOUNTS = tuple(f"ACC-{number}" for number in range(1001, 1025))
SIDES = ("1", "1", "2", "2", "5")
AT_MARKET, IMMEDIATE, TAKES = 0.30, 0.38, 0.80
"""Three tenths of the parents are market orders; the rest has a limit, a little of it IOC; the last fifth waits."""
ROUNDS = 3
"""Times that the router tries to take before it posts or gives up."""
PATIENCE = 4
"""Looks at a posted order before its customer cancels it."""
REST = 4 * SECOND
AMEND_AFTER = 15 * SECOND


class Router:
    """Works parents through venues on the agenda's clock."""

    def __init__(
        self,
        *,
        market: Market,
        plan: Plan,
        dice: Dice,
        desk: Desk,
        troubles: Troubles,
        pushes: Pushes,
        venues: tuple[Venue, ...] = VENUES,
    ) -> None:
        self._market = market
        self._plan = plan
        self._dice = dice
        self._desk = desk
        self._troubles = troubles
        self._pushes = pushes
        self._by_mic = {venue.mic: venue for venue in (*venues, ROGUE_VENUE)}
        self._choice = VenueChoice(venues)
        self._symbols = market.symbols

    def arrive(self, at: int) -> None:
        """Take a customer's order in, acknowledge it and start to work it."""
        parent = Life(terms=self._terms(at))
        self._desk.tell(parent, Kind.NEW, at + self._dice.between(20, 90) * MICROSECOND)
        begin = at + self._dice.between(100, 300) * MICROSECOND
        self._desk.agenda.call(begin, partial(self._work, parent))

    def _terms(self, at: int) -> Terms:
        dice = self._dice
        symbol, side = dice.pick(self._troubles.symbols(self._symbols, at)), dice.pick(SIDES)
        sign = 1 if side == "1" else -1
        quote = self._market.quotes[symbol]
        manner = dice.roll()
        limit: int | None = None
        if manner >= TAKES:
            limit = quote.near(sign) - sign * TICK * dice.between(0, 1)
        elif manner >= AT_MARKET:
            limit = quote.touch(sign) + sign * TICK * dice.between(1, 5)
        number = self._desk.order_number()
        return Terms(
            order_id=f"P{self._desk.run}-{number}",
            cl_ord_id=f"F{self._desk.run}-{number}",
            parent=None,
            account=dice.pick(ACCOUNTS),
            symbol=symbol,
            side=side,
            quantity=LOT * dice.between(1, 12) if dice.chance(0.85) else dice.between(1, 250),
            limit=limit,
            immediate=limit is not None and manner < IMMEDIATE,
            received_at=at,
            written=self._troubles.written(symbol, at),
        )

    def _work(self, parent: Life, at: int) -> None:
        """Send out what is still wanted and not at work: to take, to rest, or not at all."""
        wanted = parent.leaves - parent.working
        if wanted <= 0:
            return
        terms = parent.terms
        touch = self._market.quotes[terms.symbol].touch(terms.sign)
        reachable = terms.limit is None or terms.sign * (terms.limit - touch) >= 0
        if reachable and parent.attempts < ROUNDS:
            parent.attempts += 1
            self._take(parent, wanted, at)
        elif terms.limit is not None and not terms.immediate:
            self._route(parent, wanted, at, immediate=False)
        elif not parent.working:
            parent.open = False
            self._desk.tell(parent, Kind.CANCELED, at, text="nothing more to be had")

    def _take(self, parent: Life, wanted: int, at: int) -> None:
        slices = self._dice.between(1, 3) if wanted >= 3 * LOT else 1
        for part in range(slices):
            shares = wanted // slices if part else wanted - (slices - 1) * (wanted // slices)
            self._route(parent, shares, at, immediate=True)

    def _route(self, parent: Life, shares: int, at: int, *, immediate: bool) -> None:
        parent.working += shares
        parent.children += 1
        arrival = at + self._dice.between(40, 160) * MICROSECOND
        terms = parent.terms
        starved = self._troubles.starves(at) if immediate else None
        child = Life(
            terms=Terms(
                order_id=f"C{terms.order_id[1:]}-{parent.children}",
                cl_ord_id=f"{terms.cl_ord_id}-{parent.children}",
                parent=terms.cl_ord_id,
                account=terms.account,
                symbol=terms.symbol,
                side=terms.side,
                quantity=shares,
                limit=terms.limit,
                immediate=immediate and starved is None,
                received_at=arrival,
                written=terms.written,
            ),
            parent=parent,
            venue=self._venue(at, immediate=immediate),
            starved=starved,
        )
        self._desk.agenda.call(arrival, partial(self._received, child))

    def _venue(self, at: int, *, immediate: bool) -> Venue:
        ordered = self._troubles.venue(at) if immediate else None
        if ordered is not None:
            return self._by_mic[ordered]
        return self._choice.draw(self._dice, resting=not immediate, favoured=self._plan.favoured(at))

    def _received(self, child: Life, at: int) -> None:
        """Let the venue acknowledge or refuse the child, and plan its answer."""
        assert child.venue is not None
        terms, troubles = child.terms, self._troubles
        latency = self._dice.around(child.venue.latency, child.venue.jitter)
        if self._dice.chance(0.008) or troubles.refused(child, at):
            child.rejected, child.open = True, False
            troubles.admit_refusal(child, at)
            self._desk.tell(child, Kind.REJECTED, at + latency // 4, text="refused by the venue")
            self._ended(child, terms.quantity, at + latency // 4)
            return
        if troubles.ignored(child, at):
            self._desk.tell(child, Kind.PENDING_NEW, at)
            return
        wait = troubles.ack_delay(child, at, latency // 4)
        self._desk.tell(child, Kind.NEW, at + wait)
        quote = self._market.quotes[terms.symbol]
        touch = child.touch = quote.touch(terms.sign)
        child.spread = quote.offer - quote.bid
        self._pushes.received(child, at, latency)
        answer = at + latency - latency // 4 + wait
        if terms.immediate or terms.limit is None or terms.sign * (terms.limit - touch) >= 0:
            self._desk.agenda.call(answer + troubles.slowness(child, at), partial(self._answer, child))
        else:
            self._desk.agenda.call(answer + self._dice.pause(REST), partial(self._look, child))

    def _answer(self, child: Life, at: int) -> None:
        """Execute an immediate child against the market as it is now, and end it."""
        terms = child.terms
        touch = self._market.quotes[terms.symbol].touch(terms.sign)
        shares = self._found(child, touch, at)
        trade: Trade | None = None
        if shares:
            trade = self._execute(child, shares, touch, at)
        self._troubles.admit_answer(child, trade, at)
        if child.open and not terms.immediate and child.starved is None:
            self._stay(child, shares, at)
            return
        if child.open:
            child.open = False
            self._desk.tell(child, Kind.CANCELED, at, text="rest of an immediate order")
        self._ended(child, terms.quantity, at)

    def _found(self, child: Life, touch: int, at: int) -> int:
        """Return how many shares the child finds at this touch."""
        terms = child.terms
        assert child.venue is not None
        if terms.limit is not None and terms.sign * (terms.limit - touch) < 0:
            return 0
        shares = found(child.venue, terms.quantity, self._troubles.chance(child, at), self._dice)
        return shares if child.starved is None else self._troubles.rationed(child, at)

    def _execute(self, child: Life, shares: int, touch: int, at: int) -> Trade:
        """Execute at the touch or better, unless a fault knows of another price; now and then plan to amend it."""
        assert child.venue is not None
        quote = self._market.quotes[child.terms.symbol]
        price = improved(child.venue, quote, child.terms.sign, self._dice)
        outside = self._troubles.price(child, quote, at)
        trade = self._desk.trade(child, shares, outside or price, at, liquidity="2", touch=touch)
        self._troubles.confess(trade, touch, at)
        if self._dice.chance(0.001):
            self._desk.agenda.call(at + SECOND + self._dice.pause(AMEND_AFTER), partial(self._amend, trade))
        return trade

    def _amend(self, trade: Trade, at: int) -> None:
        """Correct or bust an execution, as venues do, unless a fault was faster."""
        if trade.amended:
            return
        if self._dice.chance(0.5):
            self._desk.correct(trade, trade.price - trade.child.terms.sign * TICK // 10, at)
        else:
            self._desk.bust(trade, at)

    def _look(self, child: Life, at: int) -> None:
        """See whether a posted child is hit; after some looks its customer loses patience."""
        terms = child.terms
        quote = self._market.quotes[terms.symbol]
        assert terms.limit is not None
        if quote.bid <= terms.limit <= quote.offer and self._dice.chance(0.6):
            shares = child.leaves if self._dice.chance(0.6) else max(1, child.leaves // 2)
            touch = quote.touch(terms.sign)
            trade = self._desk.trade(child, shares, terms.limit, at, liquidity="1", touch=touch)
            self._troubles.confess(trade, touch, at)
            self._stay(child, shares, at)
        else:
            self._stay(child, 0, at)

    def _stay(self, child: Life, executed: int, at: int) -> None:
        """Leave what is left of a posted child on the book, unless nothing is or its customer has waited enough."""
        parent = child.parent
        assert parent is not None
        parent.working -= executed
        child.attempts += 1
        if not child.open:
            return
        if child.attempts >= PATIENCE and parent.working == child.leaves:
            self._withdraw(child, at)
        else:
            self._desk.agenda.call(at + self._dice.pause(REST), partial(self._look, child))

    def _withdraw(self, child: Life, at: int) -> None:
        """Cancel the parent at its customer's wish, its last child with it."""
        parent = child.parent
        assert parent is not None
        cancel_id = f"{parent.terms.cl_ord_id}-X"
        self._desk.tell(parent, Kind.PENDING_CANCEL, at, cancel_id=cancel_id)
        usual = self._dice.between(200, 900) * MICROSECOND
        self._desk.tell(child, Kind.PENDING_CANCEL, at, cancel_id=f"{child.terms.cl_ord_id}-X")
        later = at + self._troubles.cancel_delay(child, at, usual)
        child.open = parent.open = False
        self._desk.tell(child, Kind.CANCELED, later, cancel_id=f"{child.terms.cl_ord_id}-X")
        self._desk.tell(parent, Kind.CANCELED, later + 100 * MICROSECOND, cancel_id=cancel_id)

    def _ended(self, child: Life, shares: int, at: int) -> None:
        parent = child.parent
        assert parent is not None
        parent.working -= shares
        if parent.leaves > parent.working:
            self._desk.agenda.call(at + self._dice.between(80, 200) * MICROSECOND, partial(self._work, parent))
