"""The second look at each kind of finding, over a real ledger: what came in the gap, and the verdict that follows."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.engine import Engine
from rules.facts import (
    SECOND,
    FeedEvent,
    FeedEventKind,
    Fill,
    Level,
    Nanos,
    OrderEnd,
    OrderEventKind,
    OrderOutcome,
    OrderType,
    Quote,
)
from rules.finding import Finding, Severity
from rules.judges import Trade
from rules.reassessment import Verdict
from rules.rulebook import parse_rulebook
from service.facts_made import Making, corrected_fact, fill_fact
from service.fill_again import UNCHANGED, end_changed, fill_again, what_changed
from service.market.hours import Hours
from service.orders.feed import feed_event
from service.orders.firm import Firm
from service.orders.firm_shelf import FirmShelf
from service.orders.ledger import Event, Ledger
from service.orders.steps import Corrected, Ended, OrphanOverdue, Overfilled, Traded
from service.processed import Decision
from service.second_look import Known, Look, find_end, find_trade, look_again
from service.uncertain import Held
from tests.factories import NOON, TRADE_DATE, a_change, a_quote, length, price, shares
from tests.factories_marks import a_fade, a_markout
from tests.factories_orders import (
    a_bust,
    a_correction,
    a_ledger,
    an_execution,
    an_order_event,
    seconds,
    the,
    where,
)
from tests.factories_rules import FLOOD, a_register

MARKET = a_quote(bid="9.98", offer="10.00")


class Gap:
    """A ledger and rules while messages are missing: what is found, and what it is once they have come."""

    def __init__(self, rulebook: str = "") -> None:
        self.ledger: Ledger = a_ledger()
        self.engine = Engine(parse_rulebook(rulebook), {"demo": a_register()})
        self._offset = 10

    def came(self, *events: Event, receipt: Quote | None = None) -> None:
        """Let these reports come, one after the other."""
        for event in events:
            self._offset += 1
            self.ledger.apply(event, where(offset=self._offset), receipt)

    def traded(self, market: Quote = MARKET, **named: Any) -> Fill:
        """Let an execution come; return it as the fact that the rules see."""
        step = the(Traded, self.ledger.apply(an_execution(**named), where()))
        fill = fill_fact(step, Making(where(), Decision(at_execution=market), Hours()))
        return msgspec.structs.replace(fill, uncertain=True)

    def held(self, fact: Fill | OrderOutcome | FeedEvent) -> Held:
        """Return the one thing that the rules find on a fact."""
        (finding,) = self.engine.assess(fact)
        return a_held(finding, fact)

    def known(self) -> Known:
        """Return what memory has."""
        return Known(self.ledger.book("demo"), Hours())

    def look(self, held: Held) -> Look:
        """Return what the second look comes to."""
        return look_again(held, self.engine, self.known(), {})


def a_held(finding: Finding, fact: Fill | OrderOutcome | FeedEvent) -> Held:
    """Return a finding as it is held with its fact."""
    name = {Fill: "fill", OrderOutcome: "outcome", FeedEvent: "event"}[type(fact)]
    return Held(finding=finding, **{name: fact})  # type: ignore[arg-type]


def acknowledged(at: float = 0.0, **named: Any) -> Event:
    """Return the acknowledgement of the order that the tests trade, received so many seconds after noon."""
    return an_order_event(transacted_at=seconds(at), **named)


def test_a_price_that_nothing_bears_on_stands() -> None:
    """Outside the quote is outside the quote."""
    gap = Gap()
    held = gap.held(gap.traded(at_price="10.05"))

    look = gap.look(held)

    assert (held.finding.rule, look) == ("outside_nbbo", Look(Verdict.STANDS, UNCHANGED))


def test_a_busted_execution_withdraws_what_was_found_on_it() -> None:
    """It never happened."""
    gap = Gap()
    held = gap.held(gap.traded(at_price="10.05"))

    gap.came(a_bust())

    assert gap.look(held) == Look(Verdict.WITHDRAWN, "the execution was busted")


def test_a_finding_that_another_scope_would_have_made_is_told_as_that_scope_tells_it() -> None:
    """The venue was corrected: the same distance, and less severe there."""
    gap = Gap("rules: {outside_nbbo: {scopes: [{when: {venue: XBOS}, severity: low}]}}")
    held = gap.held(gap.traded(at_price="10.05"))

    gap.came(a_correction(at_price="10.05", venue="XBOS"))
    look = gap.look(held)

    assert look.verdict is Verdict.CHANGED
    assert look.finding is not None
    assert (held.finding.severity, look.finding.severity) == (Severity.HIGH, Severity.LOW)
    assert (look.finding.thresholds["scope"], "scope" in held.finding.thresholds) == ("venue XBOS", False)


def test_a_corrected_price_is_judged_by_the_quotes_of_the_execution() -> None:
    """Nearer: less harm. At the quote: none. The finding keeps its identity and its time."""
    gap = Gap()
    held = gap.held(gap.traded(at_price="10.05"))

    gap.came(a_correction(at_price="10.02", filled="50"))
    nearer = gap.look(held)
    gap.came(a_correction(refers_to="C1", exec_id="C2", at_price="10.00"))
    within = gap.look(held)

    assert (nearer.verdict, nearer.reason) == (
        Verdict.CHANGED,
        "the execution was corrected to 50 at 10.02 at XNYS",
    )
    assert nearer.finding is not None
    assert (nearer.finding.finding_id, nearer.finding.at) == (held.finding.finding_id, held.finding.at)
    assert (nearer.finding.dollar_harm, held.finding.dollar_harm) == (10**9, 5 * 10**9)
    assert (nearer.finding.uncertain, held.finding.uncertain) == (False, True)
    assert (within.verdict, within.reason) == (
        Verdict.WITHDRAWN,
        "the execution was corrected to 60 at 10.00 at XNYS: it is within the limits",
    )


def test_a_finding_on_a_correction_is_looked_at_through_the_execution_that_it_corrects() -> None:
    """It is busted with it."""
    gap = Gap()
    gap.traded()
    step = the(Corrected, gap.ledger.apply(a_correction(at_price="10.07"), where(offset=2)))
    fill = corrected_fact(step, Making(where(), Decision(at_execution=MARKET), Hours()))
    held = gap.held(msgspec.structs.replace(fill, uncertain=True))
    before = gap.look(held)

    gap.came(a_bust("C1"))

    assert (before.verdict, gap.look(held).verdict) == (Verdict.STANDS, Verdict.WITHDRAWN)


def test_a_wait_is_measured_from_the_receipt_that_came_with_the_resend() -> None:
    """Of a market order, which was known to be one; without its receipt there was no time to measure."""
    gap = Gap()
    then = gap.traded(order_type=OrderType.MARKET, executed=seconds(3))
    assert gap.engine.assess(then) == []

    gap.came(acknowledged(order_type=OrderType.MARKET), receipt=a_quote())
    trade = find_trade(gap.ledger.book("demo"), then)
    assert trade is not None
    now = fill_again(then, trade)

    (late,) = gap.engine.late(then, now)
    assert (late.rule, late.values["time_to_fill_ns"], late.uncertain) == ("slow_fill", length("3 s"), False)
    assert (now.measures.price_improvement, now.uncertain) == (price("0.01"), False)
    assert what_changed(then, now) == "the order's receipt has come"


def test_a_wait_is_no_wait_when_the_order_was_replaced_before() -> None:
    """The replacement that the gap held back is a receipt of its own."""
    gap = Gap()
    gap.came(acknowledged(order_type=OrderType.MARKET), receipt=a_quote())
    held = gap.held(gap.traded(order_type=OrderType.MARKET, executed=seconds(3)))
    assert held.finding.rule == "slow_fill"
    replaced = an_order_event(
        OrderEventKind.REPLACED,
        "R1",
        order_type=OrderType.LIMIT,
        limit_price=price("10.03"),
        transacted_at=seconds(2.5),
    )

    gap.came(replaced, receipt=MARKET)

    look = gap.look(held)
    assert (look.verdict, look.reason) == (
        Verdict.WITHDRAWN,
        "the order's type, limit price changed: it is within the limits",
    )


def test_a_replacement_after_the_execution_is_not_the_order_that_was_executed() -> None:
    """Its receipt would lie behind the execution."""
    gap = Gap()
    gap.came(acknowledged(order_type=OrderType.MARKET), receipt=a_quote())
    held = gap.held(gap.traded(order_type=OrderType.MARKET, executed=seconds(3)))

    gap.came(
        an_order_event(
            OrderEventKind.REPLACED,
            "R1",
            order_type=OrderType.LIMIT,
            limit_price=price("9.00"),
            transacted_at=seconds(60),
        )
    )

    assert gap.look(held) == Look(Verdict.STANDS, UNCHANGED)


def test_a_venue_is_the_customers_choice_when_the_acknowledgement_says_so() -> None:
    """The order was directed: the router did not choose."""
    gap = Gap()
    held = gap.held(gap.traded(venue="XTOX"))

    gap.came(acknowledged(directed=True))

    assert held.finding.rule == "unexpected_venue"
    assert gap.look(held) == Look(
        Verdict.WITHDRAWN, "the order's receipt has come: the rule does not judge it (directed by the customer)"
    )


def test_a_corrected_venue_is_another_book() -> None:
    """What was joined to it by the dialect's table is no longer known."""
    gap = Gap()
    held = gap.held(gap.traded(venue="XTOX"))

    gap.came(a_correction(venue="XBOS", filled="100"))

    look = gap.look(held)
    assert look.verdict is Verdict.CHANGED
    assert look.finding is not None
    assert (look.finding.values["venue"], look.finding.values["book"]) == ("XBOS", "XBOS")


def test_an_execution_that_memory_has_let_go_of_cannot_be_looked_at_again() -> None:
    """It stays uncertain, and says so."""
    gap = Gap()
    held = gap.held(gap.traded(at_price="10.05"))

    gap.ledger.forget("2099-01-01")

    assert gap.look(held) == Look(Verdict.UNRESOLVED, "its execution is no longer in memory")


def test_the_trades_of_another_day_are_not_taken_for_it() -> None:
    """An ExecID may come again every day."""
    gap = Gap()
    gap.came(an_execution(trade_date="2026-11-19"))
    fill = gap.traded()
    book = gap.ledger.book("demo")

    found = find_trade(book, fill)

    assert found is book.days[TRADE_DATE].trades[f"{TRADE_DATE}|E1"]
    assert find_trade(book, msgspec.structs.replace(fill, execution_id="demo/2026-11-20/E9")) is None


def an_end(gap: Gap) -> OrderOutcome:
    """Let an order of 1000 shares, a tenth of it executed, be canceled by the vendor; return how it ended."""
    gap.came(acknowledged(order_type=OrderType.MARKET), receipt=a_quote())
    gap.came(an_execution(order_type=OrderType.MARKET))
    steps = gap.ledger.apply(an_order_event(OrderEventKind.CANCELED, "X1", transacted_at=seconds(1)), where(offset=5))
    return msgspec.structs.replace(the(Ended, steps).outcome, uncertain=True)


def test_an_order_that_was_filled_after_all_withdraws_what_was_said_of_its_end() -> None:
    """The execution was among what was missing."""
    gap = Gap()
    held = gap.held(an_end(gap))
    assert held.finding.rule == "poor_fill"

    gap.came(an_execution("E2", filled="100"))
    more = gap.look(held)
    gap.came(an_execution("E3", filled="800"))

    assert (more.verdict, more.reason) == (Verdict.CHANGED, "200 of 1000 are executed")
    assert gap.look(held) == Look(Verdict.WITHDRAWN, "1000 of 1000 are executed: it is within the limits")


def test_an_order_that_memory_has_let_go_of_cannot_be_looked_at_again() -> None:
    """Nor one that has no outcome, nor one of a level that nobody heard of."""
    gap = Gap()
    end = an_end(gap)
    held = gap.held(end)
    nobody = msgspec.structs.replace(end, order=msgspec.structs.replace(end.order, level="parent"))

    gap.ledger.forget("2099-01-01")

    assert gap.look(held) == Look(Verdict.UNRESOLVED, "its order is no longer in memory")
    assert find_end(gap.known(), nobody) is None


def test_what_became_of_an_end_is_said_in_words() -> None:
    """Shares, the kind of end, the terms."""
    gap = Gap()
    then = an_end(gap)
    now = find_end(gap.known(), then)
    assert now is not None
    otherwise = msgspec.structs.replace(now, end=OrderEnd.DONE_FOR_DAY, executed=shares("1000"))

    assert end_changed(then, now) == UNCHANGED
    assert end_changed(then, otherwise) == "1000 of 1000 are executed and the order ended otherwise (done for day)"


def test_a_rate_is_counted_over_the_orders_it_was_found_on() -> None:
    """With what became known of them, and not with those that came after."""
    gap = Gap(FLOOD)
    ends = [_unfilled(gap, n) for n in range(5)]
    found = [finding for end in ends for finding in gap.engine.assess(end) if finding.rule == "fill_rate_drop"]
    rows = gap.engine.rows("fill_rate_drop", ends[-1])
    held = Held(finding=found[0], outcome=ends[-1], rows=rows)
    assert gap.look(held) == Look(Verdict.STANDS, UNCHANGED)

    gap.came(an_execution("late", order_key="O1", venue="XNYS"))
    now = find_end(gap.known(), ends[1])
    assert now is not None
    moved = gap.engine.amend([(ends[1], now)], NOON)
    look = look_again(held, gap.engine, gap.known(), moved)

    assert (look.verdict, look.reason) == (Verdict.CHANGED, "its orders were counted anew")
    assert look.finding is not None
    assert (look.finding.values["filled_count"], look.finding.values["orders_count"]) == (1, 5)
    crowded = msgspec.structs.replace(held, rows=None)
    assert look_again(crowded, gap.engine, gap.known(), moved).verdict is Verdict.UNRESOLVED


def _unfilled(gap: Gap, n: int) -> OrderOutcome:
    """Let the n-th order end unfilled, n seconds after noon."""
    named: dict[str, Any] = {"order_key": f"O{n}", "order_type": OrderType.MARKET}
    gap.came(an_order_event(exec_id=f"N{n}", venue="XNYS", **named), receipt=a_quote())
    at = Nanos(NOON + n * SECOND)
    steps = gap.ledger.apply(
        an_order_event(OrderEventKind.EXPIRED, f"X{n}", transacted_at=at, **named), where(offset=n + 1, clock=at)
    )
    return the(Ended, steps).outcome


def an_overfill(gap: Gap) -> FeedEvent:
    """Let an order of 1000 shares be executed for 1100; return what the watch says of it."""
    gap.came(an_execution(filled="1000"))
    step = the(Overfilled, gap.ledger.apply(an_execution("E2"), where(offset=2)))
    event = feed_event(step, None, where(offset=2), TRADE_DATE)
    assert event is not None
    return msgspec.structs.replace(event, uncertain=True)


def test_an_overfill_is_cured_by_the_bust_or_the_replace_that_the_gap_held() -> None:
    """Fewer shares are live, or more were ordered."""
    busted, replaced = Gap(), Gap()
    first, second = busted.held(an_overfill(busted)), replaced.held(an_overfill(replaced))
    assert busted.look(first) == Look(Verdict.STANDS, UNCHANGED)

    busted.came(a_bust("E2"))
    replaced.came(an_order_event(OrderEventKind.REPLACED, "R1", quantity=shares("2000")))

    assert busted.look(first) == Look(Verdict.WITHDRAWN, "1000 of 1000 are executed")
    assert replaced.look(second) == Look(Verdict.WITHDRAWN, "1100 of 2000 are executed")


def test_an_overfill_that_grew_is_told_with_its_figures_now() -> None:
    """More came in the gap; and what has no quantity cannot be overfilled."""
    gap = Gap()
    held = gap.held(an_overfill(gap))

    gap.came(an_execution("E3"))
    grown = gap.look(held)
    trade = find_trade_named(gap, "E2")
    trade.life.order = msgspec.structs.replace(trade.life.order, quantity=None)

    assert (grown.verdict, grown.reason) == (Verdict.CHANGED, "more of the order became known")
    assert grown.finding is not None
    assert grown.finding.values["executed_shares"] == shares("1200")
    assert gap.look(held) == Look(Verdict.WITHDRAWN, "1200 of an unknown quantity are executed")
    gap.ledger.forget("2099-01-01")
    assert gap.look(held).verdict is Verdict.UNRESOLVED


def find_trade_named(gap: Gap, exec_id: str) -> Any:
    """Return a trade of the day."""
    return gap.ledger.book("demo").days[TRADE_DATE].trades[f"{TRADE_DATE}|{exec_id}"]


def test_an_orphan_is_one_until_its_execution_comes() -> None:
    """The gap held it."""
    gap = Gap()
    gap.came(a_bust("E7"))
    overdue = gap.ledger.tick(Nanos(NOON + 10**15))
    event = feed_event(the(OrphanOverdue, overdue), None, where(offset=3), TRADE_DATE)
    assert event is not None
    held = gap.held(msgspec.structs.replace(event, uncertain=True))
    before = gap.look(held)

    gap.came(an_execution("E7"))

    assert (held.finding.rule, before) == ("orphan_bust", Look(Verdict.STANDS, "its execution has not come"))
    assert gap.look(held) == Look(Verdict.WITHDRAWN, "its execution has come")


def an_event(gap: Gap, event: Event) -> FeedEvent:
    """Apply an event; return what the watch says of it."""
    place = where(offset=4)
    said = [feed_event(step, event, place, TRADE_DATE) for step in gap.ledger.apply(event, place)]
    (one,) = [each for each in said if each is not None]
    return msgspec.structs.replace(one, uncertain=True)


def test_a_conflict_stands_whatever_comes() -> None:
    """The first content is kept."""
    gap = Gap()
    gap.came(an_execution())
    held = gap.held(an_event(gap, an_execution(filled="7")))

    assert (held.finding.rule, gap.look(held)) == ("duplicate_conflict", Look(Verdict.STANDS, UNCHANGED))


def test_a_hidden_fill_stands_until_it_is_busted() -> None:
    """Then nothing was hidden."""
    gap = Gap()
    held = gap.held(an_event(gap, an_execution(order_event=OrderEventKind.CANCELED)))
    before = gap.look(held)

    gap.came(a_bust())

    assert (before, gap.look(held)) == (
        Look(Verdict.STANDS, UNCHANGED),
        Look(Verdict.WITHDRAWN, "the execution was busted"),
    )


@pytest.mark.parametrize("event", [None, FeedEventKind.SILENT])
def test_what_nothing_is_known_about_stays_as_it_is(event: FeedEventKind | None) -> None:
    """A finding on another kind of fact, and one on another kind of event."""
    gap = Gap()
    held = gap.held(gap.traded(at_price="10.05"))
    told = None if event is None else msgspec.structs.replace(an_overfill(Gap()), kind=event)

    look = gap.look(Held(finding=held.finding, event=told))

    assert look == Look(Verdict.UNRESOLVED, "nothing tells how what came bears on it")
    assert a_change().uncertain is False


def test_another_rulebook_leaves_it_open() -> None:
    """By which limits would it be judged?"""
    gap = Gap()
    held = gap.held(gap.traded(at_price="10.05"))

    gap.engine.adopt(parse_rulebook("rules: {outside_nbbo: {enabled: false}}"), {})

    assert gap.look(held) == Look(Verdict.UNRESOLVED, "the rule or its limits have changed since")


def test_a_stamp_that_was_believed_is_suspected_when_the_receipt_lies_behind_it() -> None:
    """And a suspicion of another kind stays."""
    gap = Gap()
    fill = gap.traded()
    said_so = msgspec.structs.replace(fill, clock_suspect="52 is nonsense")
    gap.came(acknowledged(at=9))
    trade = find_trade(gap.ledger.book("demo"), fill)
    assert trade is not None

    early, nonsense = fill_again(fill, trade), fill_again(said_so, trade)

    assert early.clock_suspect == "executed 9000000000 ns before the order could be executed"
    assert early.measures.time_to_fill is None
    assert nonsense.clock_suspect == "52 is nonsense"


def test_an_order_without_an_answer_is_answered_by_what_the_gap_held() -> None:
    """And it is no longer known when memory has let go of it."""
    gap = Gap()
    book = gap.ledger.book("demo")
    order = an_overfill(gap)
    event = msgspec.structs.replace(order, kind=FeedEventKind.UNANSWERED_ORDER, subject="C1")
    held = gap.held(event)
    unknown = gap.look(held)
    book.firm = FirmShelf(level=Level.CHILD)
    nothing = gap.look(held)
    life = find_trade_named(gap, "E1").life
    book.firm.by_id["C1"] = life
    life.firm = Firm(own_id="C1")
    silent = gap.look(held)

    life.firm.answered = True

    assert held.finding.rule == "unanswered_order"
    assert unknown == nothing == Look(Verdict.UNRESOLVED, "its order is no longer in memory")
    assert silent == Look(Verdict.STANDS, "no answer has come")
    assert gap.look(held) == Look(Verdict.WITHDRAWN, "the answer has come")


def test_a_pending_order_is_answered_by_what_the_gap_held() -> None:
    """An execution says that it was taken; until then no answer has come."""
    gap = Gap()
    gap.came(an_order_event(OrderEventKind.PENDING_NEW, "P1"))
    (told,) = gap.ledger.tick(NOON)
    event = feed_event(told, None, where(), TRADE_DATE)
    assert event is not None
    held = gap.held(event)
    silent = gap.look(held)

    gap.came(an_execution())

    assert held.finding.rule == "unanswered_order"
    assert silent == Look(Verdict.STANDS, "no answer has come")
    assert gap.look(held) == Look(Verdict.WITHDRAWN, "the answer has come")


def test_what_a_rule_found_on_a_window_of_executions_is_counted_anew() -> None:
    """As it was when nothing came of them; without the one that was busted; less what was corrected."""
    gap = Gap(SPREADS)
    fills = [_paid(gap, f"E{n}", "10.05") for n in range(3)]
    found = [one for fill in fills for one in gap.engine.assess(fill)]
    (finding,) = (one for one in found if one.rule == "wide_effective_spread" and one.sample_count == 3)
    last = fills[-1]
    held = Held(finding=finding, fill=last, rows=gap.engine.rows(finding.rule, last))
    assert gap.look(held) == Look(Verdict.STANDS, UNCHANGED)

    gap.came(a_bust(refers_to="E0"), a_correction(refers_to="E1", at_price="10.02", filled="100"))
    book = gap.ledger.book("demo")
    pairs = []
    for then in fills:
        trade = find_trade(book, then)
        assert trade is not None
        pairs.append((then, fill_again(then, trade) if trade.quantity else None))
    look = look_again(held, gap.engine, gap.known(), gap.engine.amend(pairs, Nanos(NOON + SECOND)))

    assert (look.verdict, look.reason) == (Verdict.CHANGED, "its executions were counted anew")
    assert look.finding is not None
    assert (look.finding.sample_count, held.finding.sample_count) == (2, 3)
    # 10.02 and 10.05 on 9.98 / 10.00: (0.06 + 0.12) / (0.02 + 0.02)
    assert look.finding.values["effective_over_quoted_ratio_ppm"] == 4_500_000


SPREADS = "rules: {wide_effective_spread: {parameters: {minimum: 2, repeat_after: 1}}}"


def _paid(gap: Gap, name: str, paid: str) -> Fill:
    """Return a purchase by a market order, at the quote of its execution and dearer than that of its receipt."""
    order = {"order_key": f"O-{name}", "order_type": OrderType.MARKET}
    gap.came(acknowledged(-1, exec_id=f"N-{name}", **order), receipt=MARKET)
    at = a_quote(bid="9.98", offer=paid)
    return gap.traded(at, exec_id=name, at_price=paid, transacted_at=seconds(int(name[1:])), **order)


@pytest.mark.parametrize("gone", [False, True])
def test_what_a_rule_found_on_a_window_of_marks_is_counted_without_those_of_busts(gone: bool) -> None:  # noqa: FBT001
    """Nothing came: it stands. Its execution was busted: there is not enough left."""
    gap = Gap("rules: {adverse_reversion: {parameters: {minimum: 2, repeat_after: 1, adverse_at_least: 0 %}}}")
    marks = [
        a_markout(execution_id=f"E{n}", executed_at=NOON + n, horizon="1 s", bid="9.90", offer="9.92", uncertain=True)
        for n in range(2)
    ]
    (finding,) = (one for mark in marks for one in gap.engine.assess(mark))
    held = Held(finding=finding, mark=marks[1], rows=gap.engine.rows(finding.rule, marks[1]))

    moved = gap.engine.take_out(Trade("E0", TRADE_DATE, NOON, corrected=False), []) if gone else {}
    look = look_again(held, gap.engine, gap.known(), moved)

    few = "its executions were counted anew: the rule does not judge it (not enough data)"
    assert finding.uncertain
    assert look == (Look(Verdict.WITHDRAWN, few) if gone else Look(Verdict.STANDS, UNCHANGED))


def test_what_a_rule_found_on_fades_stands() -> None:
    """No message that comes changes a quote."""
    gap = Gap("rules: {quote_fade: {parameters: {minimum: 10, repeat_after: 100}}}")
    fades = [a_fade(parent_id=f"P{n}", later_at=NOON + SECOND + n, offer="10.03", uncertain=True) for n in range(10)]
    (finding,) = (one for fade in fades for one in gap.engine.assess(fade))
    held = Held(finding=finding, fade=fades[9], rows=gap.engine.rows(finding.rule, fades[9]))

    assert gap.look(held) == Look(Verdict.STANDS, UNCHANGED)
