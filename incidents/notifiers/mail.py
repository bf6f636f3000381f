"""Mail, through the backend that Django is configured with: any SMTP server, or a provider through
django-anymail (docs/operations.md, "Mail")."""

from __future__ import annotations

import logging
import smtplib
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from requests import ConnectTimeout

from incidents.notifiers._watchdog import ends_after
from incidents.notifiers.base import Fate, Handed, Message, Notifier

logger = logging.getLogger(__name__)

SERVER_ERROR, TOO_MANY = 500, 429
PERMANENT = range(500, 600)  # RFC 5321, section 4.2.1
QUIT_SECONDS = 1.0  # the mail is taken by then: nobody waits for a good-bye


@dataclass
class _Told:
    """Whether the server has begun to get the mail itself. Before that, silence is a refusal."""

    data: bool = False


class Mail(Notifier):
    slug: ClassVar[str] = "mail"

    def hand_over(self, message: Message) -> Handed:
        if not settings.MAIL_ENABLED:
            return Handed(Fate.REFUSED, "no mail server is set")
        connection = get_connection(**_only_for_smtp())
        told = _Told()
        with ends_after(settings.HAND_OVER_SECONDS, lambda: _socket(connection)):
            try:
                connection.open()
            except OSError as error:  # SMTPException is one too
                return Handed(Fate.REFUSED, f"no mail server: {type(error).__name__}")
            _listen(connection, told)
            mail = as_mail(message)
            try:
                taken = connection.send_messages([mail])
            except (OSError, AnymailError) as error:
                handed = _judged(error, told)
                logger.warning("mail %s: %s (%s)", message.delivery, handed.fate, handed.error)
                return handed
            finally:
                _close(connection)
        if not taken:
            return Handed(Fate.UNKNOWN, "the mail backend does not say that it took it")
        status = getattr(mail, "anymail_status", None)
        return Handed(Fate.ACCEPTED, message_id=str(getattr(status, "message_id", None) or ""))


def as_mail(message: Message) -> EmailMessage:
    """The mail as it leaves."""
    headers = {"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"}
    if message.is_again:
        headers["X-Holdfast-Sent-Again"] = "yes"
    mail = EmailMessage(message.subject, message.text, to=[message.to], headers=headers)
    # What a provider gives back with its events (anymail); others know nothing of it.
    mail.metadata = {"delivery": message.delivery}  # type: ignore[attr-defined]
    for file in message.files:
        mail.attach(file.name, file.body, file.media_type)
    return mail


def _only_for_smtp() -> dict[str, Any]:
    return {"timeout": settings.EMAIL_TIMEOUT} if "smtp" in settings.EMAIL_BACKEND else {}


def _smtp(connection: Any) -> smtplib.SMTP | None:
    smtp = getattr(connection, "connection", None)
    return smtp if isinstance(smtp, smtplib.SMTP) else None


def _socket(connection: Any) -> socket.socket | None:
    smtp = _smtp(connection) or getattr(connection, "_partial_connection", None)
    return getattr(smtp, "sock", None)


def _listen(connection: Any, told: _Told) -> None:
    """Have ``told`` know when the mail itself begins to leave. Of a backend that cannot be watched
    it is taken to have begun."""
    smtp = _smtp(connection)
    if smtp is None:
        told.data = True
        return
    data = smtp.data

    def watched(text: Any) -> Any:
        told.data = True
        return data(text)

    setattr(smtp, "data", watched)  # noqa: B010 (of this one connection)


def _close(connection: Any) -> None:
    sock = _socket(connection)
    with suppress(smtplib.SMTPException, OSError):
        if sock is not None:
            sock.settimeout(QUIT_SECONDS)
        connection.close()


def _judged(error: Exception, told: _Told) -> Handed:
    """What a failure means. An answer with a code was a decision; silence is one only before the
    mail itself began to leave."""
    words = type(error).__name__
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return _refused(min(codes, default=0), "the recipient")
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Handed(Fate.REFUSED, f"the server refused us as sender ({error.smtp_code})")
    if isinstance(error, smtplib.SMTPDataError):
        return _refused(error.smtp_code, "the mail")
    if isinstance(error, AnymailRecipientsRefused):
        return Handed(Fate.BOUNCED, "the provider refused the recipient")
    if isinstance(error, AnymailAPIError):
        return _judged_provider(error)
    if isinstance(error, AnymailError) or not told.data:
        return Handed(Fate.REFUSED, words)
    return Handed(Fate.UNKNOWN, f"the server went silent: {words}")


def _refused(code: int, what: str) -> Handed:
    fate = Fate.BOUNCED if code in PERMANENT else Fate.REFUSED
    return Handed(fate, f"the server refused {what} ({code})")


def _judged_provider(error: AnymailAPIError) -> Handed:
    status = error.status_code
    if status is None:
        if isinstance(error.__cause__, ConnectTimeout):
            return Handed(Fate.REFUSED, "the provider was not there")
        return Handed(Fate.UNKNOWN, "the provider went silent")
    if status >= SERVER_ERROR:
        return Handed(Fate.UNKNOWN, f"the provider failed ({status})")
    return Handed(Fate.REFUSED, f"the provider refused ({status})")
