"""Roles in a room: who may name whom, who follows whom, and what a role forbids."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from incidents import access
from incidents.access import Act, Actor
from incidents.choices import RoomRole
from incidents.exceptions import BadInput, NotFound, NotYours, WrongState
from incidents.models import Participation, Person, Role
from incidents.services import notes, roles, seats, statements
from incidents.services.roles import Given
from tests import factories
from tests.cast import Cast, organization, person
from tests.factories import AMBER

pytestmark = pytest.mark.django_db
COMMANDER, COMMUNICATOR, OBSERVER = (
    RoomRole.COMMANDER,
    RoomRole.COMMUNICATOR,
    RoomRole.OBSERVER,
)


def seat(actor: Actor) -> Participation:
    assert actor.participation
    return actor.participation


def give(
    cast: Cast, role: RoomRole, to: Actor, by: Actor | None = None, backup: Person | None = None
) -> Role:
    given = Given(role, seat(to), person(to), backup)
    return roles.give(cast.incident, given, actor=cast.again(by or cast.lead))


def test_there_is_one_commander_and_its_hand_over_is_a_new_row(cast: Cast) -> None:
    first = give(cast, COMMANDER, cast.rival)
    with pytest.raises(WrongState):
        give(cast, COMMANDER, cast.lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        Role.objects.create(
            incident=cast.incident,
            organization=organization(cast.lead),
            role=COMMANDER,
            person=person(cast.lead),
            given_by=person(cast.lead),
        )
    second = factories.person(organization(cast.rival), "second")
    row = roles.hand_over(first, second, actor=cast.again(cast.rival))
    first.refresh_from_db()
    assert (row.after, row.person, row.ended_at) == (first, second, None)
    assert (first.person, first.ended_by) == (person(cast.rival), person(cast.rival))
    assert first.ended_at
    kinds = [line.kind for line in access.entries(cast.analyst, cast.incident)]
    assert kinds[-2:] == ["role.given", "role.handed_over"]
    with pytest.raises(NotFound):
        roles.end(first, actor=cast.rival)


def test_who_stands_in_takes_over_and_nobody_else(cast: Cast) -> None:
    row = give(cast, RoomRole.SCRIBE, cast.lead, backup=person(cast.colleague))
    for other in (cast.rival, cast.lead, cast.coordinator):
        with pytest.raises(NotYours):
            roles.take_over(row, actor=other)
    taken = roles.take_over(row, actor=cast.again(cast.colleague))
    assert (taken.person, taken.backup) == (person(cast.colleague), person(cast.lead))
    assert taken.after == row
    roles.end(taken, actor=cast.again(cast.colleague))
    assert give(cast, RoomRole.SCRIBE, cast.rival)


def test_another_party_hands_nothing_over(cast: Cast) -> None:
    row = give(cast, COMMANDER, cast.lead)
    with pytest.raises(NotYours):
        roles.hand_over(row, person(cast.colleague), actor=cast.rival)
    with pytest.raises(NotYours):
        roles.end(row, actor=cast.rival)
    with pytest.raises(BadInput):
        roles.hand_over(row, person(cast.rival), actor=cast.lead)
    assert roles.hand_over(row, person(cast.colleague), actor=cast.coordinator)


@pytest.mark.parametrize("role", [COMMUNICATOR, OBSERVER])
def test_a_party_names_its_own_communicator_and_observers(cast: Cast, role: RoomRole) -> None:
    """Else a rival could silence it."""
    with pytest.raises(NotYours):
        give(cast, role, cast.rival)
    factories.person(organization(cast.rival), "second")
    assert give(cast, role, cast.rival, by=cast.rival)


def test_nobody_is_named_whom_one_does_not_see(cast: Cast) -> None:
    with pytest.raises(NotFound):
        give(cast, RoomRole.OPERATIONS, cast.law)
    with pytest.raises(BadInput):
        roles.give(
            cast.incident,
            Given(COMMANDER, seat(cast.lead), person(cast.rival)),
            actor=cast.lead,
        )
    with pytest.raises(NotYours):  # the coordinator sees it, and must not show it
        give(cast, RoomRole.OPERATIONS, cast.law, by=cast.coordinator)
    assert give(cast, RoomRole.OPERATIONS, cast.analyst)


def test_the_form_names_nobody_hidden(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    page = client.get(reverse("role_new", args=[cast.incident.slug])).content.decode()
    assert "analyst" in page
    assert organization(cast.law).name not in page
    client.force_login(person(cast.coordinator))
    page = client.get(reverse("role_new", args=[cast.incident.slug])).content.decode()
    assert organization(cast.law).name in page


def test_an_observer_reads_and_does_nothing(cast: Cast) -> None:
    row = give(cast, OBSERVER, cast.colleague)
    watching = cast.again(cast.colleague)
    assert watching.roles == {OBSERVER}
    assert [act for act in Act if access.can(watching, act)] == [Act.EXPORT]
    with pytest.raises(NotYours):
        notes.post(cast.incident, "x", actor=watching, marking=AMBER)
    with pytest.raises(NotYours):
        roles.end(row, actor=watching)
    assert access.entries(watching, cast.incident).exists()
    with pytest.raises(BadInput):  # somebody has to act
        give(cast, OBSERVER, cast.lead)
    roles.end(row, actor=cast.lead)
    assert notes.post(cast.incident, "x", actor=cast.again(cast.colleague), marking=AMBER)


def test_where_there_is_a_communicator_only_it_and_its_backup_publish(cast: Cast) -> None:
    third = factories.person(organization(cast.lead), "third")
    speaker = access.actor_of(seat(cast.lead), third)
    assert access.can(cast.again(cast.lead), Act.PUBLISH)
    row = give(cast, COMMUNICATOR, speaker, backup=person(cast.colleague))
    can = {
        who.person: access.can(cast.again(who), Act.PUBLISH)
        for who in (cast.lead, cast.colleague, speaker, cast.rival)
    }
    assert can == {
        cast.lead.person: False,
        cast.colleague.person: True,
        third: True,
        cast.rival.person: True,
    }
    assert access.can(cast.again(cast.lead), Act.SIGN)
    with pytest.raises(NotYours):
        statements.publish_status(cast.incident, "identified", actor=cast.again(cast.lead))
    assert statements.publish_status(
        cast.incident, "identified", actor=access.actor_of(seat(cast.lead), third)
    )
    roles.end(row, actor=cast.again(cast.lead))
    assert access.can(cast.again(cast.lead), Act.PUBLISH)


def test_roles_end_with_the_seat(cast: Cast) -> None:
    row = give(cast, COMMANDER, cast.rival)
    seats.leave(seat(cast.rival), person=person(cast.rival), actor=cast.rival)
    row.refresh_from_db()
    assert row.ended_at
    assert give(cast, COMMANDER, cast.lead)


def test_pages_name_hand_over_and_end(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    slug = cast.incident.slug

    def key(actor: Actor) -> str:
        return f"{seat(actor).public_id}:{person(actor).public_id}"

    form = {"role": "commander", "person": key(cast.lead), "backup": key(cast.colleague)}
    assert client.post(reverse("role_new", args=[slug]), form).status_code == 302
    row = Role.objects.get()
    mixed = form | {"backup": key(cast.rival)}
    assert client.post(reverse("role_new", args=[slug]), mixed).status_code == 400
    at = [slug, row.public_id]
    client.force_login(person(cast.colleague))
    assert b"Take over" in client.get(reverse("parties", args=[slug])).content
    client.post(reverse("role_take_over", args=at))
    row = Role.objects.get(ended_at__isnull=True)
    assert row.person == person(cast.colleague)
    at = [slug, row.public_id]
    client.post(reverse("role_hand_over", args=at), {"person": key(cast.lead)})
    row = Role.objects.get(ended_at__isnull=True)
    client.post(reverse("role_end", args=[slug, row.public_id]))
    assert not Role.objects.filter(ended_at__isnull=True).exists()
