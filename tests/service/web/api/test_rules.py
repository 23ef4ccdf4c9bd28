"""The rules over the API."""

from __future__ import annotations

from rules.cards import catalogue
from tests.api_programs import As


async def test_every_rule_is_told_with_its_parameters(as_: As) -> None:
    """By name, as its card has it."""
    async with as_("desk") as desk:
        listed = (await desk.get("/rules")).json()["rules"]
        one = (await desk.get("/rules/slow_fill")).json()

    assert [rule["name"] for rule in listed] == sorted(catalogue())
    assert one in listed
    assert [parameter["name"] for parameter in one["parameters"]] == list(catalogue()["slow_fill"].card.parameters)


async def test_a_rule_that_is_not_there_is_said_so(as_: As) -> None:
    """In words."""
    async with as_("desk") as desk:
        answer = await desk.get("/rules/fast_fill")

    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no rule fast_fill")
