"""A desk that registered a passkey needs no codes for that request, and reaches nothing else."""

import pytest
from django.test import Client

from incidents.choices import CodePurpose, Marking
from incidents.exceptions import DeskRefused, SignInFirst, WrongState
from incidents.models import (
    DeskDevice,
    DeskLink,
    FreezeAnswer,
    FreezeRequest,
    FreezeTarget,
    Membership,
    Person,
    TimelineEntry,
)
from incidents.services import desk_enrolment, desk_links
from tests import fresh
from tests.cast import Cast
from tests.desks import Desk, link_of, sent
from tests.factories import SHOWN_ADDRESS

pytestmark = pytest.mark.django_db
ANA = {"name": "Ana", "email": "ana@exchange.example"}


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast, link_of(cast, sent(cast))).come_in()


def device(desk: Desk) -> DeskDevice:
    return DeskDevice.objects.select_related("link__request").get(link=desk.link)


def enrolled(desk: Desk) -> Person:
    """As somebody is who went through the pages of the passkey."""
    row = desk_enrolment.begin(device(desk), **ANA, code=desk.code(CodePurpose.ENROL))
    assert row.organization
    Membership.objects.create(
        person=row.person, organization=row.organization, is_administrator=False
    )
    return row.person


def test_form_and_code_lead_to_the_passkey(desk: Desk) -> None:
    assert desk.client.get(desk.at("enrol/")).status_code == 200
    wrong = desk.client.post(desk.at("enrol/"), ANA | {"code": "0000-0000"})
    assert (wrong.status_code, Person.objects.filter(email=ANA["email"]).exists()) == (400, False)
    code = desk.code(CodePurpose.ENROL)
    right = desk.client.post(desk.at("enrol/"), ANA | {"code": code})
    assert (right.status_code, right["Location"]) == (302, "/enrol/passkey/")
    assert desk.client.get("/enrol/passkey/").status_code == 200
    assert TimelineEntry.objects.get(kind="freeze.page_enrolled").is_alert


def test_passkey_opens_that_request_and_answers_without_codes(desk: Desk) -> None:
    target = FreezeTarget.objects.get(request=desk.link.request)
    person = enrolled(desk)
    client = Client()
    client.force_login(person)
    assert SHOWN_ADDRESS in client.get(desk.at("request/")).content.decode()
    path = desk.at(f"targets/{target.public_id}/answer/")
    assert client.post(path, {"outcome": "acknowledged"}).status_code == 302
    said = FreezeAnswer.objects.get()
    assert (said.outcome, said.is_claimed) == ("acknowledged", True)
    # The passkey of this minute stands behind an answer, not a session of this morning.
    fresh.grow_old(client)
    assert "/accounts/" in client.post(path, {"outcome": "located"})["Location"]
    assert FreezeAnswer.objects.count() == 1


def test_it_opens_nothing_else(cast: Cast, desk: Desk) -> None:
    person = enrolled(desk)
    other = Desk(cast, link_of(cast, sent(cast, amount=9)))
    client = Client()
    client.force_login(person)
    assert SHOWN_ADDRESS not in client.get(other.at("request/")).content.decode()
    assert client.get(f"/incidents/{cast.incident.slug}/").status_code == 404
    for stranger in (cast.outsider, cast.people["exchange"]):
        client.force_login(stranger)
        assert SHOWN_ADDRESS not in client.get(desk.at("request/")).content.decode()


@pytest.mark.parametrize("how", ["revoked", "narrower", "left"])
def test_what_ended_is_cut_for_a_passkey_too(desk: Desk, how: str) -> None:
    person = enrolled(desk)
    client = Client()
    client.force_login(person)
    assert SHOWN_ADDRESS in client.get(desk.at("request/")).content.decode()
    if how == "revoked":
        desk_links.revoke(DeskLink.objects.get(pk=desk.link.pk), actor=desk.cast.lead)
    elif how == "narrower":
        FreezeRequest.objects.update(marking=Marking.RED)
    else:
        Membership.objects.filter(person=person).delete()
    assert SHOWN_ADDRESS not in client.get(desk.at("request/")).content.decode()


def test_known_people_and_a_second_enrolment_are_refused(cast: Cast, desk: Desk) -> None:
    known = {"name": "Lead", "email": cast.people["lead"].email}
    with pytest.raises(SignInFirst):
        desk_enrolment.begin(device(desk), **known, code=desk.code(CodePurpose.ENROL))
    with pytest.raises(DeskRefused):
        desk_enrolment.begin(device(desk), **ANA, code=desk.code(CodePurpose.ANSWER))
    enrolled(desk)
    with pytest.raises(WrongState):
        desk_enrolment.begin(
            DeskDevice.objects.get(link=desk.link, word=desk.word),
            name="Ben",
            email="ben@exchange.example",
            code=desk.code(CodePurpose.ENROL),
        )
