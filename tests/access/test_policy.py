"""What the policy says, case by case; over every combination it is held by test_reference.py."""

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest

from incidents import access
from incidents.access import EVERY_PARTY, SYSTEM, Act, Actor, Proof, Surface
from incidents.choices import Capacity, Consent, Marking, RoomRole
from incidents.exceptions import (
    ConsentRequired,
    HoldfastError,
    IncidentClosed,
    NotFound,
    NotYours,
)
from incidents.models import Incident, Membership, Participation, Person, TrackedAddress
from incidents.services import incidents, notes, parties
from tests import factories
from tests.cast import Cast, organization, person

pytestmark = pytest.mark.django_db

# A marking that no release of ours wrote must hide the row, not show it.
MARKINGS = (None, "TLP:UNHEARD-OF", *Marking.values)


@dataclass(frozen=True)
class Product:
    """One row for each combination, and everybody who might look at it."""

    rows: dict[int, TrackedAddress]
    viewers: dict[str, Actor | None]


@pytest.fixture
def product(cast: Cast) -> Product:
    """Every marking x audience of organizations x audience of people x owner x author."""
    kelp, rival, police = (organization(a) for a in (cast.lead, cast.rival, cast.law))
    lead, colleague, opponent = (person(a) for a in (cast.lead, cast.colleague, cast.rival))
    organizations = (None, [], [kelp.pk], [rival.pk, police.pk])
    people = (None, [], [lead.pk], [colleague.pk, opponent.pk])
    made = TrackedAddress.objects.bulk_create(
        TrackedAddress(
            incident=cast.incident,
            chain=factories.CHAIN,
            address=factories.address(number),
            marking=marking,
            audience_organizations=for_organizations,
            audience_people=for_people,
            owner=owner,
            author=author,
        )
        for number, (marking, for_organizations, for_people, owner, author) in enumerate(
            itertools.product(
                MARKINGS, organizations, people, (None, kelp, rival), (None, lead, opponent)
            )
        )
    )
    unsigned = access.get_actor(cast.invited, cast.incident.slug)[1]
    stranger = Actor(cast.outsider, cast.outsider.memberships.get().organization, None)
    viewers: dict[str, Actor | None] = {
        **cast.actors,
        "invited": unsigned,
        "outsider": stranger,
        "system": SYSTEM,
        "every party": EVERY_PARTY,
        "nobody": None,
    }
    return Product({row.pk: row for row in made}, viewers)


def seen(rows: Iterable[TrackedAddress], viewer: Actor | None, surface: Surface) -> set[int]:
    return {row.pk for row in rows if access.may_see(viewer, row, surface)}


@pytest.mark.parametrize(
    ("surface", "shown"),
    [
        (Surface.ROOM, {"TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR"}),
        (Surface.RECIPIENT, {"TLP:AMBER", "TLP:GREEN", "TLP:CLEAR"}),
        (Surface.COMMUNITY, {"TLP:GREEN", "TLP:CLEAR"}),
        (Surface.PUBLIC, {"TLP:CLEAR"}),
    ],
)
def test_marking_decides_the_surface(product: Product, surface: Surface, shown: set[str]) -> None:
    open_rows = [
        row
        for row in product.rows.values()
        if row.audience_people is None and row.audience_organizations is None and not row.author_id
    ]
    viewer = product.viewers["analyst"]
    assert {row.marking for row in open_rows if access.may_see(viewer, row, surface)} == shown


def test_red_is_for_named_people_and_null_for_its_author(product: Product, cast: Cast) -> None:
    lead = person(cast.lead)
    for row in product.rows.values():
        if row.marking == Marking.RED:
            named = lead.pk in (row.audience_people or ())
            assert access.may_see(cast.lead, row) == (named or row.author_id == lead.pk)
        elif row.marking is None:
            assert access.may_see(cast.lead, row) == (row.author_id == lead.pk)
            assert not access.may_see(cast.colleague, row)


def test_nobody_without_consent_sees_anything(product: Product) -> None:
    for role in ("invited", "outsider", "nobody"):
        assert not seen(product.rows.values(), product.viewers[role], Surface.ROOM), role
    assert seen(product.rows.values(), product.viewers["white_hat"], Surface.ROOM)


def test_viewers_of_one_audience_key_see_the_same(product: Product, cast: Cast) -> None:
    shared = [
        row
        for row in product.rows.values()
        if row.audience_people is None
        and row.audience_organizations is None
        and row.marking in Marking.values
        and row.marking != Marking.RED
    ]
    viewers = [viewer for viewer in product.viewers.values() if viewer is not None]
    equal = 0
    for one, other in itertools.combinations(viewers, 2):
        for rows, personal in ((shared, False), (product.rows.values(), True)):
            keys = {
                access.audience_key(v, cast.incident, has_person_audience=personal)
                for v in (one, other)
            }
            if len(keys) == 1:
                equal += 1
                assert seen(rows, one, Surface.ROOM) == seen(rows, other, Surface.ROOM)
    # The positive twin: colleagues do share one key as long as nothing names a person.
    assert equal == 1


def test_audience_key_changes_with_consent_capacity_and_epoch(cast: Cast) -> None:
    seat = cast.rival.participation
    assert seat

    def key() -> str:
        cast.incident.refresh_from_db()
        viewer = cast.again(cast.rival)
        return access.audience_key(viewer, cast.incident, has_person_audience=False)

    keys = [key()]
    Participation.objects.filter(pk=seat.pk).update(consent=Consent.LAPSED)
    keys.append(key())
    Participation.objects.filter(pk=seat.pk).update(capacity=Capacity.WHITE_HAT)
    keys.append(key())
    parties.bump_epoch(cast.incident)
    keys.append(key())
    assert len(set(keys)) == 4
    assert all(len(k) == hashlib.sha256().digest_size * 2 for k in keys)


class TestEntering:
    def test_signed_party_enters_and_the_invited_one_sees_only_that(self, cast: Cast) -> None:
        incident, actor = access.get_incident(person(cast.rival), cast.incident.slug)
        assert (incident, actor.capacity) == (cast.incident, Capacity.AFFECTED)
        assert access.get_actor(cast.invited, cast.incident.slug)[0] == cast.incident
        with pytest.raises(ConsentRequired):
            access.get_incident(cast.invited, cast.incident.slug)

    def test_outsider_and_absent_incident_are_refused_in_the_same_words(self, cast: Cast) -> None:
        with pytest.raises(NotFound) as hidden:
            access.get_actor(cast.outsider, cast.incident.slug)
        with pytest.raises(NotFound) as absent:
            access.get_actor(cast.outsider, "no-such-incident")
        assert (hidden.value.detail, hidden.value.code) == (absent.value.detail, absent.value.code)

    def test_new_terms_lapse_consent_until_renewed(self, cast: Cast) -> None:
        Incident.objects.filter(pk=cast.incident.pk).update(terms_version=2)
        with pytest.raises(ConsentRequired):
            access.get_incident(person(cast.rival), cast.incident.slug)

    def test_former_member_and_inactive_person_are_out(self, cast: Cast) -> None:
        lead, colleague = person(cast.lead), person(cast.colleague)
        for member in (lead, colleague):
            access.get_incident(member, cast.incident.slug)
        Membership.objects.filter(person=colleague).update(ended_at="2026-01-01T00:00Z")
        Person.objects.filter(pk=lead.pk).update(is_active=False)
        for member in (colleague, Person.objects.get(pk=lead.pk)):
            with pytest.raises(NotFound):
                access.get_incident(member, cast.incident.slug)

    def test_seat_in_one_room_opens_no_other(self, cast: Cast) -> None:
        other = factories.organization("Other Protocol")
        opener = factories.person(other, "other")
        elsewhere = incidents.open_incident("Elsewhere", person=opener, organization=other)
        with pytest.raises(NotFound):
            notes.post(elsewhere, "hello", actor=cast.lead, marking=factories.AMBER)


EVERYBODYS = {Act.WRITE, Act.ASK_RELEASE, Act.WIDEN, Act.EXPORT}


class TestDoing:
    CAN = {
        "lead": set(Act) - {Act.ANSWER_FREEZE},
        "rival": set(Act) - {Act.ANSWER_FREEZE},
        "coordinator": set(Act) - {Act.ANSWER_FREEZE},
        "analyst": {*EVERYBODYS, Act.TRACE, Act.CALL_ATTACKER},
        "exchange": {*EVERYBODYS, Act.ANSWER_FREEZE},
        "issuer": {*EVERYBODYS, Act.ANSWER_FREEZE},
        "law": {*EVERYBODYS, Act.CALL_ATTACKER, Act.DISPATCH},
        "white_hat": {*EVERYBODYS, Act.CALL_ATTACKER},
    }

    def test_capacity_decides_what_a_party_can_do(self, cast: Cast) -> None:
        for role, acts in self.CAN.items():
            actor = cast.actors[role]
            assert {act for act in Act if access.can(actor, act)} == acts, role
            for act in Act:
                if act in acts:
                    access.require(actor, cast.incident, act)
                else:
                    with pytest.raises(NotYours):
                        access.require(actor, cast.incident, act)

    def test_an_observer_reads_and_takes_out_and_does_nothing_else(self, cast: Cast) -> None:
        watching = replace(cast.lead, roles=frozenset({RoomRole.OBSERVER}))
        assert {act for act in Act if access.can(watching, act)} == {Act.EXPORT}
        with pytest.raises(NotYours):
            access.require(watching, cast.incident, Act.WRITE)

    def test_what_matters_needs_the_passkey_and_no_token(self, cast: Cast) -> None:
        def refused(proof: Proof) -> dict[Act, str]:
            found: dict[Act, str] = {}
            for act in set(Act) - {Act.ANSWER_FREEZE}:
                try:
                    access.require(replace(cast.lead, proof=proof), cast.incident, act)
                except HoldfastError as error:
                    found[act] = error.code
            return found

        assert refused(Proof.FRESH) == refused(Proof.CODE) == {}
        assert refused(Proof.SESSION) == dict.fromkeys(access.STEP_UP, "step_up_required")
        assert refused(Proof.TOKEN) == dict.fromkeys(access.STEP_UP, "token_not_enough")
        everything = set(Act) - {Act.ANSWER_FREEZE}
        assert refused(Proof.READ_TOKEN) == dict.fromkeys(everything, "token_not_enough")

    def test_nothing_is_done_without_consent_or_in_a_closed_room(self, cast: Cast) -> None:
        unsigned = access.get_actor(cast.invited, cast.incident.slug)[1]
        with pytest.raises(ConsentRequired):
            access.require(unsigned, cast.incident, Act.WRITE)
        access.require(cast.lead, cast.incident, Act.WRITE)
        cast.incident.stage = "closed"
        for actor in (cast.lead, SYSTEM):
            with pytest.raises(IncidentClosed):
                access.require(actor, cast.incident, Act.WRITE)
