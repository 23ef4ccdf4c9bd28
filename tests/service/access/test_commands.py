"""`sorwatch user` and `sorwatch token`, as an operator calls them."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rules.facts import Nanos
from service.access.hashing import HASHER, hashed, is_dated, opens
from service.access.permissions import Role, Scope
from service.access.sessions import Session, kept
from service.access.tokens import holds, read
from service.access.trail import Deed
from service.cli import main
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.trail import SqlTrail
from service.store.upgrade import upgrade
from tests.factories_access import PASSWORD, a_draft


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working folder with an empty store and a file with a password."""
    for name in [name for name in os.environ if name.upper().startswith("SORWATCH_")]:
        monkeypatch.delenv(name)
    upgrade(f"sqlite:///{tmp_path / 'sorwatch.db'}")
    (tmp_path / "secret").write_text(f"{PASSWORD}\n", encoding="utf-8")
    return tmp_path


def sorwatch(folder: Path, *words: str, typed: str | None = None) -> Result:
    """Call the command line on the folder."""
    return CliRunner().invoke(main, [*words, "--folder", str(folder)], input=typed)


def an_account(folder: Path, name: str = "pat", *options: str) -> Result:
    """Add an account with the password of the file."""
    return sorwatch(folder, "user", "add", name, "--password-file", str(folder / "secret"), *(options or ("--admin",)))


def kept_in(folder: Path) -> Database:
    """Return the folder's store."""
    return Database(f"sqlite:///{folder / 'sorwatch.db'}")


def test_the_first_admin_is_made_by_a_command_that_asks_for_the_password(folder: Path) -> None:
    """Twice, unseen; the store keeps an argon2id hash of it."""
    result = sorwatch(folder, "user", "add", "Pat Jones", "--admin", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    with kept_in(folder) as database:
        user = SqlAccounts(database).user("pat jones")
        (entry,) = SqlTrail(database).newest()
    assert user is not None
    assert user.roles == (Role.ADMIN,)
    assert user.password is not None
    assert user.password.startswith("$argon2id$")
    assert opens(user.password, PASSWORD)
    assert (entry.deed, entry.subject, entry.words) == (Deed.ADDED, "patjones", "admin")
    assert entry.actor.endswith("(command)")


def test_no_command_takes_a_password_as_a_word() -> None:
    """It would stand in the shell's history."""
    options = {option for name in ("add", "password") for option in _options("user", name)}

    assert "--password-file" in options
    assert "--password" not in options


def _options(group: str, name: str) -> list[str]:
    command = main.commands[group].commands[name]  # type: ignore[attr-defined] # it is a group
    return [option for parameter in command.params for option in parameter.opts]


def test_what_is_wrong_with_an_account_is_said_all_at_once(folder: Path) -> None:
    """And nothing is added."""
    (folder / "secret").write_text("sorwatch", encoding="utf-8")

    result = an_account(folder, "sorwatch")

    assert result.exit_code == 2
    assert "sorwatch: sorwatch is the program's own name" in result.output
    assert "at least 12 are expected" in result.output
    assert "contains the user's name" in result.output
    assert "no account yet" in sorwatch(folder, "user", "list").output


def test_an_account_without_a_role_or_of_a_name_that_is_taken_is_refused(folder: Path) -> None:
    """In words."""
    an_account(folder)

    nobody = sorwatch(folder, "user", "add", "sam")
    twice = an_account(folder, "PAT")

    assert (nobody.exit_code, twice.exit_code) == (2, 2)
    assert "give --role at least once, or --admin" in nobody.output
    assert "there is an account of the name PAT already" in twice.output


def test_roles_and_desks_are_replaced_and_listed(folder: Path) -> None:
    """The access log says what they were."""
    an_account(folder)
    an_account(folder, "sam", "--role", "desk", "--desk", "cash")

    changed = sorwatch(folder, "user", "role", "sam", "--role", "compliance", "--role", "supervisor")

    assert changed.output == "sam is supervisor, compliance now\n"
    assert sorwatch(folder, "user", "list").output.splitlines() == [
        f"{'pat':<24} admin",
        f"{'sam':<24} supervisor, compliance",
    ]
    with kept_in(folder) as database:
        assert SqlTrail(database).newest(1)[0].words == "desk; desks cash → supervisor, compliance"


@pytest.mark.parametrize("words", [("lock", "pat"), ("role", "pat", "--role", "desk")])
def test_the_last_admin_stays_one(folder: Path, words: tuple[str, ...]) -> None:
    """A firm cannot lock itself out."""
    an_account(folder)
    an_account(folder, "sam")
    sorwatch(folder, "user", "lock", "sam")

    result = sorwatch(folder, "user", *words)

    assert result.exit_code == 2
    assert "pat is the only admin who can come in; make another one first" in result.output


def test_locking_and_a_new_password_end_what_was_open(folder: Path) -> None:
    """And are recorded with the reason that was given."""
    an_account(folder, "pat", "--role", "supervisor")
    now = Nanos(time.time_ns())
    with kept_in(folder) as database:
        accounts = SqlAccounts(database)
        session = Session(user="pat", began=now, seen=now)
        for secret in ("one", "two"):
            accounts.begin(kept(secret), session, a_draft(Deed.LOGGED_IN), instead_of=None)

            changed = (
                sorwatch(folder, "user", "lock", "pat", "--why", "left the firm")
                if secret == "one"
                else sorwatch(folder, "user", "password", "pat", typed="another long one\nanother long one\n")
            )

            assert changed.exit_code == 0, changed.output
            found = accounts.session(kept(secret))
            assert found is not None
            assert found.ended is not None
        user = accounts.user("pat")
        words = [(one.deed, one.words) for one in SqlTrail(database).newest()]
    assert user is not None
    assert user.locked
    assert opens(user.password, "another long one")
    assert (Deed.LOCKED, "left the firm") in words
    assert "locked" in sorwatch(folder, "user", "list").output
    assert sorwatch(folder, "user", "unlock", "pat").output == "pat may come in\n"


@pytest.mark.parametrize("words", [("role", "sam"), ("lock", "sam"), ("unlock", "sam"), ("password", "sam")])
def test_an_account_that_is_not_there_is_said_not_to_be(folder: Path, words: tuple[str, ...]) -> None:
    """Before a password is asked for."""
    result = sorwatch(folder, "user", *words)

    assert result.exit_code == 2
    assert "there is no account of the name sam; `sorwatch user list` shows them" in result.output


def test_a_token_is_shown_once_and_holds_until_it_is_revoked(folder: Path) -> None:
    """The list has its id, whose it is and what for, never the secret."""
    an_account(folder, "pat", "--role", "supervisor")

    made = sorwatch(folder, "token", "add", "pat", "--label", "blotter", "--scope", "read", "--days", "7")

    found = read(made.stdout.strip())
    assert found is not None
    token_id, secret = found
    now = Nanos(time.time_ns())
    with kept_in(folder) as database:
        token = SqlAccounts(database).token(token_id)
        assert token is not None
        assert token.scopes == (Scope.READ,)
        assert holds(token, secret, now)
        listed = sorwatch(folder, "token", "list").output
        assert re.search(rf"^{token_id}  pat +read +until 20\d\d-\d\d-\d\d  blotter$", listed, re.MULTILINE)
        assert secret not in listed

        assert sorwatch(folder, "token", "revoke", token_id).output == f"{token_id} (blotter) holds no more\n"

        revoked = SqlAccounts(database).token(token_id)
        assert revoked is not None
        assert not holds(revoked, secret, now)
        assert secret not in repr(SqlTrail(database).newest())
    assert "revoked" in sorwatch(folder, "token", "list").output


def test_a_token_of_nobody_and_an_unknown_token_are_refused(folder: Path) -> None:
    """In words."""
    made = sorwatch(folder, "token", "add", "sam", "--label", "x", "--scope", "read")
    revoked = sorwatch(folder, "token", "revoke", "0123456789ab")

    assert (made.exit_code, revoked.exit_code) == (2, 2)
    assert "no account of the name sam" in made.output
    assert "there is no token 0123456789ab" in revoked.output


def test_a_store_without_tables_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """No account is made in a store of another version."""
    result = sorwatch(tmp_path, "user", "add", "pat", "--admin", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert result.exit_code == 2
    assert "has no tables yet" in result.output


def test_a_password_opens_only_its_own_account_and_nobodys_opens_none() -> None:
    """One key typed in two forms is one password; a broken hash opens nothing."""
    made = hashed("caf\u00e9 and four geese")

    assert opens(made, "cafe\u0301 and four geese")
    assert not opens(made, "cafe and four geese")
    assert not opens(None, "nobody")
    assert not opens("broken", "nobody")
    assert not is_dated(made)
    assert is_dated(made.replace(f"t={HASHER.time_cost}", "t=1"))


def test_the_access_log_is_shown_the_newest_first(folder: Path) -> None:
    """Who did what to whom, when, and why."""
    an_account(folder, "pat")
    an_account(folder, "sam", "--role", "desk")
    sorwatch(folder, "user", "lock", "sam", "--why", "left the firm")

    lines = sorwatch(folder, "user", "log", "--most", "2").stdout.splitlines()

    assert [line.split()[0] for line in lines] == ["3", "2"]
    assert "locked sam" in lines[0]
    assert "left the firm" in lines[0]
    assert "added sam" in lines[1]


def test_an_account_is_linked_to_somebody_of_the_provider_and_back(folder: Path) -> None:
    """Meanwhile neither password nor roles are said here."""
    an_account(folder)
    an_account(folder, "sam", "--role", "desk")
    link = ("user", "link", "sam", "--issuer", "https://id.example", "--subject", "u-1")

    linked = sorwatch(folder, *link)
    refused = [
        sorwatch(folder, *link),
        sorwatch(folder, "user", "link", "pat", *link[3:]),
        sorwatch(folder, "user", "role", "sam", "--role", "auditor"),
        sorwatch(folder, "user", "unlink", "pat"),
    ]
    listed = sorwatch(folder, "user", "list").output
    with kept_in(folder) as database:
        meanwhile = SqlAccounts(database).user("sam")
    unlinked = sorwatch(folder, "user", "unlink", "sam")

    assert linked.output == "sam comes in by the provider now\n"
    assert [one.exit_code for one in refused] == [2] * 4
    assert "sam comes in by the firm's provider, which says roles and password; unlink it first" in refused[0].output
    assert "the account sam is linked to https://id.example u-1 already" in refused[1].output
    assert "unlink it first" in refused[2].output
    assert "pat is not linked to the firm's provider" in refused[3].output
    assert "by the provider" in listed
    assert meanwhile is not None
    assert (meanwhile.identity, meanwhile.password) == ("https://id.example u-1", None)
    assert unlinked.output == "sam is an account of ours, without a password\n"
