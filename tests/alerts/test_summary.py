"""Summaries of the rules: which are told, and at which topic."""

from __future__ import annotations

from msgspec.structs import replace

from alerts.summary import Summary, changed, encode, summary_topic


def a_summary(rule: str = "slow_fill", *, high: int = 0, as_of: str = "2026-11-20T15:00:00.000000000Z") -> Summary:
    """Return the summary of a rule."""
    return Summary(
        firm="demo",
        rule=rule,
        open={"low": 0, "medium": 0, "high": high, "critical": 0},
        unacknowledged=high,
        newest=7 if high else None,
        last_at=as_of if high else None,
        as_of=as_of,
    )


def test_on_a_new_connection_every_rule_is_told() -> None:
    """Also those of which nothing is open."""
    current = [a_summary("slow_fill"), a_summary("poor_fill", high=1)]

    assert changed({}, current) == current


def test_what_says_the_same_is_not_told_again() -> None:
    """That time has passed is no news."""
    told = {"slow_fill": a_summary(high=1)}

    assert changed(told, [replace(told["slow_fill"], as_of="2026-11-20T15:00:02.000000000Z")]) == []


def test_what_says_something_else_is_told() -> None:
    """One more, one fewer."""
    told = {"slow_fill": a_summary(high=1), "poor_fill": a_summary("poor_fill")}
    more = a_summary(high=2)

    assert changed(told, [more, a_summary("poor_fill")]) == [more]


def test_the_wire_form_is_one_object_with_every_severity() -> None:
    """A subscriber needs no defaults."""
    assert encode(a_summary(high=2)) == (
        b'{"schema":1,"firm":"demo","rule":"slow_fill","open":{"low":0,"medium":0,"high":2,"critical":0},'
        b'"unacknowledged":2,"newest":7,"last_at":"2026-11-20T15:00:00.000000000Z",'
        b'"as_of":"2026-11-20T15:00:00.000000000Z"}'
    )


def test_a_rule_has_a_topic_of_its_own() -> None:
    """Beside the exceptions, not among them."""
    assert summary_topic("demo", "slow_fill") == "sorwatch/demo/rules/slow_fill"
