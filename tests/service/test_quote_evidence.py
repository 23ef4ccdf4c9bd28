"""Quotes kept with findings: taken in order, when the source has passed them, and never waited for without end."""

from __future__ import annotations

import msgspec

from rules.facts import SECOND, Nanos
from rules.finding import Finding
from service.market.around import Around
from service.quote_evidence import MOST_WAITING, PATIENCE, Collecting, Numbered, Taken
from tests.factories_cases import NOON
from tests.factories_store import a_finding as stored

SPAN = Nanos(5 * SECOND)


class History:
    """A source that has come as far as it is told."""

    def __init__(self) -> None:
        self.mark = NOON
        self.asked: list[str] = []

    def around(self, symbol: str, at: Nanos, span: Nanos, *, final: bool) -> Around | None:
        """Return empty quotes once the source has passed them."""
        self.asked.append(symbol)
        if not final and self.mark <= at + span:
            return None
        return Around(begin=Nanos(at - span), end=Nanos(at + span), complete=not final)


def about(seq: int, *, at: Nanos = NOON, priced: bool = True, symbol: str | None = "IBM") -> Numbered:
    """Return a finding about an execution at that time, or about something without a price."""
    quotes: dict[str, dict[str, str | int | bool | None]] = {"execution": {}} if priced else {}
    finding: Finding = msgspec.structs.replace(stored(), finding_id=f"F{seq}", at=at, quotes=quotes, symbol=symbol)
    return Numbered(seq, finding)


def collecting(history: History) -> Collecting:
    """Return a collector whose source writes symbols in small letters."""
    return Collecting(history, SPAN, lambda symbol, party: f"{symbol.lower()}@{party}")


def ids(taken: Taken | None) -> list[str]:
    """Return the findings whose quotes are taken."""
    return [] if taken is None else [kept.finding_id for kept in taken.kept]


def test_findings_wait_until_the_source_has_passed_their_quotes() -> None:
    """In their order; what is not about a price has none and holds nobody up."""
    history = History()
    to_do = collecting(history)
    to_do.hold([about(1, priced=False), about(2), about(3, symbol=None), about(4, at=Nanos(NOON + SPAN))], NOON)

    waiting = to_do.take(NOON)
    history.mark = Nanos(NOON + SPAN + 1)
    ready = to_do.take(NOON)

    assert (waiting, history.asked[0]) == (Taken(1, ()), "ibm@demo")
    assert ready is not None
    assert (ready.upto, ids(ready)) == (3, ["F2"])


def test_what_is_kept_is_let_go_of_and_what_is_not_is_taken_again() -> None:
    """An error of the store loses nothing."""
    history = History()
    history.mark = Nanos(NOON + 2 * SPAN)
    to_do = collecting(history)
    to_do.hold([about(1), about(2)], NOON)

    first = to_do.take(NOON)
    again = to_do.take(NOON)

    assert first == again
    assert first is not None
    to_do.done(first)
    assert to_do.take(NOON) is None
    assert (to_do.last, to_do.wanted) == (None, MOST_WAITING)


def test_a_source_that_never_comes_so_far_is_waited_for_no_longer_than_the_bound() -> None:
    """What is there is kept then, and says that it is not complete."""
    to_do = collecting(History())
    to_do.hold([about(1), about(2)], NOON)

    before = to_do.take(Nanos(NOON + SPAN + PATIENCE - 1))
    after = to_do.take(Nanos(NOON + SPAN + PATIENCE))

    assert before is None
    assert after is not None
    assert [kept.around.complete for kept in after.kept] == [False, False]
    assert (to_do.last, to_do.wanted) == (2, MOST_WAITING - 2)
