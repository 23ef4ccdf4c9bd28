"""The dashboards in deploy/grafana are current, whole, of one look, and lead to pages that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.frame import PAGE, WHOLE
from deploy.grafana.palette import CALM, LINE, QUANTILES, SEVERITIES
from deploy.grafana.sheets import KEPT, texts, written
from service.cases.wanted import Wrong, wanted

KEPT_TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(KEPT.glob("*.json"))}
NAMES = tuple(KEPT_TEXTS)
PANELS = [
    pytest.param(panel, id=f"{name}: {panel['title']}")
    for name, text in KEPT_TEXTS.items()
    for panel in json.loads(text)["panels"]
]


def test_the_kept_dashboards_are_current() -> None:
    """What Grafana reads is what the generator says now."""
    assert texts() == KEPT_TEXTS, "run `python -m deploy.grafana`"


def test_two_runs_write_the_same() -> None:
    """No random id, no order of a set."""
    assert texts() == texts()


def test_the_address_of_the_queue_can_be_another() -> None:
    """A firm writes them with the address of its own page, and nothing of the demo's stays."""
    made = texts("https://watch.example")

    assert all(PAGE not in text and "https://watch.example" in text for text in made.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_dashboard_goes_through_grafanas_own_model_and_back(name: str) -> None:
    """The library that Grafana publishes reads every key of it: what it does not know it would drop."""
    register_default_plugins()

    again = written(Dashboard.from_json(json.loads(KEPT_TEXTS[name])))

    assert again == KEPT_TEXTS[name]


@pytest.mark.parametrize("name", NAMES)
def test_panels_fill_the_grid_without_a_hole(name: str) -> None:
    """Every cell of the grid down to the last row is covered by exactly one panel."""
    places = [panel["gridPos"] for panel in json.loads(KEPT_TEXTS[name])["panels"]]

    cells = [(x, y) for place in places for x in _span(place, "x", "w") for y in _span(place, "y", "h")]

    deep = max(y for _, y in cells) + 1
    assert len(cells) == len(set(cells)) == deep * WHOLE


@pytest.mark.parametrize("name", NAMES)
def test_dashboards_have_a_name_of_their_own_and_lead_to_each_other(name: str) -> None:
    """The address of each is fixed, and its links list the others by the tag that all of them have."""
    dashboard = json.loads(KEPT_TEXTS[name])

    assert dashboard["uid"] == f"sorwatch-{name}"
    assert dashboard["tags"] == ["sorwatch"]
    assert {"dashboards", "link"} == {link["type"] for link in dashboard["links"]}


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_in_use_is_defined_and_every_defined_one_is_used(name: str) -> None:
    """A variable that nobody reads would promise a choice that changes nothing."""
    text = KEPT_TEXTS[name]
    listed = json.loads(text)["templating"]["list"]
    of_grafana = {"__range", "__rate_interval", "__interval", "__value", "__url_time_range", "__all"}

    used = set(re.findall(r"\$\{?(\w+)", text)) - of_grafana

    assert used == {variable["name"] for variable in listed}


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    """Title, unit of every number, and words with the metrics that the number is made of."""
    words, _, sources = panel["description"].partition("\n\nFrom ")
    properties = [entry for entries in _found(panel["fieldConfig"], "properties") for entry in entries]
    units = [*_found(panel["fieldConfig"], "unit"), *(entry["value"] for entry in properties if entry["id"] == "unit")]

    assert panel["title"]
    assert words.endswith(".")
    assert "sorwatch" in sources or "scrape" in sources
    assert len(units) >= (len(panel["targets"]) if panel["type"] == "table" else 1)


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_has_no_option_that_newer_versions_of_grafana_do_not_know(panel: dict[str, Any]) -> None:
    """The library writes a table for version 11; from 12 on there is no footer (`npm test` in deploy/grafana/types)."""
    assert "footer" not in panel["options"]


@pytest.mark.parametrize("panel", PANELS)
def test_colours_are_few(panel: dict[str, Any]) -> None:
    """The four severities, those of lines and the colour of text; a name has one of Grafana's own."""
    assert set(_found(panel, "color")) - {None} <= {*SEVERITIES.values(), CALM}
    assert set(_found(panel, "fixedColor")) <= {*SEVERITIES.values(), *QUANTILES.values(), LINE}


@pytest.mark.parametrize("color", [*SEVERITIES.values(), *QUANTILES.values(), LINE])
@pytest.mark.parametrize("ground", ["#181b1f", "#ffffff"])
def test_a_colour_is_seen_on_dark_and_on_white(color: str, ground: str) -> None:
    """Three to one, what WCAG asks of large text and of lines."""
    bright, dim = sorted((_luminance(color), _luminance(ground)), reverse=True)

    assert (bright + 0.05) / (dim + 0.05) >= 3


@pytest.mark.parametrize("panel", PANELS)
def test_links_ask_the_queue_what_it_understands(panel: dict[str, Any]) -> None:
    """An address with a filter that the page does not know would show an error instead of exceptions."""
    for address in _links(panel):
        split = urlsplit(address.replace("${queue}", PAGE).replace("${__value.raw}", "high"))
        if split.path == "/":
            assert not isinstance(wanted(_plausible(split.query)), Wrong), address
        else:
            assert split.path in {"/alerts", "/feeds", "/days", "/exceptions/high", "/d/sorwatch-feeds"}


def _plausible(query: str) -> str:
    """Put a state where the table's own value is one."""
    return query.replace("state=high", "state=new")


def _span(place: dict[str, int], start: str, length: str) -> range:
    return range(place[start], place[start] + place[length])


def _links(panel: dict[str, Any]) -> Iterator[str]:
    yield from _found(panel, "url")


def _found(part: Any, key: str) -> Iterator[Any]:
    """Return every plain value, or list under `properties`, that stands under a key anywhere in a part."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name == key and (key == "properties" or not isinstance(value, dict | list)):
                yield value
            yield from _found(value, key)
    elif isinstance(part, list):
        for value in part:
            yield from _found(value, key)


def _luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
