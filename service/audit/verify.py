"""Recomputes every chain of a store and holds it against the seals, in bounded memory and short read transactions."""

from __future__ import annotations

import time
from collections.abc import Callable

from service.audit.against import NO_FILE, Heads, Outside, believed, beside, marks_of, newer_than
from service.audit.broken import Broken, What
from service.audit.chains import CHAINS, EVENTS, SEALS
from service.audit.seal import NoSealError, Seal, read_text
from service.audit.stretches import STRETCHES, compared
from service.audit.verdict import Found, Verdict
from service.audit.walk import walk, walk_case
from service.settings import ConfigurationError
from service.store.case_rows import values_of
from service.store.chained import Chained
from service.store.engine import Database

EVERY_S = 1.0

Progress = Callable[[str], None]


def verify(
    database: Database,
    outside: Outside = NO_FILE,
    *,
    file: str = "no file of seals at hand: who holds the store could have sealed anew",
    day: str | None = None,
    progress: Progress = lambda _: None,
) -> Verdict:
    """Verify a store against its own seals and those of a file; `day` takes only the seals up to that day's."""
    chained, found = Chained(database), Found()
    stored = _stored(chained, found)
    found.add(*outside.broken, *beside(stored, outside))
    seals = believed(stored, outside, day)
    if seals is None:
        raise ConfigurationError([f"--day {day}: no seal closes that day"])
    links = {SEALS.name: len(stored)}
    cases, events = _cases(chained, seals, found, progress)
    for chain in CHAINS:
        progress(chain.name)
        walked = walk(chain, chained.links(chain), marks_of(chain.name, seals))
        links[chain.name] = walked.links
        found.add(walked.broken)
    for one in STRETCHES:
        progress(one.name)
        last = max((told.last for seal in seals if (told := seal.stretch(one.name)) is not None), default=0)
        found.add(compared(one.name, chained.stretch(one, last), seals))
    newer = newer_than(stored, outside) if outside.seals else ""
    return Verdict(
        cases=cases,
        events=events,
        links=links,
        seals=len(seals),
        upto=seals[-1].words if seals else "",
        against=file,
        broken=tuple(found.kept),
        more=found.more,
        notes=(*outside.notes, newer) if newer else outside.notes,
    )


def _stored(chained: Chained, found: Found) -> dict[int, Seal]:
    """Return the seals of the store that can be read, and say what is wrong with their chain."""
    rows = list(chained.links(SEALS))
    found.add(walk(SEALS, rows).broken)
    seals = {}
    for row in rows:
        try:
            seals[row["seq"]] = read_text(row["body"])
        except (NoSealError, TypeError):
            found.add(Broken(chain=SEALS.name, what=What.UNREADABLE, n=row["seq"]))
    return seals


def _cases(chained: Chained, seals: list[Seal], found: Found, progress: Progress) -> tuple[int, int]:
    """Walk every case; return how many there are and how many events."""
    heads, last = Heads(seals), chained.last_case()
    cases, events, said = 0, 0, time.monotonic()
    for told in chained.cases(last, heads):
        found.add(walk_case(told, values_of))
        cases, events = cases + (told.row is not None), events + len(told.events)
        if time.monotonic() - said >= EVERY_S:
            said = time.monotonic()
            progress(f"exception {told.case_id:,} of {last:,}, {events:,} events")
    stray = chained.stray(last)
    if stray is not None:
        words = f"events are there of an exception {stray!r}"
        found.add(Broken(chain=EVENTS.name, what=What.FOREIGN, words=words))
    found.add(*heads.compared())
    return cases, events
