"""The published schemas: current, sound, and true of what really goes out."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from msgspec.structs import replace

from alerts.alert import encode
from alerts.envelope import envelope
from alerts.plan import SECOND, Storm
from alerts.ports import Delivery, Letter
from alerts.storm import Pace
from alerts.summary import encode as encode_summary
from rules.finding import Severity
from service.alerting import alerting
from tests.alert_schemas import FOLDER, schemas
from tests.alerts.test_summary import a_summary
from tests.factories_cases import NOON, a_finding, an_opening
from tests.fakes_alerts import an_alert


def true_of(name: str, body: bytes) -> bool:
    """Return whether a published schema is true of a wire form, by a JSON Schema library."""
    text = (FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text)).is_valid(json.loads(body))


def changed(body: bytes, **changes: Any) -> bytes:
    """Return a wire form with other values."""
    return json.dumps({**json.loads(body), **changes}).encode()


def test_every_schema_is_current_and_no_other_lies_there() -> None:
    """`python -m tests.alert_schemas` writes them."""
    published = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir()}

    assert published == schemas(), "run `python -m tests.alert_schemas`"


@pytest.mark.parametrize("file", sorted(schemas()))
def test_every_schema_is_a_schema(file: str) -> None:
    """By the meta-schema of its dialect."""
    assert jsonschema_rs.meta.is_valid(json.loads(schemas()[file]))


def test_an_alert_as_the_caseworker_makes_it_is_as_published() -> None:
    """With and without what may be null; another severity, or a missing key, is not."""
    notice = an_opening(a_finding(severity=Severity.HIGH, symbol=None, venue=None)).notice
    assert notice is not None
    body = alerting("demo", "https://watch.example/")(notice, NOON)

    assert true_of("alert-2", body)
    assert true_of("alert-2", encode(an_alert()))
    assert not true_of("alert-2", changed(body, severity="dire"))
    assert not true_of("alert-2", changed(body, schema=1))
    assert not true_of("alert-2", b'{"schema":2,"key":"demo/1/1"}')


def test_a_key_that_comes_later_breaks_no_subscriber() -> None:
    """A new key at the end keeps the schema."""
    assert true_of("alert-2", changed(encode(an_alert()), something_new=1))


def test_a_summary_is_as_published() -> None:
    """With something open, and with nothing."""
    assert true_of("summary-1", encode_summary(a_summary(high=2)))
    assert true_of("summary-1", encode_summary(a_summary()))
    assert not true_of("summary-1", encode_summary(replace(a_summary(), schema=2)))


def test_what_is_said_of_a_storm_is_as_published() -> None:
    """At its begin and at its end."""
    letters = said_of_a_storm()

    assert [true_of("storm-1", letter.body) for letter in letters] == [True, True]


def said_of_a_storm() -> list[Letter]:
    """Return what a channel says of a storm of one withheld alert, and of its end."""
    pace = Pace("demo", "desk", Storm(more_than=1, within=60 * SECOND, floor=Severity.HIGH))
    pace.note(NOON)
    begun = pace.news(NOON + 1, unsaid=True)
    assert begun is not None
    pace.told(begun)
    pace.note(NOON + 1, withheld="slow_fill")
    over = pace.news(NOON + 600 * SECOND)
    assert over is not None
    return [begun.letter, over.letter]


def test_the_body_of_a_webhook_is_as_published() -> None:
    """Its alerts by the schema of alerts."""
    alert = an_alert()
    body = envelope(Delivery(firm="demo", bodies=(encode(alert),), alerts=(alert,)))

    assert true_of("webhook-1", body)
    assert true_of("alert-2", json.dumps(json.loads(body)["alerts"][0]).encode())
    assert not true_of("webhook-1", changed(body, alerts=None))
