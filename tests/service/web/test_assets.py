"""What runs in a supervisor's browser comes from here, was reviewed, and stands in no page itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from service.access.permissions import Role
from service.web.house import TEMPLATES
from tests.factories_folder import SETTINGS, a_working_folder
from tests.factories_page import a_morning
from tests.page_people import Clock, a_browser, an_account, an_app, logged_in
from tests.pages_shown import BESIDES, PAGES
from tests.servers import free_port
from tests.service.web.test_pages import STATIC, VENDORED
from tests.stores import ready_store

INLINE = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(
    r"""(?:src|srcset|href|action|formaction|poster|data|content|url)\s*[=(]\s*["']?\s*(?:[a-z]+:)?//""", re.IGNORECASE
)
LONGEST_OF_OURS = 400


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    """Give the whole application over a morning, with somebody who may do everything there is."""
    with ready_store("sqlite", tmp_path) as made:
        a_morning(made)
        an_account(made, "pat", *Role)
        yield an_app(made, a_folder(tmp_path), Clock())


def a_folder(tmp_path: Path) -> Path:
    """Return a working folder whose daemon does not run."""
    return a_working_folder(tmp_path / "work", settings=f"{SETTINGS}[http]\nport = {free_port()}\n")


def test_what_others_wrote_is_in_the_list_of_what_was_reviewed() -> None:
    """A file that looks like a library's, by name or by lines that nobody writes, has its checksum there."""
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    others = {path.name for path in files if ".min." in path.name or longest_line(path) > LONGEST_OF_OURS}

    assert others == set(VENDORED)
    assert all(path.parent == STATIC for path in files), "a folder below static/ has no list"


def longest_line(path: Path) -> int:
    """Return how long the longest line of a file is."""
    return max((len(line) for line in path.read_text(encoding="utf-8").splitlines()), default=0)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_has_a_script_or_a_style_in_it_or_asks_another_host(path: Path) -> None:
    """The policy would stop it; then it must not be there."""
    text = path.read_text(encoding="utf-8")

    assert INLINE.findall(text) == []
    assert ELSEWHERE.findall(text) == []


@pytest.mark.parametrize("name", [path.name for path in STATIC.glob("*.css")])
def test_no_style_sheet_asks_another_host(name: str) -> None:
    """Nor imports one."""
    text = (STATIC / name).read_text(encoding="utf-8")

    assert "@import" not in text
    assert ELSEWHERE.findall(text) == []


async def test_no_page_asks_another_host_or_carries_what_its_policy_forbids(app: FastAPI) -> None:
    """Every page of the application, and what is said where there is none."""
    async with a_browser(app) as nobody, a_browser(app) as browser:
        await logged_in(browser, "pat")
        answers = {
            shown.path: await (browser if shown.log_in else nobody).get(shown.path) for shown in (*PAGES, *BESIDES)
        }

    assert {path: INLINE.findall(answer.text) for path, answer in answers.items() if INLINE.search(answer.text)} == {}
    assert [path for path, answer in answers.items() if ELSEWHERE.search(answer.text)] == []
    assert all("https:" not in answer.headers["content-security-policy"] for answer in answers.values())
