"""The venue register: seeded once from the file, changed under a name, compared ever after."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.facts import Nanos
from service.adopt import adopt_venues
from service.journal import Frame
from service.settings import ConfigurationError
from service.simulator.folder import Ports, write_folder
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.upgrade import migrate
from service.versions import Version, VersionKind, changes, version_of
from tests.factories_folder import settings_on

FILE = "- {venue: XNYS, name: New York, approved_from: 2020-01-02}\n"


def a_folder(path: Path, store: str) -> Path:
    """Return a working folder with the demo counterparty, whose store holds the shipped register."""
    write_folder(path, Ports(fix=1, broker=2, http=3, web=4))
    (path / "sorwatch.toml").write_text(settings_on(store), encoding="utf-8")
    venues = path / "fix_configs" / "demo" / "venues.yaml"
    with Database(store) as database:
        migrate(database)
        seed = Version(kind=VersionKind.REGISTER, name="demo", text=venues.read_text(encoding="utf-8"))
        SqlJournal(database).append(Frame(entries=(seed.entry(Nanos(1)),)))
    return path


def test_a_changed_file_is_put_in_force_under_a_name(tmp_path: Path, store_url: str) -> None:
    """The journal says which register, and who put it there."""
    folder = a_folder(tmp_path, store_url)
    (folder / "fix_configs" / "demo" / "venues.yaml").write_text(FILE, encoding="utf-8")

    words = adopt_venues(folder, "demo", "pat")

    assert words == "pat put venues.yaml in force as the register of demo (journal 2)"
    with Database(store_url) as database:
        version = version_of(SqlJournal(database).read(1, 1)[0].body)
    assert (version.kind, version.text, version.actor) == (VersionKind.REGISTER, FILE, "pat")


def test_an_unchanged_file_changes_nothing(tmp_path: Path, store_url: str) -> None:
    """Saying it twice is not two changes."""
    folder = a_folder(tmp_path, store_url)

    assert adopt_venues(folder, "demo", "pat") == "the register of demo is already what venues.yaml says"


@pytest.mark.parametrize(
    ("counterparty", "actor", "words"), [("nobody", "pat", "no counterparty"), ("demo", " ", "nobody is named")]
)
def test_an_unknown_counterparty_or_nobody_is_refused(
    tmp_path: Path, store_url: str, counterparty: str, actor: str, words: str
) -> None:
    """A register changes only for somebody, by somebody."""
    with pytest.raises(ConfigurationError, match=words):
        adopt_venues(a_folder(tmp_path, store_url), counterparty, actor)


def test_a_start_with_another_file_compares_it_and_leaves_the_register() -> None:
    """The store wins; the file is journalled only to be compared."""
    seeded = Version(kind=VersionKind.REGISTER, name="demo", text="[]")
    changed = Version(kind=VersionKind.REGISTER, name="demo", text=FILE)

    new = changes([changed], {seeded.key: seeded.hash})

    assert [(version.kind, version.text) for version in new] == [(VersionKind.VENUES_FILE, FILE)]


def test_a_copy_of_own_orders_has_no_register_to_put_in_force(tmp_path: Path, store_url: str) -> None:
    """The words say why."""
    folder = a_folder(tmp_path, store_url)
    home = folder / "fix_configs" / "oms"
    home.mkdir()
    text = "begin_string: FIX.4.4\nrole: own_orders\nown_orders: {vendor: demo}\n"
    (home / "dialect.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"oms has no venues\.yaml: a copy of our own orders trades nowhere"):
        adopt_venues(folder, "oms", "pat")
