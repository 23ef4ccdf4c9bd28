"""The text of a plan: what it says, and every problem at once with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.plan import (
    BROKER,
    SECOND,
    Between,
    ChannelKind,
    ChannelSpec,
    Grouping,
    Plan,
    Quiet,
    Route,
    Storm,
    When,
)
from alerts.plan_text import Known, PlanError, parse_plan
from rules.finding import Severity

KNOWN = Known(rules=frozenset({"slow_fill", "poor_fill"}), broker=True)
NO_BROKER = Known(rules=KNOWN.rules, broker=False)
WHOLE = """
time_zone: Europe/London
channels:
  mqtt: {storm: {more_than: 60, within: 1 min, floor: high}}
  desk: {kind: webhook, url: "https://desk.example/hook", secret_file: desk.secret, timeout: 5 s, give_up: 2 h}
  on_call:
    kind: notify
    urls_file: on_call.urls
    give_up: never
    group: {by: [rule, counterparty], wait: 30 s}
    quiet: {between: "18:00-07:00", below: high}
  log: {kind: console}
routes:
  - name: grave
    when: {severity: [high, critical], rule: slow_fill, incident: false, hours: closed, between: "9:00-17:30"}
    to: [desk, on_call]
    repeat: 30 min
  - name: rest
    when: {hours: open, incident: true, venue: XTST, symbol: ACME, counterparty: sor, session: S, reason: opened}
    to: mqtt
    quiet: {between: "12:00-13:00", below: medium}
"""


def problems(text: str, known: Known = KNOWN) -> list[str]:
    """Return what is wrong with a text."""
    with pytest.raises(PlanError) as raised:
        parse_plan(text, known)
    return raised.value.problems


def test_a_plan_says_all_that_was_written() -> None:
    """Channels and routes, lengths of time in nanoseconds."""
    desk = ChannelSpec(
        name="desk",
        kind=ChannelKind.WEBHOOK,
        url="https://desk.example/hook",
        secret_file="desk.secret",
        timeout=5 * SECOND,
        give_up=7_200 * SECOND,
    )
    on_call = ChannelSpec(
        name="on_call",
        kind=ChannelKind.NOTIFY,
        urls_file="on_call.urls",
        give_up=None,
        quiet=Quiet(Between(1_080, 420), Severity.HIGH),
        group=Grouping(("rule", "counterparty"), 30 * SECOND),
    )
    mqtt = ChannelSpec(name="mqtt", kind=ChannelKind.MQTT, give_up=None, storm=Storm(60, 60 * SECOND, Severity.HIGH))
    grave = When(
        severity=frozenset({Severity.HIGH, Severity.CRITICAL}),
        rule=frozenset({"slow_fill"}),
        incident=False,
        open_hours=False,
        between=Between(540, 1_050),
    )
    rest = When(
        incident=True,
        open_hours=True,
        venue=frozenset({"XTST"}),
        symbol=frozenset({"ACME"}),
        counterparty=frozenset({"sor"}),
        session=frozenset({"S"}),
        reason=frozenset({"opened"}),
    )

    assert parse_plan(WHOLE, KNOWN) == Plan(
        time_zone="Europe/London",
        channels=(mqtt, desk, on_call, ChannelSpec(name="log", kind=ChannelKind.CONSOLE)),
        routes=(
            Route(name="grave", to=("desk", "on_call"), when=grave, repeat=1_800 * SECOND),
            Route(name="rest", to=("mqtt",), when=rest, quiet=Quiet(Between(720, 780), Severity.MEDIUM)),
        ),
    )


def test_without_a_word_all_goes_to_the_broker_where_there_is_one() -> None:
    """As it did before there was a plan."""
    assert parse_plan("", KNOWN) == Plan(channels=(BROKER,))
    assert parse_plan("", NO_BROKER) == Plan()
    assert parse_plan("", KNOWN).channel("mqtt") == BROKER
    assert parse_plan("", KNOWN).channel("desk") is None


def test_the_broker_is_there_beside_the_channels_that_are_named() -> None:
    """Nobody has to name it for it to be told."""
    names = [one.name for one in parse_plan("channels: {log: {kind: console}}", KNOWN).channels]

    assert names == ["mqtt", "log"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("channels: [log]", "line 1: channels is not a mapping; expected keys among name: {kind: …}"),
        ("channels: {log: {}}", "line 1: the channel log has no kind; expected one of mqtt, webhook, notify, console"),
        ("channels: {Log: {kind: console}}", 'line 1: a channel cannot be named "Log"; expected small letters'),
        ("channels: {d: {kind: webhook, url: u}}", "line 1: the channel d is a webhook and has no secret_file"),
        ("channels: {d: {kind: console, url: u}}", "line 1: the channel d is of kind console, which has no url"),
        ("channels: {d: {kind: mqtt}}", "line 1: the channel d is the broker's only when its name and its kind are"),
        ("channels: {mqtt: {group: {by: rule, wait: 1 s}}}", "line 1: the channel mqtt sends one message an alert"),
        ("channels: {d: {kind: console, timeout: 5 h}}", 'line 1: timeout: "5 h" is too large; the most is 60 s'),
        ("channels: {d: {kind: console, give_up: soon}}", "line 1: give_up: "),
        ("channels: {d: {kind: console, quiet: {below: low}}}", "line 1: quiet has no between"),
        ("channels: {d: {kind: console, storm: {within: 1 s}}}", "line 1: storm has no more_than"),
        ("channels: {d: {kind: console, group: {by: [wind], wait: 1 s}}}", 'line 1: group.by cannot be "wind"'),
        ("routes: [{name: a, to: nobody}]", 'line 1: the route a leads to "nobody"; expected some of mqtt'),
        ("routes: [{name: a}]", "line 1: a route has no to"),
        ("routes: [{name: a, to: mqtt}, {name: a, to: mqtt}]", "line 1: the route a is there twice"),
        ("routes: [{name: a, to: mqtt, when: {severity: grave}}]", 'line 1: when.severity cannot be "grave"'),
        ("routes: [{name: a, to: mqtt, when: {rule: fast_fill}}]", 'line 1: when.rule names "fast_fill", which is no'),
        ("routes: [{name: a, to: mqtt, when: {hours: now}}]", 'line 1: when.hours cannot be "now"; expected one of'),
        ("routes: [{name: a, to: mqtt, when: {between: noon}}]", 'line 1: when.between cannot be "noon"; expected a'),
        ("routes: [{name: a, to: []}]", "line 1: the route a leads to no channel"),
        ("routes: [{name: '', to: mqtt}]", "line 1: a route has an empty name"),
        ("routes: [{name: a, to: mqtt, when: {severity: }}]", "line 1: when.severity names none; leave it out"),
        ("routes: [{name: a, to: mqtt, when: {venue: []}}]", "line 1: when.venue names none; leave it out"),
        (
            "routes: [{name: a, to: mqtt, when: {reason: opend}}]",
            'line 1: when.reason cannot be "opend"; expected some',
        ),
        (
            "routes: [{name: a, to: mqtt, when: {reason: opened}, repeat: 1 h}]",
            "line 1: the route a repeats what it does not hear: add still_waiting to when.reason",
        ),
        (
            'channels: {d: {kind: console, quiet: {between: "07:00-7:00", below: high}}}',
            "line 1: quiet.between is the whole day: what it holds would never go out",
        ),
        ("time_zone: Mars/Olympus", 'line 1: time_zone cannot be "Mars/Olympus"'),
    ],
)
def test_a_problem_says_where_it_is_and_what_was_expected(text: str, expected: str) -> None:
    """In words that tell what to write instead."""
    assert any(problem.startswith(expected) for problem in problems(text)), problems(text)


@pytest.mark.parametrize("kind", ["fax", "", None])
def test_a_channel_whose_kind_is_not_known_is_one_problem(kind: str | None) -> None:
    """What such a channel needs cannot be said."""
    channel = "{}" if kind is None else f'{{kind: "{kind}"}}'

    (problem,) = problems(f"channels: {{desk: {channel}}}")

    assert problem.endswith("expected one of mqtt, webhook, notify, console")


def test_a_route_may_hear_of_some_reasons_and_tell_them_again() -> None:
    """The reminder is a reason like another."""
    text = "routes: [{name: a, to: mqtt, when: {reason: [opened, still_waiting]}, repeat: 1 h}]"

    assert parse_plan(text, KNOWN).routes[0].when.reason == {"opened", "still_waiting"}


def test_a_channel_of_the_broker_needs_a_broker() -> None:
    """The section of the settings is named."""
    expected = "line 1: the channel mqtt needs the section [mqtt] of sorwatch.toml, which names the broker"

    assert problems("channels: {mqtt: {}}", NO_BROKER) == [expected]
    assert "none, for there is no channel" in problems("routes: [{name: a, to: mqtt}]", NO_BROKER)[0]


def test_every_problem_is_told_at_once() -> None:
    """One round of mending, not five."""
    text = "time_zone: Mars\nchannels:\n  d: {kind: webhook}\nroutes:\n  - {name: a, to: x}\n"

    assert [problem.split(":")[0] for problem in problems(text)] == ["line 1", "line 3", "line 3", "line 5"]


def test_the_example_of_the_readme_is_a_plan() -> None:
    """Whoever copies it starts from something that works."""
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    text = readme.split("<!-- plan_example -->")[1].split("```yaml")[1].split("```")[0]

    plan = parse_plan(text, KNOWN)

    assert [channel.name for channel in plan.channels] == ["mqtt", "desk", "on_call"]
    assert [route.name for route in plan.routes] == ["grave", "the rest"]


def test_a_route_that_nothing_reaches_is_a_mistake() -> None:
    """Of each of its channels an earlier route takes everything."""
    text = """
channels: {log: {kind: console}}
routes:
  - {name: a, to: mqtt}
  - {name: b, to: [mqtt, log]}
  - {name: c, to: [log, mqtt], when: {severity: high}}
"""

    assert problems(text) == ["line 6: nothing reaches the route c: b and a before it takes everything"]
