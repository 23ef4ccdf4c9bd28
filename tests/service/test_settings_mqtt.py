"""The settings of the broker: files that belong together, and what has no use without TLS."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.broker import Broker, MqttVersion
from service.configuration import read_configuration
from service.settings import ConfigurationError, read_settings
from tests.certificates import Authority


def problems(folder: Path, mqtt: str, rest: str = "") -> list[str]:
    """Return what is wrong with a section [mqtt]."""
    (folder / "sorwatch.toml").write_text(f"{rest}\n[mqtt]\n{mqtt}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_settings(folder)
    return caught.value.problems


def test_the_line_to_the_broker_is_made_of_the_section(tmp_path: Path) -> None:
    """Files are taken from the working folder, and what is not said is plain MQTT 5."""
    text = '[mqtt]\nhost = "b.example"\nport = 8883\ntls = true\nca_file = "ca.crt"\ncert_file = "w.crt"\n'
    (tmp_path / "sorwatch.toml").write_text(f'{text}key_file = "w.key"\n', encoding="utf-8")

    settings = read_settings(tmp_path)

    assert settings.mqtt is not None
    assert settings.mqtt.broker == Broker(
        host="b.example",
        port=8883,
        version=MqttVersion.V5,
        tls=True,
        ca_file=tmp_path / "ca.crt",
        cert_file=tmp_path / "w.crt",
        key_file=tmp_path / "w.key",
    )


def test_certificates_without_tls_are_a_mistake(tmp_path: Path) -> None:
    """Somebody believes that the line is protected."""
    assert problems(tmp_path, 'ca_file = "ca.crt"') == [
        "sorwatch.toml: mqtt.ca_file: it is of use with mqtt.tls = true only"
    ]


@pytest.mark.parametrize("alone", ['cert_file = "w.crt"', 'key_file = "w.key"'])
def test_a_certificate_and_its_key_are_named_together(tmp_path: Path, alone: str) -> None:
    """Either alone proves nothing."""
    assert problems(tmp_path, f"tls = true\n{alone}") == [
        "sorwatch.toml: mqtt.key_file: mqtt.cert_file and mqtt.key_file are named together or not at all"
    ]


def test_a_session_that_expires_needs_mqtt_5(tmp_path: Path) -> None:
    """The old protocol has no word for it."""
    said = problems(tmp_path, 'version = "3.1.1"', '[quotes]\nsource = "mqtt"\nsession_expiry_s = 60')

    assert said == ['sorwatch.toml: mqtt: mqtt.version is "3.1.1", and quotes.session_expiry_s needs "5"']


@pytest.mark.parametrize("version", ["4", "3.1"])
def test_no_other_version_is_spoken(tmp_path: Path, version: str) -> None:
    """The message names those that are."""
    assert "'5' or '3.1.1'" in problems(tmp_path, f'version = "{version}"')[0]


def test_check_finds_files_that_are_missing_or_do_not_fit(tmp_path: Path) -> None:
    """Before the start, and not when the broker is asked for the first time."""
    authority = Authority(tmp_path)
    one, other = authority.client("one"), authority.client("other")
    files = f'ca_file = "{authority.file.name}"\ncert_file = "{one.certificate.name}"\nkey_file = '
    said = []
    for key in ("missing.key", other.key.name, one.key.name):
        (tmp_path / "sorwatch.toml").write_text(f'[mqtt]\ntls = true\n{files}"{key}"\n', encoding="utf-8")
        said.append([problem for problem in checked(tmp_path) if "mqtt" in problem])

    assert said[0] == [f"sorwatch.toml: mqtt.key_file: there is no file {tmp_path / 'missing.key'}"]
    assert "mqtt.cert_file one.crt with mqtt.key_file other.key cannot be used" in said[1][0]
    assert said[2] == []


def checked(folder: Path) -> list[str]:
    """Return every problem of a working folder."""
    with pytest.raises(ConfigurationError) as caught:  # there is no counterparty in it
        read_configuration(folder)
    return caught.value.problems


def test_a_firm_is_not_named_like_the_topic_of_the_quotes(tmp_path: Path) -> None:
    """Who may publish quotes could speak for the watch."""
    (tmp_path / "sorwatch.toml").write_text('firm = "quotes"\n', encoding="utf-8")

    with pytest.raises(ConfigurationError, match="firm: sorwatch/quotes/ is a topic of its own at the broker"):
        read_settings(tmp_path)
