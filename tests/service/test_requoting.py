"""Quotes that came late: what was judged by others is judged again, and no fact is changed."""

from __future__ import annotations

import pytest

from rules.facts import FeedEventKind, OrderType, QuoteState
from rules.reassessment import Verdict, standing
from service.journal import Entry, RecordKind
from service.processed import Decision, Processed, RequotedKind
from service.requote import Requote, quote_words, received_by, requote_entry
from tests.factories import a_quote, price
from tests.factories import an_order as order_of
from tests.factories_own import CALENDAR, a_fill, a_replace, an_ack, an_event, an_own, with_own
from tests.factories_requote import (
    FIRST,
    LOW,
    WIDE,
    a_market,
    a_requote,
    found,
    looks,
    stated,
    verdicts,
)
from tests.factories_road import (
    a_bust,
    a_correction,
    a_journal,
    a_report,
    a_tick,
    a_trade,
    an_order,
    at,
    quote_at,
    run,
    stamp,
    versions,
)

DEAR, FAIR = "290.00", "181.95"


def story(*entries: Entry, rulebook: str = "") -> Processed:
    """Run the entries; return all that they came to."""
    return run(a_journal(entries, versions(rulebook=rulebook)))


def test_a_finding_is_withdrawn_when_the_quote_that_came_late_covers_the_price() -> None:
    """The execution was within the market after all; the first evaluation stays as it was made."""
    made = story(an_order(1, 0, "O1"), a_trade(2, 1, "O1", "E1", _31=DEAR), a_requote(1, 3, execution=WIDE))

    assert found(made) == ["E1"]
    assert verdicts(made) == [("E1", Verdict.WITHDRAWN)]
    (look,) = looks(made)
    assert look.missing == "the quote at execution"
    was = made.fills[0].fill.at_execution
    assert look.reason == (
        f"the quote at execution is 100.00 × 300.00 and was {quote_words(was)}: it is within the limits"
    )
    assert was == quote_at(at(1))
    assert [(row.execution, row.measures.outside_amount) for row in stated(made) if row.measures] == [(WIDE, 0)]


def test_a_finding_appears_when_the_quote_that_came_late_does_not_cover_the_price() -> None:
    """Its offset is the record's that brought it about; the message behind it is still the execution's."""
    made = story(an_order(1, 0, "O1"), a_trade(2, 1, "O1", "E1", _31="181.80"), a_requote(1, 3, execution=LOW))

    (finding,) = (one for one in made.findings if one.rule == "outside_nbbo")
    assert finding.offset == FIRST + 2
    assert finding.related == (FIRST + 1,)
    assert finding.at == at(1)
    assert looks(made) == []


def test_a_finding_whose_numbers_are_others_is_changed() -> None:
    """It keeps its identity, its event time and its message."""
    made = story(
        an_order(1, 0, "O1"),
        a_trade(2, 1, "O1", "E1", _31=DEAR),
        a_requote(1, 3, execution=a_market("180.00", "280.00")),
    )

    assert verdicts(made) == [("E1", Verdict.CHANGED)]
    (look,) = looks(made)
    first = next(one for one in made.findings if one.rule == "outside_nbbo")
    assert look.finding is not None
    assert (look.finding.finding_id, look.finding.at, look.finding.related) == (
        first.finding_id,
        first.at,
        first.related,
    )
    assert look.finding.values["outside_price"] == 10_000_000_000


def test_quotes_of_the_second_before_that_came_late_may_show_a_flicker() -> None:
    """The market at the execution is as it was; the finding is milder, and a later look at the receipt leaves it so."""
    same, high = quote_at(at(1)), price("290.00")
    flicker = Decision(at_execution=same, highest_offer=high, lowest_bid=price("1.00"))
    late = requote_entry(Requote(offset=FIRST + 1, now=flicker, reason="a quote came late"), at(3))
    made = story(an_order(1, 0, "O1"), a_trade(2, 1, "O1", "E1", _31=DEAR), late, a_requote(0, 4, receipt=LOW))

    assert verdicts(made)[0] == ("E1", Verdict.CHANGED)
    assert looks(made)[0].reason == "the quotes of the second before it are others"
    rows = stated(made)
    assert [(row.worst_touch, row.measures and row.measures.possible_flicker) for row in rows] == [(high, True)] * 2
    assert [row.receipt for row in rows] == [quote_at(at(0)), LOW]


def test_what_was_decided_already_changes_nothing() -> None:
    """No row, no look, no finding: neither against the first decision nor against what was stated since."""
    again = quote_at(at(1))
    made = story(
        an_order(1, 0, "O1"),
        a_trade(2, 1, "O1", "E1", _31=DEAR),
        a_requote(1, 3, execution=again, receipt=again),
        a_requote(1, 4, execution=WIDE),
        a_requote(1, 5, execution=WIDE),
        a_requote(1, 6),
    )

    assert [row.offset for row in made.requotes] == [FIRST + 3, FIRST + 3]
    assert len(looks(made)) == 1


def test_a_withdrawn_finding_stands_again_when_a_later_quote_says_so() -> None:
    """The looks follow one another; the finding itself is never stated twice."""
    made = story(
        an_order(1, 0, "O1"),
        a_trade(2, 1, "O1", "E1", _31=DEAR),
        a_requote(1, 3, execution=WIDE),
        a_requote(1, 4, execution=quote_at(at(1))),
        a_requote(1, 5, execution=LOW),
        a_requote(1, 6, execution=WIDE),
        a_requote(1, 7, execution=a_market("100.00", "310.00")),
    )

    assert found(made) == ["E1"]
    assert [verdict for _, verdict in verdicts(made)] == [
        Verdict.WITHDRAWN,
        Verdict.STANDS,
        Verdict.CHANGED,
        Verdict.WITHDRAWN,
    ]
    first = next(one for one in made.findings if one.rule == "outside_nbbo")
    assert standing(first, looks(made)) is None


def test_a_quote_that_cannot_be_used_withdraws_what_was_found_by_another() -> None:
    """A crossed market judges nobody; the window of what could not be compared counts it from now on."""
    crossed = a_quote(state=QuoteState.CROSSED)
    made = story(an_order(1, 0, "O1"), a_trade(2, 1, "O1", "E1", _31=DEAR), a_requote(1, 3, execution=crossed))

    (look,) = looks(made)
    assert look.verdict is Verdict.WITHDRAWN
    assert look.reason.endswith(": the rule does not judge it (quote crossed)")


def test_a_late_quote_at_receipt_measures_the_fills_that_were_judged_by_it() -> None:
    """All of them, those before the record and those after it; another order's are left alone."""
    made = story(
        an_order(1, 0, "O1"),
        a_trade(2, 1, "O1", "E1", _32=50),
        an_order(3, 1, "O2"),
        a_trade(4, 2, "O2", "E2"),
        a_requote(0, 3, receipt=LOW),
        a_trade(5, 4, "O1", "E3", _32=20),
        a_requote(0, 5, receipt=WIDE),
        a_trade(6, 6, "O1", "E4", _32=30),
    )

    assert [(row.execution_id, row.receipt) for row in stated(made)] == [
        ("demo/2013-10-07/E1", LOW),
        ("demo/2013-10-07/E1", WIDE),
        ("demo/2013-10-07/E3", WIDE),
    ]
    by_id = {row.fill.exec_id: row.fill for row in made.fills}
    assert by_id["E1"].at_receipt == quote_at(at(0))
    assert by_id["E3"].at_receipt == LOW
    assert by_id["E4"].at_receipt == WIDE
    assert by_id["E3"].measures.quoted_spread == 20_000_000


def test_one_decision_may_hold_both_quotes_and_only_one_be_another() -> None:
    """The fill that brought its order's receipt is judged by both; the order's other fill by the receipt alone."""
    came = f"768=1|769={stamp(0)}|770=2"
    entries = [a_trade(1, 1, "O1", "E1", _32=50, more=came), a_trade(2, 2, "O1", "E2", _32=50)]

    by_execution = story(*entries, a_requote(0, 3, execution=LOW))
    by_receipt = story(*entries, a_requote(0, 3, receipt=LOW))
    by_both = story(*entries, a_requote(0, 3, receipt=LOW, execution=WIDE))

    e1, e2 = "demo/2013-10-07/E1", "demo/2013-10-07/E2"
    first, second = quote_at(at(1)), quote_at(at(2))
    assert [(row.execution_id, row.receipt, row.execution) for row in stated(by_execution)] == [
        (e1, quote_at(at(0)), LOW)
    ]
    assert [(row.execution_id, row.receipt, row.execution) for row in stated(by_receipt)] == [
        (e1, LOW, first),
        (e2, LOW, second),
    ]
    assert [(row.execution_id, row.receipt, row.execution) for row in stated(by_both)] == [
        (e1, LOW, WIDE),
        (e2, LOW, second),
    ]
    assert stated(by_execution, RequotedKind.ORDER_END) == []
    assert len(stated(by_both, RequotedKind.ORDER_END)) == 1
    assert {look.missing for look in looks(by_execution)} <= {"the quote at execution"}


def test_a_limit_order_is_marketable_or_not_by_the_quote_that_came_late() -> None:
    """Slow is only what could execute at once; the finding appears with the receipt's other quote."""
    limits = "rules: {slow_fill: {parameters: {at_most: 100 ms}}}"
    made = story(
        an_order(1, 0, "O1", _44="100.00"),
        a_trade(2, 1, "O1", "E1", _31="99.00", _44="100.00"),
        a_requote(0, 3, receipt=a_market("98.00", "99.50")),
        rulebook=limits,
    )

    assert found(made, "slow_fill") == ["E1"]
    assert [row.marketable for row in stated(made)] == [True]


def test_the_end_of_an_order_is_counted_as_what_the_late_quote_made_of_it() -> None:
    """A marketable order that came to nothing is poor; one that rests may come to nothing."""
    limits = "rules: {poor_fill: {parameters: {marketable_at_least: 50 %}}, fill_rate_drop: {parameters: {minimum: 2}}}"
    cancel = a_report(2, 1, _37="O1", _11="O1", _17="X1", _150="4", _39="4", _32=None, _31=None, _30=None, _14=0)
    made = story(
        an_order(1, 0, "O1", _44="100.00"),
        cancel,
        a_requote(0, 3, receipt=a_market("98.00", "99.50")),
        a_requote(0, 4, receipt=a_market("98.00", "101.50")),
        rulebook=limits,
    )

    assert found(made, "poor_fill") == ["O1"]
    assert [look.verdict for look in looks(made)] == [Verdict.WITHDRAWN]
    assert looks(made)[0].missing == "the quote at receipt"
    ends = stated(made, RequotedKind.ORDER_END)
    assert [(row.order_key, row.marketable) for row in ends] == [("O1", True), ("O1", False)]


def test_a_busted_execution_is_left_alone() -> None:
    """What does not count is not judged again; a bust behind a late quote is a bust."""
    trade = a_trade(2, 1, "O1", "E1", _31=DEAR)
    bust = a_bust(3, 2, "O1", "E2", "E1")

    first, last = (
        story(an_order(1, 0, "O1"), trade, bust, a_requote(1, 3, execution=WIDE)),
        story(an_order(1, 0, "O1"), trade, a_requote(1, 1.5, execution=WIDE), bust),
    )

    assert looks(first) == []
    assert [row.kind for row in first.requotes] == [RequotedKind.DECISION]
    assert verdicts(last) == [("E1", Verdict.WITHDRAWN)]
    assert [one.kind for one in last.amendments] == ["bust"]


def test_a_corrected_execution_is_judged_again_as_reported_and_as_corrected() -> None:
    """Each finding by its own price: the correction's goes, the first one's stays."""
    made = story(
        an_order(1, 0, "O1"),
        a_trade(2, 1, "O1", "E1", _31="295.00"),
        a_correction(3, 2, "O1", "E2", "E1", _31="290.00"),
        a_requote(1, 3, execution=a_market("100.00", "292.00")),
    )

    assert found(made) == ["E1", "E2"]
    assert verdicts(made) == [("E1", Verdict.CHANGED), ("E2", Verdict.WITHDRAWN)]


def test_a_late_quote_for_a_correction_is_one_for_its_execution() -> None:
    """It was judged at the execution's instant; that the decision was taken twice is no second market."""
    made = story(
        an_order(1, 0, "O1"),
        a_trade(2, 1, "O1", "E1", _31="295.00"),
        a_correction(3, 2, "O1", "E2", "E1", _31="290.00"),
        a_requote(2, 3, execution=a_market("100.00", "292.00")),
    )

    assert verdicts(made) == [("E1", Verdict.CHANGED), ("E2", Verdict.WITHDRAWN)]


def test_a_late_quote_at_the_firms_receipt_measures_the_vendors_fills() -> None:
    """The own order took the quote; the order in the vendor's copy is judged by it."""
    entries = [
        an_own(1, 0, "C1"),
        an_ack(1, 0.1, "O1", "C1"),
        a_fill(2, 1, "O1", "C1", 50),
        a_requote(1, 3, receipt=LOW),
        a_fill(3, 4, "O1", "C1", 50),
    ]
    made = run(a_journal(entries, with_own()))

    assert [row.receipt for row in stated(made)] == [LOW]
    assert [row.fill.at_receipt for row in made.fills] == [quote_at(at(0)), LOW]


def test_a_late_quote_for_a_replace_in_waiting_counts_once_it_is_confirmed() -> None:
    """The new price is judged by the quote at the firm's receipt of the replace, as it came after all."""
    entries = [
        an_own(1, 0, "C1"),
        an_ack(1, 0.1, "O1", "C1"),
        a_replace(2, 1, "C2", "C1", _44="181.99"),
        a_requote(3, 2, receipt=LOW),
        an_event(2, 3, "O1", "C2", "5", _41="C1", _44="181.99"),
        a_fill(3, 4, "O1", "C2"),
    ]
    made = run(a_journal(entries, with_own()))

    assert [row.fill.at_receipt for row in made.fills] == [LOW]


def test_a_late_quote_for_a_replace_whose_order_is_not_known_is_held_with_it() -> None:
    """The order's own record came last."""
    entries = [
        a_replace(1, 1, "C2", "C1", _44="181.99"),
        a_requote(1, 2, receipt=LOW),
        an_own(2, 0, "C1"),
        an_ack(1, 2.5, "O1", "C1"),
        an_event(2, 3, "O1", "C2", "5", _41="C1", _44="181.99"),
        a_fill(3, 4, "O1", "C2"),
    ]
    made = run(a_journal(entries, with_own()))

    assert [row.fill.at_receipt for row in made.fills] == [LOW]


def test_a_held_finding_is_judged_by_the_late_quote_when_its_messages_have_come() -> None:
    """Two reasons to look again do not disturb one another: the verdict of both is the same."""
    made = story(
        an_order(1, 0, "O1"),
        a_trade(3, 1, "O1", "E1", _31=DEAR, _32=50),
        a_requote(1, 2, execution=WIDE),
        a_trade(2, 0.5, "O1", "E0", _31=FAIR, _32=50),
    )

    assert [(look.why, look.verdict) for look in made.reassessments if look.rule == "outside_nbbo"] == [
        ("quotes", Verdict.WITHDRAWN),
        ("messages", Verdict.WITHDRAWN),
    ]


def test_a_finding_that_a_late_quote_brings_while_messages_are_missing_is_looked_at_again() -> None:
    """It is uncertain like any other of that time."""
    made = story(
        an_order(1, 0, "O1"),
        a_trade(3, 1, "O1", "E1", _31="181.80", _32=50),
        a_requote(1, 2, execution=LOW),
        a_trade(2, 0.5, "O1", "E0", _31="181.80", _32=50),
    )

    (finding,) = (one for one in made.findings if one.subject.endswith("E1") and one.rule == "outside_nbbo")
    assert finding.uncertain
    assert [(look.why, look.verdict) for look in made.reassessments if look.finding_id == finding.finding_id] == [
        ("messages", Verdict.STANDS)
    ]


def test_what_was_judged_in_doubt_that_is_over_is_judged_again_as_it_is_known_now() -> None:
    """The receipt that came after the gap counts, and the finding is certain."""
    made = story(
        a_trade(2, 1, "O1", "E1", _31="181.80"),
        a_trade(1, 0.5, "O2", "E0", _31="181.80"),
        a_requote(0, 2, execution=LOW),
    )

    late = [one for one in made.findings if one.rule == "outside_nbbo" and one.offset == FIRST + 2]
    assert [(one.subject.rsplit("/", 1)[-1], one.uncertain) for one in late] == [("E1", False)]


def test_an_order_that_ended_before_the_messages_were_missing_is_held_by_nobody() -> None:
    """Its end was certain when it was counted, and the late quote while they are missing does not change that."""
    silent = {"_32": None, "_31": None, "_30": None}
    made = story(
        an_order(1, 2, "O1", _44="300.00"),
        a_report(2, 3, _37="O1", _11="O1", _17="X1", _150="4", _39="4", _14=0, **silent),
        a_report(4, 4, _35="B"),
        a_requote(0, 5, receipt=a_market("300.00", "301.00")),
        a_report(3, 4, _35="B"),
        rulebook="rules: {poor_fill: {parameters: {marketable_at_least: 50 %}}}",
    )

    assert [(look.why, look.verdict) for look in made.reassessments] == [("quotes", Verdict.WITHDRAWN)]


def test_what_memory_has_let_go_of_is_judged_again_as_it_was_recorded() -> None:
    """Two closes later the store alone knows of it."""
    day = 24 * 3600.0
    entries = [
        a_trade(2, 1, "O1", "E1", _31="181.80"),
        a_trade(1, 0.5, "O2", "E0", _31="181.80"),
        *(a_tick(n * day) for n in (1, 2, 3)),
        a_requote(0, 3 * day, execution=LOW),
    ]
    made = run(a_journal(entries, versions(calendar=CALENDAR)))

    late = [one for one in made.findings if one.rule == "outside_nbbo" and one.offset == FIRST + 5]
    assert [(one.subject.rsplit("/", 1)[-1], one.uncertain) for one in late] == [("E1", False)]


def test_an_end_that_is_held_is_counted_by_the_late_quote() -> None:
    """An order that ended in doubt is looked at as what it is when the gap is closed."""
    limits = "rules: {poor_fill: {parameters: {marketable_at_least: 50 %}}}"
    silent = {"_32": None, "_31": None, "_30": None}
    made = story(
        an_order(1, 2, "O1", _44="300.00"),
        a_report(3, 3, _37="O1", _11="O1", _17="X1", _150="4", _39="4", _14=0, **silent),
        a_requote(0, 4, receipt=a_market("300.00", "301.00")),
        a_report(2, 2.5, _35="B"),
        rulebook=limits,
    )

    assert [(look.why, look.verdict) for look in made.reassessments if look.rule == "poor_fill"] == [
        ("quotes", Verdict.WITHDRAWN),
        ("messages", Verdict.WITHDRAWN),
    ]


def test_a_rule_that_changed_since_is_not_guessed_at() -> None:
    """The finding was made under other limits than those in force: it cannot be told, and says so."""
    journal = a_journal([an_order(1, 0, "O1"), a_trade(2, 1, "O1", "E1", _31=DEAR)])
    (rulebook,) = (
        one.entry(at(2))
        for one in versions(rulebook="rules: {outside_nbbo: {parameters: {tolerance: 0.01}}}")
        if one.kind == "rulebook"
    )
    journal.records = list(
        a_journal(
            [an_order(1, 0, "O1"), a_trade(2, 1, "O1", "E1", _31=DEAR), rulebook, a_requote(1, 3, execution=LOW)]
        ).records
    )

    made = run(journal)

    assert [(verdict, look.reason) for (_, verdict), look in zip(verdicts(made), looks(made), strict=True)] == [
        (Verdict.UNRESOLVED, "the rule or its limits have changed since")
    ]


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b'{"offset": "x", "now": {}, "reason": ""}'])
def test_a_requote_that_nobody_can_read_is_confessed_and_stops_nothing(body: bytes) -> None:
    """A control record may hold anything."""
    bad = Entry(kind=RecordKind.REQUOTE, received_at=at(2), body=body)
    made = story(an_order(1, 0, "O1"), bad, a_trade(2, 3, "O1", "E1"))

    assert [event.kind for event in made.feed_events] == [FeedEventKind.UNDECODABLE]
    assert len(made.fills) == 1


def test_a_requote_of_what_made_no_fact_changes_nothing() -> None:
    """A copy was decided too, and so was what nobody could decode."""
    trade = a_trade(2, 1, "O1", "E1")
    made = story(an_order(1, 0, "O1"), trade, trade, a_requote(2, 3, execution=LOW), a_requote(900, 3, execution=LOW))

    assert made.requotes == []


def test_a_test_symbol_has_no_market_however_late_its_quote() -> None:
    """What is no stock is compared with no quote."""
    made = story(
        an_order(1, 0, "O1", _55="ZVZZT"),
        a_trade(2, 1, "O1", "E1", _55="ZVZZT"),
        a_requote(1, 3, execution=LOW),
        a_requote(0, 3, receipt=LOW),
    )

    assert made.requotes == []


def test_a_tick_beside_it_is_no_requote() -> None:
    """Only a requote asks the store."""
    assert story(a_tick(1)).requotes == []


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        (a_quote("9.99", "10.01"), "9.99 × 10.01"),
        (a_quote("9.99", None, QuoteState.ONE_SIDED), "9.99 × none (one_sided)"),
        (a_quote(None, None, QuoteState.ABSENT, note="restart"), "absent (restart)"),
        (a_quote(None, None, QuoteState.CLOSED), "closed"),
    ],
)
def test_a_quote_says_what_it_is_in_words(quote: object, words: str) -> None:
    """For the person who reads why a finding was withdrawn."""
    assert quote_words(quote) == words  # type: ignore[arg-type]


def test_only_a_limit_order_is_marketable_by_its_quote() -> None:
    """Any other kind is what it was."""
    market = order_of(order_type=OrderType.MARKET)

    assert received_by(market, LOW).marketable is True
    assert received_by(market, LOW).receipt == LOW


def test_a_decision_that_took_no_quote_is_left_as_it_is() -> None:
    """An order that asked for its receipt's quote only has no quote at an execution to replace."""
    made = story(an_order(1, 0, "O1"), a_requote(0, 2, execution=LOW))

    assert made.requotes == []
    assert Decision().at_execution is None
