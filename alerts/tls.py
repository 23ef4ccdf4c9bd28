"""TLS to the firm's broker: whom we trust, and what we show; the files are read at every connection."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

from alerts.broker import Broker

NO_PASSWORD = ""
"""Without it the library would ask for that of an encrypted key at the terminal, and wait."""


class BrokerTls(ssl.SSLContext):
    """TLS for one connection; its socket can be closed when the two could not agree, which the library forgets."""

    made: ssl.SSLSocket | None = None

    def wrap_socket(self, *args: Any, **named: Any) -> ssl.SSLSocket:
        """Keep the socket that is made."""
        self.made = super().wrap_socket(*args, **named)
        return self.made

    def close(self) -> None:
        """Close the socket that was made."""
        if self.made is not None:
            self.made.close()


def tls_context(broker: Broker) -> BrokerTls | None:
    """Return what TLS to the broker needs, None without TLS; raise OSError that names the file that is no good."""
    if not broker.tls:
        return None
    context = BrokerTls(ssl.PROTOCOL_TLS_CLIENT)
    if broker.ca_file is None:
        context.load_default_certs()
    else:
        _tried(f"mqtt.ca_file {broker.ca_file.name}", lambda: context.load_verify_locations(broker.ca_file))
    certificate, key = broker.cert_file, broker.key_file
    if certificate is not None and key is not None:
        files = f"mqtt.cert_file {certificate.name} with mqtt.key_file {key.name}"
        _tried(files, lambda: context.load_cert_chain(certificate, key, NO_PASSWORD))
    return context


def _tried(files: str, load: Callable[[], None]) -> None:
    try:
        load()
    except OSError as error:
        msg = f"{files} cannot be used: {reason_of(error)}"
        raise OSError(msg) from error


def reason_of(error: Exception) -> str:
    """Return why a file cannot be used, without its path."""
    return getattr(error, "strerror", None) or str(error)
