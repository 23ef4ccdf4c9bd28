"""The settings: file, environment, and every problem of both at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.access.permissions import Role
from service.settings import ConfigurationError, QuoteSourceKind, is_loopback, read_settings, resolve_store_url


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no variable of this machine into a test."""
    import os  # noqa: PLC0415 - only here

    for name in [name for name in os.environ if name.upper().startswith("SORWATCH_")]:
        monkeypatch.delenv(name)


def problems(folder: Path, text: str) -> list[str]:
    """Return what is wrong with a sorwatch.toml of that text."""
    (folder / "sorwatch.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        read_settings(folder)
    return refused.value.problems


def test_an_empty_folder_means_the_defaults(tmp_path: Path) -> None:
    """Nothing needs to be set to try it."""
    settings = read_settings(tmp_path)

    assert (settings.firm, settings.calendar, settings.quotes.source) == ("firm", "XNYS", QuoteSourceKind.NONE)
    assert settings.store_url == f"sqlite:///{tmp_path}/sorwatch.db"
    assert settings.counterparties_folder == tmp_path / "fix_configs"


def test_every_problem_is_listed_at_once(tmp_path: Path) -> None:
    """In every section, nested and across sections."""
    found = problems(
        tmp_path,
        """
        firm = "a b"
        colour = 1
        folder = "elsewhere"
        [store]
        url = "mysql://host/db"
        [quotes]
        source = "file"
        grace_ms = -1
        [web]
        host = "0.0.0.0"
        port = 99999
        [gateway]
        restart_min_s = 5
        restart_max_s = 1
        [feed]
        silence_after_s = "soon"
        """,
    )

    places = [problem.split(": ")[1] for problem in found]
    assert places == [
        "firm",
        "store.url",
        "quotes.file",
        "quotes.grace_ms",
        "web.host",
        "web.port",
        "gateway.restart_max_s",
        "feed.silence_after_s",
        "colour",
        "folder",
    ]
    assert "sorwatch.toml: quotes.grace_ms: Input should be greater than or equal to 0 (it is -1)" in found
    assert "sorwatch.toml: colour: unknown key" in found


@pytest.mark.parametrize(
    ("web", "place", "said"),
    [
        ('actor = "pat"', "web.actor", "everybody acts under the own name"),
        ('host = "0.0.0.0"', "web.host", 'that takes login = "accounts" and an https address in web.url'),
        ('login = "none"\nurl = "https://watch.firm.example"\nhost = "0.0.0.0"', "web.host", "not a loopback address"),
        ('url = "http://watch.firm.example"', "web.url", "should match pattern"),
    ],
)
def test_a_page_that_others_could_reach_takes_a_login_and_tls(tmp_path: Path, web: str, place: str, said: str) -> None:
    """And a name that everybody acts under is for a page without a login only."""
    (problem,) = problems(tmp_path, f"[web]\n{web}\n")

    assert place in problem
    assert said in problem


def test_a_page_behind_a_proxy_that_speaks_tls_may_bind_any_address(tmp_path: Path) -> None:
    """With the address under which people reach it."""
    (tmp_path / "sorwatch.toml").write_text(
        '[web]\nhost = "0.0.0.0"\nurl = "https://watch.firm.example"\n', encoding="utf-8"
    )

    assert read_settings(tmp_path).web.host == "0.0.0.0"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A nested setting by two underscores."""
    (tmp_path / "sorwatch.toml").write_text('firm = "file"\n[http]\nport = 1\nhost = "127.0.0.2"\n', encoding="utf-8")
    monkeypatch.setenv("SORWATCH_FIRM", "env")
    monkeypatch.setenv("SORWATCH_HTTP__PORT", "2")
    monkeypatch.setenv("SORWATCH_FOLDER", "/nowhere")

    settings = read_settings(tmp_path)

    assert (settings.firm, settings.http.port, settings.http.host) == ("env", 2, "127.0.0.2")
    assert settings.folder == tmp_path


def test_a_variable_that_names_no_setting_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing error must not leave a default in force unnoticed; a wrong value names its variable."""
    monkeypatch.setenv("SORWATCH_FRIM", "x")
    monkeypatch.setenv("SORWATCH_STORE__URLL", "x")
    monkeypatch.setenv("SORWATCH_WEB__PORT", "many")
    no_number = "Input should be a valid integer, unable to parse string as an integer"

    found = problems(tmp_path, "")

    assert found == [
        "environment variable SORWATCH_STORE__URLL: unknown key",
        f"environment variable SORWATCH_WEB__PORT: {no_number} (it is 'many')",
        "environment variable SORWATCH_FRIM names no setting",
    ]


def test_unknown_variables_alone_are_problems_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when everything else is right."""
    monkeypatch.setenv("SORWATCH_FRIM", "x")

    assert problems(tmp_path, "") == ["environment variable SORWATCH_FRIM names no setting"]


def test_a_password_has_no_place_in_the_file_and_is_shown_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the environment it may come, and no output repeats it."""
    url = "postgresql+psycopg://watch:hunter2@127.0.0.1/sorwatch"

    found = problems(tmp_path, f'[store]\nurl = "{url}"\n')
    (tmp_path / "sorwatch.toml").unlink()
    monkeypatch.setenv("SORWATCH_STORE__URL", url)
    settings = read_settings(tmp_path)

    assert len(found) == 1
    assert "a password does not belong in this file" in found[0]
    assert settings.store_url == url
    assert "hunter2" not in found[0] + repr(settings)


def test_a_broken_value_of_a_secret_is_not_repeated(tmp_path: Path) -> None:
    """It may hold half of it."""
    assert "hunter2" not in problems(tmp_path, "[store]\nurl = ['hunter2']\n")[0]


def test_quotes_over_mqtt_want_a_broker(tmp_path: Path) -> None:
    """The section [mqtt] names it."""
    found = problems(tmp_path, '[quotes]\nsource = "mqtt"\n')

    assert found == ['sorwatch.toml: mqtt: quotes.source is "mqtt", so the section [mqtt] must name the broker']


def test_a_password_file_is_taken_from_the_working_folder(tmp_path: Path) -> None:
    """Like every other path."""
    (tmp_path / "sorwatch.toml").write_text('[mqtt]\npassword_file = "secret"\n', encoding="utf-8")

    mqtt = read_settings(tmp_path).mqtt

    assert mqtt is not None
    assert mqtt.password_file == tmp_path / "secret"


def test_a_file_that_is_no_toml_is_one_problem(tmp_path: Path) -> None:
    """With the line at which it goes wrong."""
    (found,) = problems(tmp_path, "firm = \n")

    assert found.startswith("sorwatch.toml: cannot be read: ")
    assert "line 1" in found


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.5", True), ("::1", True), ("0.0.0.0", False), ("example", False)],
)
def test_what_is_a_loopback_address(host: str, *, loopback: bool) -> None:
    """Anything else would show the page to others."""
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:////abs/s.db", "postgresql://h/d"])
def test_only_a_relative_sqlite_path_is_taken_from_the_folder(url: str, tmp_path: Path) -> None:
    """Everything else says where it is."""
    assert resolve_store_url(url, tmp_path) == url


def test_two_sources_have_an_order(tmp_path: Path) -> None:
    """Any name may be a source's: an installed package may bring it."""
    text = '[quotes]\nsource = "theirs"\nsecond = "file"\nfile = "q.csv"\n[quotes.options.theirs]\nport = 7\n'
    (tmp_path / "sorwatch.toml").write_text(text, encoding="utf-8")

    quotes = read_settings(tmp_path).quotes

    assert (quotes.by_priority, quotes.options) == (("theirs", "file"), {"theirs": {"port": 7}})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('source = "mqtt"\nsecond = "mqtt"', "expected two sources that are not the same"),
        ('second = "mqtt"', "expected two sources that are not the same"),
        ('source = "mqtt"\nsecond = "none"', "expected two sources that are not the same"),
        ('source = "zeromq"\nsecond = "file"', "this must name the CSV of quotes"),
        ('source = "zeromq"\nsecond = "mqtt"', "the section [mqtt] must name the broker"),
    ],
)
def test_a_second_source_must_be_another_one_and_whole(tmp_path: Path, text: str, words: str) -> None:
    """What a source needs, it needs in either place."""
    assert any(words in problem for problem in problems(tmp_path, f"[quotes]\n{text}"))


OIDC = """
[web]
login = "oidc"
[web.oidc]
issuer = "https://id.firm.example"
client_id = "sorwatch"
client_secret_file = "oidc.secret"
[web.oidc.roles]
"sor-supervisors" = ["supervisor", "compliance"]
"""


def test_a_provider_with_a_mapping_is_read(tmp_path: Path) -> None:
    """With what is usual where nothing is said."""
    (tmp_path / "sorwatch.toml").write_text(OIDC, encoding="utf-8")

    web = read_settings(tmp_path).web

    assert web.oidc is not None
    assert web.oidc.roles == {"sor-supervisors": (Role.SUPERVISOR, Role.COMPLIANCE)}
    assert (web.oidc.scopes, web.oidc.break_glass, web.login.asks, web.login.by_provider) == (
        ("openid", "profile"),
        False,
        True,
        True,
    )


def test_every_problem_of_a_provider_is_listed_at_once(tmp_path: Path) -> None:
    """Not only the first."""
    found = problems(
        tmp_path,
        """
        [web]
        login = "both"
        trusted_proxy = "10.0.0.0/8"
        [web.oidc]
        issuer = "http://id.firm.example"
        client_id = ""
        scopes = ["profile"]
        colour = 1
        """,
    )

    places = [problem.split(": ")[1] for problem in found]
    assert places == [
        "web.oidc.issuer",
        "web.oidc.client_id",
        "web.oidc.client_secret_file",
        "web.oidc.scopes",
        "web.oidc.roles",
        "web.oidc.colour",
        "web.trusted_proxy",
    ]
    assert "no group has a role, so nobody could come in" in found[4]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[web]\nlogin = "oidc"\n', 'web.oidc: login is "oidc", so the section [web.oidc] must name the provider'),
        (
            OIDC.replace('"oidc"\n', '"accounts"\n', 1),
            'web.oidc: login is "accounts", so [web.oidc] is not used: take it',
        ),
        (
            OIDC.replace('["supervisor", "compliance"]', '["chef"]'),
            "web.oidc.roles.sor-supervisors.0: Input should be 'desk'",
        ),
        (
            OIDC.replace("https://", "https://user@"),
            "web.oidc.issuer: https://user@id.firm.example is no https address",
        ),
        (OIDC.replace("https://id.firm.example", "https://[::1"), "web.oidc.issuer: https://[::1 is no https address"),
        (
            OIDC.replace('login = "oidc"', 'login = "oidc"\nactor = "pat"'),
            'web.actor: with login = "oidc" everybody acts',
        ),
    ],
)
def test_what_does_not_fit_together_is_a_problem(tmp_path: Path, text: str, said: str) -> None:
    """In words that say what to do."""
    (problem,) = problems(tmp_path, text)

    assert said in problem


def test_a_page_without_a_login_acts_under_a_name(tmp_path: Path) -> None:
    """For a demo on this machine."""
    (tmp_path / "sorwatch.toml").write_text('[web]\nlogin = "none"\nactor = "pat"\n', encoding="utf-8")

    web = read_settings(tmp_path).web

    assert (web.actor, web.login.asks, web.login.by_provider, web.oidc) == ("pat", False, False, None)


def test_a_provider_on_this_machine_and_one_trusted_address_are_taken(tmp_path: Path) -> None:
    """For a trial; the address in its usual spelling."""
    text = OIDC.replace("https://id.firm.example", "http://127.0.0.1:9400").replace(
        'login = "oidc"', 'login = "oidc"\ntrusted_proxy = "0:0:0:0:0:0:0:1"'
    )
    text = text.replace('client_id = "sorwatch"', 'client_id = "sorwatch"\nscopes = ["openid", "groups"]')
    (tmp_path / "sorwatch.toml").write_text(text, encoding="utf-8")

    web = read_settings(tmp_path).web

    assert web.oidc is not None
    assert (web.oidc.issuer, web.trusted_proxy) == ("http://127.0.0.1:9400", "::1")
    assert web.oidc.scopes == ("openid", "groups")
