"""Channels, dead letters and who was told, as lines of a page."""

from __future__ import annotations

import pytest

from service.telling.delivered import Fate
from service.web.alerts.form import MOST_NAMED, chosen
from service.web.alerts.view import channel_line, dead_line, outcome, told_by
from tests.factories_cases import NOON
from tests.factories_telling import SECOND, a_delivery, a_standing


def test_a_channel_in_order_is_a_line_without_alarm() -> None:
    """Nothing waits, nothing is dead."""
    line = channel_line(a_standing(last_sent=NOON), NOON, connected=True)

    assert (line.channel, line.stands, line.mark, line.waits, line.oldest) == ("desk", "connected", "low", "", "")
    assert (line.last_error, line.dead, line.dead_since) == ("", 0, None)
    assert line.last_sent is not None


def test_a_channel_in_trouble_says_how_much_waits_since_when() -> None:
    """And why."""
    told = a_standing(waiting=1_200, held=3, oldest=NOON, due_since=NOON, last_error="gone", dead=2, dead_since=NOON)

    line = channel_line(told, NOON + 300 * SECOND, connected=True)

    assert (line.stands, line.mark, line.waits) == ("stuck", "critical", "1,200, 3 held until later")
    assert (line.oldest, line.last_error, line.dead) == ("5 min", "gone", 2)


def test_where_all_that_waits_is_held_the_channel_is_in_order() -> None:
    """A night's quiet."""
    line = channel_line(a_standing(waiting=4, held=4, oldest=NOON), NOON + 3_600 * SECOND, connected=True)

    assert (line.stands, line.waits) == ("connected", "4, held until later")


def test_a_dead_letter_says_what_it_was_about_and_who_has_tried_before() -> None:
    """One that was sent again and died again."""
    line = dead_line(a_delivery(fate=Fate.DEAD, dead_at=NOON, attempts=3, error="gone", by="pat"))
    plain = dead_line(a_delivery(exception=None))

    assert (line.alert, line.exception, line.rule, line.about) == (5, 7, "slow fill", "opened")
    assert (line.tried, line.error, line.by) == ("3", "gone", "pat sent it again before")
    assert (plain.exception, plain.dead, plain.error, plain.by) == (None, None, "", "")


def test_who_was_told_is_told_by_channel() -> None:
    """Each with how many became what; a long list is folded."""
    sent = a_delivery(channel="mqtt", fate=Fate.SENT, settled_at=NOON + SECOND, reason="opened")
    dead = a_delivery(fate=Fate.DEAD, dead_at=NOON + SECOND, error="gone", attempts=1)
    waits = [a_delivery(alert=number) for number in range(8)]

    desk, mqtt = told_by([sent, dead, *waits])

    assert (desk.channel, desk.counts, desk.folded) == ("desk", "8 waiting, 1 dead", True)
    assert (mqtt.channel, mqtt.counts, mqtt.folded) == ("mqtt", "1 sent", False)
    assert (desk.lines[0].fate, desk.lines[0].mark, desk.lines[0].reason) == ("dead", "critical", "tried 1 time: gone")
    assert desk.lines[0].at == mqtt.lines[0].at is not None
    assert desk.lines[1].at is None


def test_what_a_form_did_is_said_where_it_leads_back_to() -> None:
    """One or many, or nothing."""
    assert outcome(1, 0) == "1 alert goes out again, under the same key as before."
    assert outcome(12, 0) == "12 alerts go out again, under the same key as before."
    assert (outcome(0, 1), outcome(0, 2)) == ("1 alert is set aside.", "2 alerts are set aside.")
    assert outcome(0, 0) == ""


@pytest.mark.parametrize(
    ("fields", "alerts"),
    [
        ([("alert", "5"), ("alert", "7")], [5, 7]),
        ([("alert", "5"), ("one", "7")], [7]),
    ],
)
def test_a_form_names_alerts_and_the_button_of_a_row_that_row_alone(
    fields: list[tuple[str, str]], alerts: list[int]
) -> None:
    """Whatever else is selected."""
    assert chosen(fields) == alerts


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([], "No alert is selected"),
        ([("alert", "five")], "cannot be"),
        ([("alert", "٣")], "cannot be"),
        ([("one", "9" * 30)], "cannot be"),
        ([("alert", str(number)) for number in range(MOST_NAMED + 1)], "more than 500"),
    ],
)
def test_a_form_that_names_none_or_nonsense_is_refused(fields: list[tuple[str, str]], words: str) -> None:
    """In words for the page."""
    said = chosen(fields)

    assert isinstance(said, str)
    assert words in said
