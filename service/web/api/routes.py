"""Adds the routes of the API, each with what the OpenAPI must say of it: name, words, answers and refusals."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, TypeVar, get_origin

from fastapi import Depends, FastAPI, Query, Request

from service.access.doors import DOORS
from service.access.permissions import May
from service.web.api.forms.common import Asked
from service.web.api.forms.pages import Page
from service.web.api.forms.problem import PROBLEM
from service.web.api.problems import HTTP_UNPROCESSABLE, wrong

ROOT = "/api/v1"
Paged = Annotated[Page, Query()]
HTTP_OK = 200
HTTP_CREATED = 201
_Handler = TypeVar("_Handler", bound=Callable[..., Any])
REFUSALS: Mapping[int, str] = {
    400: "The body is not JSON.",
    401: "Nobody is in: no token, or none that holds.",
    403: "The roles, or the scopes of the token, do not allow it; or a login's form token is missing.",
    404: "There is no such thing.",
    409: "It stands against it how things are by now; `detail` says who was first and what is allowed instead.",
    411: "The request does not say how long it is.",
    413: "The request is too long.",
    421: "This is not the name under which the page answers.",
    422: "Something is wrong with the question; `problems` has every thing at once.",
}
_DONE = {HTTP_OK: "It is as the answer says.", HTTP_CREATED: "It is made, as the answer says."}
_READING = (401, 403, 421)
_WRITING = (400, 401, 403, 409, 411, 413, 421, 422)


class Routes:
    """The routes of one resource; `tag` is its name in the OpenAPI."""

    def __init__(self, app: FastAPI, tag: str) -> None:
        self._app = app
        self._tag = tag

    def get(self, path: str, *refusals: int, **told: Any) -> Callable[[_Handler], _Handler]:
        """Add a route that reads; `refusals` are statuses besides those that its address and its question can have."""
        return self._add("GET", path, HTTP_OK, (*_READING, *refusals), told)

    def post(self, path: str, status: int = HTTP_OK, **told: Any) -> Callable[[_Handler], _Handler]:
        """Add a route that does something."""
        return self._add("POST", path, status, _WRITING, told)

    def put(self, path: str, **told: Any) -> Callable[[_Handler], _Handler]:
        """Add a route that sets something; repeated it changes nothing more."""
        return self._add("PUT", path, HTTP_OK, _WRITING, told)

    def _add(
        self, method: str, path: str, status: int, refusals: tuple[int, ...], told: dict[str, Any]
    ) -> Callable[[_Handler], _Handler]:
        def add(handler: _Handler) -> _Handler:
            words = inspect.getdoc(handler) or ""
            first, _, rest = words.partition("\n")
            declared = _responses(path, refusals, handler)
            self._app.add_api_route(
                f"{ROOT}{path}",
                handler,
                methods=[method],
                status_code=status,
                operation_id=handler.__name__,
                tags=[self._tag],
                response_description=_DONE[status],
                summary=first.rstrip("."),
                description=" ".join([*rest.split(), *_who(method, path)]),
                responses=declared,
                dependencies=[Depends(_once)] if HTTP_UNPROCESSABLE in declared else [],
                **told,
            )
            return handler

        return add


def _once(request: Request) -> None:
    """Refuse a question in which something stands twice that has one value."""
    given = request.query_params
    single = [name for name in _single(request.scope["route"].dependant.query_params) if len(given.getlist(name)) > 1]
    if single:
        wrong(*(f"{name} is given several times; once is enough" for name in single), where="query")


def _single(parameters: Iterable[Any]) -> Iterator[str]:
    """Yield the names of what may stand once in a question."""
    for one in parameters:
        model = one.field_info.annotation
        if inspect.isclass(model) and issubclass(model, Asked):
            yield from (name for name, field in model.model_fields.items() if get_origin(field.annotation) is not list)
        else:
            yield one.alias


def _who(method: str, path: str) -> list[str]:
    """Return in words what it takes, from the one table of doors."""
    wanted = DOORS.get((method, f"{ROOT}{path}"))
    return [f"Takes the permission to {wanted.value}." if isinstance(wanted, May) else "For everybody who is in."]


def _responses(path: str, refusals: tuple[int, ...], handler: Callable[..., Any]) -> dict[int | str, dict[str, Any]]:
    statuses = set(refusals)
    if "{" in path:
        statuses |= {404, 422}
    if set(inspect.signature(handler).parameters) - {"request", "response"}:
        statuses.add(422)
    return {status: refused(REFUSALS[status]) for status in sorted(statuses)}


def refused(words: str) -> dict[str, Any]:
    """Return a refusal as the OpenAPI declares it."""
    return {"description": words, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
