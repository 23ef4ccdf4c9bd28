"""A real SMTP server on the loopback that keeps what comes, or refuses it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller

from tests.servers import free_port


class Mailbox:
    """What came, and whether it is taken."""

    def __init__(self) -> None:
        self.came: list[Message] = []
        self.refuses = False
        self.port = free_port()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        """Keep a mail, or refuse it."""
        if self.refuses:
            return "554 no"
        self.came.append(message_from_bytes(envelope.content))
        return "250 kept"


def plain(mail: Message) -> str:
    """Return the text of a mail."""
    parts = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
    payload = (parts or [mail])[0].get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


@contextlib.contextmanager
def running_mail_server() -> Iterator[Mailbox]:
    """Run it for the length of a block."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
