"""A working folder, read whole."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from rules.facts import Quantity
from service.cases.rules_file import Laid
from service.check import check_folder
from service.configuration import fee_schedules, plain_dialect, read_configuration
from service.in_force import Limits, read_version
from service.journal import Record, RecordKind
from service.settings import ConfigurationError
from tests.factories_fix import a_session_cfg
from tests.factories_folder import a_working_folder


def problems(folder: Path) -> list[str]:
    """Return what is wrong with the folder."""
    with pytest.raises(ConfigurationError) as refused:
        read_configuration(folder)
    return refused.value.problems


def test_a_sound_folder_gives_everything_that_must_be_in_force(tmp_path: Path) -> None:
    """Calendar, limits and rulebook, then each counterparty's dialect and register; all of it can be adopted."""
    configuration = read_configuration(a_working_folder(tmp_path))

    versions = configuration.versions('{"name": "always"}')

    assert [version.kind.value for version in versions] == ["calendar", "limits", "rulebook", "dialect", "register"]
    assert [party.name for party in configuration.counterparties] == ["demo"]
    for version in versions:
        read_version(Record(offset=1, kind=RecordKind.VERSION, body=version.entry(None).body))


def test_the_feeds_limits_are_whole_nanoseconds(tmp_path: Path) -> None:
    """A fraction of a second is written exactly."""
    text = 'firm = "x"\n[feed]\nsilence_after_s = 0.3\ngap_overdue_after_s = 1.1\n'
    configuration = read_configuration(a_working_folder(tmp_path, settings=text))

    limits = msgspec.json.decode(configuration.versions("{}")[1].text, type=Limits)

    assert (limits.silence_after, limits.gap_overdue_after) == (300_000_000, 1_100_000_000)
    assert limits.orphan_after == 300_000_000_000
    assert (limits.flow_factor, limits.flow_floor, limits.flow_minimum) == (10, 300_000_000_000, 50)
    assert limits.clock_tolerance == 100_000_000


def test_a_bad_queue_file_is_listed_with_the_rest(tmp_path: Path) -> None:
    """Each problem with its line; a sound one is read."""
    folder = a_working_folder(tmp_path)
    sound = read_configuration(folder).queue
    (folder / "queue.yaml").write_text("colour: red\nfour_eyes: [grave]\n", encoding="utf-8")

    said = problems(folder)

    assert sound == Laid()
    assert [words.split(": ")[:2] for words in said] == [["queue.yaml", "line 1"], ["queue.yaml", "line 2"]]


def test_every_problem_of_every_file_is_listed_at_once(tmp_path: Path) -> None:
    """Settings, rulebook, and each file of each counterparty."""
    folder = a_working_folder(
        tmp_path,
        settings='colour = 1\nrulebook = "rulebook.yaml"\n',
    )
    (folder / "rulebook.yaml").write_text("rules: {nonsense: {}}", encoding="utf-8")
    home = folder / "fix_configs" / "demo"
    (home / "dialect.yaml").write_text("colour: red", encoding="utf-8")
    (home / "venues.yaml").write_bytes(b"\xff")
    (home / "session.cfg").write_text("[SESSION]\n", encoding="utf-8")
    (home / "fees.yaml").write_text("- {venue: XNYS}", encoding="utf-8")
    other = folder / "fix_configs" / "other"
    other.mkdir()
    (other / "session.cfg").write_text("", encoding="utf-8")

    found = problems(folder)

    places = {problem.split(": ")[0] for problem in found}
    assert places >= {
        "sorwatch.toml",
        "rulebook.yaml",
        "fix_configs/demo/dialect.yaml",
        "fix_configs/demo/venues.yaml",
        "fix_configs/demo/fees.yaml",
        "fix_configs/demo/session.cfg",
        "fix_configs/other/dialect.yaml",
        "fix_configs/other/venues.yaml",
        "fix_configs/other/session.cfg",
    }
    assert "fix_configs/demo/venues.yaml: cannot be read: it is not UTF-8 at byte 0" in found
    assert "fix_configs/other/dialect.yaml: cannot be read: No such file or directory" in found


def test_the_fee_schedules_of_a_folder_are_read_by_counterparty(tmp_path: Path) -> None:
    """Where there is none, no fee is known; one that cannot be read is refused with its place."""
    folder = a_working_folder(tmp_path)
    none = fee_schedules(folder)
    fees = folder / "fix_configs" / "demo" / "fees.yaml"
    fees.write_text("- {venue: XNYS, liquidity: added, rate: -0.002, from: 2026-01-01}", encoding="utf-8")

    found = fee_schedules(folder)
    fees.write_bytes(b"\xff")

    assert none == {}
    assert found["demo"].fee("XNYS", "added", "2026-01-02", Quantity(100_000_000)) == -200_000_000
    with pytest.raises(ConfigurationError, match=r"fix_configs/demo/fees\.yaml: cannot be read: it is not UTF-8"):
        fee_schedules(folder)


def test_a_folder_without_a_counterparty_says_what_was_expected(tmp_path: Path) -> None:
    """The first start of somebody new."""
    assert problems(tmp_path) == ["fix_configs/: no counterparty; expected fix_configs/<name>/session.cfg"]


def test_files_that_the_settings_name_must_be_there(tmp_path: Path) -> None:
    """The default rulebook may be absent; one that was named may not."""
    text = (
        'rulebook = "ours.yaml"\n[quotes]\nsource = "file"\nfile = "q.csv"\n'
        '[mqtt]\nusername = "watch"\npassword_file = "secret"\n'
    )
    folder = a_working_folder(tmp_path, settings=text)

    found = problems(folder)

    assert found == [
        "ours.yaml: cannot be read: No such file or directory",
        f"sorwatch.toml: quotes.file: there is no file {folder / 'q.csv'}",
        f"sorwatch.toml: mqtt.password_file: there is no file {folder / 'secret'}",
    ]


def test_a_plain_dialect_is_shipped_for_each_version_of_fix() -> None:
    """And for no other."""
    assert all(plain_dialect(begin) for begin in ("FIX.4.2", "FIX.4.4", "FIXT.1.1"))
    assert plain_dialect("FIX.3.0") is None


OWN = "begin_string: FIX.4.4\nrole: own_orders\nown_orders: {vendor: demo}\n"


def own_orders(folder: Path, dialect: str = OWN) -> Path:
    """Add a counterparty whose folder holds nothing but the dialect of the firm's own orders."""
    home = folder / "fix_configs" / "oms"
    home.mkdir()
    (home / "dialect.yaml").write_text(dialect, encoding="utf-8")
    return home


def test_own_orders_need_neither_a_register_nor_a_session(tmp_path: Path) -> None:
    """They trade nowhere, and may come as files alone; no gateway is started for them."""
    folder = a_working_folder(tmp_path)
    own_orders(folder)

    configuration = read_configuration(folder)

    _, oms = configuration.counterparties
    assert (oms.name, oms.sessions.sessions, oms.sends) == ("oms", (), {"demo"})
    assert oms.venues is None
    assert [version.kind.value for version in configuration.versions("{}")][3:] == ["dialect", "register", "dialect"]
    assert "oms: the firm's own orders to demo, which come as files: `sorwatch backfill`" in list(check_folder(folder))


def test_own_orders_may_have_a_session_and_are_read_like_others(tmp_path: Path) -> None:
    """What is there must be sound."""
    folder = a_working_folder(tmp_path)
    home = own_orders(folder)
    (home / "session.cfg").write_text(a_session_cfg(), encoding="utf-8")

    assert len(read_configuration(folder).counterparties[1].sessions.sessions) == 1
    assert "oms: the firm's own orders to demo" in list(check_folder(folder))
    (home / "venues.yaml").write_text("colour", encoding="utf-8")
    (home / "session.cfg").write_text("", encoding="utf-8")
    assert {problem.partition(":")[0] for problem in problems(folder)} == {
        "fix_configs/oms/venues.yaml",
        "fix_configs/oms/session.cfg",
    }


def test_own_orders_go_to_counterparties_that_are_there(tmp_path: Path) -> None:
    """Else they could be matched with nothing."""
    folder = a_working_folder(tmp_path)
    own_orders(folder, OWN.replace("vendor: demo", "codes: {A: demo, B: broker, C: oms, D: none}"))

    where, what = "fix_configs/oms/dialect.yaml: own_orders", "is no counterparty whose copy is watched here"
    assert problems(folder) == [f"{where}: {vendor} {what}; expected demo" for vendor in ("broker", "oms")]


def test_own_orders_alone_have_nobody_to_go_to(tmp_path: Path) -> None:
    """The problem names what is expected."""
    folder = tmp_path
    (folder / "fix_configs").mkdir()
    own_orders(folder)

    (problem,) = problems(folder)
    assert problem.endswith("demo is no counterparty whose copy is watched here; expected a folder with that name")
