"""Who comes into a room, and by whose word."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents import access
from incidents.access import Actor
from incidents.choices import AdmissionRule, Capacity, Consent
from incidents.exceptions import (
    BadInput,
    NotFound,
    NotYours,
    SecondPersonRequired,
    WrongState,
)
from incidents.models import Incident, Invitation, Membership, Participation
from incidents.serialized import entry_json
from incidents.services import admissions, incidents, joining, parties, seats
from incidents.services.admissions import Proposed
from tests import factories
from tests.cast import Cast, accept, organization, person
from tests.doors.inviting import invited, proposed

pytestmark = pytest.mark.django_db


class First:
    """A room in its first hour: Kelp alone, with two people."""

    def __init__(self) -> None:
        self.kelp = factories.organization("Kelp")
        self.lead = factories.person(self.kelp, "lead")
        self.colleague = factories.person(self.kelp, "colleague")
        self.incident = incidents.open_incident("T", person=self.lead, organization=self.kelp)

    def actor(self, who: str = "lead") -> Actor:
        seat = Participation.objects.get(incident=self.incident, organization=self.kelp)
        return access.actor_of(seat, getattr(self, who))

    def bring(
        self,
        name: str,
        capacity: Capacity = Capacity.AFFECTED,
        by: Actor | None = None,
        second: Actor | None = None,
    ) -> Actor:
        """An organization that two people let in, and that signed."""
        wanted = Proposed(capacity, organization_name=name, email=f"{name.lower()}@new.example")
        row = admissions.propose(self.incident, wanted, actor=by or self.actor())
        made = admissions.approve(row, actor=second or self.actor("colleague"))
        who, seat = joining.join(made.invitation, name=name)
        return accept(seat, who)


@pytest.fixture
def first(db: None) -> First:
    return First()


def seat_of(actor: Actor) -> Participation:
    assert actor.participation
    return Participation.objects.get(pk=actor.participation.pk)


# -- the second word -------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["rival", "coordinator"])
def test_two_parties_of_which_one_is_affected_let_somebody_in(cast: Cast, role: str) -> None:
    made = admissions.approve(proposed(cast), actor=cast.actors[role])
    row = made.invitation
    assert (row.rule, row.sponsor) == (AdmissionRule.TWO_PARTIES, None)
    assert row.approving == cast.actors[role].organization


@pytest.mark.parametrize("role", ["lead", "colleague"])
def test_one_party_does_not_where_another_has_signed(cast: Cast, role: str) -> None:
    row = proposed(cast)
    with pytest.raises(SecondPersonRequired):
        admissions.approve(row, actor=cast.actors[role])
    row.refresh_from_db()
    assert row.approved_at is None
    assert admissions.approve(row, actor=cast.rival).link


@pytest.mark.parametrize("role", ["analyst", "exchange", "law", "white_hat"])
def test_others_neither_propose_nor_approve(cast: Cast, role: str) -> None:
    row = proposed(cast)
    with pytest.raises(NotYours):
        admissions.approve(row, actor=cast.actors[role])
    with pytest.raises(NotYours):
        admissions.propose(
            cast.incident,
            Proposed(Capacity.EXCHANGE, organization_name="X", email="x@x.example"),
            actor=cast.actors[role],
        )


def test_two_people_of_the_only_affected_party_suffice_and_are_its_sponsor(first: First) -> None:
    newcomer = first.bring("Harbour", Capacity.EXCHANGE)
    seat = seat_of(newcomer)
    assert (seat.admitted_by, seat.sponsor) == (AdmissionRule.ONE_PARTY, first.kelp)


def test_nobody_agrees_with_themselves(first: First) -> None:
    wanted = Proposed(Capacity.EXCHANGE, organization_name="X", email="x@x.example")
    row = admissions.propose(first.incident, wanted, actor=first.actor())
    with pytest.raises(SecondPersonRequired):
        admissions.approve(row, actor=first.actor())
    assert admissions.approve(row, actor=first.actor("colleague")).code


def test_who_is_no_longer_of_the_party_has_no_word(first: First) -> None:
    wanted = Proposed(Capacity.EXCHANGE, organization_name="X", email="x@x.example")
    row = admissions.propose(first.incident, wanted, actor=first.actor())
    ended = Membership.objects.filter(person=first.lead)
    ended.update(ended_at=timezone.now())
    with pytest.raises(SecondPersonRequired):
        admissions.approve(row, actor=first.actor("colleague"))
    ended.update(ended_at=None)
    assert admissions.approve(row, actor=first.actor("colleague"))


def test_a_party_and_its_guest_are_one(first: First) -> None:
    """Whom Kelp and its guest let in came by Kelp's word alone."""
    guest = first.bring("Guest")
    third = first.bring("Third", second=guest)
    assert seat_of(third).sponsor == first.kelp
    assert seat_of(third).admitted_by == AdmissionRule.ONE_PARTY


def test_a_coordinator_who_opened_the_room_brings_the_first_party(db: None) -> None:
    chair = factories.organization("Chair")
    one, two = factories.person(chair, "one"), factories.person(chair, "two")
    incident = incidents.open_incident(
        "T", person=one, organization=chair, capacity=Capacity.COORDINATOR
    )
    seat = Participation.objects.get(incident=incident)
    wanted = Proposed(Capacity.AFFECTED, organization_name="Kelp", email="k@kelp.example")
    row = admissions.propose(incident, wanted, actor=access.actor_of(seat, one))
    with pytest.raises(SecondPersonRequired):
        admissions.approve(row, actor=access.actor_of(seat, one))
    made = admissions.approve(row, actor=access.actor_of(seat, two))
    assert (made.invitation.rule, made.invitation.sponsor) == (AdmissionRule.ONE_PARTY, None)


def test_refusing_withdrawing_and_revoking_end_it(cast: Cast) -> None:
    for actor, is_withdrawn in ((cast.rival, False), (cast.colleague, True)):
        row = admissions.refuse(proposed(cast), actor=actor)
        assert row.refused_at
        line = access.entries(cast.analyst, cast.incident).last()
        assert line
        assert line.entry.content["is_withdrawn"] is is_withdrawn
        with pytest.raises(WrongState):
            admissions.approve(row, actor=cast.rival)
    made = invited(cast)
    assert joining.open_invitation(made.link.rstrip("/").rpartition("/")[2])
    admissions.revoke(made.invitation, actor=cast.lead)
    with pytest.raises(joining.InvitationInvalid):
        joining.open_invitation(made.link.rstrip("/").rpartition("/")[2])


def test_only_those_who_let_it_in_or_the_coordinator_revoke(cast: Cast) -> None:
    row = admissions.approve(proposed(cast), actor=cast.coordinator).invitation
    with pytest.raises(NotYours):
        admissions.revoke(row, actor=cast.rival)
    assert admissions.revoke(row, actor=cast.coordinator).revoked_at


def test_what_waited_too_long_is_proposed_again(cast: Cast) -> None:
    row = proposed(cast)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(WrongState):
        admissions.approve(row, actor=cast.rival)


@pytest.mark.parametrize(
    ("name", "email", "minutes"),
    [(" ", "a@b.example", 60), ("x" * 121, "a@b.example", 60), ("X", " ", 60), ("X", "a@b.c", 0)],
)
def test_bad_input_is_refused(cast: Cast, name: str, email: str, minutes: int) -> None:
    wanted = Proposed(
        Capacity.EXCHANGE, organization_name=name, email=email, respond_minutes=minutes
    )
    with pytest.raises(BadInput):
        admissions.propose(cast.incident, wanted, actor=cast.lead)


# -- organizations that are known here ----------------------------------------------------------


def test_the_deadline_starts_when_the_seat_is_taken(cast: Cast) -> None:
    made = invited(cast, respond_minutes=7)
    Invitation.objects.update(approved_at=timezone.now() - timedelta(hours=1))
    _, seat = joining.join(made.invitation, name="Dana")
    assert seat.respond_by
    assert timedelta(minutes=6) < seat.respond_by - timezone.now() <= timedelta(minutes=7)


@pytest.fixture
def elsewhere(cast: Cast) -> Actor:
    """The lead meets the outsider's organization in another room."""
    other = incidents.open_incident(
        "Another", person=person(cast.lead), organization=organization(cast.lead)
    )
    own = Membership.objects.get(person=cast.outsider).organization
    seat = seats.seat_organization(other, own, Capacity.EXCHANGE, actor=access.SYSTEM)
    return accept(seat, cast.outsider)


def test_a_known_organization_takes_its_seat_without_a_link(cast: Cast, elsewhere: Actor) -> None:
    own = organization(elsewhere)
    assert list(access.acquaintances(cast.lead, cast.incident)) == [own]
    assert not access.acquaintances(cast.rival, cast.incident).exists()
    row = admissions.propose(
        cast.incident, Proposed(Capacity.EXCHANGE, organization=own), actor=cast.lead
    )
    assert not access.invitations_for(cast.outsider).exists()
    with pytest.raises(NotFound):
        joining.take(row.public_id, person=cast.outsider)
    made = admissions.approve(row, actor=cast.rival)
    assert (made.link, made.code) == ("", "")
    assert not Participation.objects.filter(incident=cast.incident, organization=own).exists()
    with pytest.raises(NotFound):
        joining.take(row.public_id, person=cast.invited)
    seat = joining.take(row.public_id, person=cast.outsider)
    assert (seat.organization, seat.consent) == (own, Consent.INVITED)
    assert seat.joined_by == cast.outsider


def test_or_turns_it_down(cast: Cast, elsewhere: Actor) -> None:
    wanted = Proposed(Capacity.EXCHANGE, organization=organization(elsewhere))
    row = admissions.propose(cast.incident, wanted, actor=cast.lead)
    admissions.approve(row, actor=cast.rival)
    joining.turn_down(row.public_id, person=cast.outsider)
    with pytest.raises(NotFound):
        joining.take(row.public_id, person=cast.outsider)


def test_proposing_a_hidden_party_tells_nothing_of_it(cast: Cast, elsewhere: Actor) -> None:
    """It sits here confidentially already: the words are those for one that does not."""
    own = organization(elsewhere)
    seats.seat_organization(
        cast.incident, own, Capacity.LAW_ENFORCEMENT, actor=access.SYSTEM, is_confidential=True
    )
    assert list(access.acquaintances(cast.lead, cast.incident)) == [own]
    wanted = Proposed(Capacity.EXCHANGE, organization=own)
    row = admissions.propose(cast.incident, wanted, actor=cast.lead)
    assert admissions.approve(row, actor=cast.rival).invitation.approved_at
    with pytest.raises(WrongState):  # told to itself alone
        joining.take(row.public_id, person=cast.outsider)
    with pytest.raises(WrongState):
        admissions.propose(
            cast.incident,
            Proposed(Capacity.EXCHANGE, organization=organization(cast.analyst)),
            actor=cast.lead,
        )


def test_people_do_not_seat_anybody_directly(cast: Cast) -> None:
    own = Membership.objects.get(person=cast.outsider).organization
    with pytest.raises(NotYours):
        seats.seat_organization(cast.incident, own, Capacity.EXCHANGE, actor=cast.lead)
    assert seats.seat_organization(cast.incident, own, Capacity.EXCHANGE, actor=access.SYSTEM)


# -- confidential ones -----------------------------------------------------------------------


def told(cast: Cast, viewer: Actor) -> str:
    lines = [entry_json(line) for line in access.entries(viewer, cast.incident)]
    waiting = list(access.invitations(viewer, cast.incident).values("organization_name"))
    return f"{lines} {waiting}"


def test_of_a_confidential_one_know_both_parties_and_the_coordinators(cast: Cast) -> None:
    asked = organization(cast.rival)
    row = proposed(cast, name="Agency", is_confidential=True)
    knowing = {name for name, one in cast.actors.items() if "Agency" in told(cast, one)}
    assert knowing == {"lead", "colleague", "coordinator"}
    with pytest.raises(NotFound):
        admissions.approve(row, actor=cast.rival)
    admissions.refuse(row, actor=cast.lead)
    row = proposed(cast, name="Bureau", is_confidential=True, asked=asked)
    made = admissions.approve(row, actor=cast.rival)
    _, seat = joining.join(made.invitation, name="Dana")
    assert seat.is_confidential
    knowing = {name for name, one in cast.actors.items() if "Bureau" in told(cast, one)}
    assert knowing == {"lead", "colleague", "rival", "coordinator"}
    lead_sees = access.parties(cast.lead, cast.incident)
    assert not lead_sees.filter(pk=seat.pk).exists()
    assert access.parties(cast.coordinator, cast.incident).filter(pk=seat.pk).exists()


def test_a_hidden_party_decides_about_nobody(cast: Cast) -> None:
    row = proposed(cast)
    Participation.objects.filter(organization=cast.rival.organization).update(is_confidential=True)
    with pytest.raises(NotYours, match="confidentially"):
        admissions.approve(row, actor=cast.again(cast.rival))
    Participation.objects.filter(organization=cast.rival.organization).update(is_confidential=False)
    assert admissions.approve(row, actor=cast.again(cast.rival))


def test_a_hidden_affected_party_does_not_make_anybody_wait(first: First) -> None:
    hidden = factories.organization("Hidden")
    seat = seats.seat_organization(
        first.incident, hidden, Capacity.AFFECTED, actor=access.SYSTEM, is_confidential=True
    )
    accept(seat, factories.person(hidden, "h"))
    assert seat_of(first.bring("Harbour", Capacity.EXCHANGE)).sponsor == first.kelp


# -- vouching --------------------------------------------------------------------------------


def test_only_who_came_by_another_word_vouches(first: First) -> None:
    guest = first.bring("Guest")
    puppet = first.bring("Puppet", Capacity.COORDINATOR)
    for actor in (first.actor(), first.actor("colleague"), guest, puppet):
        with pytest.raises(SecondPersonRequired):
            seats.vouch(seat_of(guest), actor=actor)
    rival = factories.organization("Rival")
    seat = seats.seat_organization(first.incident, rival, Capacity.AFFECTED, actor=access.SYSTEM)
    voucher = accept(seat, factories.person(rival, "r"))
    seats.vouch(seat_of(guest), actor=voucher)
    seat = seat_of(guest)
    assert (seat.sponsor, seat.vouched_by) == (None, rival)
    line = access.entries(guest, first.incident).last()
    assert line
    assert line.kind == "party.vouched"
    with pytest.raises(WrongState):
        seats.vouch(seat, actor=voucher)


def test_an_epoch_passes_with_every_seat(cast: Cast) -> None:
    def epoch() -> int:
        return Incident.objects.get(pk=cast.incident.pk).epoch

    made, before = invited(cast), epoch()
    joining.join(made.invitation, name="Dana")
    assert epoch() > before


def test_people_of_a_party_are_named_from_what_is_seen(cast: Cast) -> None:
    assert cast.people["law"] not in parties.people_of(cast.lead, cast.incident)
