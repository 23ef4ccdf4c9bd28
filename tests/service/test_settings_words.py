"""How problems with settings are worded."""

from __future__ import annotations

from service.settings_words import problem_words, unknown_variables


def test_a_problem_of_the_whole_names_the_settings() -> None:
    """Pydantic gives no place to what concerns several keys."""
    error = {"loc": (), "type": "value_error", "msg": "Value error, no", "input": {}}

    assert problem_words([error], "f.toml", "P_", {}) == ["f.toml: settings: no"]


def test_a_table_where_a_value_belongs_is_not_poured_out() -> None:
    """It may hold anything."""
    error = {"loc": ("store",), "type": "string_type", "msg": "Input should be a string", "input": {"password": "x"}}

    assert problem_words([error], "f.toml", "P_", {}) == ["f.toml: store: Input should be a string"]


def test_only_variables_of_the_prefix_are_looked_at_whatever_their_case() -> None:
    """As pydantic reads them."""
    environ = {"PATH": "", "P_FIRM": "", "p_frim": "", "P_OURS": "", "P_STORE__URL": ""}

    found = unknown_variables(["firm", "store"], "P_", environ, ["P_OURS"])

    assert found == ["environment variable p_frim names no setting"]
