"""The first passkey: a link that works once, and only for registering it."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from incidents.exceptions import EnrolmentInvalid
from incidents.models import Enrolment, Membership, Person
from incidents.services import enrolment
from incidents.services.parties import digest
from tests.doors.authenticator import SoftPasskey
from tests.doors.flows import SECOND, options_in, path_of, register

pytestmark = pytest.mark.django_db
Device = Callable[..., SoftPasskey]


def made(email: str = "ada@example.org") -> enrolment.Enrolled:
    return enrolment.enroll_administrator(email, name="Ada", organization_name="Protocol A")


def test_the_command_prints_a_link_and_stores_only_its_digest() -> None:
    out = StringIO()
    call_command(
        "enroll_administrator",
        "Ada@Example.org",
        "--name=Ada",
        "--organization=Protocol A",
        stdout=out,
        stderr=StringIO(),
    )
    token = out.getvalue().strip().removesuffix("/").rpartition("/")[2]
    row = Enrolment.objects.get()
    assert row.digest == digest(token)
    assert row.expires_at - row.created_at <= timedelta(hours=24)
    person = Person.objects.get()
    assert (person.email, person.is_administrator) == ("ada@example.org", True)
    assert not person.has_usable_password()
    assert Membership.objects.get().organization.name == "Protocol A"


@pytest.mark.parametrize(
    ("email", "name", "organization"),
    [("nonsense", "Ada", "A"), ("ada@example.org", " ", "A"), ("ada@example.org", "Ada", "")],
)
def test_the_command_refuses_bad_input(email: str, name: str, organization: str) -> None:
    with pytest.raises(CommandError):
        call_command("enroll_administrator", email, name=name, organization=organization)
    assert not Person.objects.exists()


def test_a_repeat_gives_a_new_link_and_ends_the_old_one(client: Client) -> None:
    old, new = made().link, made().link
    assert client.post(path_of(old)).status_code == 400
    assert client.post(path_of(new)).status_code == 302
    assert Person.objects.count() == 1


def test_looking_at_the_link_changes_nothing_and_tells_nothing(client: Client) -> None:
    real = client.get(path_of(made().link))
    unknown = client.get("/enrol/no-such-token/")
    assert real.status_code == unknown.status_code == 200
    assert b"Ada" not in real.content
    strip = lambda page: page.content.split(b"csrfmiddlewaretoken")[0]  # noqa: E731
    assert strip(real) == strip(unknown)
    assert Enrolment.objects.get().used_at is None


def test_the_link_alone_signs_nobody_in(client: Client) -> None:
    client.post(path_of(made().link))
    assert "_auth_user_id" not in client.session
    assert client.get("/accounts/passkeys/").status_code == 302


def test_registering_signs_in_and_uses_up_the_link(client: Client, passkey: Device) -> None:
    link = path_of(made().link)
    client.post(link)
    before = client.session.session_key
    answer = register(client, passkey())
    assert answer.status_code == 302
    assert client.get("/")["Location"] == f"{SECOND}?next=/"
    assert client.session["_auth_user_id"] == str(Person.objects.get().pk)
    assert client.session.session_key != before
    assert Enrolment.objects.get().used_at is not None
    assert Client().post(link).status_code == 400


def test_a_broken_try_does_not_lock_out(client: Client, passkey: Device) -> None:
    link = path_of(made().link)
    client.post(link)
    client.get("/enrol/passkey/")
    assert client.post("/enrol/passkey/", {"credential": "{}"}).status_code == 400
    assert client.post("/enrol/passkey/", {"credential": ""}).status_code == 400
    assert not enrolment.has_passkey(Person.objects.get())
    another_day = Client()
    another_day.post(link)
    assert register(another_day, passkey()).status_code == 302


def test_a_device_that_does_not_check_its_owner_is_refused(client: Client, passkey: Device) -> None:
    client.post(path_of(made().link))
    assert register(client, passkey(verifies=False)).status_code == 400
    assert not enrolment.has_passkey(Person.objects.get())


def test_an_answer_to_another_question_is_refused(client: Client, passkey: Device) -> None:
    client.post(path_of(made().link))
    device = passkey()
    old = device.create(options_in(client.get("/enrol/passkey/").content))
    client.get("/enrol/passkey/")  # a new challenge
    assert client.post("/enrol/passkey/", {"credential": old}).status_code == 400
    assert register(client, device).status_code == 302


def test_an_expired_link_is_refused_in_the_same_words(client: Client) -> None:
    link = path_of(made().link)
    client.post(link)
    Enrolment.objects.update(expires_at=timezone.now())
    late = client.get("/enrol/passkey/")
    assert late.status_code == 400
    assert client.post(link).content == Client().post("/enrol/never/").content


def test_the_registering_page_needs_a_link(client: Client) -> None:
    assert client.get("/enrol/passkey/").status_code == 400


def test_nobody_with_a_passkey_is_enrolled_again(enrolled: object) -> None:
    with pytest.raises(CommandError, match="already"):
        call_command(
            "enroll_administrator", "ada@example.org", name="Eve", organization="Protocol A"
        )
    row, _ = enrolment.issue(Person.objects.get())
    with pytest.raises(EnrolmentInvalid):
        enrolment.resume(row.pk)
