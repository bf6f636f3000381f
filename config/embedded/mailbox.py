"""A mail server of a drill's own: it takes every mail, counts it and forgets it.

Nothing of a drill leaves the machine, and what is measured is a delivery and not a pretence of one.
"""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.embedded.ports import HOST, any_free

# It tells every connection; a drill has thousands.
logging.getLogger("mail.log").setLevel(logging.WARNING)


class Mailbox:
    """Listens on a free port of this machine while it is entered."""

    def __init__(self) -> None:
        self.port = any_free()
        self.taken = 0
        self._controller = Controller(self, hostname=HOST, port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()

    async def handle_DATA(  # noqa: N802 (the library's name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """One mail was handed over."""
        self.taken += 1
        return "250 Taken"
