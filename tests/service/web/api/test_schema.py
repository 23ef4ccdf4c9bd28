"""Schemathesis over the whole OpenAPI; `make prove ARGS=api` asks it more often."""

from __future__ import annotations

from tests.api_schema import a_served_morning, hold


def test_every_operation_answers_as_the_openapi_says_to_what_fits_it_and_to_what_does_not() -> None:
    """Two questions of each kind to every operation, as a beginning: the proof asks hundreds."""
    with a_served_morning() as (app, token):
        figures = hold(app, token, examples=2, of_seed=1)

    assert figures.asked >= 4 * figures.operations
    assert {200, 201, 404, 422} <= set(figures.statuses)
