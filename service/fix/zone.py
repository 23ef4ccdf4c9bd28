"""Time zones for the C library, which knows none by name on a slim machine: taken from the pinned `tzdata`."""

from __future__ import annotations

from importlib.resources import files


def zone_rule(zone: str) -> str:
    """Return a time zone as the rule that the C library takes in TZ, so that no zone files of the system are needed."""
    if zone == "UTC":
        return "UTC0"
    compiled = files("tzdata.zoneinfo").joinpath(*zone.split("/")).read_bytes()
    return compiled.rstrip(b"\n").rsplit(b"\n", 1)[-1].decode("ascii")
