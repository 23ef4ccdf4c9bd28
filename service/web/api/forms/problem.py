"""How the API says that it did not do something: one form for every refusal (RFC 9457). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import Field

from service.web.api.forms.common import Instant, Told

PROBLEM = "application/problem+json"


class Complaint(Told):
    """One thing that is wrong: where in the question, and in words what."""

    where: str = Field(examples=["body.words"])
    words: str = Field(examples=["it has more than 2000 characters"])


class LastTouch(Told):
    """Who did what to an exception last, and when."""

    by: str
    action: str
    at: Instant
    n: int


class Stands(Told):
    """How an exception stands now: what a refused action can be repeated against."""

    exception: int
    state: str
    n: int = Field(description="The newest link of its history: give it as `seen`.")
    last: LastTouch | None
    allowed: list[str] = Field(description="What you may do to it as it stands.")


class Problem(Told):
    """Why nothing was done. `error` and `detail` are the same words; `problems` has every single thing at once.

    `now` says of a refused action how the exception stands, who was first, and what is allowed instead.
    """

    type: str = "about:blank"
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    detail: str
    error: str
    problems: list[Complaint] = Field(default=[])
    now: Stands | None = None


def problem(status: int, words: str, problems: Sequence[Complaint] = (), now: Stands | None = None) -> Problem:
    """Return the refusal of a status in words."""
    title = HTTPStatus(status).phrase
    return Problem(title=title, status=status, detail=words, error=words, problems=list(problems), now=now)


def complaints(errors: Iterable[Mapping[str, Any]]) -> list[Complaint]:
    """Return what pydantic found wrong; never the value itself, which may be a password."""
    return [Complaint(where=".".join(map(str, error["loc"])), words=str(error["msg"])) for error in errors]
