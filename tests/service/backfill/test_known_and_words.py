"""What the command says before and after: what a file holds, what of it is new, and what became of it."""

from __future__ import annotations

from service.backfill.known import Known, of_a_file
from service.backfill.plan import CameTo, Plan
from service.backfill.reading import read_backfilled
from service.backfill.words import came_to_words, held_words, known_words
from service.fix.dialect import parse_dialect
from service.fix.events import Execution
from service.market.calendar import ALWAYS
from tests.factories_messages import execution_report, fix_message

DIALECT = parse_dialect("begin_string: FIX.4.4\n")
DAY = "2013-10-07"


def test_a_message_without_a_trade_date_has_that_of_its_sending() -> None:
    """The day on which the file is read is no day of it."""
    body = execution_report(_75=None, _60=None)

    decoded = read_backfilled(body, DIALECT, ALWAYS, "2026-11-24")

    assert isinstance(decoded, Execution)
    assert decoded.trade_date == DAY
    assert isinstance(sent_today := read_backfilled(body, DIALECT, ALWAYS, DAY), Execution)
    assert sent_today.trade_date == DAY


def test_messages_are_counted_as_new_or_known() -> None:
    """By the keys that the store has of their day, and those that the file itself brought."""
    asked = []

    def keys_of(day: str) -> dict[str, bytes]:
        asked.append(day)
        return {f"{DAY}|E-1": b""}

    bodies = [execution_report(), execution_report(_17="E-2"), execution_report(_17="E-2")]
    bodies += [fix_message(_35="0", _34=9, _49="SOR", _56="FIRM"), b"broken"]

    counts = of_a_file(bodies, DIALECT, ALWAYS, keys_of)

    assert asked == [DAY]
    assert counts == {
        ("execution", Known.KNOWN): 2,
        ("execution", Known.NEW): 1,
        ("admin", Known.UNKEYED): 1,
        ("undecodable", Known.UNKEYED): 1,
    }
    assert known_words(counts).splitlines() == [
        "nothing was written; the file would bring",
        "  execution: 1 new, 2 known",
        "  admin: 1",
        "  undecodable: 1",
    ]


def test_a_file_is_told_session_by_session() -> None:
    """With what was left out."""
    plan = Plan(messages={"B": 1_000, "A": 1}, ours=1)

    assert held_words("a.log", "FIX log", plan).splitlines() == [
        "a.log (FIX log): 1,001 messages",
        "  A: 1",
        "  B: 1,000",
        "  left out: 1 message that our own side sent",
    ]
    assert held_words("a.log", "CSV", Plan(messages={"A": 1})).splitlines() == ["a.log (CSV): 1 message", "  A: 1"]


def test_what_it_came_to_is_told_outcome_by_outcome() -> None:
    """Conflicts and what could not be compared apart."""
    came = CameTo(
        outcomes={"execution": 2, "order_event": 1, "duplicate": 4},
        conflicts=1,
        not_compared=2,
        executions=2,
        closed=("S 4-5", "S 9"),
    )

    assert came_to_words(came).splitlines() == [
        "the messages came to",
        "  execution: 2",
        "  order event: 1",
        "  duplicate: 4",
        "new executions: 2",
        "under a known key with other content: 1; nothing was changed, see the findings",
        "under a known key whose content could not be compared: 2",
        "gaps closed: S 4-5; S 9",
    ]
    nothing = CameTo(outcomes={"duplicate": 1}, conflicts=0, not_compared=0, executions=0, closed=())
    assert came_to_words(nothing).splitlines()[-2:] == ["new executions: 0", "gaps closed: none"]
