"""The lines and the page of an exception, as values."""

from __future__ import annotations

from typing import Any

import pytest

from rules.cards import catalogue
from rules.finding import Finding
from rules.reassessment import Looked, Verdict, Why
from service.cases.case import Acted, Case, CaseEvent
from service.cases.door import act
from service.cases.gathering import link_to, reassess
from service.cases.given import NOTHING
from service.cases.rules import DEFAULTS
from service.cases.states import Action
from service.incidents import Incident, Kind, Outline, Trouble
from service.journal import Record, RecordKind
from service.web.exception.detail import Detail, detail, raw_message
from service.web.exception.history import PROGRAM
from service.web.pulse import pulse
from service.web.queue.lines import line
from tests.factories_cases import NOON, PAT, a_case, a_finding, a_look, an_opening
from tests.factories_messages import execution_report


def a_detail(*findings: Finding, **named: Any) -> Detail:
    """Return the page of a case over these findings, oldest first."""
    found = list(findings) or [a_finding()]
    opened = an_opening(*found)
    history: list[CaseEvent] = named.get("history", [opened.event])
    rules, looks = named.get("rules", catalogue()), named.get("looks", {})
    return detail(opened.case, found[::-1], named.get("messages", []), history, rules, looks=looks)


def a_record(body: bytes, **named: Any) -> Record:
    """Return a journal record of a message received at noon."""
    values: dict[str, Any] = {"offset": 5, "kind": RecordKind.MESSAGE, "received_at": NOON, "body": body}
    return Record(**values | named)


def test_a_line_carries_what_the_queue_shows() -> None:
    """Title of the rule, count, harm to the cent and exact."""
    shown = line(a_case(a_finding(dollar_harm=21_664_000_000)), catalogue())

    assert shown.title == "Slow execution of a marketable order"
    assert (shown.findings, shown.harm, shown.exact_harm) == ("1", "$21.66", "$21.664")
    assert (shown.state, shown.open, shown.assignee) == ("new", True, "")


def test_an_acknowledged_line_names_who_has_it() -> None:
    """It is no longer open."""
    acted = act(a_case(), Action.ACKNOWLEDGE, PAT, NOTHING, NOON, DEFAULTS)
    assert isinstance(acted, Acted)

    shown = line(acted.case, catalogue())

    assert (shown.open, shown.assignee) == (False, "pat")


def test_a_rule_that_the_catalogue_no_longer_has_is_named_in_words() -> None:
    """Old exceptions outlive their rules."""
    shown = a_detail(rules={})

    assert shown.line.title == "slow fill"
    assert (shown.runbook, shown.why, shown.citation) == ("", "", "")


def test_the_page_says_what_was_found_and_the_limits_in_force() -> None:
    """In words, from the newest finding."""
    shown = a_detail(a_finding(1), a_finding(2, values={"time_to_fill_ns": 5_000_000_000}))

    assert shown.measured.found == (("time to fill", "5 s"),)
    assert shown.measured.in_force == (("limit", "1 s"),)
    assert shown.runbook.startswith("Look at the venue's other executions")


def test_the_accounts_of_all_findings_are_told_once() -> None:
    """They decide who is made whole."""
    shown = a_detail(a_finding(1, accounts=("B", "A")), a_finding(2, accounts=("A",)))

    assert shown.accounts == "A, B"


def test_both_quotes_are_told_receipt_first_with_dashes_for_what_is_missing() -> None:
    """A one-sided quote has no offer; an absent one says why."""
    quotes = {
        "execution": {"state": "one_sided", "bid_price": 42_110_000_000, "bid_shares": 100_000_000, "at_ns": NOON},
        "receipt": {"state": "absent", "note": "no receipt time", "at_ns": None},
    }

    receipt, execution = a_detail(a_finding(quotes=quotes)).quotes

    assert (receipt.name, receipt.state, receipt.at, receipt.note) == ("at receipt", "absent", None, "no receipt time")
    assert (execution.state, execution.sides) == ("one sided", ("100", "$42.11", "–", "–"))
    assert execution.at is not None


def test_a_raw_message_is_told_tag_by_tag_with_names_and_meanings() -> None:
    """Supervisors do not know tag numbers by heart."""
    body = execution_report(_54="2")

    shown = raw_message(a_record(body))

    side = next(field for field in shown.fields if field.tag == "54")
    assert (shown.title, side.name, side.value, side.meaning) == ("ExecutionReport", "Side", "2", "sell")
    assert shown.raw == body.decode().replace("\x01", "|")


def test_a_reject_of_ours_says_that_we_sent_it() -> None:
    """Nobody should take it for the vendor's."""
    shown = raw_message(a_record(execution_report(_35="3"), kind=RecordKind.OWN_REJECT))

    assert shown.title == "Reject that we sent"


def test_a_message_from_a_file_says_so() -> None:
    """Its time is when the file was read, and no receipt."""
    shown = raw_message(a_record(execution_report(), kind=RecordKind.BACKFILL))
    live = raw_message(a_record(execution_report()))

    assert (shown.title, shown.backfilled, live.backfilled) == ("ExecutionReport from a file", True, False)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"8=FIX.4.4\x01no equals\x0131=\x01", b"\x01\x01"])
def test_a_broken_message_is_shown_as_far_as_it_can_be_told(body: bytes) -> None:
    """The page of an undecodable message is the one that must not break."""
    shown = raw_message(a_record(body, received_at=None))

    assert shown.title == "message"
    assert shown.received is None


def test_a_control_record_is_shown_as_its_text() -> None:
    """A gap's evidence may be a session event."""
    shown = raw_message(a_record(b'{"event":"logout"}', kind=RecordKind.SESSION))

    assert (shown.title, shown.fields, shown.raw) == ("session", (), '{"event":"logout"}')


def test_a_link_to_an_incident_is_told_in_the_history_and_in_the_line() -> None:
    """With what it is about; the others of the incident follow as lines of their own."""
    trouble = Trouble(Kind.VENUE, "XTST", "2026-11-20")
    incident = Incident(seq=3, trouble=trouble, first_at=NOON, last_at=NOON, number=7)
    linked = link_to(a_case(), incident, NOON)

    shown = detail(
        linked.case,
        [a_finding()],
        [],
        [linked.event],
        catalogue(),
        incident=Outline(7, trouble, 2),
        others=[a_case(a_finding(2, rule="poor_fill"), case_id=8)],
    )

    assert (shown.line.incident, shown.line.part_of) == ("incident 7", "Part of incident 7 (venue XTST, 2 exceptions)")
    assert [(other.case_id, other.title) for other in shown.others] == [(8, "Order left unfilled")]
    assert [(one.actor, one.action, one.more) for stretch in shown.history for one in stretch.steps] == [
        (PROGRAM, "linked", "incident 7 (venue XTST)")
    ]


def test_messages_and_findings_are_on_the_page() -> None:
    """In the order given."""
    shown = a_detail(a_finding(1), a_finding(2), messages=[a_record(execution_report())])

    assert [message.offset for message in shown.messages] == [5]
    assert [finding.sentence for finding in shown.findings] == ["Fill E2 took 3 s.", "Fill E1 took 3 s."]


@pytest.mark.parametrize(
    ("received_at", "waiting", "words"),
    [
        (None, 0, "nothing has been received yet"),
        (1_795_185_000_000_000_000, 0, "last record 09:30:00 New York, all of it judged"),
        (1_795_185_000_000_000_000, 1_200, "last record 09:30:00 New York, 1,200 not judged yet"),
    ],
)
def test_the_pulse_says_how_far_the_watch_has_come(received_at: int | None, waiting: int, words: str) -> None:
    """Silence must never look like compliance."""
    assert pulse(received_at, waiting) == words


def test_a_case_is_never_changed_by_being_shown() -> None:
    """Values in, values out."""
    case: Case = a_case()

    assert line(case, catalogue()) == line(case, catalogue())


DOUBTFUL = a_finding(1, uncertain=True)
WHILE = "Uncertain while messages 5-6 were missing"
AGAIN = f"{WHILE}; assessed again at 04:54:20:"


@pytest.mark.parametrize(
    ("verdict", "named", "words"),
    [
        (Verdict.STANDS, {}, f"{AGAIN} it stands, because nothing that came changes it."),
        (
            Verdict.CHANGED,
            {"finding": a_finding(1, sentence="It took 2 s."), "reason": "the order's receipt has come"},
            f"{AGAIN} it changed, because the order's receipt has come. It is now: It took 2 s.",
        ),
        (
            Verdict.WITHDRAWN,
            {"reason": "the execution was busted", "missing": "message 5"},
            f"{AGAIN.replace('s 5-6 were', ' 5 was')} withdrawn, because the execution was busted.",
        ),
        (
            Verdict.UNRESOLVED,
            {"reason": "messages 5-6 will not come: the numbers began anew before they did"},
            f"{WHILE}, and it stays so: messages 5-6 will not come: the numbers began anew before they did.",
        ),
    ],
)
def test_a_doubt_is_told_with_what_became_of_it(verdict: Verdict, named: dict[str, Any], words: str) -> None:
    """For the newest finding at the top, for every finding in its line."""
    looks = {DOUBTFUL.finding_id: (a_look(DOUBTFUL, verdict, **named),)}

    shown = a_detail(DOUBTFUL, looks=looks)

    assert shown.doubt == words
    assert [finding.doubt for finding in shown.findings] == [words]


def test_a_doubt_that_is_open_says_so_and_what_was_never_in_doubt_says_nothing() -> None:
    """A second look belongs to an uncertain finding."""
    open_yet, certain = a_detail(DOUBTFUL), a_detail(a_finding(1), looks={a_finding(1).finding_id: (a_look(DOUBTFUL),)})

    assert open_yet.doubt.startswith("Uncertain: messages were missing")
    assert (certain.doubt, certain.line.mark, certain.line.explained) == ("", "", "")


def test_a_quote_that_came_late_is_told_beside_the_doubt() -> None:
    """Both have their own reason; a certain finding may have the one without the other."""
    late = {"why": Why.QUOTES, "missing": "NBBO at execution", "reason": "it is within the limits"}
    certain = a_finding(1)

    shown = a_detail(certain, looks={certain.finding_id: (a_look(certain, Verdict.WITHDRAWN, **late),)})
    doubtful = a_detail(DOUBTFUL, looks={DOUBTFUL.finding_id: (a_look(DOUBTFUL, Verdict.UNRESOLVED, **late),)})

    assert shown.doubt.startswith("A quote came late (NBBO at execution); assessed again at ")
    assert shown.doubt.endswith(": withdrawn, because it is within the limits.")
    assert doubtful.doubt.startswith("Uncertain: messages were missing")
    assert "it cannot be told" in doubtful.doubt


def test_the_list_marks_a_case_that_is_not_confirmed_or_of_which_nothing_is_left() -> None:
    """In one word, and at length where the pointer rests."""
    certain, doubtful = a_finding(2), a_finding(3, uncertain=True)
    look = Looked(DOUBTFUL, (), a_look(DOUBTFUL, Verdict.WITHDRAWN))
    cases = [
        a_case(DOUBTFUL, doubtful),
        a_case(DOUBTFUL, certain),
        reassess(a_case(DOUBTFUL), [look], NOON).case,
        reassess(a_case(DOUBTFUL, doubtful), [look], NOON).case,
    ]

    lines = [line(case, catalogue()) for case in cases]

    assert [(shown.mark, shown.withdrawn, shown.findings) for shown in lines] == [
        ("uncertain", "", "2"),
        ("partly uncertain", "", "2"),
        ("withdrawn", "1", "0"),
        ("uncertain", "1", "1"),
    ]
    assert lines[3].explained == (
        "1 finding was made while messages were missing, and not confirmed; 1 finding was withdrawn at a second look"
    )
    assert lines[0].explained == "2 findings were made while messages were missing, and not confirmed"


def test_the_findings_are_listed_with_the_harm_that_stands() -> None:
    """As first stated, as it is now, or none any more; withdrawn ones are counted among those listed."""
    found = [a_finding(n, uncertain=True, dollar_harm=2 * 10**9) for n in range(1, 4)]
    looks = {
        found[0].finding_id: (a_look(found[0], Verdict.WITHDRAWN),),
        found[1].finding_id: (a_look(found[1], Verdict.CHANGED, finding=a_finding(2, dollar_harm=10**9)),),
    }

    shown = a_detail(*found, looks=looks)

    assert [finding.harm for finding in shown.findings] == ["$2.00", "$1.00", ""]
    assert shown.total == "3"
