"""A session as the journal sees it: numbers, gap fills, heartbeats, the gateway's own records."""

from __future__ import annotations

import msgspec

from rules.facts import SECOND
from service.feed.own_reject import read_reject
from service.journal import RecordKind
from service.quality.line import HEARTBEAT, Line
from service.simulator.events import DropCopy
from service.simulator.wire import TRANSPORT, pairs
from tests.factories_quality import T0


def a_line() -> Line:
    """Return the demo's session before its first message."""
    return Line("demo", "SOR")


def a_copy(seconds: float = 0.0, body: str = "17=E1\x01") -> DropCopy:
    """Return a report."""
    return DropCopy(T0 + int(seconds * SECOND), body)


def test_a_report_is_received_a_moment_after_it_was_sent_under_the_next_number() -> None:
    """In the session of the counterparty."""
    line = a_line()
    line.report(a_copy())

    (entry,) = line.report(a_copy(1))

    assert (entry.kind, entry.counterparty, entry.session) == (RecordKind.MESSAGE, "demo", "FIX.4.4:FIRM->SOR")
    assert entry.received_at == T0 + SECOND + TRANSPORT
    assert dict(pairs(entry.body))[34] == "2"


def test_lost_numbers_are_filled_after_the_message_that_showed_them() -> None:
    """The fill stands under the first lost number and names the one behind the last."""
    line = a_line()
    line.lose(3)

    report, fill = line.report(a_copy())

    assert dict(pairs(report.body))[34] == "4"
    told = dict(pairs(fill.body))
    assert (told[35], told[34], told[36], told[43]) == ("4", "1", "4", "Y")
    assert fill.received_at is not None
    assert fill.received_at > T0 + TRANSPORT
    assert len(line.report(a_copy())) == 1


def test_a_heartbeat_comes_only_when_nothing_else_did() -> None:
    """As FIX asks for it."""
    line = a_line()
    line.report(a_copy())

    early, late = line.heartbeat(T0 + HEARTBEAT - 1), line.heartbeat(T0 + HEARTBEAT)

    assert early == []
    assert [dict(pairs(entry.body))[35] for entry in late] == ["0"]


def test_a_clock_that_is_ahead_shows_in_the_sending_time_alone() -> None:
    """When it was received is by our own."""
    line = a_line()
    line.ahead = 2 * SECOND

    (entry,) = line.report(a_copy())

    assert dict(pairs(entry.body))[52].endswith(":02.000000000")
    assert entry.received_at == T0 + TRANSPORT


def test_numbers_begin_anew_with_another_epoch() -> None:
    """The record names both."""
    line = a_line()
    line.report(a_copy())

    (told,) = line.anew(T0)
    (entry,) = line.report(a_copy())

    assert (told.kind, msgspec.json.decode(told.body)["previous"]) == (RecordKind.EPOCH, "1")
    assert (entry.epoch, dict(pairs(entry.body))[34]) == ("2", "1")


def test_a_reject_of_ours_names_the_message_before() -> None:
    """As the engine writes it."""
    line = a_line()
    line.report(a_copy())

    (entry,) = line.refused(T0)

    assert entry.kind is RecordKind.OWN_REJECT
    assert read_reject(entry.body).refused_sequence == 1


def test_a_session_event_is_in_the_words_of_the_gateway() -> None:
    """With who and why."""
    (entry,) = a_line().said(T0, "logout", by="counterparty")

    assert msgspec.json.decode(entry.body) == {"event": "logout", "by": "counterparty"}
