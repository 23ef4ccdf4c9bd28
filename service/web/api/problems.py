"""Raising and answering a refusal of the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NoReturn

from starlette.responses import Response

from service.web.api.forms.problem import PROBLEM, Complaint, Problem, Stands, problem

HTTP_BAD_REQUEST = 400
HTTP_FORBIDDEN = 403
HTTP_NOT_FOUND = 404
HTTP_CONFLICT = 409
HTTP_UNPROCESSABLE = 422


class Refusal(Exception):  # noqa: N818 - it says what happened
    """A handler does not do what was asked."""

    def __init__(self, status: int, words: str, problems: Iterable[Complaint] = (), now: Stands | None = None) -> None:
        super().__init__(words)
        self.problem = problem(status, words, list(problems), now)


def missing(what: str, which: object) -> NoReturn:
    """Refuse: there is no such thing."""
    raise Refusal(HTTP_NOT_FOUND, f"there is no {what} {which}")


def wrong(*problems: str, where: str = "body") -> NoReturn:
    """Refuse: say what is wrong with a question, every thing at once."""
    told = [Complaint(where=where, words=words) for words in problems]
    raise Refusal(HTTP_UNPROCESSABLE, "; ".join(problems), told)


def conflict(*problems: str) -> NoReturn:
    """Refuse: say what stands against it."""
    told = [Complaint(where="", words=words) for words in problems]
    raise Refusal(HTTP_CONFLICT, "; ".join(problems), told if len(told) > 1 else ())


def answer(told: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return a refusal as an answer."""
    return Response(told.model_dump_json(), told.status, headers=dict(headers or {}), media_type=PROBLEM)


def said(status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a refusal of a status in words."""
    return answer(problem(status, words), headers)
