"""The verdict of a second run of a day, and how it is said. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from service.verify.close import AtClose
from service.verify.compare import Came, Difference, Part, parts


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """A day as it was recorded live beside its second run over the records after `start` up to `upto`.

    `begun` is the date of the checkpoint that it began with, None for the journal's start. `facts` counts them by kind,
    live and again.
    """

    day: str
    start: int
    upto: int
    begun: str | None
    parts: tuple[Part, ...]
    facts: dict[str, tuple[int, int]]
    closed: AtClose | None

    @property
    def difference(self) -> Difference | None:
        """Return the first finding, or second look, that differs."""
        return next((part.difference for part in self.parts if part.difference is not None), None)

    @property
    def equal(self) -> bool:
        """Return whether both runs say the same, and what was recorded at the close still stands."""
        same = all(part.equal for part in self.parts) and all(live == again for live, again in self.facts.values())
        return same and (self.closed is None or not self.closed.differs)


def verified(
    day: str, live: Came, again: Came, *, start: int, upto: int, begun: str | None, closed: AtClose | None
) -> Verified:
    """Return the verdict."""
    return Verified(
        day=day,
        start=start,
        upto=upto,
        begun=begun,
        parts=parts(live, again),
        facts={name: (number, again.facts[name]) for name, number in live.facts.items()},
        closed=closed,
    )


def as_json(one: Verified) -> bytes:
    """Return it as one JSON object."""
    told = {"equal": one.equal, **msgspec.to_builtins(one), "difference": msgspec.to_builtins(one.difference)}
    return msgspec.json.encode(told)


def lines(one: Verified) -> Iterator[str]:
    """Yield it line by line."""
    since = "the journal's start" if not one.start else f"the checkpoint at {one.start:,} ({one.begun or 'newest'})"
    yield f"{one.day}: {'the same again' if one.equal else 'NOT the same again'}"
    yield f"  records {one.start + 1:,} to {one.upto:,} were run again with the recorded decisions, from {since}"
    for name, (live, again) in one.facts.items():
        if live or again:
            yield f"  {name.replace('_', ' '):<14} {live:>11,}" + ("" if live == again else f" live, {again:,} again")
    for part in one.parts:
        yield f"  {_part(part)}"
    yield f"  {_closed(one.closed)}"
    if one.difference is not None:
        yield f"  first difference: {_difference(one.difference)}"


def _part(part: Part) -> str:
    name = part.name.replace("_", " ")
    if part.equal:
        return f"{name:<14} {part.live_count:>11,}  digest {part.live}"
    return (
        f"{name:<14} {part.live_count:,} live, {part.again_count:,} again: digest {part.live} live, {part.again} again"
    )


def _closed(closed: AtClose | None) -> str:
    if closed is None:
        return "no close of this day states its digests (`sorwatch close-of-day --sign` keeps them)"
    if closed.differs:
        names = ", ".join(name.replace("_", " ") for name in closed.differs)
        return f"what is recorded is NOT what its close states (statement {closed.statement}): {names}"
    since = f"; {closed.findings_since:,} findings were made since" if closed.findings_since else ""
    return f"as its close states it (statement {closed.statement}){since}"


def _difference(one: Difference) -> str:
    return f"{one.rule} of {one.subject}, {one.field}: {one.live} live, {one.again} again (finding {one.finding_id})"
