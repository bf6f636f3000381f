"""What leaves: written first, claimed before the network is touched, and never twice by itself."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from config.embedded import ports
from incidents.choices import DeliveryState
from incidents.exceptions import WrongState
from incidents.models import Delivery, Incident
from incidents.notifiers.base import Handed, Message
from incidents.notifiers.mail import Mail
from incidents.services import outbox
from incidents.services.letters.base import Letter, letters
from tests.cast import Cast, person
from tests.mailbox import Mailbox, running

pytestmark = pytest.mark.django_db

DESK = "desk@harbour.example"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with running() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_TIMEOUT = 2
        settings.MAIL_ENABLED = True
        yield box


@pytest.fixture
def waiting(cast: Cast) -> Delivery:
    return put(cast)


def put(cast: Cast, key: str = "alert:1") -> Delivery:
    return outbox.put(key, "mail", DESK, "alert:1", incident=cast.incident)


def now(row: Delivery) -> Delivery:
    return Delivery.objects.get(pk=row.pk)


def due(row: Delivery) -> Delivery:
    """The same, with its pause over."""
    Delivery.objects.filter(pk=row.pk).update(next_at=timezone.now())
    return now(row)


def test_it_leaves_once_and_says_nothing_of_the_room(
    cast: Cast, waiting: Delivery, mailbox: Mailbox
) -> None:
    assert outbox.carry_out(waiting.pk) == "sent"
    assert outbox.carry_out(waiting.pk) is None
    row = now(waiting)
    assert (row.state, row.attempts, row.error) == ("sent", 1, "")
    assert mailbox.recipients == [DESK]
    (mail,) = mailbox.taken
    assert mail["Message-ID"] == row.message_id == outbox.message_id("alert:1")
    for word in (cast.incident.title, cast.incident.slug, "Kelp", row.key):
        assert word not in mail.as_string()


def test_a_key_is_one_delivery(cast: Cast, waiting: Delivery) -> None:
    assert put(cast) == waiting
    assert put(cast, "alert:2") != waiting
    assert outbox.message_id("alert:1") != outbox.message_id("alert:2")


@pytest.mark.parametrize(("channel", "subject"), [("pigeon", "alert:1"), ("mail", "poem:1")])
def test_what_nobody_carries_out_is_not_taken(cast: Cast, channel: str, subject: str) -> None:
    with pytest.raises(ValueError, match="nobody carries out"):
        outbox.put("k", channel, DESK, subject, incident=cast.incident)


def test_what_was_not_decided_does_not_leave(cast: Cast, mailbox: Mailbox) -> None:
    with transaction.atomic():
        row = put(cast)
        transaction.set_rollback(True)
    assert outbox.carry_out(row.pk) is None
    assert mailbox.taken == []


def test_the_claim_is_written_before_the_network_is_touched(
    waiting: Delivery, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str]] = []
    hand_over = Mail.hand_over

    def look(self: Mail, message: Message) -> Handed:
        seen.append((now(waiting).state, now(waiting).message_id))
        assert outbox.carry_out(waiting.pk) is None  # nobody else takes it
        return hand_over(self, message)

    monkeypatch.setattr(Mail, "hand_over", look)
    outbox.carry_out(waiting.pk)
    assert seen == [("in_flight", outbox.message_id("alert:1"))]


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_send_inside_a_transaction(waiting: Delivery, mailbox: Mailbox) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        outbox.carry_out(waiting.pk)
    assert mailbox.taken == []
    assert outbox.carry_out(waiting.pk) == "sent"


def test_a_refusal_is_tried_again_and_then_shown(waiting: Delivery, mailbox: Mailbox) -> None:
    mailbox.rcpt = "451 later"
    pauses = []
    for _ in outbox.PAUSES:
        assert outbox.carry_out(waiting.pk) == "pending"
        row = now(waiting)
        assert outbox.carry_out(waiting.pk) is None  # not yet
        assert row.next_at is not None
        assert row.claimed_at is not None
        pauses.append(round((row.next_at - row.claimed_at).total_seconds()))
        due(waiting)
    assert pauses == list(outbox.PAUSES)
    assert outbox.carry_out(waiting.pk) == "failed"
    assert now(waiting).error == "the server refused the recipient (451)"
    mailbox.rcpt = "250 OK"
    assert outbox.sweep() == 0
    assert outbox.carry_out(waiting.pk) is None


def test_after_a_pause_it_goes(waiting: Delivery, mailbox: Mailbox) -> None:
    mailbox.answer = "452 full"
    assert outbox.carry_out(waiting.pk) == "pending"
    mailbox.answer = "250 Taken"
    due(waiting)
    assert outbox.carry_out(waiting.pk) == "sent"


@pytest.mark.parametrize("place", ["rcpt", "answer"])
def test_a_refusal_for_good_has_bounced(waiting: Delivery, mailbox: Mailbox, place: str) -> None:
    setattr(mailbox, place, "550 no such user")
    assert outbox.carry_out(waiting.pk) == "bounced"


def test_an_absent_server_is_a_refusal(waiting: Delivery, mailbox: Mailbox, settings: Any) -> None:
    settings.EMAIL_PORT = ports.any_free()
    assert outbox.carry_out(waiting.pk) == "pending"
    assert "no mail server" in now(waiting).error


def test_silence_before_the_mail_is_a_refusal(
    waiting: Delivery, mailbox: Mailbox, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.EMAIL_PORT = silent.getsockname()[1]
        assert outbox.carry_out(waiting.pk) == "pending"


def test_silence_after_the_mail_is_uncertain_and_stays_so(
    waiting: Delivery, mailbox: Mailbox
) -> None:
    mailbox.hang_up = True
    assert outbox.carry_out(waiting.pk) == "uncertain"
    mailbox.hang_up = False
    assert outbox.sweep() == 0
    assert outbox.carry_out(due(waiting).pk) is None
    assert len(mailbox.taken) == 1


def test_a_person_has_it_sent_again_and_the_mail_says_so(
    cast: Cast, waiting: Delivery, mailbox: Mailbox
) -> None:
    mailbox.hang_up = True
    outbox.carry_out(waiting.pk)
    mailbox.hang_up = False
    outbox.again(now(waiting), by=person(cast.lead))
    assert outbox.carry_out(waiting.pk) == "sent"
    first, second = mailbox.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert (first["X-Holdfast-Sent-Again"], second["X-Holdfast-Sent-Again"]) == (None, "yes")
    assert now(waiting).decided_by == person(cast.lead)
    with pytest.raises(WrongState):
        outbox.again(now(waiting), by=person(cast.lead))


def test_a_person_says_that_it_arrived(cast: Cast, waiting: Delivery, mailbox: Mailbox) -> None:
    with pytest.raises(WrongState):
        outbox.arrived(waiting, by=person(cast.lead))
    mailbox.hang_up = True
    outbox.carry_out(waiting.pk)
    assert outbox.arrived(now(waiting), by=person(cast.lead)).state == "sent"


def in_flight(row: Delivery, worker: str, seconds: float = 0) -> None:
    Delivery.objects.filter(pk=row.pk).update(
        state=DeliveryState.IN_FLIGHT,
        claimed_by=worker,
        claimed_at=timezone.now() - timedelta(seconds=seconds),
    )


def test_what_is_in_flight_for_too_long_is_uncertain(waiting: Delivery, settings: Any) -> None:
    in_flight(waiting, "gone#1", settings.OUTBOX_LEASE_SECONDS - 5)
    assert outbox.sweep() == 0
    in_flight(waiting, "gone#1", settings.OUTBOX_LEASE_SECONDS + 1)
    assert outbox.sweep() == 1
    assert now(waiting).state == "uncertain"


def test_a_worker_that_begins_knows_what_its_forerunner_left(
    cast: Cast, waiting: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_me", outbox._Worker())
    other = put(cast, "alert:2")
    in_flight(waiting, "default1@here#before")
    in_flight(other, "default1@here2#before")
    assert outbox.work_as("default1@here") == 1
    assert (now(waiting).state, now(other).state) == ("uncertain", "in_flight")
    in_flight(waiting, str(outbox._me))
    assert outbox.work_as("default1@here") == 0


def test_a_slow_worker_may_still_say_what_it_knows(
    waiting: Delivery, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = Mail.hand_over

    def slow(self: Mail, message: Message) -> Handed:
        Delivery.objects.update(state=DeliveryState.UNCERTAIN)
        return hand_over(self, message)

    monkeypatch.setattr(Mail, "hand_over", slow)
    assert outbox.carry_out(waiting.pk) == "sent"


def test_what_a_person_decided_meanwhile_stands(
    waiting: Delivery, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(self: Mail, message: Message) -> Handed:
        Delivery.objects.update(state=DeliveryState.CANCELLED)
        return Mail.hand_over(self, message)

    monkeypatch.setattr(
        outbox, "notifiers", lambda: {"mail": type("Slow", (), {"hand_over": slow})}
    )
    assert outbox.carry_out(waiting.pk) == "cancelled"


def test_the_sweeper_finds_what_was_told_to_nobody(
    cast: Cast, waiting: Delivery, mailbox: Mailbox
) -> None:
    outbox.carry_out(put(cast, "alert:2").pk)
    assert outbox.sweep() == 1


@pytest.mark.parametrize("how", ["drill", "closed"])
def test_what_is_over_is_cancelled(
    cast: Cast, waiting: Delivery, mailbox: Mailbox, how: str
) -> None:
    changed = {"is_drill": True} if how == "drill" else {"stage": "closed"}
    Incident.objects.update(**changed)
    assert outbox.carry_out(waiting.pk) is None
    assert now(waiting).state == "cancelled"
    assert mailbox.taken == []


def test_a_mail_that_comes_back_has_bounced(waiting: Delivery, mailbox: Mailbox) -> None:
    assert not outbox.came_back(waiting, "never left")
    outbox.carry_out(waiting.pk)
    assert outbox.came_back(now(waiting), "mailbox is full")
    assert (now(waiting).state, now(waiting).error) == ("bounced", "mailbox is full")


@pytest.mark.parametrize("slug", sorted(letters()))
def test_every_letter_keeps_the_contract(slug: str) -> None:
    letter = letters()[slug]()
    assert isinstance(letter, Letter)
    assert ":" not in slug
