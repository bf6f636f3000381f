"""Mail over a real SMTP server: what leaves, what is remembered when it goes wrong."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from config.embedded import ports
from incidents.models import Incident, Invitation
from incidents.services import mail
from tests.cast import Cast, person
from tests.doors.inviting import invited, proposed
from tests.mailbox import Mailbox, running

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "desk@harbour.example"
FORM = {"organization_name": "Harbour Exchange", "capacity": "exchange", "email": ADDRESS}


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A running mail server that the settings point at."""
    with running() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_TIMEOUT = 3
        settings.MAIL_ENABLED = True
        yield box


def invite(client: Client, cast: Cast) -> str:
    """The page that the second person sees."""
    client.force_login(person(cast.lead))
    client.post(reverse("invite", args=[cast.incident.slug]), FORM)
    client.force_login(person(cast.rival))
    at = [cast.incident.slug, Invitation.objects.get().public_id]
    return client.post(reverse("invitation_approve", args=at)).content.decode()


def state() -> str:
    return str(Invitation.objects.get().mail_state)


def test_the_mail_holds_the_link_and_no_word_of_the_room(
    client: Client, cast: Cast, mailbox: Mailbox
) -> None:
    page = invite(client, cast)
    assert "The mail server took the mail" in page
    assert state() == "sent"
    assert mailbox.recipients == [ADDRESS]
    (message,) = mailbox.taken
    assert message["Subject"] == "You have been invited to a room"
    whole = message.as_string()
    link = next(line for line in mailbox.text().splitlines() if "/join/" in line)
    assert f'id="invitation-link">{link}<' in page
    code = page.partition('id="invitation-code"')[2].partition(">")[2].partition("<")[0]
    assert len(code) == 9
    secret = [cast.incident.title, cast.incident.slug, "Kelp", "Harbour Exchange", "lead", code]
    assert not [word for word in secret if word in whole]


def test_a_refused_recipient_is_told(client: Client, cast: Cast, mailbox: Mailbox) -> None:
    mailbox.rcpt = "550 no such user"
    assert "No mail was sent" in invite(client, cast)
    assert state() == "failed"


def test_an_absent_server_is_told(
    client: Client, cast: Cast, mailbox: Mailbox, settings: Any
) -> None:
    settings.EMAIL_PORT = ports.any_free()
    page = invite(client, cast)
    assert "No mail was sent" in page
    assert 'id="invitation-link"' in page
    assert state() == "failed"


def test_a_server_that_hangs_up_leaves_it_uncertain_and_it_is_never_sent_again(
    client: Client, cast: Cast, mailbox: Mailbox
) -> None:
    mailbox.hang_up = True
    assert "may or may not have reached" in invite(client, cast)
    assert state() == "uncertain"
    mailbox.hang_up = False
    assert mail.send_invitation(Invitation.objects.get(), "https://x.example/") == "uncertain"
    assert len(mailbox.taken) == 1


def test_a_silent_server_costs_the_timeout_and_no_more(
    client: Client, cast: Cast, mailbox: Mailbox, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT = 1
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.EMAIL_PORT = silent.getsockname()[1]
        assert "No mail was sent" in invite(client, cast)
    assert state() == "failed"


def test_the_claim_is_written_before_the_network_is_touched(
    client: Client, cast: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, bool]] = []
    hand_over = mail._hand_over

    def look(message: Any) -> str:
        seen.append((state(), transaction.get_connection().in_atomic_block))
        return hand_over(message)

    monkeypatch.setattr(mail, "_hand_over", look)
    invite(client, cast)
    assert seen == [("uncertain", False)]


def test_it_refuses_to_send_inside_a_transaction(cast: Cast, mailbox: Mailbox) -> None:
    made = invited(cast, ADDRESS)
    with pytest.raises(RuntimeError), transaction.atomic():
        mail.send_invitation(made.invitation, made.link)
    assert mailbox.taken == []
    assert mail.send_invitation(made.invitation, made.link) == "sent"


@pytest.mark.parametrize("how", ["mode", "incident"])
def test_a_drill_sends_nothing(
    client: Client, cast: Cast, mailbox: Mailbox, settings: Any, how: str
) -> None:
    if how == "mode":
        settings.DRILL = True
    else:
        Incident.objects.update(is_drill=True)
    assert "a drill sends nothing outside" in invite(client, cast)
    assert mailbox.taken == []
    assert state() == "none"


def test_what_nobody_approved_sends_nothing(client: Client, cast: Cast, mailbox: Mailbox) -> None:
    row = proposed(cast, ADDRESS)
    assert mail.send_invitation(row, "https://x.example/") == "none"
    Invitation.objects.update(mail_state="pending")
    assert mail.send_invitation(row, "https://x.example/") == "pending"
    assert mailbox.taken == []
