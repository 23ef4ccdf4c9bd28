"""`sorwatch alerts` over a real folder and store: what it says and does, and with which exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.access.permissions import Role
from service.access.trail import Deed
from service.access.users import User
from service.cli import main
from service.store.accounts import SqlAccounts
from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from service.store.trail import SqlTrail
from tests.factories_access import a_draft, a_user
from tests.factories_folder import SETTINGS, a_working_folder
from tests.factories_telling import REFUSED, a_dead_letter, an_alert
from tests.servers import free_port
from tests.stores import lay_tables

PLAN = """\
channels:
  log: {kind: console}
  night: {kind: console, group: {by: [rule], wait: 30 s}}
routes:
  - name: grave
    when: {severity: [high, critical]}
    to: [mqtt, night]
  - name: the rest
    when: {venue: [XTST], incident: false}
    to: [log]
    quiet: {between: "18:00-07:00", below: high}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a working folder with a plan, and a broker that is not there; its store has two dead letters."""
    settings = f'{SETTINGS}[http]\nport = {free_port()}\n[mqtt]\nhost = "127.0.0.1"\nport = {free_port()}\n'
    made = a_working_folder(tmp_path, settings=settings)
    (made / "alerts.yaml").write_text(PLAN, encoding="utf-8")
    with Database(f"sqlite:///{made / 'sorwatch.db'}") as database:
        lay_tables(database)
        a_dead_letter(database, channel="log")
        a_dead_letter(database, channel="log")
    return made


def alerts(folder: Path, *words: str) -> Result:
    """Run the command in a folder."""
    return CliRunner().invoke(main, ["alerts", *words, "--folder", str(folder)])


def store(folder: Path) -> Database:
    """Return the folder's store."""
    return Database(f"sqlite:///{folder / 'sorwatch.db'}")


def test_the_channels_are_listed_as_they_stand(folder: Path) -> None:
    """One a line, or one JSON object a line."""
    with store(folder) as database:
        an_alert(database, channel="mqtt")

    text, plain = alerts(folder, "channels"), alerts(folder, "channels", "--format", "json")

    assert text.exit_code == 0, text.output
    assert [line.partition(":")[0] for line in text.output.splitlines()] == ["mqtt", "log", "night"]
    assert "mqtt: stuck; 1 alert waiting, the oldest for " in text.output
    assert f"last error: {REFUSED}; 2 dead, the first since Oct 9 04:54:20" in text.output
    told = [json.loads(line) for line in plain.output.splitlines()]
    assert [(one["channel"], one["waiting"], one["dead"], one["connected"]) for one in told] == [
        ("mqtt", 1, 0, None),
        ("log", 0, 2, None),
        ("night", 0, 0, None),
    ]


def test_the_dead_letters_are_listed(folder: Path) -> None:
    """Of all channels or of one; where there are none it is said."""
    assert [line.partition(" ")[0] for line in alerts(folder, "dead").output.splitlines()] == ["2", "1"]
    assert json.loads(alerts(folder, "dead", "--limit", "1", "--format", "json").output)["alert"] == 2
    assert alerts(folder, "dead", "--channel", "mqtt").output == "none is dead\n"


@pytest.mark.parametrize("channel", ["desk", "\udcff"])
def test_of_no_channel_no_letters_are_listed(folder: Path, channel: str) -> None:
    """A slip of the pen would say that none is dead."""
    refused = alerts(folder, "dead", "--channel", channel)

    assert refused.exit_code == 2
    assert "there is no channel" in refused.output
    assert "there are: mqtt, log, night" in refused.output


def test_a_number_that_no_alert_can_have_is_refused(folder: Path) -> None:
    """In words, not by the data base."""
    refused = alerts(folder, "again", str(2**63), "--actor", "pat")

    assert refused.exit_code == 2
    assert "is not in the range" in refused.output


def test_letters_are_sent_again_and_the_second_is_told_who_was_first(folder: Path) -> None:
    """Exit code 1 for what was refused; who did it is in the access log."""
    first = alerts(folder, "again", "1", "--actor", "pat")
    second = alerts(folder, "again", "1", "--actor", "sam")
    rest = alerts(folder, "again", "--channel", "log", "--actor", "sam")
    nothing = alerts(folder, "again", "--channel", "log", "--actor", "sam")

    assert (first.exit_code, first.output) == (0, "1 alert goes out again\n")
    assert (second.exit_code, second.output) == (1, "alert 1: pat sent it again before you; it waits\n")
    assert (rest.exit_code, rest.output) == (0, "1 alert goes out again\n")
    assert (nothing.exit_code, nothing.output) == (1, "nothing was done: nothing is dead on log\n")
    with store(folder) as database:
        assert [(one.actor, one.deed) for one in SqlTrail(database).newest()] == [
            ("sam", Deed.SENT_AGAIN),
            ("pat", Deed.SENT_AGAIN),
        ]


def test_letters_are_set_aside_with_words(folder: Path) -> None:
    """They are dead no more."""
    done = alerts(folder, "set-aside", "1", "2", "--words", "told by telephone", "--actor", "pat")

    assert (done.exit_code, done.output) == (0, "2 alerts are set aside\n")
    with store(folder) as database:
        assert SqlDeliveries(database).dead() == []


def test_what_is_left_on_a_channel_out_of_the_plan_is_set_aside(folder: Path) -> None:
    """All of it; what waits on a channel of the plan is not."""
    with store(folder) as database:
        an_alert(database, channel="old_desk")
    words = ("--words", "the desk is gone", "--actor", "pat")

    done = alerts(folder, "set-aside", "--channel", "old_desk", *words)
    refused = alerts(folder, "set-aside", "--channel", "log", *words)

    assert (done.exit_code, done.output) == (0, "1 alert is set aside\n")
    assert refused.exit_code == 1
    assert refused.output == "nothing was done: log is in the plan: what waits there goes out\n"


@pytest.mark.parametrize("words", [("again", "--actor", "pat"), ("again", "1", "--channel", "log", "--actor", "pat")])
def test_it_is_said_which_letters_are_meant(folder: Path, words: tuple[str, ...]) -> None:
    """Some, or a channel; not both and not neither."""
    refused = alerts(folder, *words)

    assert refused.exit_code == 2
    assert "name alerts by their numbers, or one --channel" in refused.output


def test_where_there_are_accounts_only_who_may_acts(folder: Path) -> None:
    """And nobody acts under the program's own name."""
    with store(folder) as database:
        for name, role in (("kim", Role.COMPLIANCE), ("pat", Role.SUPERVISOR)):
            person: User = a_user(name, role)
            assert SqlAccounts(database).add(person, a_draft())

    kim, pat = alerts(folder, "again", "1", "--actor", "kim"), alerts(folder, "again", "1", "--actor", "pat")
    program = alerts(folder, "again", "1", "--actor", "sorwatch")

    assert (kim.exit_code, pat.exit_code, program.exit_code) == (2, 0, 2)
    assert "kim (compliance) may not send alerts again or set them aside; that is for admin or supervisor" in kim.output
    assert "sorwatch is the program's own name" in program.output


def test_the_plan_is_explained_for_an_exception_and_a_time(folder: Path) -> None:
    """Which channel hears of it, by which route, and why the others do not."""
    grave = alerts(folder, "explain", "--rule", "slow_fill", "--severity", "high", "--at", "2026-11-20T12:00")
    low = ("explain", "--rule", "slow_fill", "--severity", "low", "--venue", "XTST")
    night = alerts(folder, *low, "--at", "2026-11-20T19:00")
    known = alerts(folder, *low, "--at", "2026-11-20T12:00", "--acknowledged")

    assert grave.output.splitlines() == [
        "high slow_fill (opened), Nov 20 12:00:00 New York, the market is open:",
        "mqtt: sent by the route grave",
        "log: withheld: no route leads from it to log",
        "night: sent by the route grave, with others of its group after 30 s",
    ]
    assert "log: held by the route the rest: quiet until 07:00 (Nov 21 07:00:00), then decided again" in night.output
    assert "log: withheld: acknowledged before it was sent" in known.output


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        (("--rule", "slow_fil"), "--rule slow_fil: there is no such rule"),
        (("--counterparty", "nobody"), "--counterparty nobody: there is no such counterparty; there are: demo"),
        (("--reason", "opend"), "'opend' is not one of 'opened'"),
        (("--at", "0001-01-01T00:00"), "--at: expected a time of the years 2000 to 2200"),
        (("--at", "9999-12-31T23:59"), "--at: expected a time of the years 2000 to 2200"),
    ],
)
def test_of_what_there_is_none_of_nothing_is_explained(folder: Path, slip: tuple[str, str], words: str) -> None:
    """A slip of the pen would say that nobody hears of it."""
    refused = alerts(folder, "explain", "--rule", "slow_fill", "--severity", "high", *slip)

    assert refused.exit_code == 2
    assert words in refused.output


def test_where_no_channel_is_configured_it_is_said_that_alerts_wait(tmp_path: Path) -> None:
    """For a broker to come."""
    made = a_working_folder(tmp_path)

    said = alerts(made, "explain", "--rule", "slow_fill", "--severity", "high")

    assert said.output.splitlines()[1:] == ["mqtt: waits: no channel is configured"]


def test_where_no_channel_is_configured_none_is_listed_but_that_on_which_alerts_are_left(tmp_path: Path) -> None:
    """Nobody sends those."""
    made = a_working_folder(tmp_path)
    with store(made) as database:
        lay_tables(database)
        bare = alerts(made, "channels")
        an_alert(database, channel="mqtt")
        left = alerts(made, "channels")

    assert bare.output == "no channel is configured, and no alert waits\n"
    assert left.output.startswith("mqtt: not configured: nobody sends what waits; 1 alert waiting, the oldest for ")


def test_what_waits_where_no_channel_is_configured_can_be_set_aside(tmp_path: Path) -> None:
    """By the name under which it waits, so that nothing is left that nobody will ever send."""
    made = a_working_folder(tmp_path)
    with store(made) as database:
        lay_tables(database)
        an_alert(database, channel="mqtt")

    done = alerts(made, "set-aside", "--channel", "mqtt", "--words", "there is no broker", "--actor", "pat")

    assert (done.exit_code, alerts(made, "channels").output) == (0, "no channel is configured, and no alert waits\n")


def test_a_channel_that_there_is_none_of_is_not_tried(folder: Path) -> None:
    """The channels that there are, are named."""
    refused = alerts(folder, "test", "desk")

    assert refused.exit_code == 2
    assert "there is no channel desk; there are: mqtt, log, night" in refused.output
