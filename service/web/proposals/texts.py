"""The pages about the versions of a rulebook or register: all, one as text, two compared, a whole one proposed."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rules.facts import Nanos
from rules.reading import ReadingError
from service.change.differences import differences
from service.change.doing import proposals_of, propose
from service.change.drift import Drift, drifts
from service.change.effective import EffectiveError, read_effective
from service.change.history import IN_FORCE, find_text, rows
from service.change.proposal_events import State, Wanted
from service.change.proposals import Refused
from service.change.side_by_side import side_by_side
from service.settings import ConfigurationError
from service.store.held_versions import held_versions
from service.versions import Version, VersionKind
from service.web.house import House
from service.web.proposals.texts_view import text_rows
from service.web.visitor import visitor

HTTP_SEE_OTHER = 303
HTTP_NOT_FOUND = 404
HTTP_UNPROCESSABLE = 422
MOST_WORDS = 2_000
PROPOSAL = "proposal-"
"""How the address of a proposal's text begins; behind it comes the number."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote into a form that proposes: why, from when on, and the text itself."""

    why: str = ""
    effective: str = ""
    text: str = ""


class Texts:
    """Fetches versions of one kind and renders them; `where` gives the address of a name's list."""

    def __init__(self, house: House, kind: VersionKind, where: Callable[[str], str]) -> None:
        self._house = house
        self._database = house.database
        self._kind = kind
        self._where = where

    def listed(self, request: Request, name: str) -> HTMLResponse:
        """Render every version and proposal, and whether the file differs from what is in force."""
        held = held_versions(self._database, self._kind, name)
        if not held:
            return self._house.missing(request, f"{self._kind.value} of {name} in force yet")
        told = rows(held, proposals_of(self._database, self._kind, name))
        problems, drift = self.drift(name)
        waiting = [row for row in told if row.state in (State.PROPOSED, State.APPROVED)]
        return self._render(
            request, "versions", name, rows=text_rows(told), drift=drift, problems=problems, waiting=len(waiting)
        )

    def shown(self, request: Request, name: str, handle: str) -> HTMLResponse:
        """Render one version as text."""
        found = self._found(name, handle)
        if isinstance(found, Refused):
            return self._house.missing(request, f"version {handle}")
        held = held_versions(self._database, self._kind, name)
        since = next((one for one in held if one.version.hash == found.hash), None)
        now = bool(held) and held[-1].version.hash == found.hash
        numbered = list(enumerate(found.text.splitlines(), start=1))
        return self._render(request, "version", name, version=found, held=since, now=now, lines=numbered)

    def compared(self, request: Request, name: str, old: str, new: str) -> HTMLResponse:
        """Render how two texts differ, in words and side by side."""
        both = [self._found(name, handle) for handle in (old, new)]
        for handle, one in zip((old, new), both, strict=True):
            if isinstance(one, Refused):
                return self._house.missing(request, f"version {handle}")
        first, second = (one for one in both if isinstance(one, Version))
        return self._render(
            request,
            "compare",
            name,
            old=first,
            new=second,
            told=told_differences(self._kind, first.text, second.text),
            rows=side_by_side(first.text, second.text),
        )

    def form(
        self, request: Request, name: str, written: Written | None, problems: tuple[str, ...] = (), *, of_file: bool
    ) -> HTMLResponse:
        """Render the form for a whole text: what was written, else what is in force or the file."""
        if written is None:
            _, drift = self.drift(name)
            found = self._found(name, IN_FORCE)
            known = "" if isinstance(found, Refused) else found.text
            written = Written(text=drift.text if of_file and drift else known)
        status = HTTP_UNPROCESSABLE if problems else 200
        return self._render(request, "propose", name, status, written=written, problems=problems)

    def propose(self, request: Request, name: str, written: Written) -> Response:
        """Propose a whole text, or say everything that stands against it and keep what was written."""
        text = written.text.replace("\r\n", "\n")
        kept = msgspec.structs.replace(written, text=text)
        asked = wanted(self._kind, name, kept)
        if isinstance(asked, Refused):
            return self.form(request, name, kept, asked.problems, of_file=False)
        made = propose(self._database, asked, visitor(request).actor.name, now())
        if isinstance(made, Refused):
            return self.form(request, name, kept, made.problems, of_file=False)
        return RedirectResponse(f"/proposals/{made.number}", HTTP_SEE_OTHER)

    def drift(self, name: str) -> tuple[tuple[str, ...], Drift | None]:
        """Return what keeps the working folder from being read, and how its file differs from what is in force."""
        try:
            found = drifts(self._house.configured(), self._database)
            return (), next((one for one in found if (one.kind, one.name) == (self._kind, name)), None)
        except ConfigurationError as error:
            return tuple(error.problems), None

    def _found(self, name: str, handle: str) -> Version | Refused:
        held = held_versions(self._database, self._kind, name)
        proposals = proposals_of(self._database, self._kind, name)
        return find_text(held, proposals, self._kind, handle.replace(PROPOSAL, "#"))

    def _render(self, request: Request, page: str, name: str, status: int = 200, **values: object) -> HTMLResponse:
        is_book = self._kind is VersionKind.RULEBOOK
        return self._house.render(
            request,
            f"proposals/{page}.html",
            status,
            name=name,
            is_book=is_book,
            where=self._where(name),
            most_words=MOST_WORDS,
            **values,
        )


def wanted(kind: VersionKind, name: str, written: Written) -> Wanted | Refused:
    """Return what somebody wants, with every word against its time."""
    try:
        effective = read_effective(written.effective) if written.effective.strip() else None
    except EffectiveError as error:
        return Refused((f"from when on: {error}",))
    if len(written.why) > MOST_WORDS:
        return Refused((f"the words have {len(written.why):,} characters; at most {MOST_WORDS:,} are kept",))
    return Wanted(kind=kind, name=name, text=written.text, why=written.why.strip(), effective=effective)


def told_differences(kind: VersionKind, old: str, new: str) -> list[str]:
    """Return how two texts differ in meaning, or that one of them cannot be read."""
    try:
        return differences(kind, old, new)
    except ReadingError as error:
        return [f"one of them cannot be read by this program: {error}"]


def now() -> Nanos:
    """Return this instant."""
    return Nanos(time.time_ns())
