"""Mail to people outside. It says that something waits, never what: no title, no names.

Mail leaves after the transaction that decided it, from the request itself: a queue would hold
the link in Redis, and Redis holds no secret. A mail is claimed before it is handed over, so that
one whose fate is unknown stays *uncertain* and is never sent again by itself.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from incidents import scope
from incidents.models import Incident, Invitation

logger = logging.getLogger(__name__)

SUBJECT = "You have been invited to a room"
BODY = """\
Somebody invites you to a room where an incident is handled together:

{link}

The link asks for a code of eight characters. Whoever invited you tells it to you by telephone or
Signal, never by mail. If you do not know who that could be, leave the link alone.

It works until {until} UTC.
"""

NOTICE_SUBJECT = "Something about your sign-in"
NOTICE = """\
Something changed about how people of your organization sign in. You may want to look at it, and
you can stop it:

{link}

If you did not expect this, call a colleague. Do not answer this mail.
"""

# The server said no, so that nothing is on its way.
REFUSALS = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError)


def may_leave(incident: Incident) -> bool:
    """Whether mail about this incident can be sent at all: a drill sends nothing outside."""
    return settings.MAIL_ENABLED and not settings.DRILL and not incident.is_drill


@scope.trusted
def send_invitation(invitation: Invitation, link: str) -> str:
    """Send the link, if it has not been tried yet, and return the mail's state.

    ``sent``: the server took it. ``failed``: it refused, or was not there. ``uncertain``: the
    answer got lost. ``none``: mail is off. Must be called outside any transaction.
    """
    if not may_leave(invitation.incident) or not _claim(invitation):
        invitation.refresh_from_db(fields=["mail_state"])
        return invitation.mail_state
    until = invitation.expires_at.strftime("%d %B %Y, %H:%M")
    message = EmailMessage(
        SUBJECT,
        BODY.format(link=link, until=until),
        to=[invitation.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    invitation.mail_state = _hand_over(message)
    invitation.save(update_fields=["mail_state"])
    return invitation.mail_state


def tell_of_recovery(addresses: Iterable[str]) -> None:
    """Tell people, each in a mail of their own, that somebody is getting new passkeys; no names.

    Best effort: pages and timelines tell it too. Must be called outside any transaction.
    """
    if not settings.MAIL_ENABLED or settings.DRILL:
        return
    for address in addresses:
        body = NOTICE.format(link=f"{settings.SITE_URL}/organizations/")
        headers = {"Auto-Submitted": "auto-generated"}
        _hand_over(EmailMessage(NOTICE_SUBJECT, body, to=[address], headers=headers))


@transaction.atomic(durable=True)
def _claim(invitation: Invitation) -> bool:
    """Note before the network is touched that the mail may be on its way."""
    waiting = Invitation.objects.filter(
        pk=invitation.pk, mail_state="pending", approved_at__isnull=False, revoked_at__isnull=True
    )
    return waiting.update(mail_state="uncertain") == 1


def _hand_over(message: EmailMessage) -> str:
    connection = get_connection(timeout=settings.EMAIL_TIMEOUT)
    try:
        connection.open()
    except OSError as error:  # SMTPException is one too
        logger.warning("no mail server: %s", type(error).__name__)
        return "failed"
    try:
        connection.send_messages([message])
    except REFUSALS as error:
        logger.warning("the mail server refused: %s", type(error).__name__)
        return "failed"
    except OSError as error:
        logger.warning("the mail server went silent: %s", type(error).__name__)
        return "uncertain"
    finally:
        with suppress(SMTPException, OSError):
            connection.close()
    return "sent"
