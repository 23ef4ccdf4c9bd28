"""The OpenAPI of the API, made from its routes: complete, and the same for everybody."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from service.access.api_doors import is_api
from service.web.api.forms.problem import Problem

VERSION = "1.0.0"
REFS = "#/components/schemas/{model}"
DESCRIPTION = """\
Everything that the pages of sorwatch show and do, for programs. Times are objects of `utc` (ISO 8601 with
nanoseconds) and `ns` (the same instant as nanoseconds since 1970); prices and amounts are exact decimal text. Lists
come in pages: at most `limit` (1,000) entries, and `next`, which is given back as `after` for the following page.
Every refusal is one form (RFC 9457, application/problem+json). Version 1 only grows: members, operations and words of
enumerations are added, none is renamed, removed or given another meaning; a reader ignores members that it does not
know."""
SCHEMES: dict[str, dict[str, Any]] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "`Authorization: Bearer swt_…`, made by `sorwatch token add` or on the page; it does what both "
        "its scopes and its owner's roles allow.",
    },
    "login": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sorwatch",
        "description": "The cookie of a login (`__Host-sorwatch` over TLS); what changes something also needs the form "
        "token of the login in `X-CSRF-Token`.",
    },
}


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI of the application's routes under /api/."""
    routes = [route for route in app.router.routes if is_api(getattr(route, "path", ""))]
    made = get_openapi(title="sorwatch", version=VERSION, description=DESCRIPTION, routes=routes)
    parts = made.setdefault("components", {})
    _, refusals = models_json_schema([(Problem, "validation")], ref_template=REFS)
    parts["schemas"] = dict(sorted({**parts.get("schemas", {}), **refusals["$defs"]}.items()))
    parts["securitySchemes"] = SCHEMES
    made["security"] = [{name: []} for name in SCHEMES]
    return made
