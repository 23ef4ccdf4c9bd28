"""Small cuts at the body of a report: read a field, leave some out, put another value in."""

from __future__ import annotations

from service.simulator.messages import SOH


def field(body: str, tag: str) -> str | None:
    """Return the first value of a tag in a body."""
    for part in body.split(SOH):
        name, _, value = part.partition("=")
        if name == tag:
            return value
    return None


def without(body: str, tags: set[str]) -> str:
    """Return the body without these tags."""
    return "".join(part + SOH for part in body.split(SOH)[:-1] if part.partition("=")[0] not in tags)


def changed(body: str, tag: str, value: str) -> str:
    """Return the body with another value in the first field of this tag."""
    parts = body.split(SOH)
    for place, part in enumerate(parts):
        if part.startswith(f"{tag}="):
            parts[place] = f"{tag}={value}"
            break
    return SOH.join(parts)
