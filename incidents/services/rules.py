"""Rules of two: the one place that answers whether two words are the words of two parties.

DESIGN.md section 4. Three questions, from strict to lenient:

* `independent`: where two parties may never be skipped (a return address, a joint statement, a
  release, calling an address the attacker's). A party that sits here by the word of one other
  alone, and that other, are one.
* `counts_as_two`: whether two people may let an organization in, and by which rule.
* `sole_affected`: whether the first hour is still on: one affected party alone has signed.

A confidential party is counted by none of them but for words of its own: neither a refusal nor a
wait may tell that it is there. Who has signed and lapsed still counts as there: a new text of the
terms must not make anybody alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from incidents import access, scope
from incidents.access import Act, Actor
from incidents.choices import AdmissionRule, Capacity, Consent
from incidents.exceptions import NotYours
from incidents.models import Incident, Organization, Participation, Person

Party = Organization | int | None
NOT_TWO = (
    "Two parties have to agree, and these do not count as two here: one sits in this room by the "
    "word of the other alone, or has not signed the terms in force."
)
# What concerns all others, whatever it is about.
OPENLY = frozenset({Act.INVITE, Act.REMOVE_PARTY, Act.REVISE_TERMS, Act.PUBLISH, Act.CALL_ATTACKER})
HIDDEN = "Your party sits here confidentially: what it does to others' things would show it."
WORD = "Your party sits here confidentially: its word would show that it does."
NOT_AS_OWNER = "Its owner sits here confidentially: what everybody reads would show who wrote it."


def require_open(actor: Actor, owner: Organization | None = None, words: str = HIDDEN) -> None:
    """Whether the others would learn of a confidential party by what it is about to do to
    something of ``owner``'s, or of the whole room's without one. To its own it may.

    :raises NotYours: they would, in these words.
    """
    seat = actor.participation
    if seat is None or not seat.is_confidential:
        return
    if owner is None or owner != actor.organization:
        raise NotYours(words)


def offered(actor: Actor) -> set[Act]:
    """What a page offers somebody: what the party may do, without what `require_open` refuses."""
    seat = actor.participation
    refused = OPENLY if seat is not None and seat.is_confidential else frozenset()
    return {act for act in Act if access.can(actor, act)} - refused


@scope.trusted
def is_hidden(incident: Incident, *organizations: Party) -> bool:
    """Whether one of these sits in the room confidentially."""
    rows = Participation.objects.filter(incident=incident, is_confidential=True)
    return rows.filter(organization__in=[one for one in organizations if one is not None]).exists()


@scope.trusted
def affected(incident: Incident) -> list[Participation]:
    """The affected parties that have signed the terms in force, without confidential ones."""
    return [seat for seat in committed(incident) if seat.has_consented(incident.terms_version)]


@scope.trusted
def committed(incident: Incident) -> list[Participation]:
    """The affected parties that have signed once and have not left, without confidential ones."""
    return list(
        Participation.objects.filter(
            incident=incident,
            capacity=Capacity.AFFECTED,
            consent__in=(Consent.SIGNED, Consent.LAPSED),
            is_confidential=False,
            removed_at__isnull=True,
        )
        .select_related("organization")
        .order_by("pk")
    )


@scope.trusted
def sole_affected(incident: Incident) -> Participation | None:
    """The only affected party that has signed; None: there are several, or none."""
    seats = committed(incident)
    return seats[0] if len(seats) == 1 else None


@scope.trusted
def independent(incident: Incident, first: Party, second: Party) -> bool:
    """Whether two organizations are two parties where that may never be skipped.

    Both hold seats that have signed the terms in force, and neither came in by the other's word
    alone, nor both by that of the same third one.
    """
    one, other = _key(first), _key(second)
    if one is None or other is None:
        return False
    signed = Participation.objects.filter(
        incident=incident,
        organization__in=(one, other),
        consent=Consent.SIGNED,
        terms_version=incident.terms_version,
        removed_at__isnull=True,
    )
    if signed.count() != 2:
        return False
    origins = _origins(incident)
    return _origin(one, origins) != _origin(other, origins)


@scope.trusted
def several(incident: Incident, organizations: Iterable[int]) -> bool:
    """Whether words of these organizations are the words of more than one party, where two may
    never be skipped. A confidential one does not count, since the outcome is public; nor does one
    that has left."""
    there = Participation.objects.filter(
        incident=incident,
        organization__in=list(organizations),
        consent__in=(Consent.SIGNED, Consent.LAPSED),
        is_confidential=False,
        removed_at__isnull=True,
    )
    origins = _origins(incident)
    found = there.values_list("organization_id", flat=True)
    return len({_origin(pk, origins) for pk in found}) > 1


@scope.trusted
def counts_as_two(
    incident: Incident, first: Person | None, first_for: Party, actor: Actor
) -> AdmissionRule | None:
    """By which rule the words of ``first`` (for ``first_for``) and of ``actor`` suffice to let an
    organization in; None: they do not.

    Two parties, one of them affected; or, while all affected parties that have signed came by the
    word of one, two of its people, or one and the coordinator.
    """
    if first is None or actor.person is None or first.pk == actor.person.pk:
        return None
    seats, origins = committed(incident), _origins(incident)
    ours = {seat.organization_id for seat in seats}
    words = [_key(first_for), _key(actor.organization)]
    if independent(incident, *words) and ours.intersection(words):
        return AdmissionRule.TWO_PARTIES
    roots = {_origin(pk, origins) for pk in ours}
    chairs = set(
        Participation.objects.filter(
            incident=incident,
            capacity=Capacity.COORDINATOR,
            consent=Consent.SIGNED,
            terms_version=incident.terms_version,
            removed_at__isnull=True,
        ).values_list("organization_id", flat=True)
    )
    if len(roots) == 1 and ours.intersection(words) and {*words} <= ours | chairs:
        return AdmissionRule.ONE_PARTY
    return None


@scope.trusted
def origin(incident: Incident, organization: Organization) -> Organization:
    """By whose word an organization sits here in the end; itself where nobody alone let it in."""
    return Organization.objects.get(pk=_origin(organization.pk, _origins(incident)))


def _key(party: Party) -> int | None:
    return party.pk if isinstance(party, Organization) else party


def _origins(incident: Incident) -> dict[int, int | None]:
    """By organization: by whose word alone it sits here. Those who were removed still tell where
    others came from."""
    rows = Participation.objects.filter(incident=incident)
    return dict(rows.values_list("organization_id", "sponsor_id"))


def _origin(organization: int, origins: dict[int, int | None]) -> int:
    """Whose word stands behind an organization in the end; itself for one that needs none."""
    seen = {organization}
    while (above := origins.get(organization)) is not None and above not in seen:
        seen.add(above)
        organization = above
    return organization
