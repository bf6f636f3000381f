"""A real mail server that keeps what it took."""

import email
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.embedded import ports

logging.getLogger("mail.log").setLevel(logging.WARNING)  # it tells every connection


class Mailbox:
    """A mail server's answers, and what it took."""

    port: int

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.recipients: list[str] = []
        self.rcpt = "250 OK"
        self.answer = "250 Taken"  # to the mail itself
        self.hang_up = False

    async def handle_RCPT(  # noqa: N802 (the library's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        if not self.answer.startswith("250"):
            return self.answer
        self.taken.append(email.message_from_bytes(envelope.content))
        self.recipients += envelope.rcpt_tos
        if self.hang_up:
            assert server.transport is not None
            server.transport.abort()
        return self.answer

    def text(self) -> str:
        """The text of the last mail."""
        payload = self.taken[-1].get_payload(decode=True)
        assert isinstance(payload, bytes)
        return payload.decode()


@contextmanager
def running(box: Mailbox | None = None) -> Iterator[Mailbox]:
    """A mail server on a free port of this machine."""
    box = box or Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=ports.any_free())
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()
