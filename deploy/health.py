"""The container's health check: asks one address, the daemon's unless another is given; ends with 0 when it answers.

`http://host:port/path` must answer 200; `tcp://host:port` must accept a connection.
"""

from __future__ import annotations

import http.client
import socket
import sys
from urllib.parse import urlsplit

DAEMON = "http://127.0.0.1:9464/healthz"
PATIENCE = 4.0


def answers(address: str) -> bool:
    """Tell whether the address answers."""
    parts = urlsplit(address)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    try:
        if parts.scheme == "tcp":
            socket.create_connection((host, port), timeout=PATIENCE).close()
            return True
        connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(not answers(sys.argv[1] if len(sys.argv) > 1 else DAEMON))
