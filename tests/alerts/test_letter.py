"""What mail and chat say: readable at three in the morning."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from alerts.alert import Alert, encode
from alerts.letter import letter
from alerts.ports import Delivery
from alerts.storm import StormReport
from rules.finding import Severity
from tests.fakes_alerts import an_alert


def a_delivery(*alerts: Alert) -> Delivery:
    """Return a delivery of these alerts."""
    return Delivery(firm="demo", bodies=tuple(map(encode, alerts)), alerts=alerts)


def test_one_alert_is_told_with_its_number_and_its_page() -> None:
    """The subject alone says whether to get up."""
    alert = an_alert(
        3,
        1042,
        sentence="Filled in 9.1 s.",
        reason="severity_rose",
        dollar_harm="12.50",
        findings=2,
        link="https://watch.example/exceptions/1042",
    )

    message = letter(a_delivery(alert))

    assert message.subject == "sorwatch demo: high slow_fill, exception 1042"
    assert message.text == (
        "Exception 1042, high, slow_fill, new: Filled in 9.1 s.\n"
        "It has become graver.\n"
        "2 findings, 12.50 dollars of harm; trade date 2026-11-20; sor, FIX.4.4:FIRM->SOR, XTST, ACME; venue XTST.\n"
        "https://watch.example/exceptions/1042"
    )


def test_what_is_not_known_is_not_said() -> None:
    """No harm, no counterparty, no venue: no empty words."""
    alert = an_alert(counterparty=None, venue=None, symbol=None, reason="something_new")

    assert letter(a_delivery(alert)).text == (
        "Exception 1, high, slow_fill, new: Step 1 of 1.\n"
        "something_new\n"
        "1 finding; trade date 2026-11-20; FIX.4.4:FIRM->SOR; venue XTST."
    )


def test_doubt_and_incident_are_said() -> None:
    """Both change what one does next."""
    text = letter(a_delivery(an_alert(uncertain=True, incident=5))).text

    assert "Some of it was found while messages were missing, and is not confirmed." in text
    assert "It is part of incident 5." in text


def test_a_group_is_one_message_with_the_gravest_in_its_subject() -> None:
    """And every alert in its text."""
    alerts = (
        an_alert(1, 41, severity=Severity.LOW),
        an_alert(1, 42, severity=Severity.CRITICAL),
        an_alert(1, 43, rule="poor_fill"),
    )

    message = letter(a_delivery(*alerts))

    assert message.subject == "sorwatch demo: 3 alerts up to critical (slow_fill 2, poor_fill 1), exceptions 41 to 43"
    assert [f"Exception {number}, " in message.text for number in (41, 42, 43)] == [True, True, True]


def test_several_alerts_of_one_exception_name_it_once() -> None:
    """A group by exception."""
    message = letter(a_delivery(an_alert(1, 41), an_alert(2, 41, reason="grew")))

    assert message.subject == "sorwatch demo: 2 alerts up to high (slow_fill 2), exception 41"


def test_what_is_about_no_exception_is_said_as_it_is() -> None:
    """A seal is for a file, not for reading."""
    message = letter(Delivery(firm="demo", bodies=(b'{"seq":7}',), topic="seals", own_key="seals/7"))

    assert (message.subject, message.text) == ("sorwatch demo: seals", '{"seq":7}')


def test_a_test_says_that_it_is_one() -> None:
    """Nobody gets up for it."""
    alert = an_alert(reason="test", sentence="This is a test of the channel.")
    message = letter(Delivery(firm="demo", bodies=(encode(alert),), alerts=(alert,), topic="test", own_key="test/1"))

    assert message.subject == "sorwatch demo: test"
    assert "This is a test of the channel." in message.text


def a_storm(**changes: Any) -> Delivery:
    """Return what a channel says of a storm."""
    values: dict[str, Any] = {
        "key": "demo/storm/on_call/1/began",
        "firm": "demo",
        "channel": "on_call",
        "began_at": 1_764_244_800_000_000_000,
        "ended_at": None,
        "more_than": 60,
        "within_s": 60,
        "floor": "high",
        "withheld": {},
    }
    body = msgspec.json.encode(StormReport(**{**values, **changes}))
    return Delivery(firm="demo", bodies=(body,), topic="storm", own_key="storm/on_call/1/began")


def test_a_storm_is_said_in_sentences() -> None:
    """What is not told one by one now, and where it is."""
    message = letter(a_storm())

    assert message.subject == "sorwatch demo: storm"
    assert message.text == (
        "More than 60 alerts within 60 s on the channel on_call, 2025-11-27 12:00:00 UTC: until it is over only what "
        "is high or graver is told one by one. The queue has all of it."
    )


@pytest.mark.parametrize(
    ("withheld", "said"), [({"poor_fill": 2, "slow_fill": 40}, "poor_fill 2, slow_fill 40"), ({}, "nothing")]
)
def test_the_end_of_a_storm_says_what_was_left_unsaid(withheld: dict[str, int], said: str) -> None:
    """By rule."""
    message = letter(a_storm(ended_at=1_764_245_400_000_000_000, withheld=withheld))

    assert message.text == (
        "The storm on the channel on_call that began 2025-11-27 12:00:00 UTC is over, 2025-11-27 12:10:00 UTC. "
        f"Left unsaid: {said}."
    )
