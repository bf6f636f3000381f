"""The one policy: who may see what on which surface, and which capacity carries which act.

TLP 2.0 decides the surface (DESIGN.md section 4). The policy exists twice on purpose, as a
predicate (`may_see`) and as a filter (`visible`); a test holds them equal for every combination.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from incidents.choices import DESKS, Capacity, Marking, RoomRole, Stage
from incidents.exceptions import (
    ConsentRequired,
    IncidentClosed,
    NotFound,
    NotYours,
    StepUpRequired,
    TokenNotEnough,
)
from incidents.models import Incident, Organization, Participation, Person
from incidents.models.marked import Marked

Row = TypeVar("Row", bound=Model)


class Surface(StrEnum):
    """Where something is about to be shown."""

    ROOM = "room"  # pages, API, sockets, search, counts of a signed party
    RECIPIENT = "recipient"  # a packet to a desk
    COMMUNITY = "community"  # other organizations here, community feeds
    PUBLIC = "public"  # the status page


class Proof(StrEnum):
    """How sure we are, at this moment, that it is this person."""

    SESSION = "session"  # signed in; the passkey was used more than five minutes ago
    FRESH = "fresh"  # the passkey was used within five minutes
    TOKEN = "token"  # noqa: S105 - an API token that may write
    READ_TOKEN = "read_token"  # noqa: S105
    CODE = "code"  # no request at all: a drill, a command, a test calls the service


@dataclass(frozen=True)
class Actor:
    """Who looks or acts: a person for an organization in an incident, or SYSTEM (the tracer).

    EVERY_PARTY only looks: it sees what each party that accepted the terms sees.
    """

    person: Person | None
    organization: Organization | None
    participation: Participation | None
    terms_version: int = 0
    is_every_party: bool = False
    proof: Proof = Proof.SESSION
    roles: frozenset[RoomRole] = frozenset()  # in this room, not ended
    # False: the party's external communicator, and who stands in, publish for it.
    is_speaking: bool = True
    # All seats of the person in this room, where there are several: one is taken.
    seats: tuple[Participation, ...] = field(default=(), compare=False)

    @property
    def is_system(self) -> bool:
        return self.person is None and not self.is_every_party

    @property
    def capacity(self) -> Capacity | None:
        return Capacity(self.participation.capacity) if self.participation else None

    @property
    def has_consented(self) -> bool:
        return self.participation is not None and self.participation.has_consented(
            self.terms_version
        )

    @property
    def ledger_name(self) -> str:
        return str(self.person.public_id) if self.person else "system"


SYSTEM = Actor(None, None, None)
EVERY_PARTY = Actor(None, None, None, is_every_party=True)


# --- seeing --------------------------------------------------------------------------------

_SHOWN_ON = {
    Surface.ROOM: (Marking.AMBER_STRICT, Marking.AMBER, Marking.GREEN, Marking.CLEAR),
    Surface.RECIPIENT: (Marking.AMBER, Marking.GREEN, Marking.CLEAR),
    Surface.COMMUNITY: (Marking.GREEN, Marking.CLEAR),
    Surface.PUBLIC: (Marking.CLEAR,),
}

SHOWN_TO_RECIPIENTS = _SHOWN_ON[Surface.RECIPIENT]

# A row that the whole room sees.
SHOWN_TO_THE_ROOM = Q(
    marking__in=_SHOWN_ON[Surface.ROOM],
    audience_people__isnull=True,
    audience_organizations__isnull=True,
)


def may_see(viewer: Actor | None, item: Marked, surface: Surface = Surface.ROOM) -> bool:
    """Whether ``viewer`` may see ``item`` on ``surface``. No viewer: nobody in particular.

    Whether the viewer is in the item's incident at all is asked before, by `get_incident`.
    """
    if viewer is not None and viewer.is_system:
        return True
    if surface is not Surface.ROOM or (viewer is not None and viewer.is_every_party):
        narrowed = item.audience_people is not None or item.audience_organizations is not None
        return item.marking in _SHOWN_ON[surface] and not narrowed
    if viewer is None or viewer.person is None or viewer.organization is None:
        return False
    if not viewer.has_consented:
        return False
    if item.author_id == viewer.person.pk:
        return True
    named = viewer.person.pk in (item.audience_people or ())
    if item.marking == Marking.RED:
        return named
    # An unstated marking, or one that this release does not know, is for its author alone.
    if item.marking not in _SHOWN_ON[Surface.ROOM]:
        return False
    if item.audience_people is None and item.audience_organizations is None:
        return True
    if named:
        return True
    if item.audience_organizations is None:
        return False
    return (
        viewer.organization.pk in item.audience_organizations
        or item.owner_id == viewer.organization.pk
    )


def visible(
    viewer: Actor | None, rows: QuerySet[Row], surface: Surface = Surface.ROOM, prefix: str = ""
) -> QuerySet[Row]:
    """``rows`` cut to what `may_see` allows. ``prefix`` leads to the Marked row ("request__")."""

    def q(**conditions: object) -> Q:
        return Q(**{prefix + name: value for name, value in conditions.items()})

    if viewer is not None and viewer.is_system:
        return rows
    if surface is not Surface.ROOM or (viewer is not None and viewer.is_every_party):
        return rows.filter(
            q(
                marking__in=_SHOWN_ON[surface],
                audience_people__isnull=True,
                audience_organizations__isnull=True,
            )
        )
    if viewer is None or viewer.person is None or viewer.organization is None:
        return rows.none()
    if not viewer.has_consented:
        return rows.none()
    author = q(author=viewer.person)
    named = q(audience_people__contains=[viewer.person.pk], marking__in=Marking.values)
    open_marking = q(marking__in=_SHOWN_ON[Surface.ROOM])
    everyone = q(audience_people__isnull=True, audience_organizations__isnull=True)
    organization = q(audience_organizations__contains=[viewer.organization.pk]) | q(
        audience_organizations__isnull=False, owner=viewer.organization
    )
    return rows.filter(author | named | (open_marking & (everyone | organization)))


# --- doing ---------------------------------------------------------------------------------


class Act(StrEnum):
    """What a party can do in a room."""

    WRITE = "write"  # notes, addresses, drafts
    INVITE = "invite"  # propose or approve an organization, vouch for one
    REMOVE_PARTY = "remove_party"
    GIVE_ROLE = "give_role"
    REVISE_TERMS = "revise_terms"
    TRACE = "trace"
    REQUEST_FREEZE = "request_freeze"  # draft
    APPROVE_FREEZE = "approve_freeze"
    SEND_FREEZE = "send_freeze"
    DISPATCH = "dispatch"  # hand one in by the desk's own form, in one's own name
    ANSWER_FREEZE = "answer_freeze"
    CONFIRM_ANSWER = "confirm_answer"  # after calling the desk back
    SIGN = "sign"
    PUBLISH = "publish"
    ACCEPT_RETURN = "accept_return"
    CALL_ATTACKER = "call_attacker"  # first or second word
    ASK_RELEASE = "ask_release"
    WIDEN = "widen"  # lower the marking of what one owns, or its audience; answer a release request
    EXPORT = "export"  # take something out as a file


# What needs the passkey of the last five minutes, and is never done with a token.
STEP_UP = frozenset(
    {
        Act.INVITE,
        Act.REMOVE_PARTY,
        Act.GIVE_ROLE,
        Act.REVISE_TERMS,
        Act.APPROVE_FREEZE,
        Act.SEND_FREEZE,
        Act.DISPATCH,
        Act.CONFIRM_ANSWER,
        Act.SIGN,
        Act.PUBLISH,
        Act.ACCEPT_RETURN,
        Act.CALL_ATTACKER,
        Act.WIDEN,
        Act.EXPORT,
    }
)
_EVERYBODY = {Act.WRITE, Act.ASK_RELEASE, Act.WIDEN, Act.EXPORT}
_AFFECTED = {
    *_EVERYBODY,
    Act.INVITE,
    Act.REMOVE_PARTY,
    Act.GIVE_ROLE,
    Act.REVISE_TERMS,
    Act.TRACE,
    Act.REQUEST_FREEZE,
    Act.APPROVE_FREEZE,
    Act.SEND_FREEZE,
    Act.DISPATCH,
    Act.CONFIRM_ANSWER,
    Act.SIGN,
    Act.PUBLISH,
    Act.ACCEPT_RETURN,
    Act.CALL_ATTACKER,
}
_CAN: dict[Capacity, set[Act]] = {
    Capacity.AFFECTED: _AFFECTED,
    Capacity.COORDINATOR: _AFFECTED,
    Capacity.ANALYTICS: {*_EVERYBODY, Act.TRACE, Act.CALL_ATTACKER},
    Capacity.WHITE_HAT: {*_EVERYBODY, Act.CALL_ATTACKER},
    Capacity.LAW_ENFORCEMENT: {*_EVERYBODY, Act.CALL_ATTACKER, Act.DISPATCH},
    **{desk: {*_EVERYBODY, Act.ANSWER_FREEZE} for desk in DESKS},
}


def can(actor: Actor, act: Act) -> bool:
    """Whether the actor's capacity and role carry ``act``: what a page offers."""
    if actor.is_system:
        return True
    if actor.capacity is None or not actor.has_consented:
        return False
    if RoomRole.OBSERVER in actor.roles and act is not Act.EXPORT:
        return False
    if act is Act.PUBLISH and not actor.is_speaking:
        return False
    return act in _CAN[actor.capacity]


def require(actor: Actor, incident: Incident, act: Act) -> None:
    """The one gate that every service passes.

    :raises IncidentClosed: nothing can be added.
    :raises ConsentRequired: the party has not signed the terms in force.
    :raises NotYours: its capacity, or the person's role, does not carry the act.
    :raises StepUpRequired: the act needs the passkey again.
    :raises TokenNotEnough: no token does this.
    """
    if incident.stage == Stage.CLOSED and act is not Act.EXPORT:
        raise IncidentClosed
    if actor.is_system:
        return
    if actor.participation is None or actor.participation.incident_id != incident.pk:
        raise NotFound
    if not actor.participation.has_consented(incident.terms_version):
        raise ConsentRequired
    if not can(actor, act):
        raise NotYours
    require_proof(actor, act)


def require_proof(actor: Actor, act: Act) -> None:
    """Whether it is surely this person, where ``act`` asks for that. `require` asks this too.

    :raises StepUpRequired: the act needs the passkey again. :raises TokenNotEnough: no token does.
    """
    if actor.proof is Proof.READ_TOKEN and act not in STEP_UP:
        raise TokenNotEnough("This token may only read.")
    if act not in STEP_UP:
        return
    if actor.proof in (Proof.TOKEN, Proof.READ_TOKEN):
        raise TokenNotEnough
    if actor.proof is Proof.SESSION:
        raise StepUpRequired


def audience_key(viewer: Actor, incident: Incident, *, has_person_audience: bool) -> str:
    """Digest of every input that the policy reads: viewers of one key may share the same bytes.

    ``has_person_audience``: something that is shown names this person or is theirs, so that it may
    read differently to them than to their colleagues. How sure we are of the person (`Proof`) is
    not in it: it decides what they may do, never what they see.
    """
    seat = viewer.participation
    inputs: list[object] = [
        incident.pk,
        incident.epoch,
        viewer.is_system,
        viewer.is_every_party,
        viewer.organization and viewer.organization.pk,
        sorted(viewer.roles),
        viewer.terms_version,
        viewer.has_consented,
        seat and [seat.pk, seat.capacity, seat.consent, seat.terms_version],
        seat and [seat.is_confidential, seat.removed_at is None],
        viewer.person and has_person_audience and viewer.person.pk,
    ]
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()
