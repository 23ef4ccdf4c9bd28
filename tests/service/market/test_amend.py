"""Decisions of the last while: which of them late quotes change, and that they are kept no longer than promised."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos, Quote
from service.market.amend import BEHIND, LATE, Amendable
from service.market.tape_words import Touched
from service.ports import MarkWanted, QuoteRequest
from service.processed import Decision
from service.requote import Requote
from tests.factories import a_quote
from tests.factories_market import NOON, a_request, seconds

OLD, NEW = a_quote("9.99", "10.01"), a_quote("9.98", "10.01")
MINUTE = seconds(60) - NOON


def remembering(*offsets: int, most: int = 100, reason: str = "mark", keep_for: int = MINUTE) -> Amendable:
    """Return decisions of these records, each for its own second, taken at once."""
    amendable = Amendable(Nanos(keep_for), most)
    for n in offsets:
        request = a_request(execution_at=seconds(n), offset=n)
        amendable.remember("IBM", request, Decision(at_execution=OLD, reason=reason), seconds(n))
    return amendable


def touched(*instants: float, symbol: str = "IBM") -> list[Touched]:
    """Return what a late quote touched."""
    return [Touched(symbol=symbol, quote_at=NOON, instants=tuple(seconds(at) for at in instants))]


def said(amendable: Amendable, quote: Quote | None = NEW, *, mark: Nanos = NOON, most: int = 100) -> list[Requote]:
    """Return what is decided otherwise when every answer is this quote."""

    def decide(request: QuoteRequest) -> Decision | None:
        del request
        return None if quote is None else Decision(at_execution=quote)

    return amendable.again(mark, most, decide)


def test_a_touched_decision_is_given_once_with_its_new_quotes() -> None:
    """However many quotes touched it."""
    amendable = remembering(1, 2)

    amendable.note([*touched(1), *touched(1), *touched(3)])

    assert said(amendable) == [Requote(offset=1, now=Decision(at_execution=NEW), reason=LATE)]
    assert said(amendable) == []


def test_two_decisions_of_one_instant_are_both_given() -> None:
    """A trade and its correction ask for the same instant."""
    amendable = remembering(1)
    amendable.remember("IBM", a_request(execution_at=seconds(1), offset=9), Decision(at_execution=OLD), seconds(2))

    amendable.note(touched(1))

    assert [made.offset for made in said(amendable)] == [1, 9]


def test_the_receipts_instant_counts_too() -> None:
    """One record may have asked for both."""
    amendable = Amendable(Nanos(MINUTE))
    request = a_request(receipt_at=seconds(0), execution_at=seconds(1), offset=4)
    amendable.remember("IBM", request, Decision(at_receipt=OLD, at_execution=OLD), seconds(1))

    amendable.note(touched(0))

    assert [made.offset for made in said(amendable)] == [4]


def test_an_answer_that_is_the_same_is_nothing() -> None:
    """Nor is one that cannot be given yet; nor another symbol's."""
    amendable = remembering(1)

    amendable.note([*touched(1), *touched(1, symbol="XYZ")])

    assert said(amendable, OLD) == []
    amendable.note(touched(1))
    assert said(amendable, None) == []


def test_what_was_said_last_is_what_the_next_answer_is_compared_with() -> None:
    """Back and forth are two amendments."""
    amendable = remembering(1)

    answers = []
    for quote in (NEW, NEW, OLD):
        amendable.note(touched(1))
        answers.append([made.now.at_execution for made in said(amendable, quote)])

    assert answers == [[NEW], [], [OLD]]


def test_a_decision_taken_before_the_source_came_so_far_is_looked_at_when_it_has() -> None:
    """Its wait was over, or the source was dead."""
    amendable = remembering(1, 2, reason="bound")

    before, after = said(amendable, mark=seconds(1)), said(amendable, mark=seconds(1.5))

    assert not amendable.passed(seconds(2))
    assert before == []
    assert [(made.offset, made.reason) for made in after] == [(1, BEHIND)]
    assert amendable.passed(seconds(3))


def test_no_more_are_looked_at_in_one_go_than_asked() -> None:
    """The rest is due still."""
    amendable = remembering(1, 2, 3)
    amendable.note(touched(1, 2, 3))

    first, more = said(amendable, most=2), amendable.more

    assert [made.offset for made in first] == [1, 2]
    assert more
    assert [made.offset for made in said(amendable, most=2)] == [3]
    assert not amendable.more


def test_what_is_too_old_is_forgotten_and_what_does_not_fit_is_counted() -> None:
    """The oldest go first; a late quote for them changes nothing."""
    old, many = remembering(1, 70), remembering(1, 2, 3, most=2)
    together = remembering(1, most=1)
    together.remember("IBM", a_request(execution_at=seconds(1), offset=9), Decision(at_execution=OLD), seconds(2))

    for amendable in (old, many, together):
        amendable.note(touched(1))

    assert (len(old), old.forgotten, said(old)) == (1, 0, [])
    assert (len(many), many.forgotten, said(many)) == (2, 1, [])
    assert [made.offset for made in said(together)] == [9]


def test_a_decision_that_was_due_and_is_forgotten_is_passed_over() -> None:
    """It was touched before it had to go."""
    amendable = remembering(1, most=1)
    amendable.note(touched(1))

    amendable.remember("IBM", a_request(execution_at=seconds(2), offset=2), Decision(at_execution=OLD), seconds(2))

    assert said(amendable) == []


def test_a_source_that_stays_away_fills_no_memory() -> None:
    """What waits for it is let go with the decisions."""
    amendable = remembering(*range(1, 20), most=2, reason="not_live")

    assert len(amendable._behind) <= 5
    assert [made.offset for made in said(amendable, mark=seconds(50))] == [18, 19]


def test_nothing_is_kept_when_it_is_switched_off() -> None:
    """`quotes.amend_for_s = 0`."""
    assert len(remembering(1, 2, keep_for=0)) == 0


def test_what_is_decided_twice_is_kept_once() -> None:
    """An error of the store lets the road ask again; the last answer is the one that counts."""
    amendable = remembering(1, most=2)

    for n in (1, 2, 3):
        request = a_request(symbol="XYZ", execution_at=seconds(n), offset=n)
        amendable.remember("IBM" if n == 1 else "XYZ", request, Decision(at_execution=NEW), seconds(n))

    amendable.note([*touched(1, 2), *touched(2, 3, symbol="XYZ")])
    assert [made.offset for made in said(amendable, OLD)] == [2, 3]


def test_marks_of_others_are_not_amended_with_the_record_that_carried_them() -> None:
    """A record may carry the marks of many executions, or have nothing of its own to decide."""
    amendable = Amendable(Nanos(MINUTE))
    marks = (MarkWanted("IBM", seconds(1)),)
    both = msgspec.structs.replace(a_request(execution_at=seconds(1), offset=1), marks=marks)
    marks_alone = msgspec.structs.replace(a_request(execution_at=None, offset=2), marks=marks)
    for request in (both, marks_alone):
        amendable.remember("IBM", request, Decision(at_execution=OLD, marks=(OLD,)), seconds(1))
    asked: list[QuoteRequest] = []

    def decide(request: QuoteRequest) -> Decision:
        asked.append(request)
        return Decision(at_execution=OLD)

    amendable.note(touched(1))
    made = amendable.again(NOON, 9, decide)

    assert (len(amendable), made, [request.marks for request in asked]) == (1, [], [()])
