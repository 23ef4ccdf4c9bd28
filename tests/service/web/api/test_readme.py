"""The lines for a shell in the README are asked as they stand there."""

from __future__ import annotations

import re
import shlex

import pytest
from fastapi import FastAPI

from service.store.engine import Database
from tests.api_programs import a_program, a_token
from tests.page_people import ORIGIN, Clock
from tests.readme import README

LINES = re.findall(
    r"^curl .*$", re.findall(r"<!-- curl -->(.*?)<!-- /curl -->", README.read_text(), re.DOTALL)[0], re.MULTILINE
)


@pytest.mark.parametrize("line", LINES)
async def test_a_line_of_the_readme_is_answered(app: FastAPI, database: Database, line: str) -> None:
    """With a token of a supervisor."""
    words = shlex.split(line.replace("$SORWATCH", ORIGIN).replace("$TOKEN", "told"))
    options = dict(zip(words[1:-1:2], words[2:-1:2], strict=False)) | {"last": words[-1]}
    content_type = {"Content-Type": "application/json"} if "-d" in options else {}
    async with a_program(app, a_token(database, Clock(), "pat")) as pat:
        answer = await pat.request(
            options.get("-X", "GET"), options["last"], content=options.get("-d", "").encode(), headers=content_type
        )

    assert words[:3] == ["curl", "-H", "Authorization: Bearer told"]
    assert answer.status_code in (200, 201), answer.text
