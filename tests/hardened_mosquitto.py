"""The broker of deploy/mosquitto, started with exactly its files: only ports and paths are put in."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from alerts.broker import Broker
from tests.certificates import Authority, Pair
from tests.servers import Mosquitto, free_port, hash_passwords

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "deploy/mosquitto"
PASSWORD = "of the desk"


class HardenedMosquitto(Mosquitto):
    """A desk comes in by name and password at `port`, the watch and the quotes by certificate at `machines`.

    Its own certificate is for the address `certified`.
    """

    def __init__(self, folder: Path, *, certified: str = "127.0.0.1") -> None:
        super().__init__(folder)
        self.machines = free_port()
        self.authority = Authority(folder)
        self.authority.server(host=certified)
        users = folder / "passwords"
        users.write_text(f"desk:{PASSWORD}\n", encoding="utf-8")
        hash_passwords(users)
        (folder / "acl").write_bytes((SHIPPED / "acl").read_bytes())
        (folder / "data").mkdir()
        self._password = folder / "desk.password"
        self._password.write_text(PASSWORD, encoding="utf-8")

    def machine(self, name: str, *, certificate: Pair | None = None) -> Broker:
        """Return the line of a program, with a certificate of its name unless another is given."""
        shown = certificate or self.authority.client(name)
        return Broker(
            host=self.host,
            port=self.machines,
            tls=True,
            ca_file=self.authority.file,
            cert_file=shown.certificate,
            key_file=shown.key,
        )

    def desk(self) -> Broker:
        """Return the line of a desk."""
        return Broker(
            host=self.host,
            port=self.port,
            tls=True,
            ca_file=self.authority.file,
            username="desk",
            password_file=self._password,
        )

    def _write_configuration(self) -> None:
        text = (SHIPPED / "mosquitto.conf").read_text(encoding="utf-8")
        text = text.replace("/mosquitto/config/", f"{self.folder}/").replace("/mosquitto/data/", f"{self.folder}/data/")
        text = text.replace("listener 8883", f"listener {self.port} {self.host}")
        text = text.replace("listener 8884", f"listener {self.machines} {self.host}")
        # as root the broker would drop to a user that a private copy does not have
        user = "user root\n" if os.geteuid() == 0 else ""
        (self.folder / "mosquitto.conf").write_text(user + text, encoding="utf-8")


@contextlib.contextmanager
def running_hardened(folder: Path, *, certified: str = "127.0.0.1") -> Iterator[HardenedMosquitto]:
    """Run that broker for the length of a block."""
    broker = HardenedMosquitto(folder, certified=certified)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
