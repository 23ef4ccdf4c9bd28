"""Topics and keys of the alerts: they are a contract with whoever subscribes."""

from __future__ import annotations

from alerts.alert import exception_topic, house_topic, idempotency_key, presence_topic


def test_the_topic_of_an_alert_names_firm_severity_and_rule() -> None:
    """A subscriber picks with wildcards."""
    assert exception_topic("demo", "high", "slow_fill") == "sorwatch/demo/exceptions/high/slow_fill"


def test_presence_has_a_topic_of_its_own() -> None:
    """Beside the exceptions, not among them."""
    assert presence_topic("demo") == "sorwatch/demo/presence"


def test_the_key_is_the_same_for_the_same_step_and_no_other() -> None:
    """What came twice can be dropped."""
    assert idempotency_key("demo", 7, 2) == "demo/7/2"
    assert len({idempotency_key(*step) for step in (("demo", 7, 2), ("demo", 7, 3), ("demo", 72, 2))}) == 3


def test_what_is_about_no_exception_has_a_topic_of_the_house() -> None:
    """The seals of the record."""
    assert house_topic("demo", "seals") == "sorwatch/demo/seals"
