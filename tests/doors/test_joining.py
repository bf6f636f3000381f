"""Taking up an invitation: only link and code together, only by whom it is meant for."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.choices import Capacity, Consent, Stage
from incidents.exceptions import IncidentClosed
from incidents.models import Incident, Invitation, Membership, Organization, Participation, Person
from incidents.services import admissions, enrolment, incidents, joining, terms
from incidents.services.admissions import Invited, Proposed
from incidents.services.parties import digest
from tests.api import client_of
from tests.cast import Cast, accept, person
from tests.doors.authenticator import SoftPasskey
from tests.doors.flows import SECOND, path_of, register
from tests.doors.inviting import EMAIL, invited, proposed

pytestmark = pytest.mark.django_db
Device = Callable[..., SoftPasskey]
OWN = re.compile(rb'csrfmiddlewaretoken" value="[^"]+"|\?next=[^"]+')  # differs by nature


def post(client: Client, made: Invited, code: str | None = None, **more: str) -> Any:
    form = {"code": made.code if code is None else code, "name": "Dana", **more}
    return client.post(path_of(made.link), form)


def words(page: Any) -> bytes:
    return OWN.sub(b"", page.content)


def test_a_newcomer_registers_accepts_and_sees_the_room(
    client: Client, cast: Cast, passkey: Device
) -> None:
    made = invited(cast)
    answer = post(client, made)
    assert answer["Location"] == "/enrol/passkey/"
    assert "_auth_user_id" not in client.session
    answer = register(client, passkey())
    page = reverse("terms", args=[cast.incident.slug])
    room = reverse("room", args=[cast.incident.slug])
    assert answer["Location"] == page
    assert client.get(page)["Location"] == f"{SECOND}?next={page}"
    assert register(client, passkey(), f"{SECOND}?next={page}")["Location"] == page
    dana = Person.objects.get(email=EMAIL)
    assert client.session["_auth_user_id"] == str(dana.pk)
    seat = Participation.objects.get(organization__name="Harbour")
    assert (seat.capacity, seat.consent) == (Capacity.EXCHANGE, Consent.INVITED)
    assert (seat.admitted_by, seat.sponsor, seat.joined_by) == ("two_parties", None, dana)
    assert seat.joined_at
    assert seat.respond_by == seat.joined_at + timedelta(minutes=60)
    assert client.get(room)["Location"] == page
    digest = incidents.terms_in_force(cast.incident).digest
    for answer in ("read", "sign"):
        form = {"answer": answer, "digest": digest}
        client.post(reverse("terms_answer", args=[cast.incident.slug]), form)
    assert client.get(room).status_code == 200


def test_terms_that_changed_meanwhile_are_read_again(
    client: Client, cast: Cast, passkey: Device
) -> None:
    post(client, invited(cast))
    register(client, passkey())
    register(client, passkey(), SECOND)
    form = {"answer": "sign", "digest": "0" * 64}
    client.post(reverse("terms_answer", args=[cast.incident.slug]), form)
    assert client.get(reverse("room", args=[cast.incident.slug])).status_code == 302


def test_declining_shows_nothing_more(client: Client, cast: Cast, passkey: Device) -> None:
    post(client, invited(cast))
    register(client, passkey())
    register(client, passkey(), SECOND)
    client.post(reverse("terms_answer", args=[cast.incident.slug]), {"answer": "decline"})
    assert client.get(reverse("room", args=[cast.incident.slug])).status_code == 404


def test_the_page_is_the_same_for_every_link(client: Client, cast: Cast) -> None:
    real, unknown = client.get(path_of(invited(cast).link)), client.get("/join/unknown/")
    assert real.status_code == unknown.status_code == 200
    assert cast.incident.title.encode() not in real.content
    assert words(real) == words(unknown)


def test_looking_changes_nothing(client: Client, cast: Cast) -> None:
    made = invited(cast)
    before = Invitation.objects.values().get()
    client.get(path_of(made.link))
    client.head(path_of(made.link))
    assert Invitation.objects.values().get() == before


def test_wrong_code_unknown_link_and_used_link_get_the_same_answer(
    client: Client, cast: Cast, passkey: Device
) -> None:
    made = invited(cast)
    wrong = post(client, made, "AAAA-AAAA")
    unknown = client.post("/join/unknown/", {"code": "AAAA-AAAA", "name": "Dana"})
    post(client, made)
    register(client, passkey())
    used = post(Client(), made, "AAAA-AAAA")
    assert {wrong.status_code, unknown.status_code, used.status_code} == {400}
    assert len({words(page) for page in (wrong, unknown, used)}) == 1


def test_what_nobody_approved_opens_nothing(client: Client, cast: Cast) -> None:
    """As unknown, even to somebody who could know the token."""
    proposed(cast)
    Invitation.objects.update(token_digest=digest("token"), code_digest=digest("AAAAAAAA"))
    form = {"code": "AAAA-AAAA", "name": "Dana"}
    waiting, unknown = client.post("/join/token/", form), client.post("/join/unknown/", form)
    assert (waiting.status_code, words(waiting)) == (unknown.status_code, words(unknown))
    Invitation.objects.update(approved_at=timezone.now())
    assert client.post("/join/token/", form).status_code == 302


def test_five_wrong_codes_end_the_invitation(client: Client, cast: Cast) -> None:
    made = invited(cast)
    for _ in range(4):
        assert post(client, made, "AAAA-AAAA").status_code == 400
    assert post(Client(), made).status_code == 302, "four are forgiven"
    assert post(client, made, "AAAA-AAAA").status_code == 400
    assert post(client, made).status_code == 400


def test_a_code_is_read_as_people_say_it(client: Client, cast: Cast) -> None:
    made = invited(cast)
    said = made.code.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert post(client, made, f" {said} ").status_code == 302


@pytest.mark.parametrize("how", ["expired", "revoked"])
def test_an_ended_invitation_opens_nothing(client: Client, cast: Cast, how: str) -> None:
    made = invited(cast)
    now = timezone.now()
    ended = {"expires_at": now} if how == "expired" else {"revoked_at": now}
    Invitation.objects.update(**ended)
    assert post(client, made).status_code == 400


def test_one_that_ends_during_the_registration_opens_nothing(
    client: Client, cast: Cast, passkey: Device
) -> None:
    post(client, invited(cast))
    client.get("/enrol/passkey/")
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert register(client, passkey()).status_code == 400
    assert not enrolment.has_passkey(Person.objects.get(email=EMAIL))
    assert not Participation.objects.filter(organization__name="Harbour").exists()


def test_a_broken_registration_leaves_the_invitation_open(
    client: Client, cast: Cast, passkey: Device
) -> None:
    made = invited(cast)
    post(client, made)
    client.post("/enrol/passkey/", {"credential": "{}"})
    again = Client()
    assert post(again, made).status_code == 302
    assert register(again, passkey()).status_code == 302


def test_the_quicker_of_two_gets_the_seat(client: Client, cast: Cast, passkey: Device) -> None:
    made, slower = invited(cast), Client()
    post(slower, made)
    post(client, made)
    assert register(client, passkey()).status_code == 302
    assert slower.get("/enrol/passkey/").status_code == 400
    assert Participation.objects.filter(organization__name="Harbour").count() == 1


def test_the_inviter_cannot_become_somebody_known(client: Client, cast: Cast) -> None:
    """Link and code are on the inviter's screen: they must not open a colleague's account."""
    made = invited(cast, email=person(cast.analyst).email)
    answer = post(client, made)
    assert answer.status_code == 403
    assert b"Sign in as that person" in answer.content
    assert client.get("/enrol/passkey/").status_code == 400


def test_a_known_person_joins_signed_in_for_their_organization(client: Client, cast: Cast) -> None:
    client.force_login(cast.outsider)
    own = Membership.objects.get(person=cast.outsider).organization
    made = invited(cast, email=cast.outsider.email)
    assert b"Elsewhere" in client.get(path_of(made.link)).content
    answer = post(client, made, organization=str(own.public_id))
    assert answer["Location"] == reverse("terms", args=[cast.incident.slug])
    assert Participation.objects.get(organization=own).capacity == Capacity.EXCHANGE


def test_or_for_a_new_one(client: Client, cast: Cast) -> None:
    client.force_login(cast.outsider)
    post(client, invited(cast, email=cast.outsider.email), organization="")
    seat = Participation.objects.get(organization__name="Harbour")
    assert seat.organization.memberships.get().person == cast.outsider


def test_never_for_one_that_is_not_theirs(client: Client, cast: Cast) -> None:
    client.force_login(cast.outsider)
    kelp = Organization.objects.get(name="Kelp")
    made = invited(cast, email=cast.outsider.email)
    assert post(client, made, organization=str(kelp.public_id)).status_code == 400
    assert not Membership.objects.filter(person=cast.outsider, organization=kelp).exists()


def test_nobody_takes_up_anothers_invitation(client: Client, cast: Cast) -> None:
    client.force_login(cast.outsider)
    assert post(client, invited(cast)).status_code == 403
    assert not Person.objects.filter(email=EMAIL).exists()


def test_who_sits_there_does_not_sit_twice(client: Client, cast: Cast) -> None:
    analyst = person(cast.analyst)
    client.force_login(analyst)
    own = Membership.objects.get(person=analyst).organization
    made = invited(cast, email=analyst.email)
    assert post(client, made, organization=str(own.public_id)).status_code == 409
    assert Invitation.objects.get().accepted_at is None


def test_who_declined_can_come_back(client: Client, cast: Cast) -> None:
    seat = Participation.objects.get(organization__name="Late Bridge")
    terms.decline(seat, person=cast.invited)
    client.force_login(cast.invited)
    made = invited(cast, email=cast.invited.email)
    assert post(client, made, organization=str(seat.organization.public_id)).status_code == 302
    seat.refresh_from_db()
    assert (seat.consent, seat.capacity) == (Consent.INVITED, Capacity.EXCHANGE)
    accept(seat, cast.invited)


def test_a_closed_incident_takes_nobody_in_and_lets_nobody_out(cast: Cast) -> None:
    made = invited(cast)
    seat = Participation.objects.get(organization__name="Late Bridge")
    digest = incidents.terms_in_force(cast.incident).digest
    Incident.objects.update(stage=Stage.CLOSED)
    with pytest.raises(IncidentClosed):
        joining.join(made.invitation, name="Dana")
    with pytest.raises(IncidentClosed):
        terms.read_terms(seat, person=cast.invited, digest=digest)
    with pytest.raises(IncidentClosed):
        terms.decline(seat, person=cast.invited)
    assert not Person.objects.filter(email=EMAIL).exists()
    Incident.objects.update(stage=Stage.OPEN)
    assert joining.join(made.invitation, name="Dana")
    terms.read_terms(seat, person=cast.invited, digest=digest)
    seat = terms.sign(seat, person=cast.invited, digest=digest)
    assert seat.has_consented(1)
    assert terms.decline(seat, person=cast.invited).consent == Consent.DECLINED


def test_the_form_needs_its_token(cast: Cast) -> None:
    made = invited(cast)
    assert post(Client(enforce_csrf_checks=True), made).status_code == 403
    assert post(Client(), made).status_code == 302


def test_a_seat_of_an_organization_that_is_known_here_is_taken_by_the_api(cast: Cast) -> None:
    """By its people alone; once; or turned down. What they learn before names no incident."""
    theirs = cast.outsider.memberships.get().organization
    wanted = Proposed(Capacity.EXCHANGE, organization=theirs)

    def offered() -> str:
        row = admissions.propose(cast.incident, wanted, actor=cast.lead)
        return str(admissions.approve(row, actor=cast.rival).invitation.public_id)

    inside, other = client_of(cast.outsider), client_of(person(cast.analyst))
    first = offered()
    (waiting,) = inside.get("/api/v1/seats/").json()
    assert (waiting["id"], waiting["inviting"]["slug"]) == (first, "kelp")
    assert cast.incident.title not in str(waiting)
    assert other.get("/api/v1/seats/").json() == []
    for word in ("take", "turn-down"):
        assert other.post(f"/api/v1/seats/{first}/{word}/").status_code == 404
    assert inside.post(f"/api/v1/seats/{first}/turn-down/").status_code == 204
    assert inside.post(f"/api/v1/seats/{first}/take/").status_code == 404
    second = offered()
    taken = inside.post(f"/api/v1/seats/{second}/take/")
    assert (taken.status_code, taken.json()["slug"]) == (201, cast.incident.slug)
    assert not taken.json()["has_consented"]
    assert inside.get(f"/api/v1/incidents/{cast.incident.slug}/").status_code == 403
    assert inside.post(f"/api/v1/seats/{second}/take/").status_code == 404
