"""The shapes of what happens to an order: told apart by form, never by colour alone. Pure."""

from __future__ import annotations

from service.picture.life import What
from service.picture.svg import element, short

_PATHS = {
    What.SENT: "M-5 -5L5 0L-5 5Z",
    What.RECEIVED: "M-5 -4L5 -4L0 5Z",
    What.ACKNOWLEDGED: "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0Z",
    What.PART: "M0 -6L6 0L0 6L-6 0Z",
    What.FILLED: "M0 -6L6 0L0 6L-6 0Z",
    What.REPLACED: "M-4.5 -4.5H4.5V4.5H-4.5Z",
    What.CANCELED: "M-5 -5L5 5M-5 5L5 -5",
    What.REFUSED: "M-4.5 -4.5H4.5V4.5H-4.5ZM-4.5 -4.5L4.5 4.5M-4.5 4.5L4.5 -4.5",
    What.AMENDED: "M-6 0H6M0 -6V6",
    What.OTHER: "M-2.5 0A2.5 2.5 0 1 0 2.5 0A2.5 2.5 0 1 0 -2.5 0Z",
}
_SOLID = (What.FILLED, What.SENT)
_BEYOND = {1: "M-6 5L0 -6L6 5Z", -1: "M-6 -5L0 6L6 -5Z"}


def mark(what: What, x: float, y: float) -> str:
    """Return the shape of one point; executed in full is the solid diamond, in part the hollow one."""
    return _shape(_PATHS[what], x, y, f"mark {what.name.lower()}", solid=what in _SOLID)


def execution(x: float, y: float, beyond: int) -> str:
    """Return the execution in the market: a solid diamond, at the edge a solid arrow to where its price lies."""
    return _shape(_BEYOND.get(beyond, _PATHS[What.FILLED]), x, y, "mark execution", solid=True)


def _shape(path: str, x: float, y: float, kind: str, *, solid: bool) -> str:
    return element(
        "path",
        class_=kind,
        d=path,
        transform=f"translate({short(x)} {short(y)})",
        fill="currentColor" if solid else "none",
        stroke="currentColor",
        stroke_width=1.4,
    )
