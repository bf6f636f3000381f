"""What leaves through Redis, tasks and mail holds no text at all."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
import redis
from django.conf import settings
from django.db import transaction
from django.test import override_settings

from incidents.models import Person
from incidents.notifiers.webhook import signed
from incidents.queue import enqueue_on_commit
from incidents.services import mail, outbox
from incidents.services.letters.alert import Alert
from tests import mailbox
from tests.access.canaries import rules
from tests.access.canaries.crawl import Leak, leaks
from tests.access.canaries.fill import Way
from tests.access.canaries.full import Full
from tests.access.canaries.tokens import Viewer

NOBODY = Viewer("nobody", None)


@contextmanager
def monitored() -> Iterator[list[str]]:
    """Every command that Redis is given meanwhile: keys, messages, tasks and their arguments."""
    client = redis.from_url(os.environ["REDIS_URL"])
    heard: list[str] = []
    with client.monitor() as monitor:

        def listen() -> None:
            for command in monitor.listen():
                heard.append(command["command"])
                if "the end" in command["command"]:
                    return

        listener = Thread(target=listen, daemon=True)
        listener.start()
        yield heard
        client.echo("the end")
        listener.join(timeout=10)


def found_in(full: Full, sink: str, heard: list[str]) -> set[Leak]:
    data = "\n".join(heard).encode()
    return leaks(full.aviary, NOBODY, sink, "", data)


def test_redis_and_tasks_hold_no_text(full: Full) -> None:
    actor = full.room.cast.lead
    with monitored() as heard:
        full.room.note(Way("lead", "TLP:AMBER"), actor)
        full.room.address(Way("lead", "TLP:CLEAR"), actor)
        full.room.statement(Way("lead", "TLP:AMBER+STRICT"), actor)
    client = redis.from_url(os.environ["REDIS_URL"])
    for key in client.scan_iter():
        heard.append(f"{key!r} {client.dump(key)!r}")
    assert any("incidents.fan_out" in one or "LPUSH" in one for one in heard)
    assert any(settings.REDIS_CHANNEL in one for one in heard)
    assert found_in(full, "Redis", heard) == set()


@pytest.mark.parametrize("how", ["key", "message", "task"])
def test_text_in_redis_would_be_found(full: Full, how: str) -> None:
    text = full.aviary.mint("put in on purpose", rules.nobody)
    client = redis.from_url(os.environ["REDIS_URL"])
    with monitored() as heard:
        if how == "key":
            client.set(f"seen:{text}", 1, ex=5)
        elif how == "message":
            client.publish("somewhere", json.dumps({"title": text}))
        else:
            with transaction.atomic():
                enqueue_on_commit("incidents.fan_out", text)
    assert {leak.place for leak in found_in(full, "Redis", heard)} == {"put in on purpose"}


@contextmanager
def post_office() -> Iterator[mailbox.Mailbox]:
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with (
        mailbox.running() as box,
        override_settings(
            EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=box.port, MAIL_ENABLED=True
        ),
    ):
        yield box


def send(full: Full, address: str) -> None:
    """An invitation by mail, as the page sends it."""
    from tests.access.canaries import inviting

    invitation, link = inviting.by_mail(full.room, address)
    mail.send_invitation(invitation, link)


def told(full: Full, box: mailbox.Mailbox) -> set[Leak]:
    data = b"\n".join(message.as_bytes() for message in box.taken)
    reader = Viewer("recipient", Person(email=box.recipients[-1]))
    return leaks(full.aviary, reader, "mails", box.recipients[-1], data)


def test_mail_tells_nothing_but_whose_it_is(full: Full) -> None:
    address: list[str] = []
    own = rules.person_is(lambda: address[0])
    address.append(full.aviary.mint("Invitation.email", own) + "@example.org")
    with post_office() as box:
        send(full, address[0])
        assert box.recipients == address
        assert told(full, box) == set()


def test_text_in_a_mail_would_be_found(full: Full, monkeypatch: pytest.MonkeyPatch) -> None:
    title = base64.b64encode(full.room.incident.title.encode()).decode()
    monkeypatch.setattr(mail, "SUBJECT", f"You have been invited {title}")
    with post_office() as box:
        send(full, "somebody@example.org")
        assert {leak.place for leak in told(full, box)} == {"Incident.title"}


def test_a_webhook_tells_nothing(full: Full) -> None:
    row = outbox.put("alert:canary", "webhook", "", "alert:1", incident=full.room.incident)
    message = Alert().compose(row, outbox.message_id(row.key))
    body = json.dumps(message.data).encode()
    headers = json.dumps(signed(message, body, 1)).encode()
    told = leaks(full.aviary, NOBODY, "webhooks", "", headers + body + message.text.encode())
    assert told == set()
