"""The supervisors' commands over a real folder and store: what they do, what they say, and with which exit code."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rules.facts import Nanos
from rules.finding import Severity
from service.access.permissions import Role
from service.access.users import User
from service.cases.rules import HOUR
from service.cli import main
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.tables import bulks
from tests.factories_access import a_draft, a_user
from tests.factories_cases import NOON, a_finding, a_queue, gather_all, recorded
from tests.stores import lay_tables

QUEUE = "reasons: [{code: fixed, words: It was mended, counts_as: true}]\nseverities: {medium: {escalate_to: head}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a working folder whose store has three exceptions opened just now, the third of high severity."""
    (tmp_path / "queue.yaml").write_text(QUEUE, encoding="utf-8")
    with Database(f"sqlite:///{tmp_path / 'sorwatch.db'}") as database:
        lay_tables(database)
        found = [a_finding(n, cause=f"cause {n}") for n in (1, 2)]
        recorded(database, *found, a_finding(3, cause="cause 3", severity=Severity.HIGH))
        gather_all(a_queue(database), Nanos(time.time_ns()))
    return tmp_path


def exceptions(folder: Path, *words: str) -> Result:
    """Run `sorwatch exceptions` with these words over a folder."""
    return CliRunner().invoke(main, ["exceptions", *words, "--folder", str(folder)])


def states(folder: Path) -> dict[int, str]:
    """Return the state of every exception."""
    words = [word for name in ("new", "acknowledged", "in-review", "shelved", "closed") for word in ("--state", name)]
    lines = exceptions(folder, "list", "--format", "json", *words).stdout.splitlines()
    return {one["case_id"]: one["state"] for one in map(json.loads, lines)}


def test_open_exceptions_are_listed_the_gravest_first_with_what_comes_next(folder: Path) -> None:
    """By the firm's own rules."""
    result = exceptions(folder, "list")

    lines = result.stdout.splitlines()
    assert (result.exit_code, [line.split()[0] for line in lines]) == (0, ["3", "2", "1"])
    assert "escalates in 15 min to compliance" in lines[0]
    assert "to head" in lines[1]


def test_an_exception_goes_its_whole_way_under_names(folder: Path) -> None:
    """Acknowledged, proposed, refused to the same person, approved by another, and shown with its history."""
    pat, sam = ("--actor", "pat"), ("--actor", "sam")
    closing = ("--reason", "fixed", "--words", "mended at the source")

    codes = [
        exceptions(folder, "act", "acknowledge", "3", *pat).exit_code,
        exceptions(folder, "act", "close", "3", *pat, *closing).exit_code,
        exceptions(folder, "act", "propose-close", "3", *pat, *closing).exit_code,
        exceptions(folder, "act", "approve-close", "3", "--actor", "PAT").exit_code,
        exceptions(folder, "act", "approve-close", "3", *sam).exit_code,
    ]
    shown = exceptions(folder, "show", "3", *sam)

    assert codes == [0, 1, 0, 1, 0]
    assert states(folder)[3] == "closed"
    assert "reason: fixed (counts as true)" in shown.stdout
    assert "sam approved the closing" in shown.stdout
    assert "sam may: note, reopen" in shown.stdout


def test_a_refusal_is_said_in_words_with_exit_code_1(folder: Path) -> None:
    """Who was first, and what is allowed."""
    exceptions(folder, "act", "acknowledge", "1", "--actor", "sam", "--seen", "1")

    result = exceptions(folder, "act", "acknowledge", "1", "--actor", "pat", "--seen", "1")
    unknown = exceptions(folder, "show", "99")

    assert result.exit_code == 1
    assert result.stdout.startswith("exception 1: sam acknowledged at ")
    assert (unknown.exit_code, unknown.stdout) == (1, "there is no exception 99\n")


def test_several_exceptions_are_one_decision_that_says_of_which_it_was_refused(folder: Path) -> None:
    """The rest is done."""
    result = exceptions(folder, "act", "acknowledge", "1", "2", "9", "--actor", "pat", "--bulk", "b-1")

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "bulk b-1: pat: acknowledge: 2 done, 1 refused of 3",
        "there is no exception 9",
    ]
    again = exceptions(folder, "act", "escalate", "1", "2", "--actor", "pat", "--bulk", "b-1")
    assert (again.exit_code, "the bulk b-1 is pat's acknowledge of 3 exceptions" in again.stderr) == (2, True)


def test_a_decision_that_was_cut_off_is_listed_and_resumed(folder: Path) -> None:
    """By its number; one that nobody made is not known."""
    exceptions(folder, "act", "acknowledge", "1", "2", "--actor", "pat", "--bulk", "b-1")
    with Database(f"sqlite:///{folder / 'sorwatch.db'}") as database, database.writing() as connection:
        connection.execute(bulks.update().values(finished_at=None, taken=1, acted=1))

    listed, done, unknown = (exceptions(folder, "resume", *words) for words in ((), ("b-1",), ("b-2",)))

    assert listed.stdout == "bulk b-1: pat: acknowledge: 1 done, 0 refused of 2\n"
    assert "1 done, 1 refused of 2" in done.stdout  # the second had been acknowledged before the mark was moved back
    assert (unknown.exit_code, unknown.stdout) == (1, "there is no bulk b-2\n")
    assert exceptions(folder, "resume").stdout == ""


def test_a_scope_is_shelved_listed_with_what_it_hides_and_ended(folder: Path) -> None:
    """Exceptions that are there come under it with the caseworker's next turn."""
    scope = ("--cause", "cause 1", "--until", "2 h", "--why", "known", "--actor", "pat")
    shelved = exceptions(folder, "shelve-scope", *scope)
    with Database(f"sqlite:///{folder / 'sorwatch.db'}") as database:
        a_queue(database).tend(Nanos(time.time_ns()))
    hidden = states(folder)

    listed = exceptions(folder, "shelvings")
    ended = exceptions(folder, "end-shelving", "1", "--actor", "sam", "--words", "mended")

    assert shelved.stdout.startswith("   1  cause cause 1; pat: known; ")
    assert hidden == {1: "shelved", 2: "new", 3: "new"}
    assert "hid 1, hides 1" in listed.stdout
    assert "shelved for another 2 h" in listed.stdout
    assert "ended by sam" in ended.stdout
    assert states(folder)[1] == "new"
    assert exceptions(folder, "shelvings").stdout == ""
    assert "hid 1, hides 0" in exceptions(folder, "shelvings", "--all").stdout
    assert exceptions(folder, "end-shelving", "7", "--actor", "sam").exit_code == 1


def test_the_principal_of_a_day_is_named_and_told(folder: Path) -> None:
    """With who covers and who said so."""
    day = ("principal", "--day", "2026-11-20")

    named = exceptions(folder, *day, "--name", "kim", "--deputy", "pat", "--actor", "lee", "--note", "away at noon")
    nobody = exceptions(folder, *day, "--name", "kim")

    assert named.stdout == "2026-11-20: kim, covered by pat, said by lee (away at noon)\n"
    assert exceptions(folder, *day).stdout == named.stdout
    assert (nobody.exit_code, "--actor must say who names the principal" in nobody.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("act", "note", "--actor", "pat", "--words", "x"), "name exceptions, or one --incident"),
        (("act", "note", "1", "--incident", "1", "--actor", "pat"), "name exceptions, or one --incident"),
        (("act", "shelve", "1", "--actor", "pat", "--until", "soon"), '--until: "soon" is no time; expected'),
        (("act", "raise", "1", "--actor", "pat"), "'raise' is not one of 'acknowledge', 'assign', 'note'"),
        (("act", "note", "1"), "Missing option '--actor'"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(folder: Path, words: tuple[str, ...], problem: str) -> None:
    """Exit code 2, and what is wrong."""
    result = exceptions(folder, *words)

    assert result.exit_code == 2
    assert problem in result.stderr


def test_a_bad_queue_file_is_refused_with_its_lines_by_every_command(folder: Path) -> None:
    """As `sorwatch check` does."""
    (folder / "queue.yaml").write_text("four_eyes: [grave]\nhours: {noon: 1 h}\n", encoding="utf-8")

    result = exceptions(folder, "list")

    assert result.exit_code == 2
    assert "sorwatch: queue.yaml: line 1: four_eyes cannot be" in result.stderr
    assert 'sorwatch: queue.yaml: line 2: hours knows no "noon"' in result.stderr


def test_an_incident_is_decided_as_one(folder: Path) -> None:
    """And one that is not there is said not to be."""
    with Database(f"sqlite:///{folder / 'sorwatch.db'}") as database:
        venue = {"venue": "XBAD", "cause": "venue XBAD", "values": {}, "at": Nanos(NOON + HOUR)}
        recorded(database, a_finding(8, rule="outside_nbbo", **venue), a_finding(9, rule="quote_fade", **venue))
        gather_all(a_queue(database), Nanos(time.time_ns()))

    result = exceptions(folder, "act", "acknowledge", "--incident", "1", "--actor", "pat")
    nothing = exceptions(folder, "act", "acknowledge", "--incident", "9", "--actor", "pat")

    assert result.stdout.endswith("2 done, 0 refused of 2\n")
    assert (nothing.exit_code, nothing.stdout) == (1, "there is no incident 9\n")


def with_accounts(folder: Path, *accounts: User) -> None:
    """Let these people have accounts."""
    with Database(f"sqlite:///{folder / 'sorwatch.db'}") as database:
        for user in accounts:
            assert SqlAccounts(database).add(user, a_draft(subject=user.name))


def test_where_there_are_accounts_each_does_what_the_account_may(folder: Path) -> None:
    """The name at the command is that of an account, in whatever way it is written."""
    with_accounts(folder, a_user("pat"), a_user("sam"), a_user("kim", Role.COMPLIANCE), a_user("dan", Role.DESK))
    closing = ("--reason", "fixed", "--words", "mended at the source")

    looked = exceptions(folder, "act", "acknowledge", "3", "--actor", "dan")
    codes = [
        exceptions(folder, "act", "acknowledge", "3", "--actor", "pat").exit_code,
        exceptions(folder, "act", "propose-close", "3", "--actor", "PAT", *closing).exit_code,
    ]
    colleague = exceptions(folder, "act", "approve-close", "3", "--actor", "sam")
    approved = exceptions(folder, "act", "approve-close", "3", "--actor", "kim")

    assert (looked.exit_code, colleague.exit_code) == (1, 1)
    assert "compliance or supervisor" in looked.stdout
    assert "compliance may" in colleague.stdout
    assert [*codes, approved.exit_code] == [0, 0, 0]
    assert states(folder)[3] == "closed"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--actor", "nobody"), "there is no such account, or it is locked"),
        (("--actor", "lee"), "there is no such account, or it is locked"),
        (("--actor", "pat", "--role", "compliance"), "the account says them"),
        (("--actor", "pat", "--desk", "D1"), "the account says them"),
    ],
)
def test_where_there_are_accounts_nobody_says_of_himself_who_he_is(
    folder: Path, words: tuple[str, ...], problem: str
) -> None:
    """No other name, no locked one, no other role or desk; and nothing was done."""
    with_accounts(folder, a_user("pat"), a_user("lee", locked=True))

    result = exceptions(folder, "act", "acknowledge", "3", *words)

    assert result.exit_code == 2
    assert problem in result.stderr
    assert states(folder)[3] == "new"
