"""The body of a webhook, and what its answer asks of us."""

from __future__ import annotations

import json
import time

import pytest

from alerts.alert import encode
from alerts.envelope import envelope, retry_after
from alerts.ports import Delivery
from tests.fakes_alerts import an_alert

NOON = 1_764_244_800.0


def test_the_alerts_of_a_delivery_are_one_list_in_their_order() -> None:
    """Each as it goes over MQTT."""
    alerts = (an_alert(1, 41), an_alert(1, 42))

    body = json.loads(envelope(Delivery(firm="demo", bodies=tuple(map(encode, alerts)), alerts=alerts)))

    assert (body["schema"], body["firm"], body["topic"]) == (1, "demo", None)
    assert body["alerts"] == [json.loads(encode(alert)) for alert in alerts]


def test_what_is_about_no_exception_has_its_topic() -> None:
    """And is the one thing in the list."""
    body = envelope(Delivery(firm="demo", bodies=(b'{"seq":7}',), topic="seals", own_key="seals/7"))

    assert body == b'{"schema":1,"firm":"demo","topic":"seals","alerts":[{"seq":7}]}'


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Thu, 27 Nov 2025 12:01:30 GMT", 90.0),
        ("Thu, 27 Nov 2025 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("99999999999", 900.0),
        ("Thu, 27 Nov 2099 12:01:30 GMT", 900.0),
    ],
)
def test_an_answer_may_ask_us_to_wait(text: str | None, seconds: float | None) -> None:
    """In seconds or until a date, a quarter of an hour at most; nonsense asks for nothing."""
    assert retry_after(text, NOON) == seconds


@pytest.mark.parametrize(
    "text", ["Thu, 27 Nov 2025 12:00:30 GMT", "Thu Nov 27 12:00:30 2025", "Thu, 27 Nov 2025 12:00:30 -0000"]
)
def test_a_date_without_a_zone_is_utc_wherever_the_watch_stands(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As HTTP has it, also in its oldest form; not the hour of this machine."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert retry_after(text, NOON) == 30.0
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "text", ["Thu, 27 Nov 99999 12:00:30 GMT", "Fri, 31 Dec 9999 23:59:59 -2400", "\u0663", "9" * 400, ""]
)
def test_no_date_is_too_odd(text: str) -> None:
    """Whatever a receiver writes, the answer is read."""
    assert retry_after(text, NOON) in {None, 3.0, 900.0}
