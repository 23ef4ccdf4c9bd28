"""Our secret at the provider: read from a file, refused when everybody can read it, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.access.oidc_secret import read_secret
from service.check import check_folder
from service.settings import ConfigurationError
from tests.factories_folder import SETTINGS, a_working_folder
from tests.service.test_settings import OIDC


def a_secret(folder: Path, text: str = "s3cret\nmore\n", mode: int = 0o600) -> Path:
    """Write the file."""
    file = folder / "oidc.secret"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_the_first_line_is_the_secret(tmp_path: Path, mode: int) -> None:
    """A group may read it."""
    assert read_secret(a_secret(tmp_path, mode=mode)) == "s3cret"


def test_all_that_is_wrong_with_it_is_said_at_once_and_it_is_not(tmp_path: Path) -> None:
    """Readable by everybody, and of characters that no header carries."""
    with pytest.raises(ConfigurationError) as raised:
        read_secret(a_secret(tmp_path, "gehéim\n", 0o644))

    assert raised.value.problems == [
        "web.oidc.client_secret_file oidc.secret can be read by others (mode 644); expected 600 or 640",
        "web.oidc.client_secret_file oidc.secret has no secret in its first line; one of ASCII characters is expected",
    ]


def test_check_proves_it_before_a_start(tmp_path: Path) -> None:
    """A file that is not there is named; one that is sound is not shown."""
    folder = a_working_folder(tmp_path / "work", settings=f"{SETTINGS}{OIDC}")

    with pytest.raises(ConfigurationError) as raised:
        list(check_folder(folder))
    a_secret(folder)
    lines = list(check_folder(folder))

    assert raised.value.problems == [
        "web.oidc.client_secret_file oidc.secret cannot be read: No such file or directory"
    ]
    assert "page: login oidc, by https://id.firm.example; 1 group has roles" in lines
    assert not [line for line in lines if "s3cret" in line]
