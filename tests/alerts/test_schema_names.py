"""Every message says of which schema it is."""

from __future__ import annotations

import pytest

from alerts.alert import encode
from alerts.ports import Delivery
from alerts.schema_names import schema_of
from tests.alert_schemas import schemas
from tests.fakes_alerts import an_alert


@pytest.mark.parametrize(
    ("topic", "alerts", "name"), [(None, 1, "alert-2"), ("test", 1, "alert-2"), ("storm", 0, "storm-1")]
)
def test_the_name_is_that_of_a_published_schema(topic: str | None, alerts: int, name: str) -> None:
    """A test of a channel is an alert by its form."""
    delivery = Delivery(firm="demo", bodies=(encode(an_alert()),), alerts=(an_alert(),) * alerts, topic=topic)

    assert schema_of(delivery) == name
    assert f"{name}.schema.json" in schemas()


def test_what_has_no_schema_is_named_by_its_topic() -> None:
    """A seal has a form of its own."""
    assert schema_of(Delivery(firm="demo", bodies=(b"{}",), topic="seals", own_key="seals/7")) == "seals"
