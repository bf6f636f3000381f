"""The fixed cast of the room, seated by calling services."""

from dataclasses import dataclass

from incidents import access
from incidents.access import Actor
from incidents.choices import Capacity
from incidents.models import Incident, Organization, Participation, Person
from incidents.services import incidents, seats, terms
from tests import factories


@dataclass(frozen=True)
class Cast:
    """Who is in the room, by role. ``colleague`` is the lead's second person."""

    incident: Incident
    lead: Actor
    colleague: Actor
    rival: Actor
    analyst: Actor
    exchange: Actor
    issuer: Actor
    law: Actor  # confidential
    white_hat: Actor
    coordinator: Actor
    invited: Person  # seated, has not accepted the terms
    outsider: Person

    @property
    def actors(self) -> dict[str, Actor]:
        """Everybody who accepted the terms, by role."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Actor)}

    @property
    def people(self) -> dict[str, Person]:
        """Everybody, by role."""
        signed = {name: actor.person for name, actor in self.actors.items() if actor.person}
        return {**signed, "invited": self.invited, "outsider": self.outsider}

    def again(self, actor: Actor) -> Actor:
        """The same person, as access.py sees them now."""
        who, slug = person(actor), self.incident.slug
        return access.get_actor(who, slug, proof=access.Proof.CODE)[1]


_SEATS = {
    "rival": ("Layer Zero", Capacity.AFFECTED),
    "analyst": ("Chain Eyes", Capacity.ANALYTICS),
    "exchange": ("Big Exchange", Capacity.EXCHANGE),
    "issuer": ("Coin Issuer", Capacity.ISSUER),
    "law": ("Cyber Police", Capacity.LAW_ENFORCEMENT),
    "white_hat": ("White Hats", Capacity.WHITE_HAT),
    "coordinator": ("Neutral Chair", Capacity.COORDINATOR),
    "invited": ("Late Bridge", Capacity.BRIDGE),
}


def organization(actor: Actor) -> Organization:
    """The organization that somebody acts for."""
    assert actor.organization
    return actor.organization


def person(actor: Actor) -> Person:
    """Somebody who acts."""
    assert actor.person
    return actor.person


def accept(seat: Participation, signer: Person) -> Actor:
    """Read the terms in force, and sign them."""
    digest = incidents.terms_in_force(seat.incident).digest
    terms.read_terms(seat, person=signer, digest=digest)
    terms.sign(seat, person=signer, digest=digest)
    seat.refresh_from_db()
    return access.actor_of(seat, signer)


def make_cast(title: str = "Kelp theft") -> Cast:
    """A room with everybody in it."""
    kelp = factories.organization("Kelp")
    lead = factories.person(kelp, "lead", is_administrator=True)
    colleague = factories.person(kelp, "colleague")
    incident = incidents.open_incident(title, person=lead, organization=kelp)
    own_seat = Participation.objects.get(incident=incident, organization=kelp)
    opener = access.actor_of(own_seat, lead)
    signed: dict[str, Actor] = {}
    invited: Person | None = None
    for role, (name, capacity) in _SEATS.items():
        newcomer = factories.organization(name)
        somebody = factories.person(newcomer, role)
        seat = seats.seat_organization(
            incident, newcomer, capacity, actor=access.SYSTEM, is_confidential=role == "law"
        )
        if role == "invited":
            invited = somebody
        else:
            signed[role] = accept(seat, somebody)
    assert invited
    outsider = factories.person(factories.organization("Elsewhere"), "outsider")
    incident.refresh_from_db()
    return Cast(
        incident=incident,
        lead=opener,
        colleague=access.actor_of(own_seat, colleague),
        invited=invited,
        outsider=outsider,
        **signed,
    )
