"""The whole OpenAPI against the real application, by schemathesis: questions that fit it and questions that do not.

Of every operation, with a token that may do everything: no answer is a fault of the program, each has a status, a
form and a content type that are declared; what does not fit is refused, and what fits is taken wherever the OpenAPI
can say all that must be so.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.python import asgi

from service.access.permissions import Role
from service.web.api.document import document
from tests.api_programs import a_token
from tests.factories_change import two_days
from tests.factories_folder import SETTINGS, a_working_folder
from tests.factories_page import DAY
from tests.page_people import ORIGIN, Clock, an_account, an_app
from tests.servers import free_port
from tests.stores import ready_store

ALWAYS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)
IN_WORDS = {
    "list_exceptions": "a length of time is written as people write it, a cursor is of its order, a day is a date",
    "act": "each action takes its own fields, a time is written as people write it",
    "decide_closing": "it takes words only",
    "begin_bulk": "as an action on one",
    "begin_bulk_of_closings": "as a decision about one",
    "shelve_scope": "a time is written as people write it",
    "propose_rulebook": "a time is written as people write it",
    "propose_register": "a time is written as people write it",
    "propose_approval": "a day is a date",
    "propose_ending": "a day is a date",
    "add_user": "a name must not be the program's own",
    "sign_day": "a comment is needed when not everything is well",
    "sign_readiness": "a comment is needed when not everything is well",
}
"""Operations that may refuse (422) what fits the OpenAPI, with what it cannot say."""
THERE: Mapping[str, Any] = {
    "case_id": 5,
    "day": DAY,
    "number": 1,
    "bulk_id": "morning",
    "token_id": "0123456789ab",
    "handle": "in-force",
    "party": "alpha",
}
"""What stands in an address that is there."""


TOO_LONG = 413


class Figures(msgspec.Struct, kw_only=True):
    """How many operations were asked how often, and what came back how often."""

    operations: int = 0
    asked: int = 0
    statuses: dict[int, int] = {}

    def note(self, status: int) -> None:
        """Count an answer."""
        self.asked += 1
        self.statuses[status] = self.statuses.get(status, 0) + 1


@contextmanager
def a_served_morning() -> Iterator[tuple[FastAPI, str]]:
    """Give the application over two days and a morning's exceptions, with a token of somebody who has every role."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-api-") as name, ready_store("sqlite", Path(name)) as database:
        two_days(database)
        an_account(database, "everybody", *Role)
        an_account(database, "pat", Role.SUPERVISOR)
        folder = a_working_folder(Path(name) / "work", settings=f"{SETTINGS}[http]\nport = {free_port()}\n")
        clock = Clock()
        yield an_app(database, folder, clock), a_token(database, clock, "everybody")


def hold(app: FastAPI, token: str, *, examples: int, of_seed: int) -> Figures:
    """Ask every operation so often in each of three ways; raise at the first answer that is not as it must be."""
    schema, figures = schemathesis.openapi.from_dict(document(app)), Figures()
    with asgi.get_client(app) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        for found in schema.get_all_operations():
            operation = found.ok()
            figures.operations += 1
            known = {name: value for name, value in _known(operation.path).items() if f"{{{name}}}" in operation.path}
            ways = [
                operation.as_strategy(GenerationMode.POSITIVE),
                operation.as_strategy(GenerationMode.NEGATIVE),
                *([operation.as_strategy(GenerationMode.POSITIVE, path_parameters=known)] if known else []),
            ]
            for way in ways:
                _hold(way, client, figures, examples, of_seed)
    return figures


def _known(path: str) -> dict[str, Any]:
    return {**THERE, "name": "slow_fill" if "/rules/" in path else "pat"}


def _hold(way: Any, client: Any, figures: Figures, examples: int, of_seed: int) -> None:
    @seed(of_seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=way)
    def holds(case: Case) -> None:
        response = case.call(base_url=ORIGIN, session=client)
        case.validate_response(response, checks=_checks(case, response.status_code))
        figures.note(response.status_code)

    holds()


def _checks(case: Case, status: int) -> list[Any]:
    names = {*ALWAYS, "positive_data_acceptance"}
    if case.operation.definition.raw.get("operationId") in IN_WORDS:
        names -= {"positive_data_acceptance"}
    if status == TOO_LONG:
        names -= {"negative_data_rejection"}  # it knows of no refusal for being too long
    return [CHECKS.get_one(name) for name in sorted(names)]


def run(seed_: int, examples: int) -> str:
    """Prove it; return the figures."""
    with a_served_morning() as (app, token):
        figures = hold(app, token, examples=examples, of_seed=seed_)
    statuses = ", ".join(f"{status} {count:,}" for status, count in sorted(figures.statuses.items()))
    return f"{figures.operations} operations asked {figures.asked:,} times: {statuses}"
