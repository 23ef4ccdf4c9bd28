"""The README says what is: its generated parts, its links, its dependencies."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.readme import MANUAL, README, ROOT, filled, manual_text

TEXT = README.read_text(encoding="utf-8")


def test_every_generated_part_is_current() -> None:
    """Commands, settings, rules, metrics and export columns are those of the program."""
    assert filled(TEXT) == TEXT, "run `python -m tests.readme`"


def test_the_rule_manual_is_current() -> None:
    """The manual is made from the cards."""
    assert MANUAL.read_text(encoding="utf-8") == manual_text(), "run `python -m tests.readme`"


def test_every_dependency_is_named_with_a_reason() -> None:
    """Nobody finds a library in the lock file that the README does not explain."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    table = TEXT.split("## Dependencies")[1].split("\n## ")[0]

    missing = [name for name in (re.split(r"[\[<>=~ ]", item)[0] for item in wanted) if f"`{name}`" not in table]

    assert missing == []


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", TEXT))))
def test_every_link_into_the_repository_leads_somewhere(link: str) -> None:
    """No dead links, no dead pictures."""
    assert link.startswith("http") or (ROOT / link).exists()


def test_the_two_commands_are_there() -> None:
    """A new user copies these."""
    assert "make demo" in TEXT
    assert "make test" in TEXT


def test_nothing_points_at_a_machine() -> None:
    """No absolute path of whoever wrote it."""
    assert not re.search(r"/(home|root|work|Users)/", TEXT)
