"""Contacts at desks: added by one, verified by another over a second way, ended and kept."""

import base64
from typing import Any

import pytest

from incidents.access import Proof
from incidents.exceptions import (
    BadInput,
    NotFound,
    SecondPersonRequired,
    StepUpRequired,
    WrongState,
)
from incidents.models import DeskContact
from incidents.recipients.base import Recipient, recipients
from incidents.services import desk_contacts
from incidents.services.desk_contacts import NewContact
from tests.cast import Cast, organization, person

pytestmark = pytest.mark.django_db
GOOD = {
    "mail": "freeze@harbour.example",
    "webhook": "https://desk.harbour.example/holdfast",
    "portal": "app.kodexglobal.com/harbour",
    "phone": "+41 44 668 18 00",
}


def add(cast: Cast, channel: str = "mail", **more: Any) -> DeskContact:
    given = {"name": "Freeze desk", "address": GOOD[channel], "phone": "+41446681801", **more}
    return desk_contacts.add(
        organization(cast.lead),
        NewContact("harbour", channel=channel, **given),
        by=person(cast.lead),
        proof=Proof.FRESH,
    )


def verify(cast: Cast, row: DeskContact, who: str = "colleague", **more: Any) -> DeskContact:
    given = {"how": "Called the number on their site", "proof": Proof.FRESH, **more}
    return desk_contacts.verify(row, given["how"], by=cast.people[who], proof=given["proof"])


@pytest.mark.parametrize("slug", sorted(recipients()))
def test_every_type_keeps_the_contract(slug: str) -> None:
    recipient = recipients()[slug]()
    assert isinstance(recipient, Recipient)
    assert recipient.asks
    assert recipient.leaves_by_itself == recipient.needs_contact
    with pytest.raises(BadInput) as refused:
        recipient.checked("x" * 501 if slug == "portal" else "not an address")
    assert refused.value.field == "address"
    assert recipient.checked(GOOD.get(slug, "")) == GOOD.get(slug, "").replace(" ", "")


def test_a_second_person_verifies_it(cast: Cast) -> None:
    row = add(cast)
    assert row.verified_at is None
    with pytest.raises(SecondPersonRequired):
        verify(cast, row, "lead")
    with pytest.raises(NotFound):
        verify(cast, row, "rival")
    with pytest.raises(StepUpRequired):
        verify(cast, row, proof=Proof.SESSION)
    with pytest.raises(BadInput):
        verify(cast, row, how=" ")
    assert verify(cast, row).verified_by == person(cast.colleague)
    with pytest.raises(WrongState):
        verify(cast, row)


def test_without_a_second_way_it_is_not_verified(cast: Cast) -> None:
    with pytest.raises(BadInput):
        verify(cast, add(cast, phone=""))


def test_ended_is_not_gone(cast: Cast) -> None:
    row, ours = add(cast), organization(cast.lead)
    assert desk_contacts.of(ours, "harbour") == [row]
    desk_contacts.end(row, by=person(cast.colleague), proof=Proof.FRESH)
    assert desk_contacts.of(ours, "harbour") == []
    assert DeskContact.objects.get().ended_at is not None
    with pytest.raises(WrongState):
        verify(cast, row)


def test_no_other_organization_sees_it(cast: Cast) -> None:
    row = add(cast)
    assert desk_contacts.every(organization(cast.rival)) == []
    assert desk_contacts.get(organization(cast.lead), row.public_id) == row
    with pytest.raises(NotFound):
        desk_contacts.get(organization(cast.rival), row.public_id)


def test_a_webhook_gets_a_secret(cast: Cast) -> None:
    row = add(cast, "webhook")
    assert len(base64.b64decode(row.webhook_secret.removeprefix("whsec_"))) == 32
    assert add(cast).webhook_secret == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("address", "nobody"), ("phone", "044 668"), ("openpgp_key", "a key")],
)
def test_what_is_none_is_refused_by_name(cast: Cast, field: str, value: str) -> None:
    with pytest.raises(BadInput) as refused:
        add(cast, **{field: value})
    assert refused.value.field == field


def test_a_room_has_no_contact(cast: Cast) -> None:
    new = NewContact("harbour", "Desk", "room", "")
    with pytest.raises(BadInput):
        desk_contacts.add(organization(cast.lead), new, by=person(cast.lead), proof=Proof.FRESH)
