"""The example dialects that are shipped: each of their messages, alone and down the road, against their own tables."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from rules.facts import Level
from service.check import check_folder
from service.core import Core
from service.fix.decode import decode
from service.fix.dialect import parse_dialect
from service.fix.logfile import read_log
from service.orders.life import Life
from service.replay_file import replay_file
from tests.example_dialects import NAMES, ROOT, Example, example, said_of, stands
from tests.factories_road import PARTY, a_journal, a_message, run, versions

EXAMPLES = tuple(example(name) for name in NAMES)
MESSAGES = [
    pytest.param(one, body, row, id=f"{one.name}-{number}-{row['what']}")
    for one in EXAMPLES
    for number, (body, row) in enumerate(zip(one.messages, one.table, strict=True), start=1)
]
every_example = pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.name)


def lives_after(one: Example) -> list[Life]:
    """Run the example down the road; return its orders."""
    core = Core()
    entries = [a_message(body, number) for number, body in enumerate(one.messages, start=1)]
    run(a_journal(entries, versions(dialect=one.dialect, register=one.venues)), core=core)
    return list(core._ledger._books[PARTY].lives())


@pytest.mark.parametrize(("one", "body", "row"), MESSAGES)
def test_each_message_becomes_what_its_table_says(one: Example, body: bytes, row: dict[str, Any]) -> None:
    """Kind, ids, level, venue, amounts, times and reasons, by the dialect alone."""
    decoded = decode(body, parse_dialect(one.dialect), one.day)

    assert said_of(decoded, row) == row


@every_example
def test_each_message_has_exactly_one_outcome(one: Example) -> None:
    """Down the whole road, in order: nothing vanishes and nothing counts twice."""
    entries = [a_message(body, number) for number, body in enumerate(one.messages, start=1)]

    done = run(a_journal(entries, versions(dialect=one.dialect, register=one.venues)))

    assert [outcome.outcome for outcome in done.outcomes] == [row.get("outcome", row["is"]) for row in one.table]
    assert len({outcome.offset for outcome in done.outcomes}) == len(one.messages)


@every_example
def test_the_orders_stand_as_the_table_says(one: Example) -> None:
    """Every order, at its own level: shares, average price, venues and end."""
    lives = {(life.order.order_key, life.order.level.value, life.order.symbol): life for life in lives_after(one)}

    found = []
    for row in one.orders:
        same = [key for key in lives if key[:2] == (row["order"], row["level"]) and row.get("symbol", key[2]) == key[2]]
        assert len(same) == 1, row
        found.append(stands(lives.pop(same[0]), row))

    assert found == list(one.orders)
    assert lives == {}


def test_each_share_of_a_router_and_of_a_package_counts_once_at_its_level() -> None:
    """The parents' roll-ups and the children's fills are the same shares; so are the package and its legs."""
    shares = {
        one.name: {
            level.value: sum(life.executed for life in lives_after(one) if life.order.level is level) // 1_000_000
            for level in Level
        }
        for one in EXAMPLES
    }

    assert shares["broker_sor_42"] == {"parent": 750, "child": 300, "package": 0, "leg": 0}
    assert shares["ats_44"] == {"parent": 0, "child": 450, "package": 0, "leg": 0}
    assert shares["exchange_50sp2"] == {"parent": 0, "child": 450, "package": 10, "leg": 20}


@every_example
def test_check_accepts_the_template_as_it_is(one: Example, tmp_path: Path) -> None:
    """Copied into a working folder, with nothing but the firm's name added."""
    folder = a_folder_with(one, tmp_path)

    lines = list(check_folder(folder))

    assert lines[0] == "firm demo: the configuration is sound"
    assert any(line.startswith(f"{one.name}: ") for line in lines)


@every_example
def test_its_messages_can_be_replayed_as_they_are_shipped(one: Example, tmp_path: Path) -> None:
    """Length and checksum on disk are right, so the command line reads them too."""
    log = ROOT / one.name / "messages" / "day.fix"

    summary = replay_file(log, counterparty=one.name, folder=a_folder_with(one, tmp_path))

    assert tuple(line.body for line in read_log(log)) == one.messages
    assert summary.messages == len(one.messages)


def a_folder_with(one: Example, folder: Path) -> Path:
    """Write a working folder that holds the example as it is shipped."""
    (folder / "sorwatch.toml").write_text('firm = "demo"\ncalendar = "always"\n', encoding="utf-8")
    shutil.copytree(ROOT / one.name, folder / "fix_configs" / one.name)
    return folder
