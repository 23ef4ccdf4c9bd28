"""Changing versions by the command line, as two people call it; no daemon has to run."""

from __future__ import annotations

import json
import time
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from rules.facts import Nanos
from rules.rulebook import parse_rulebook
from service.access.permissions import Role
from service.change.activation import activate, put_in_force
from service.cli import main
from service.configuration import read_configuration
from service.market.calendar import ALWAYS
from service.processed import Processed
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.proposals import SqlProposals
from service.store.record import SqlStore
from service.store.tables import proposal_events
from tests.factories_access import a_draft, a_user
from tests.factories_folder import a_working_folder, settings_on
from tests.factories_proposals import SLOWER, sha
from tests.factories_store import a_finding
from tests.stores import lay_tables

MEMX = "- {venue: MEMX, name: MEMX, approved_from: 2026-12-01}\n"


class Office:
    """A working folder whose store was seeded by a first start, and people at the command line."""

    def __init__(self, folder: Path, store: str) -> None:
        self.folder = a_working_folder(folder, settings=settings_on(store))
        self.store = store
        with Database(store) as database:
            lay_tables(database)
        self.start()

    def start(self) -> None:
        """Put in force what a start of the daemon does."""
        with Database(self.store) as database:
            put_in_force(read_configuration(self.folder), ALWAYS, database)

    def activate(self) -> int:
        """Do what a running daemon does with what is due."""
        with Database(self.store) as database:
            return activate(SqlProposals(database), Nanos(time.time_ns()))

    def kinds(self) -> list[str]:
        """Return what was journalled."""
        with Database(self.store) as database:
            return [json.loads(record.body)["kind"] for record in SqlJournal(database).read(0, 99)]

    def call(self, *words: object) -> Result:
        """Call the command line."""
        return CliRunner().invoke(main, [*map(str, words), "--folder", str(self.folder)])

    def said(self, *words: object) -> str:
        """Call it and return what it printed; it must have gone well."""
        result = self.call(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *words: object) -> str:
        """Call it and return why it was refused."""
        result = self.call(*words)
        assert result.exit_code == 2, result.output
        return result.stderr

    def file(self, text: str, name: str = "new.yaml") -> Path:
        """Write a file into the folder."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.folder / name


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Give an office on SQLite."""
    return Office(tmp_path, f"sqlite:///{tmp_path / 'sorwatch.db'}")


def test_two_people_change_a_rulebook(office: Office) -> None:
    """What it changes is shown to both; what is in force leads from its hash to its people."""
    file = office.file(SLOWER)

    proposed = office.said("rulebook", "propose", file, "--actor", "pat", "--why", "agreed")
    alone = office.refused("rulebook", "approve", sha(SLOWER)[:8], "--actor", "P AT")
    approved = office.said("rulebook", "approve", sha(SLOWER)[:8], "--actor", "sam")
    count = office.activate()

    assert "  slow_fill.at_most: 1 s → 2 s\n" in proposed
    assert f"sorwatch rulebook approve {sha(SLOWER)[:12]} --actor NAME" in proposed
    assert "a second person decides" in alone
    assert "is approved by sam\nit comes into force now; a running daemon needs no restart\n" in approved
    assert count == 1
    row = json.loads(office.said("rulebook", "list", "--format", "json").splitlines()[-1])
    assert (row["state"], row["proposer"], row["approver"]) == ("in force", "pat", "sam")
    assert office.said("rulebook", "show", parse_rulebook(SLOWER).hash) == SLOWER
    assert office.said("rulebook", "show") == SLOWER
    assert "by seed" in office.call("rulebook", "show", sha("")[:8]).stderr
    assert office.said("rulebook", "diff", sha("")[:8], "in-force") == "slow_fill.at_most: 1 s → 2 s\n"
    assert office.said("rulebook", "diff", "in-force", file) == "no difference in meaning\n"


def test_a_finding_leads_to_the_rulebook_it_was_made_by(office: Office) -> None:
    """By its id, and then to the people who approved that."""
    office.said("rulebook", "propose", office.file(SLOWER), "--actor", "pat", "--why", "x")
    office.said("rulebook", "approve", "#1", "--actor", "sam")
    office.activate()
    with Database(office.store) as database:
        last = SqlJournal(database).last_offset()
        made = [msgspec.structs.replace(a_finding(f"F{n}"), offset=at) for n, at in ((1, last - 1), (2, last + 1))]
        SqlStore(database).record(Processed(upto=last + 1, findings=made))

    before, after = (office.call("rulebook", "show", "--finding", one.finding_id) for one in made)

    assert (before.stdout, after.stdout) == ("", SLOWER)
    assert "proposed by pat, approved by sam" in after.stderr
    assert "there is no finding F-0" in office.refused("rulebook", "show", "--finding", "F-0")


def test_whoever_edits_the_record_of_proposals_is_found(office: Office) -> None:
    """Whoever has the data base's password could make himself the proposer."""
    office.said("rulebook", "propose", office.file(SLOWER), "--actor", "pat", "--why", "x")
    good = office.said("statements", "verify")
    with Database(office.store) as database, database.writing() as connection:
        connection.execute(update(proposal_events).values(actor="mallory"))

    bad = office.call("statements", "verify")

    assert "; 1 events of proposals, theirs holds; " in good
    assert (bad.exit_code, "the chain of proposals is broken at event 1" in bad.stdout) == (1, True)


def test_a_proposal_can_be_refused_and_withdrawn(office: Office) -> None:
    """And is not in force then."""
    for text in (SLOWER, "version: b\n"):
        office.said("rulebook", "propose", office.file(text), "--actor", "pat", "--why", "x")

    refused = office.said("rulebook", "refuse", "#1", "--actor", "sam", "--why", "too slow")
    withdrawn = office.said("rulebook", "withdraw", "#2", "--actor", "pat")

    assert "proposal 1" in refused
    assert "is refused by sam" in refused
    assert "is withdrawn by pat" in withdrawn
    assert office.activate() == 0
    assert "x; too slow" in office.said("rulebook", "list")


def test_a_bad_file_is_refused_with_every_line_and_a_bad_time_with_what_would_be_one(office: Office) -> None:
    """Nothing is kept."""
    bad = office.file("rules:\n  slow_fil: {}\n  poor_fill: {color: red}\n")
    words = ("rulebook", "propose", bad, "--actor", "pat", "--why", "x")

    lines, late = office.refused(*words), office.refused(*words, "--effective", "soon")
    missing = office.refused("rulebook", "propose", office.folder / "none.yaml", "--actor", "pat")
    (office.folder / "latin.yaml").write_bytes(b"\xff")
    latin = office.refused("rulebook", "propose", office.folder / "latin.yaml", "--actor", "pat")
    unreadable = office.refused("rulebook", "diff", "in-force", bad)

    assert 'new.yaml: line 2: the catalogue knows no "slow_fil"' in lines
    assert 'new.yaml: line 3: poor_fill knows no "color"' in lines
    assert '--effective: "soon" is no time; expected a time in New York' in late
    assert "none.yaml: cannot be read: No such file" in missing
    assert "latin.yaml: cannot be read: it is not UTF-8" in latin
    assert 'line 2: the catalogue knows no "slow_fil"' in unreadable
    assert office.said("rulebook", "list").count("\n") == 1


def test_a_venue_is_approved_and_ended_by_two_people(office: Office) -> None:
    """The register says who allowed it, from when, for what; the file stays what it was."""
    about = ("--counterparty", "demo", "--actor", "pat", "--why", "annex B")
    more = ("--name", "MEMX", "--session", "regular", "--order-type", "limit", "--pays-for-order-flow")
    approved = office.said("venues", "approve", "MEMX", "--from", "2026-01-02", "--document", "m 7", *more, *about)
    office.said("venues", "confirm", "#1", "--actor", "sam")
    office.activate()
    ended = office.said("venues", "end", "XNYS", "--on", "2026-01-31", *about)
    office.said("venues", "confirm", "#4", "--actor", "sam")

    assert (
        "  MEMX: approved from 2026-01-02; order types limit; sessions regular; pays for order flow; document m 7"
        in (approved)
    )
    assert "  XNYS: from 2000-01-01 → from 2000-01-01 until 2026-01-31" in ended
    assert office.activate() == 1
    text = office.said("venues", "show", "--counterparty", "demo")
    assert "approved_until: '2026-01-31'" in text
    assert "- venue: MEMX" in text
    assert (
        office.said("venues", "diff", "#1", "in-force") == "XNYS: from 2000-01-01 → from 2000-01-01 until 2026-01-31\n"
    )
    versions = office.said("venues", "versions", "--counterparty", "demo")
    assert versions.count("earlier") == 2
    listed = office.said("venues", "list")
    assert "demo MEMX MEMX: from 2026-01-02; order types limit" in listed
    assert "XNYS" not in listed
    assert office.said("venues", "list", "--at", "2026-01-01") == ""  # no register was in force by then


def test_a_whole_venue_file_is_proposed_for_a_counterparty_that_is_there(office: Office) -> None:
    """And refused or withdrawn like a rulebook."""
    file, who = office.file(MEMX), ("--actor", "pat", "--why", "annex B")

    said = office.said("venues", "propose", "demo", file, *who)
    nobody = office.refused("venues", "propose", "acme", file, *who)
    edit = office.refused("venues", "end", "XNYS", "--counterparty", "acme", "--on", "2026-01-31", *who)
    nothing = office.refused("venues", "end", "XTOX", "--counterparty", "demo", "--on", "2026-01-31", *who)
    office.said("venues", "refuse", "#1", "--actor", "sam", "--why", "no")
    office.said("venues", "propose", "demo", file, *who)
    office.said("venues", "withdraw", "#3", "--actor", "pat")

    assert "  XNYS: no longer approved (was: from 2000-01-01)" in said
    assert "no register of acme is in force; expected demo" in nobody
    assert "no register of acme is in force; expected demo" in edit
    assert "XTOX is not approved after 2026-01-31" in nothing


def test_a_changed_file_is_told_by_check_and_is_not_put_in_force_by_a_start(office: Office) -> None:
    """With the command that proposes it; once it is approved nothing is said any more."""
    assert "not in force" not in office.said("check")
    file = office.file(SLOWER, "rulebook.yaml")
    (office.folder / "fix_configs/demo/venues.yaml").write_text(MEMX, encoding="utf-8")

    told = office.said("check")
    office.start()

    assert (
        "rulebook.yaml is not in force (slow_fill.at_most: 1 s → 2 s; in force is e3b0c44298fc); propose it: " in told
    )
    assert "sorwatch rulebook propose rulebook.yaml --actor NAME --why TEXT" in told
    assert "fix_configs/demo/venues.yaml is not in force (MEMX: approved from 2026-12-01; XNYS: no longer " in told
    assert "sorwatch venues propose demo fix_configs/demo/venues.yaml --actor NAME --why TEXT" in told
    assert office.kinds()[-2:] == ["rulebook_file", "venues_file"]
    office.said("rulebook", "propose", file, "--actor", "pat", "--why", "x")
    office.said("rulebook", "approve", "#1", "--actor", "sam")
    office.activate()
    assert "rulebook.yaml" not in office.said("check")


def test_check_says_when_nobody_can_say_what_is_in_force(tmp_path: Path) -> None:
    """A store of another version; one that is not there yet is no trouble."""
    folder = a_working_folder(tmp_path, settings=settings_on(f"sqlite:///{tmp_path / 'sorwatch.db'}"))
    before = CliRunner().invoke(main, ["check", "--folder", str(folder)])
    (tmp_path / "sorwatch.db").touch()

    after = CliRunner().invoke(main, ["check", "--folder", str(folder)])

    assert (before.exit_code, after.exit_code) == (0, 0)
    assert "store:" not in before.output
    assert "store: nobody can say what is in force: " in after.output


def test_where_there_are_accounts_supervisors_propose_and_compliance_approves(office: Office) -> None:
    """A name that is no account's changes nothing, and is told why."""
    people = (a_user("pat"), a_user("sam"), a_user("kim", Role.COMPLIANCE), a_user("dan", Role.DESK))
    with Database(office.store) as database:
        for user in people:
            assert SqlAccounts(database).add(user, a_draft(subject=user.name))
    file = office.file(SLOWER)

    told = [office.refused("rulebook", "propose", file, "--actor", name, "--why", "x") for name in ("nobody", "dan")]
    office.said("rulebook", "propose", file, "--actor", "PAT", "--why", "agreed")
    colleague = office.refused("rulebook", "approve", "#1", "--actor", "sam")
    approved = office.said("rulebook", "approve", "#1", "--actor", "kim")

    assert "there is no such account" in told[0]
    assert "dan (desk) may not propose rulebooks and venues" in told[1]
    assert "sam (supervisor) may not approve rulebooks and venues; that is for compliance" in colleague
    assert "of pat is approved by kim" in approved
