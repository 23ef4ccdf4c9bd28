"""Which dead letters a form is about. Pure."""

from __future__ import annotations

from collections.abc import Iterable

MOST_NAMED = 500
"""So many alerts a form may name; everything on a channel is another button."""
MOST_DIGITS = 18


def chosen(fields: Iterable[tuple[str, str]]) -> list[int] | str:
    """Return the alerts that a form names, the one whose own button was pressed alone; or in words what is wrong."""
    pairs = list(fields)
    one = [value for name, value in pairs if name == "one"]
    named = one or [value for name, value in pairs if name == "alert"]
    found = [int(text) for text in named if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS]
    if len(found) != len(named) or len(found) > MOST_NAMED:
        return f"The form names alerts that cannot be, or more than {MOST_NAMED:,}. Nothing was done."
    return found or "No alert is selected. Select some with their boxes."
