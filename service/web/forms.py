"""A form with fields that are not known beforehand, as a route asks for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData


async def _form_of(request: Request) -> FormData:
    return await request.form(max_files=0)


Form = Annotated[FormData, Depends(_form_of)]


def field(form: FormData, name: str) -> str:
    """Return one field's text, "" where there is none."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def fields(form: FormData, name: str) -> tuple[str, ...]:
    """Return every text under one name, in the order of the page."""
    return tuple(value.strip() for value in form.getlist(name) if isinstance(value, str) and value.strip())
