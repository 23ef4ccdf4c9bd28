"""Draws the picture of the page for the README: `python -m tests.picture deploy/pictures/queue.png`."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.async_api import async_playwright

from service.store.engine import Database
from service.store.upgrade import migrate
from tests import servers
from tests.factories_page import a_morning
from tests.page_server import PageServer, serving

WIDE, NARROW = 1440, 390


async def picture(
    server: PageServer,
    target: Path,
    *,
    path: str = "/",
    width: int = WIDE,
    height: int = 500,
    scheme: Literal["light", "dark"] = "light",
    whole: bool = False,
) -> None:
    """Save what a browser shows of one path."""
    found = servers.program("chromium")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=found.path, args=servers.chromium_flags(), env={**os.environ, **found.environment}
        )
        page = await chromium.new_page(
            viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=2
        )
        await page.goto(server.url + path)
        await page.wait_for_selector("#dot.on")
        await page.screenshot(path=target, full_page=whole)
        await chromium.close()


async def main(target: Path) -> None:
    """Fill a store with a morning, serve it, take the picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Database(f"sqlite:///{folder / 'sorwatch.db'}") as database:
            migrate(database)
            a_morning(database)
        async with serving(folder, firm="alpha") as server:
            target.parent.mkdir(parents=True, exist_ok=True)
            await picture(server, target, whole=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
