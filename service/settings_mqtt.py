"""The settings of the broker: where it is, how it lets us in, and what it is asked to prove."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, ValidationInfo, field_validator

from alerts.broker import Broker, MqttVersion
from service.settings_feed import Section
from service.settings_web import PortNumber

FILES = ("password_file", "ca_file", "cert_file", "key_file")


class MqttSettings(Section):
    """The broker for quotes and alerts."""

    host: str = Field("127.0.0.1", description="host of the broker")
    port: PortNumber = Field(1883, description="port of the broker; with TLS usually 8883")
    version: MqttVersion = Field(
        MqttVersion.V5,
        description="MQTT of the alerts: `5`, or `3.1.1` for an old broker, which cannot say that it refused one",
    )
    username: str | None = Field(None, description="user name, when the broker asks for one")
    password_file: Path | None = Field(None, description="file that holds the password; read anew at every connection")
    tls: bool = Field(default=False, description="TLS to the broker; its certificate must be good, and for `mqtt.host`")
    ca_file: Path | None = Field(
        None,
        validate_default=True,
        description="certificate of the authority that vouches for the broker (PEM), with TLS; absent: the machine's "
        "own authorities",
    )
    cert_file: Path | None = Field(
        None, validate_default=True, description="our certificate (PEM), when the broker asks for one"
    )
    key_file: Path | None = Field(
        None, validate_default=True, description="the private key of `cert_file` (PEM, without a password)"
    )

    @field_validator("ca_file", "cert_file", "key_file")
    @classmethod
    def _with_tls(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        if file is not None and info.data.get("tls") is False:
            msg = "it is of use with mqtt.tls = true only"
            raise ValueError(msg)
        return file

    @field_validator("key_file")
    @classmethod
    def _in_a_pair(cls, key: Path | None, info: ValidationInfo) -> Path | None:
        if "cert_file" in info.data and (key is None) != (info.data["cert_file"] is None):
            msg = "mqtt.cert_file and mqtt.key_file are named together or not at all"
            raise ValueError(msg)
        return key

    def in_folder(self, folder: Path) -> Self:
        """Take the files from the working folder, like every other path."""
        named = {name: getattr(self, name) for name in FILES}
        return self.model_copy(update={name: folder / file for name, file in named.items() if file is not None})

    @property
    def files(self) -> dict[str, Path]:
        """Return the files that are named, by setting."""
        named = {f"mqtt.{name}": getattr(self, name) for name in FILES}
        return {name: file for name, file in named.items() if file is not None}

    @property
    def broker(self) -> Broker:
        """Return the broker that the settings name."""
        return Broker(**{name: getattr(self, name) for name in Broker.__struct_fields__})
