"""Draws dashboards with Grafana's panel library: `python -m deploy.grafana.draw --prometheus URL [name ...]`.

It needs no Grafana server, a Prometheus that has scraped the daemon, node with npm, and Chromium. What it builds is in
`.build/draw`. It prints each picture, and under it each panel that has no data, fails, or needs a server to be drawn.
"""

from __future__ import annotations

import argparse
import json
import mimetypes
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Route, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BUILD = ROOT / ".build" / "draw"
DASHBOARDS = HERE.parent / "dashboards"
PICTURES = ROOT / "deploy" / "pictures"
SITE = "http://dashboards.invalid"
WIDTH = 1600
PATIENCE_MS = 60_000.0


def main() -> int:
    """Draw what was asked for; the exit code says whether every panel could be drawn."""
    told = _told()
    _build()
    troubles = 0
    for name, theme, picture, said, seconds in _pictures(told):
        print(f"{picture}  {picture.stat().st_size // 1000} kB  {seconds:.1f} s")
        troubles += len(said)
        for trouble in said:
            print(f"  {name}, {theme}: {trouble}")
    return 1 if troubles else 0


def _told() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m deploy.grafana.draw", description=__doc__)
    asked.add_argument("names", nargs="*", help="dashboards to draw, by file name (default: all)")
    asked.add_argument("--prometheus", required=True, help="address of the Prometheus to ask")
    asked.add_argument("--from", dest="begin", help="begin of the time shown, as now-20m (default: the dashboard's)")
    asked.add_argument("--theme", choices=("light", "dark", "both"), default="both")
    asked.add_argument("--set", action="append", default=[], metavar="VARIABLE=VALUE", help="choose a variable's value")
    asked.add_argument("--scrape", default="5s", help="scrape interval of the data source (default: %(default)s)")
    asked.add_argument("--dashboards", type=Path, default=DASHBOARDS, help="folder of dashboards (default: ours)")
    asked.add_argument("--to", type=Path, default=PICTURES, help="folder of the pictures (default: %(default)s)")
    return asked.parse_args()


def _build() -> None:
    """Bring the library as locked, once, and bundle the page."""
    BUILD.mkdir(parents=True, exist_ok=True)
    lock = HERE / "package-lock.json"
    installed = BUILD / "package-lock.json"
    fresh = (BUILD / "node_modules").exists() and installed.exists() and installed.read_bytes() == lock.read_bytes()
    for file in HERE.iterdir():
        if file.suffix in {".json", ".ts", ".tsx", ".html"}:
            shutil.copy(file, BUILD)
    if not fresh:
        _run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    _run("npm", "run", "--silent", "build")


def _run(*words: str) -> None:
    subprocess.run(words, cwd=BUILD, check=True)


def _pictures(told: argparse.Namespace) -> Iterator[tuple[str, str, Path, list[str], float]]:
    told.to.mkdir(parents=True, exist_ok=True)
    files = sorted(told.dashboards.glob("*.json"))
    themes = ("dark", "light") if told.theme == "both" else (told.theme,)
    program = json.loads((ROOT / ".tools" / "programs.json").read_text(encoding="utf-8"))["chromium"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program["path"], env=program["environment"], args=["--no-sandbox"]
        )
        for file in (file for file in files if not told.names or file.stem in told.names):
            for theme in themes:
                begin = time.monotonic()
                ending = "" if len(themes) == 1 else f"-{theme}"
                picture = told.to / f"grafana-{file.stem}{ending}.png"
                said = _drawn(browser, _asked(told, file, theme), picture, told.prometheus)
                yield file.stem, theme, picture, said, time.monotonic() - begin
        browser.close()


def _asked(told: argparse.Namespace, file: Path, theme: str) -> dict[str, Any]:
    return {
        "dashboard": json.loads(file.read_text(encoding="utf-8")),
        "theme": theme,
        "from": told.begin,
        "scrape": told.scrape,
        "words": dict(word.split("=", 1) for word in told.set),
    }


def _drawn(browser: Browser, asked: dict[str, Any], picture: Path, prometheus: str) -> list[str]:
    """Draw one dashboard and return what was not well with it."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"the page fails: {error}"))
    page.route("**/*", _served(prometheus.rstrip("/")))
    page.goto(f"{SITE}/page.html")
    page.evaluate("asked => window.draw(asked)", asked)
    page.wait_for_function("window.drawn", timeout=PATIENCE_MS)
    page.screenshot(path=picture, full_page=True)
    said = [*page.evaluate("window.drawn"), *errors]
    page.close()
    return said


def _served(prometheus: str) -> Callable[[Route], None]:
    """Answer the page: its own files from the build, the rest by Prometheus; nothing else is reached."""
    folders = (BUILD, BUILD / "made", BUILD / "node_modules/@grafana/ui/dist/public")

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path.startswith("/api/"):
            route.fulfill(response=route.fetch(url=f"{prometheus}{path}"))
        elif found := _file(folders, path):
            route.fulfill(path=found, content_type=mimetypes.guess_type(found.name)[0])
        else:
            route.fulfill(status=404)

    return serve


def _file(folders: Sequence[Path], path: str) -> Path | None:
    places = (folder / path.lstrip("/").replace("build/img", "img") for folder in folders)
    return next((place for place in places if place.is_file()), None)


if __name__ == "__main__":
    sys.exit(main())
