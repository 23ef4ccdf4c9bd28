"""No page keeps anybody out: axe finds nothing serious on any of them, light and dark, wide and narrow."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from service.access.doors import DOORS
from service.access.permissions import Role
from service.store.engine import Database
from tests.factories_access import PASSWORD
from tests.factories_page import a_morning
from tests.page_people import an_account
from tests.page_server import PageServer, serving
from tests.pages_shown import BESIDES, NO_PAGES, PAGES, Shown
from tests.stores import ready_store

pytestmark = pytest.mark.journey

GRAVE = ("serious", "critical")
WIDTHS = (1600, 390)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with a morning's exceptions, and somebody who may do everything there is."""
    with ready_store("sqlite", tmp_path) as made:
        a_morning(made)
        an_account(made, "pat", *Role)
        yield made


@pytest.fixture
async def server(database: Database, tmp_path: Path) -> AsyncIterator[PageServer]:
    """Give the page with a login, as a process of its own."""
    async with serving(tmp_path, login=True) as running:
        yield running


def test_no_page_is_left_out() -> None:
    """Every address that is read is a page that is looked at here, or is said to be none."""
    read = {path for method, path in DOORS if method == "GET" and not path.startswith("/api/")}

    assert read == {page.route for page in PAGES} | set(NO_PAGES)


async def test_no_page_has_a_serious_violation(browser: Browser, server: PageServer) -> None:
    """Contrast, names, landmarks, order of headings."""
    page = await browser.new_page()
    found = [await violations(page, server.url, one) for one in PAGES if not one.log_in]
    await page.goto(f"{server.url}/login")
    await page.get_by_label("Name").fill("pat")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await page.wait_for_url(f"{server.url}/")
    found += [await violations(page, server.url, one) for one in (*PAGES, *BESIDES) if one.log_in]

    assert not any(found), "\n".join(found)


async def violations(page: Page, url: str, shown: Shown) -> str:
    """Return in words what axe finds of the grave kinds on a page, in every look of it."""
    await page.goto(f"{url}{shown.path}")
    found = []
    for scheme, width in itertools.product(("light", "dark"), WIDTHS):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.set_viewport_size({"width": width, "height": 900})
        result = await Axe().run(page)
        found += [
            f"{shown.path}, {scheme}, {width}: {one['id']}: {node['html'][:160]}: {node['failureSummary']}"
            for one in result.response["violations"]
            if one["impact"] in GRAVE
            for node in one["nodes"]
        ]
    return "\n".join(found)
