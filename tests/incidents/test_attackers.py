"""An address is the attacker's when two people of two independent parties say so, never before."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from incidents import access
from incidents.access import SYSTEM, Proof
from incidents.choices import AddressRole
from incidents.exceptions import (
    BadInput,
    HoldfastError,
    NotYours,
    SecondPersonRequired,
    StepUpRequired,
    TokenNotEnough,
    WrongState,
)
from incidents.models import Participation, TimelineEntry, TrackedAddress
from incidents.serialized import entry_json
from incidents.services import addresses, attackers, ledger
from tests import fresh
from tests.api import RECORD, client_of, room
from tests.cast import Cast, organization, person
from tests.factories import ADDRESS, AMBER, CHAIN

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(cast: Cast) -> TrackedAddress:
    return addresses.record(cast.incident, CHAIN, ADDRESS, actor=cast.lead, marking=AMBER)


def test_two_people_of_two_parties_make_it_so(cast: Cast, row: TrackedAddress) -> None:
    said = attackers.call(row, "It received the theft.", actor=cast.lead)
    assert (said.role, said.called_for) == (AddressRole.CANDIDATE, organization(cast.lead))
    with pytest.raises(SecondPersonRequired):
        attackers.call(row, "Again.", actor=cast.lead)
    with pytest.raises(SecondPersonRequired, match="independent"):
        attackers.call(row, "Us too.", actor=cast.colleague)
    done = attackers.call(row, "Same funder.", actor=cast.analyst)
    assert (done.role, done.confirmed_for) == (AddressRole.ATTACKER, organization(cast.analyst))
    with pytest.raises(WrongState):
        attackers.call(row, "Me too.", actor=cast.rival)
    lines = TimelineEntry.objects.filter(kind="address.called_attacker").order_by("seq")
    told = [entry_json(line)["headline"] for line in lines]
    assert ["candidate" in one for one in told] == [True, False]
    assert list(ledger.verify(cast.incident)) == []


def test_whoever_is_here_by_the_others_word_alone_is_no_second(
    cast: Cast, row: TrackedAddress
) -> None:
    seats = Participation.objects.filter(organization=organization(cast.analyst))
    seats.update(sponsor=organization(cast.lead))
    attackers.call(row, "It received the theft.", actor=cast.lead)
    with pytest.raises(SecondPersonRequired):
        attackers.call(row, "Same funder.", actor=cast.analyst)
    seats.update(sponsor=None)
    assert attackers.call(row, "Same funder.", actor=cast.analyst).role == AddressRole.ATTACKER


def test_word_that_is_taken_back_makes_it_a_candidate(cast: Cast, row: TrackedAddress) -> None:
    with pytest.raises(WrongState):
        attackers.take_back(row, "A mistake.", actor=cast.lead)
    attackers.call(row, "It received the theft.", actor=cast.lead)
    attackers.call(row, "Same funder.", actor=cast.analyst)
    left = attackers.take_back(row, "A mistake.", actor=cast.colleague)
    assert (left.role, left.called_for, left.confirmed_for) == (
        AddressRole.CANDIDATE,
        organization(cast.analyst),
        None,
    )
    assert attackers.call(row, "On reflection.", actor=cast.lead).role == AddressRole.ATTACKER
    attackers.take_back(row, "No.", actor=cast.lead)
    bare = attackers.take_back(row, "No.", actor=cast.analyst)
    assert (bare.role, bare.called_for, bare.called_why) == (AddressRole.CANDIDATE, None, "")


def test_nothing_automatic_and_nobody_hidden_says_it(cast: Cast, row: TrackedAddress) -> None:
    with pytest.raises(SecondPersonRequired):
        attackers.call(row, "The trace says so.", actor=SYSTEM)
    # Whose word would show that it is here; an open one of the same capacity may.
    with pytest.raises(NotYours):
        attackers.call(row, "We know him.", actor=cast.law)
    assert not attackers.may_call(cast.law)
    Participation.objects.filter(organization=organization(cast.law)).update(is_confidential=False)
    assert attackers.call(row, "We know him.", actor=cast.again(cast.law)).called_for
    for role in ("exchange", "issuer"):
        with pytest.raises(NotYours):
            attackers.call(row, "We know him.", actor=cast.actors[role])


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_reason_is_asked_for(cast: Cast, row: TrackedAddress, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        attackers.call(row, reason, actor=cast.lead)
    assert refused.value.field == "reason"


def test_it_takes_the_passkey_and_no_token(cast: Cast, row: TrackedAddress) -> None:
    refusals: list[tuple[Proof, type[HoldfastError]]] = [
        (Proof.SESSION, StepUpRequired),
        (Proof.TOKEN, TokenNotEnough),
        (Proof.READ_TOKEN, TokenNotEnough),
    ]
    for proof, refusal in refusals:
        for act in (attackers.call, attackers.take_back):
            with pytest.raises(refusal):
                act(row, "Because.", actor=replace(cast.lead, proof=proof))
    assert attackers.call(row, "Because.", actor=replace(cast.lead, proof=Proof.FRESH)).called_for


@pytest.mark.parametrize("role", [AddressRole.VICTIM, AddressRole.SERVICE])
def test_what_it_was_said_to_be_stands_against_it(cast: Cast, role: str) -> None:
    row = addresses.record(cast.incident, CHAIN, ADDRESS, actor=cast.lead, marking=AMBER, role=role)
    with pytest.raises(WrongState):
        attackers.call(row, "It received the theft.", actor=cast.lead)


def test_api_takes_words_and_no_role(cast: Cast) -> None:
    slug, account = cast.incident.slug, f"{CHAIN}:{ADDRESS}"
    lead, analyst = client_of(person(cast.lead)), client_of(person(cast.analyst))
    refused = lead.post(room(slug, "addresses/"), RECORD | {"role": "attacker"})
    assert refused.status_code == 400
    assert lead.post(room(slug, "addresses/"), RECORD).json()["role"] == "candidate"
    url = room(slug, f"addresses/{account}/attacker/")
    assert lead.post(url, {}).status_code == 400
    said = lead.post(url, {"reason": "It received the theft.", "role": "attacker"}).json()
    assert (said["role"], said["called_attacker_by"]["slug"]) == ("candidate", "kelp")
    said = analyst.post(url, {"reason": "Same funder."}).json()
    assert (said["role"], said["confirmed_attacker_by"]["slug"]) == ("attacker", "chain-eyes")
    said = lead.post(f"{url}take-back/", {"reason": "A mistake."}).json()
    assert (said["role"], said["called_attacker_by"]["slug"]) == ("candidate", "chain-eyes")


def test_page_says_candidate_until_two_said_otherwise(
    cast: Cast, row: TrackedAddress, client: Client
) -> None:
    where = [cast.incident.slug, CHAIN, ADDRESS]
    client.force_login(person(cast.lead))
    page = client.get(reverse("address", args=where)).content.decode()
    assert '<span class="tag">candidate</span>' in page
    client.post(reverse("call_attacker", args=where), {"reason": "It received the theft."})
    page = client.get(reverse("address", args=where)).content.decode()
    assert "It received the theft." in page
    assert '<span class="tag">candidate</span>' in page
    assert "Take our word back" in page
    client.force_login(person(cast.analyst))
    client.post(reverse("call_attacker", args=where), {"reason": "Same funder."})
    page = client.get(reverse("address", args=where)).content.decode()
    assert '<span class="tag tag-bad">attacker</span>' in page
    client.force_login(person(cast.law))
    hidden = client.get(reverse("address", args=where)).content.decode()
    assert "Call it the attacker" not in hidden
    client.force_login(person(cast.lead))
    fresh.grow_old(client)
    answer = client.post(reverse("take_attacker_back", args=where), {"reason": "A mistake."})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("mfa_reauthenticate_webauthn"))
    assert access.get_address(cast.lead, cast.incident, CHAIN, ADDRESS).role == "attacker"
