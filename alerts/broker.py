"""The firm's MQTT broker, as the section [mqtt] names it: alerts and quotes go over the same line. Pure."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import msgspec


class MqttVersion(StrEnum):
    """Which MQTT is spoken: only in 5 can a broker say that it did not take a message."""

    V5 = "5"
    V311 = "3.1.1"


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """Where the broker is and how it lets us in; the files are read anew at every connection.

    With `tls` the broker must show a certificate for `host` that `ca_file` vouches for, without one the machine's own
    authorities; `cert_file` and `key_file` are what we show when it asks.
    """

    host: str = "127.0.0.1"
    port: int = 1883
    version: MqttVersion = MqttVersion.V5
    username: str | None = None
    password_file: Path | None = None
    tls: bool = False
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    @property
    def place(self) -> str:
        """Return where it is, for messages."""
        return f"{self.host}:{self.port}"
