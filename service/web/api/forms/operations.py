"""The operations of the API as a page lists them, out of its OpenAPI. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

_METHODS = ("get", "post", "put")


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation: how it is asked, in words what it does, and what can come back."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    fields: tuple[str, ...]
    answers: tuple[str, ...]
    curl: str


def operations(described: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """Return the operations by the resource that they are about, in the order of the OpenAPI."""
    found: dict[str, list[Operation]] = {}
    for path, methods in described["paths"].items():
        for method, told in ((name, methods[name]) for name in _METHODS if name in methods):
            found.setdefault(told["tags"][0], []).append(_operation(described, path, method, told))
    return found


def _operation(described: Mapping[str, Any], path: str, method: str, told: Mapping[str, Any]) -> Operation:
    body = _body(described, told)
    return Operation(
        name=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        description=told["description"],
        fields=tuple(_fields(told, body)),
        answers=tuple(f"{status}: {one['description']}" for status, one in told["responses"].items()),
        curl=_curl(path, method, told, body),
    )


def _body(described: Mapping[str, Any], told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of what is sent, empty where nothing is."""
    if "requestBody" not in told:
        return {}
    name = told["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema: Mapping[str, Any] = described["components"]["schemas"][name]
    return schema


def _fields(told: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[str]:
    for one in told.get("parameters", ()):
        yield _said(one["name"], one, required=one["required"])
    for name, one in body.get("properties", {}).items():
        yield _said(name, one, required=name in body.get("required", ()))


def _said(name: str, one: Mapping[str, Any], *, required: bool) -> str:
    words = one.get("description", "")
    return f"{name}{'' if required else ' (optional)'}{f': {words}' if words else ''}"


def _curl(path: str, method: str, told: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    """Return a line for a shell, with the token in a variable; values that are to be filled in are in capitals."""
    parts = ['curl -H "Authorization: Bearer $TOKEN"']
    if method != "get":
        parts.append(f"-X {method.upper()}")
    if body:
        sent = msgspec.json.encode(_example(body)).decode()
        parts.append(f"-H 'Content-Type: application/json' -d '{sent}'")
    for one in (each for each in told.get("parameters", ()) if each["in"] == "path"):
        path = path.replace(f"{{{one['name']}}}", str(one["schema"].get("examples", [one["name"].upper()])[0]))
    return " ".join([*parts, f"$SORWATCH{path}"])


def _example(body: Mapping[str, Any]) -> dict[str, Any]:
    needed = {name: one for name, one in body["properties"].items() if name in body.get("required", ())}
    return {name: one.get("examples", [name.upper()])[0] for name, one in needed.items()}
