"""The firm's own orders on the road: what a second source shows that execution reports alone cannot."""

from __future__ import annotations

import msgspec

from rules.facts import FeedEventKind, OrderEnd
from service.journal import Frame
from service.orders.silence import NEVER_SEEN, NO_END
from service.passing import PassingStore
from service.processed import Processed
from service.versions import Version, VersionKind
from tests.factories import price, shares
from tests.factories_own import (
    CALENDAR,
    DAY,
    OMS,
    OMS_SESSION,
    OVER,
    OWN_DIALECT,
    a_cancel,
    a_day,
    a_fill,
    a_replace,
    an_ack,
    an_event,
    an_own,
    ends,
    later,
    said,
    story,
    the_event,
    the_journal,
)
from tests.factories_road import PARTY, a_pipeline, a_tick, at, go_on, quote_at, stamp
from tests.fakes_store import FakeStore

UNANSWERED, ANSWERED = FeedEventKind.UNANSWERED_ORDER, FeedEventKind.ANSWERED_ORDER
UNREPORTED, UNKNOWN = FeedEventKind.UNREPORTED_ORDER, FeedEventKind.UNKNOWN_ORDER


def test_a_fills_only_copy_has_a_true_fill_rate() -> None:
    """What was never filled is in the denominator, although the copy never named it."""
    done = a_day(
        *[an_own(number, number, f"C{number}") for number in (1, 2, 3)],
        a_fill(1, 4, "O1", "C1"),
    )

    assert {key: (end.executed, end.ordered, end.end) for key, end in ends(done).items()} == {
        "O1": (shares("100"), shares("100"), OrderEnd.FILLED),
        "C2": (0, shares("100"), OrderEnd.CLOSE),
        "C3": (0, shares("100"), OrderEnd.CLOSE),
    }
    assert [outcome.synthesised for outcome in done.order_outcomes] == [False, True, True]
    assert said(done, UNANSWERED, UNREPORTED, UNKNOWN) == []


def test_an_order_that_was_never_filled_is_judged_by_the_quote_at_the_firm() -> None:
    """Its population follows from the firm's own receipt: it was marketable, and got nothing."""
    done = a_day(an_own(1, 2, "C1", _44="189.00"), a_fill(1, 4, "O9", "C9"))

    outcome = ends(done)["C1"]
    assert outcome.order.firm_received_at == at(2)
    assert outcome.order.receipt == quote_at(at(2))
    assert (outcome.order.marketable, outcome.order.received_at, outcome.executed) == (True, None, 0)


def test_the_receipt_is_the_firm_s_and_the_clock_of_the_fill_the_vendor_s() -> None:
    """Price improvement is measured against the quote at the firm; time to fill never mixes two clocks."""
    done = story(an_own(1, 1, "C1"), an_ack(1, 2, "O1", "C1"), a_fill(2, 3, "O1", "C1"))

    (fill,) = (made.fill for made in done.fills)
    assert (fill.order.firm_received_at, fill.order.received_at) == (at(1), at(2))
    assert fill.order.receipt == quote_at(at(1))
    assert fill.measures.time_to_fill == 1_000_000_000
    assert (fill.order.account, fill.order.order_key) == ("ACC-9", "O1")


def test_a_fills_only_copy_has_no_time_to_fill() -> None:
    """The firm's clock and the vendor's are two."""
    done = story(an_own(1, 1, "C1"), a_fill(1, 3, "O1", "C1"))

    (fill,) = (made.fill for made in done.fills)
    assert fill.order.receipt == quote_at(at(1))
    assert (fill.measures.time_to_fill, fill.order.working_at) == (None, None)
    assert fill.measures.price_improvement is not None


def test_an_order_that_the_vendor_never_acknowledges_is_told_on_a_dead_line() -> None:
    """The core announces when; a tick does it; the answer that comes late is told too."""
    journal = the_journal([an_own(1, 1, "C1"), an_own(2, 3, "C2"), an_ack(1, 4, "O2", "C2")])
    store = FakeStore()
    pipeline = a_pipeline(journal, store)
    go_on(pipeline)

    assert pipeline.core.deadline() == at(6.005)
    journal.append(Frame(entries=(a_tick(6.005),)))
    go_on(pipeline)
    assert said(store.recorded, UNANSWERED) == [(UNANSWERED, "C1")]
    journal.append(Frame(entries=(an_ack(2, 8, "O1", "C1"), a_tick(60))))
    go_on(pipeline)

    assert said(store.recorded, UNANSWERED, ANSWERED) == [(UNANSWERED, "C1"), (ANSWERED, "C1")]
    event = the_event(store.recorded, UNANSWERED)
    assert (event.counterparty, event.session, event.at) == (PARTY, OMS_SESSION, at(6.005))
    assert event.related == (done_offset(store, "C1"),)
    assert [(one.rule, one.subject) for one in store.recorded.findings] == [
        ("unanswered_order", "C1"),
        ("slow_ack", "O1"),
    ]


def done_offset(store: FakeStore, own_id: str) -> int:
    """Return where the firm's own record of the order stands in the journal."""
    (found,) = (row.offset for row in store.recorded.own_orders if row.own.ids.order_key == own_id)
    return found


def test_what_the_vendor_dropped_is_told_when_the_day_is_over() -> None:
    """One was never named, one accepted and never ended, one filled, one canceled."""
    done = a_day(
        *[an_own(number, number, f"C{number}") for number in (1, 2, 3, 4)],
        *[an_ack(number - 1, 4 + number / 10, f"O{number}", f"C{number}") for number in (2, 3, 4)],
        a_fill(4, 5, "O3", "C3"),
        an_event(5, 5.1, "O4", "C4", "4"),
    )

    assert said(done, UNREPORTED, UNKNOWN) == [(UNREPORTED, "C1"), (UNREPORTED, "C2")]
    assert [event.detail["why"] for event in done.feed_events if event.kind is UNREPORTED] == [NEVER_SEEN, NO_END]
    assert {event.trade_date for event in done.feed_events if event.kind is UNREPORTED} == {"2013-10-07"}


def test_what_was_filled_elsewhere_is_known_from_neither_side() -> None:
    """We never sent what the vendor reports, and he never reports what we sent."""
    done = a_day(
        an_own(1, 1, "C1"),
        an_own(2, 2, "C2"),
        an_ack(1, 3, "O1", "C1"),
        a_fill(2, 4, "O1", "C1"),
        an_ack(3, 5, "O7", "C7"),
        a_fill(4, 6, "O7", "C7"),
    )

    assert said(done, UNREPORTED, UNKNOWN) == [(UNREPORTED, "C2"), (UNKNOWN, "O7")]


def test_nothing_is_unknown_on_a_day_without_own_orders() -> None:
    """A copy that has not come yet, as a file at night, is no false alarm."""
    done = a_day(an_ack(1, 5, "O7", "C7"), a_fill(2, 6, "O7", "C7"))

    assert said(done, UNKNOWN) == []


def test_nothing_is_unknown_while_the_firm_s_own_copy_has_a_gap() -> None:
    """What is missing there may be the very order."""
    done = a_day(an_own(1, 1, "C1"), an_own(4, 2, "C2"), an_ack(1, 3, "O1", "C1"), an_ack(2, 5, "O7", "C7"))

    assert said(done, UNKNOWN) == []


def test_nothing_is_unreported_while_the_vendor_s_copy_has_a_gap() -> None:
    """The gap says it; the next close judges."""
    entries = [an_own(1, 1, "C1"), an_ack(1, 3, "O1", "C1"), an_ack(4, 5, "O7", "C7")]

    assert said(a_day(*entries), UNREPORTED) == []
    tomorrow = a_fill(2, DAY + 1, "O8", "C8"), a_fill(3, DAY + 1, "O9", "C9"), a_tick(DAY + OVER)
    assert said(story(*entries, a_tick(OVER), *tomorrow, calendar=CALENDAR), UNREPORTED) == [(UNREPORTED, "C1")]


def test_the_copies_may_come_in_either_order() -> None:
    """The end is the same: whose it is, its receipt, its terms, its shares."""
    ours = an_own(1, 1, "C1", _38=300, _18="5")
    theirs = [an_ack(1, 1.5, "O1", "C1", _38=300, _1="VENDOR"), a_fill(2, 3, "O1", "C1", 100, _38=300, _1="VENDOR")]
    late = a_fill(3, 9, "O1", "C1", 200, _38=300)

    first = story(ours, *theirs, late)
    last = story(*theirs, later(ours, 8), late)

    assert first.fills[-1].fill.order == last.fills[-1].fill.order
    assert first.fills[-1].fill.order.account == "ACC-9"
    assert ends(first)["O1"].order == ends(last)["O1"].order
    assert said(last, UNANSWERED, ANSWERED, UNKNOWN) == []


def test_an_order_that_ended_before_our_copy_came_is_stated_anew() -> None:
    """With the firm's word in it; it is counted once."""
    done = story(an_ack(1, 1.5, "O1", "C1"), a_fill(2, 3, "O1", "C1"), later(an_own(1, 1, "C1"), 5))

    assert [outcome.order.account for outcome in done.order_outcomes] == [None, "ACC-9"]
    assert len({outcome.order.order_key for outcome in done.order_outcomes}) == 1


def test_a_replace_takes_effect_when_the_vendor_confirms_it() -> None:
    """Not before; then with the quote at the firm's receipt of the replace."""
    done = story(
        an_own(1, 1, "C1"),
        an_ack(1, 2, "O1", "C1"),
        a_replace(2, 3, "C2", "C1", _44="182.50", _38=300),
        a_fill(2, 4, "O1", "C1", 50, _44=None, _38=None),
        an_event(3, 5, "O1", "C2", "5", _41="C1", _44=None, _38=None),
        a_fill(4, 6, "O1", "C2", 250, _44=None, _38=None),
        a_tick(60),
    )

    before, after = (made.fill.order for made in done.fills)
    assert (before.limit_price, before.quantity, before.firm_received_at) == (price("181.96"), shares("100"), at(1))
    assert (after.limit_price, after.quantity, after.firm_received_at) == (price("182.50"), shares("300"), at(3))
    assert (after.receipt, after.received_at) == (quote_at(at(3)), at(5))
    assert ends(done)["O1"].end is OrderEnd.FILLED
    assert len(done.order_outcomes) == 1


def test_a_fill_under_the_new_id_confirms_a_replace() -> None:
    """Where the copy is silent about replaces."""
    done = story(
        an_own(1, 1, "C1"),
        a_replace(2, 3, "C2", "C1", _44="182.50", _38=300),
        a_replace(3, 3.5, "C3", "C2", _38=200),
        a_fill(1, 6, "O1", "C3", 200, _44=None, _38=None),
    )

    (made,) = done.fills
    assert (made.fill.order.limit_price, made.fill.order.quantity) == (price("181.96"), shares("200"))
    assert ends(done)["O1"].end is OrderEnd.FILLED


def test_a_confirmation_may_come_before_our_copy_of_the_replace() -> None:
    """The receipt becomes the firm's all the same."""
    entries = [
        an_own(1, 1, "C1"),
        an_ack(1, 2, "O1", "C1"),
        an_event(2, 5, "O1", "C2", "5", _41="C1", _44="182.50", _38=300),
        later(a_replace(2, 3, "C2", "C1", _44="182.50", _38=300), 5.5),
        a_fill(3, 6, "O1", "C2", 300, _44=None, _38=None),
    ]

    (made,) = story(*entries).fills

    assert (made.fill.order.firm_received_at, made.fill.order.receipt) == (at(3), quote_at(at(3)))


def test_a_replace_that_the_vendor_made_alone_has_no_receipt_at_the_firm() -> None:
    """It says which receipt was used: the vendor's."""
    done = story(
        an_own(1, 1, "C1"),
        an_event(1, 5, "O1", "C2", "5", _41="C1", _44="182.50"),
        a_fill(2, 6, "O1", "C2", _44=None),
    )

    (made,) = done.fills
    assert (made.fill.order.firm_received_at, made.fill.order.receipt) == (None, quote_at(at(5)))


def test_a_cancel_that_the_firm_asked_for_is_the_customer_s() -> None:
    """The vendor's report need not say so, and may come before our copy of the request."""
    asked = a_cancel(2, 3, "C2", "C1")
    before = [an_own(1, 1, "C1"), an_ack(1, 2, "O1", "C1")]
    canceled = an_event(2, 4, "O1", "C1", "4")

    assert ends(story(*before, asked, canceled))["O1"].end is OrderEnd.CANCELED_BY_CUSTOMER
    assert ends(story(*before, canceled, asked))["O1"].end is OrderEnd.CANCELED_BY_CUSTOMER
    assert ends(story(*before, canceled))["O1"].end is OrderEnd.CANCELED


def test_a_fills_only_copy_ends_a_canceled_order_at_the_close() -> None:
    """Synthesised, and the customer's; also of an order for several days."""
    done = a_day(
        an_own(1, 1, "C1"),
        an_own(2, 2, "C2", _59="1"),
        an_own(3, 3, "C3", _59="1"),
        a_fill(1, 4, "O1", "C1", 40),
        a_cancel(4, 5, "C4", "C1"),
        a_cancel(5, 6, "C5", "C2"),
    )

    assert {key: (end.end, end.executed, end.synthesised) for key, end in ends(done).items()} == {
        "O1": (OrderEnd.CANCELED_BY_CUSTOMER, shares("40"), True),
        "C2": (OrderEnd.CANCELED_BY_CUSTOMER, 0, True),
    }
    assert said(done, UNREPORTED) == []


def test_a_request_may_come_before_the_order_that_it_is_about() -> None:
    """It is held until that one comes."""
    done = story(later(a_cancel(2, 3, "C2", "C1"), 4), later(an_own(1, 1, "C1"), 5), an_event(1, 6, "O1", "C1", "4"))

    assert [row.order_key for row in done.own_orders] == [None, "C1"]
    assert ends(done)["O1"].end is OrderEnd.CANCELED_BY_CUSTOMER


def test_a_copy_of_an_own_order_is_a_duplicate_and_another_content_a_conflict() -> None:
    """Also on the day after, when memory has let go of it."""
    ours = an_own(1, 1, "C1")
    done = story(
        ours, an_own(2, 1, "C1", _43="Y"), an_own(3, 2, "C1", _38=700, _60=stamp(1)), a_tick(DAY), later(ours, DAY + 1)
    )

    assert [outcome.outcome for outcome in done.outcomes] == ["own_order", "duplicate", "duplicate", "duplicate"]
    assert len(done.own_orders) == 1
    conflict = the_event(done, FeedEventKind.DUPLICATE_CONFLICT)
    assert (conflict.counterparty, conflict.detail["order_key"]) == (OMS, "C1")


def test_an_own_order_to_nobody_here_is_undecodable() -> None:
    """It is counted and seen, not lost."""
    own = story(an_own(1, 1, "C1"), own=OWN_DIALECT.replace(PARTY, "nobody"))

    assert [(one.outcome, one.reason) for one in own.outcomes] == [
        ("undecodable", "the order was sent to nobody: no dialect of such a counterparty is in force")
    ]


def test_a_new_order_may_have_the_id_of_one_that_ended_on_another_day() -> None:
    """ClOrdIDs are the day's."""
    done = story(
        an_own(1, 1, "C1"),
        a_fill(1, 2, "O1", "C1"),
        a_tick(OVER),
        an_own(2, DAY + 1, "C1"),
        a_fill(2, DAY + 2, "O2", "C1", 50),
        a_tick(DAY + OVER),
        calendar=CALENDAR,
    )

    assert {key: (end.trade_date, end.executed) for key, end in ends(done).items()} == {
        "O1": ("2013-10-07", shares("100")),
        "O2": ("2013-10-08", shares("50")),
    }


def test_class_shares_may_be_written_differently_by_each() -> None:
    """An id and a side that agree are one order."""
    done = story(an_own(1, 1, "C1", _55="BRK.B"), a_fill(1, 2, "O1", "C1", _55="BRK B"))

    (made,) = done.fills
    assert made.fill.order.firm_received_at == at(1)


def test_an_id_that_the_other_copy_uses_for_another_side_is_another_order() -> None:
    """Nothing is merged by an id alone."""
    done = a_day(
        an_own(1, 1, "C1"), an_own(2, 1, "C2", _55="MSFT"), an_ack(1, 2, "O1", "C1", _54="2"), an_ack(2, 2, "O2", "C2")
    )

    assert said(done, UNREPORTED, UNKNOWN) == [(UNREPORTED, "C1"), (UNREPORTED, "C2"), (UNKNOWN, "O1"), (UNKNOWN, "O2")]


def test_a_pending_replace_confirms_nothing() -> None:
    """The vendor has heard of it; the terms are still the old ones."""
    pending = an_event(2, 4, "O1", "C2", "E", _41="C1", _44=None, _38=None)
    confirmed = an_event(3, 5, "O1", "C2", "5", _41="C1", _44=None, _38=None)
    before = [an_own(1, 1, "C1"), an_ack(1, 2, "O1", "C1")]
    ours = a_replace(2, 3, "C2", "C1", _44="182.50")
    fill = a_fill(4, 6, "O1", "C2", _44=None, _38=None)

    assert limits(story(*before, ours, pending)) == ["181.96", "181.96"]
    assert limits(story(*before, ours, pending, confirmed, fill)) == ["181.96", "181.96", "182.50", "182.50"]
    assert limits(story(*before, pending, ours, confirmed, fill)) == ["181.96", "181.96", "182.50", "182.50"]


def limits(done: Processed) -> list[str]:
    """Return the limit price of the order after each order event and fill."""
    orders = [made.changed.order for made in done.order_events] + [made.fill.order for made in done.fills]
    return [f"{(order.limit_price or 0) / 1_000_000_000:.2f}" for order in orders]


def test_a_replace_of_the_quantity_alone_changes_no_receipt() -> None:
    """Whichever copy comes first; a request that does not name the symbol finds its quote all the same."""
    first = [an_own(1, 1, "C1"), an_ack(1, 2, "O1", "C1")]
    ours = a_replace(2, 3, "C2", "C1", _44=None, _38=50, _55=None, _54=None)
    confirmed = an_event(2, 4, "O1", "C2", "5", _41="C1", _44=None, _38=50)
    fill = a_fill(3, 6, "O1", "C2", 50, _44=None, _38=None)

    for entries in ((*first, ours, confirmed, fill), (*first, confirmed, later(ours, 4.5), fill)):
        done = story(*entries)
        (made,) = done.fills
        assert (made.fill.order.quantity, made.fill.order.firm_received_at) == (shares("50"), at(1))
        assert [row.decision.at_receipt for row in done.own_orders] == [quote_at(at(1)), quote_at(at(3))]


def test_a_replace_without_any_stamp_leaves_the_receipt_to_the_vendor() -> None:
    """It says which receipt was used."""
    ours = a_replace(2, 3, "C2", "C1", _44="182.50", _60=None, _52=None)
    confirmed = an_event(2, 4, "O1", "C2", "5", _41="C1", _44="182.50")

    done = story(an_own(1, 1, "C1"), an_ack(1, 2, "O1", "C1"), ours, confirmed, a_fill(3, 6, "O1", "C2", _44=None))

    (made,) = done.fills
    assert (made.fill.order.firm_received_at, made.fill.order.receipt) == (None, quote_at(at(4)))


def test_an_order_without_any_stamp_is_received_by_the_vendor() -> None:
    """The denominators are there; the receipt is the vendor's."""
    done = story(an_own(1, 1, "C1", _52=None, _60=None), an_ack(1, 2, "O1", "C1"), a_fill(2, 3, "O1", "C1"))

    (made,) = done.fills
    assert (made.fill.order.firm_received_at, made.fill.order.receipt) == (None, quote_at(at(2)))


def test_a_request_about_nothing_that_is_known_is_kept_by_itself() -> None:
    """Its order never came; it changes nothing, and is gone with its day."""
    done = story(
        a_replace(1, 1, "C2", "C1", _55=None),
        a_tick(OVER),
        a_fill(1, DAY + 1, "O9", "C9"),
        a_tick(DAY + OVER),
        calendar=CALENDAR,
    )

    assert [(row.own.ids.previous_key, row.order_key) for row in done.own_orders] == [("C1", None)]
    assert done.own_orders[0].decision.at_receipt is None


def test_a_dialect_put_in_force_anew_forgets_no_own_order() -> None:
    """The level may be another; the orders are the same."""
    version = Version(kind=VersionKind.DIALECT, name=OMS, text=OWN_DIALECT + "\n")
    again = msgspec.structs.replace(version.entry(at(2)), received_at=at(2))

    done = story(an_own(1, 1, "C1"), again, a_fill(1, 3, "O1", "C1"))

    assert ends(done)["O1"].order.firm_received_at == at(1)


def test_a_cancel_without_an_order_of_ours_is_remembered_for_the_vendor_s() -> None:
    """Our copy began in the middle of the day."""
    done = a_day(
        an_ack(1, 2, "O1", "C1"),
        an_own(1, 2.5, "C9"),
        a_cancel(2, 3, "C2", "C1"),
        an_event(2, 4, "O1", "C2", "4"),
        an_ack(3, 5, "O9", "C9"),
        a_fill(4, 6, "O9", "C9"),
    )

    assert ends(done)["O1"].end is OrderEnd.CANCELED_BY_CUSTOMER
    assert said(done, UNKNOWN, UNREPORTED) == [(UNKNOWN, "O1")]


def test_a_replay_that_is_recorded_nowhere_knows_a_copy_of_the_day_before() -> None:
    """Its passing store keeps the keys of own orders too."""
    ours = an_own(1, 1, "C1")
    journal = the_journal([ours, a_tick(DAY), an_own(2, DAY + 1, "C2"), a_tick(2 * DAY), later(ours, 2 * DAY + 1)])
    pipeline = a_pipeline(journal, PassingStore(), batch=1)
    outcomes = [
        outcome.outcome
        for _ in journal.records
        if (turn := pipeline.turn(at(0))).processed is not None
        for outcome in turn.processed.outcomes
    ]

    assert outcomes == ["own_order", "own_order", "duplicate"]


def test_an_answer_after_the_close_relieves_too() -> None:
    """An order that was told as unreported was late, not lost."""
    done = story(
        an_own(1, OVER - 62, "C1"),
        a_tick(OVER - 59),
        later(an_ack(1, 2, "O1", "C1"), OVER + 60),
        calendar=CALENDAR,
    )

    assert said(done, UNREPORTED, UNANSWERED, ANSWERED) == [(UNREPORTED, "C1"), (ANSWERED, "C1")]
