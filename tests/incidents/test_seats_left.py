"""Who goes from a room, for which seat somebody acts, and names made to be mistaken."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents import access
from incidents.access import Actor
from incidents.choices import Capacity, Consent
from incidents.exceptions import NotFound, SecondPersonRequired, WrongState
from incidents.models import Membership, Participation
from incidents.services import admissions, joining, likeness, notes, seats
from incidents.services.admissions import Proposed
from tests import factories, fresh
from tests.cast import Cast, accept, organization, person
from tests.doors.inviting import invited, proposed
from tests.incidents.test_seats import seat_of, told

pytestmark = pytest.mark.django_db


# -- going -----------------------------------------------------------------------------------


def leave(actor: Actor) -> Participation:
    return seats.leave(seat_of(actor), person=person(actor), actor=actor)


def test_one_person_leaves_for_the_party_and_the_record_stays(cast: Cast) -> None:
    notes.post(cast.incident, "We were here.", actor=cast.analyst, marking=factories.AMBER)
    with pytest.raises(NotFound):
        seats.leave(seat_of(cast.analyst), person=person(cast.lead), actor=cast.lead)
    leave(cast.analyst)
    with pytest.raises(NotFound):
        access.get_actor(person(cast.analyst), cast.incident.slug)
    assert "We were here." in told(cast, cast.lead)
    assert access.entries(cast.lead, cast.incident).filter(kind="party.left").count() == 1


def test_two_parties_take_one_out_and_it_is_not_asked(cast: Cast) -> None:
    row = seats.ask_removal(seat_of(cast.exchange), "Leaks.", actor=cast.lead)
    for actor in (cast.lead, cast.colleague):
        with pytest.raises(SecondPersonRequired):
            seats.approve_removal(row, actor=actor)
    for actor in (cast.exchange, cast.analyst):
        with pytest.raises(NotFound):
            seats.approve_removal(row, actor=actor)
        assert "Leaks." not in told(cast, actor)
    assert access.get_actor(person(cast.exchange), cast.incident.slug)
    gone = seats.approve_removal(row, actor=cast.rival)
    assert gone.removed_at
    with pytest.raises(NotFound):
        access.get_actor(person(cast.exchange), cast.incident.slug)
    assert not access.parties(cast.lead, cast.incident).filter(pk=gone.pk).exists()


def test_one_affected_party_cannot_put_out_the_other(cast: Cast) -> None:
    row = seats.ask_removal(seat_of(cast.rival), "They are in the way.", actor=cast.lead)
    for actor in (cast.lead, cast.colleague):
        with pytest.raises(SecondPersonRequired):
            seats.approve_removal(row, actor=actor)
    with pytest.raises(NotFound):
        seats.approve_removal(row, actor=cast.rival)
    assert seats.approve_removal(row, actor=cast.coordinator).removed_at


def test_who_was_taken_out_can_come_again_as_if_new(cast: Cast) -> None:
    leave(cast.exchange)
    wanted = Proposed(
        Capacity.ISSUER, organization_name="Big Exchange", email=person(cast.exchange).email
    )
    row = admissions.propose(cast.incident, wanted, actor=cast.lead)
    made = admissions.approve(row, actor=cast.rival)
    _, seat = joining.join(made.invitation, name="x", organization=organization(cast.exchange))
    assert (seat.removed_at, seat.consent, seat.signed_at) == (None, Consent.INVITED, None)
    assert seat.capacity == Capacity.ISSUER
    assert accept(seat, person(cast.exchange)).has_consented


def test_open_invitations_of_a_party_go_with_it(cast: Cast) -> None:
    made = invited(cast)
    leave(cast.lead)
    with pytest.raises(joining.InvitationInvalid):
        joining.join(made.invitation, name="Dana")


def test_a_question_is_refused_or_taken_back(cast: Cast) -> None:
    row = seats.ask_removal(seat_of(cast.analyst), "Why?", actor=cast.lead)
    with pytest.raises(WrongState):
        seats.ask_removal(seat_of(cast.analyst), "Again", actor=cast.rival)
    seats.refuse_removal(row, actor=cast.rival)
    with pytest.raises(NotFound):
        seats.approve_removal(row, actor=cast.rival)
    assert seats.ask_removal(seat_of(cast.analyst), "Again", actor=cast.rival)


def test_a_hidden_party_is_put_out_by_two_coordinators_and_nobody_reads_of_it(cast: Cast) -> None:
    with pytest.raises(NotFound):
        seats.ask_removal(seat_of(cast.law), "Why?", actor=cast.lead)
    second = factories.person(organization(cast.coordinator), "second")
    row = seats.ask_removal(seat_of(cast.law), "Wrong room.", actor=cast.coordinator)
    with pytest.raises(SecondPersonRequired):
        seats.approve_removal(row, actor=cast.coordinator)
    seat = seat_of(cast.coordinator)
    seats.approve_removal(row, actor=access.actor_of(seat, second))
    knowing = {name for name, one in cast.actors.items() if "Wrong room." in told(cast, one)}
    assert knowing == {"coordinator", "law"}  # that cannot enter any more
    with pytest.raises(NotFound):
        access.get_actor(person(cast.law), cast.incident.slug)


def test_leaving_takes_the_passkey_and_a_page_that_says_what_happens(
    client: Client, cast: Cast
) -> None:
    client.force_login(person(cast.analyst))
    at = reverse("removal", args=[cast.incident.slug, seat_of(cast.analyst).public_id])
    assert b"It can be invited again" in client.get(at).content
    fresh.grow_old(client)
    assert client.post(at)["Location"].startswith("/accounts/passkeys/again/")
    assert seat_of(cast.analyst).removed_at is None
    client.force_login(person(cast.analyst))
    assert client.post(at)["Location"] == reverse("incidents")
    assert seat_of(cast.analyst).removed_at
    assert client.get(reverse("room", args=[cast.incident.slug])).status_code == 404


# -- several seats -----------------------------------------------------------------------------


def test_who_has_several_seats_chooses_one(client: Client, cast: Cast) -> None:
    who = person(cast.lead)
    Membership.objects.create(person=who, organization=organization(cast.analyst))
    client.force_login(who)
    slug = cast.incident.slug
    room = client.get(reverse("parties", args=[slug])).content.decode()
    assert "Act for another" in room
    client.post(reverse("choose_seat", args=[slug]), {"seat": str(seat_of(cast.law).public_id)})
    assert "seats" not in client.session
    chosen = str(seat_of(cast.analyst).public_id)
    client.post(reverse("choose_seat", args=[slug]), {"seat": chosen})
    assert client.session["seats"] == {slug: chosen}
    assert client.get(reverse("invite", args=[slug])).status_code == 403
    alone = Client()
    alone.force_login(person(cast.rival))
    assert "Act for another" not in alone.get(reverse("parties", args=[slug])).content.decode()


# -- warnings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "email", "what"),
    [
        ("L\u0430yer Zero", "a@else.example", ["name"]),  # a Cyrillic letter
        ("LayerZero", "a@else.example", ["name"]),
        ("Layer Zerro", "a@else.example", ["name"]),
        ("Harbour", "a@layer-zer0.example", ["domain"]),
        ("Harbour", "a@layer-zero.example", ["domain"]),
        ("Cyber Police", "a@cyber-police.example", []),  # hidden from who approves
        ("Harbour", "a@harbour.example", []),
    ],
)
def test_a_name_like_a_partys_is_warned_of(
    client: Client, cast: Cast, name: str, email: str, what: list[str]
) -> None:
    row = proposed(cast, email, name)
    found = likeness.warnings(row, cast.incident, cast.rival)
    assert [one.what for one in found] == what
    client.force_login(person(cast.rival))
    page = client.get(reverse("parties", args=[cast.incident.slug])).content.decode()
    assert ("by telephone that it is who you mean" in page) == bool(what)
