"""Calling an address the attacker's: two people of two independent parties, and taking it back."""

from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import AddressRole
from incidents.exceptions import BadInput, SecondPersonRequired, WrongState
from incidents.models import Organization, TrackedAddress
from incidents.services import rules, timeline
from incidents.services.timeline import Audience

LONGEST_REASON = 500
# What a person said it is (a victim's, a service's, where to return) is taken back first.
CALLABLE = (AddressRole.CANDIDATE, AddressRole.OTHER)


@scope.trusted
@transaction.atomic
def call(row: TrackedAddress, reason: str, *, actor: Actor) -> TrackedAddress:
    """One word that the address is the attacker's, with its reason. Until somebody of another,
    independent party says the same it stays what it was.

    :raises SecondPersonRequired: one's own person or party said it, or one that is not independent.
    :raises WrongState: it is something else, or two have said so already.
    :raises NotYours: the party sits here confidentially: its word would show it.
    """
    row = _locked(row)
    access.require(actor, row.incident, Act.CALL_ATTACKER)
    organization = _open_party(actor)
    reason = _checked(reason)
    if row.called_for is None:
        if row.role not in CALLABLE:
            raise WrongState(f"It is on the list as {row.get_role_display().lower()}.")
        row.called_by, row.called_for = actor.person, organization
        row.called_at, row.called_why = timezone.now(), reason
        row.save(update_fields=["called_by", "called_for", "called_at", "called_why"])
        _record(row, events.AttackerCalled(**_about(row), reason=reason, second=False), actor)
        return row
    if row.confirmed_for_id is not None:
        raise WrongState("Two parties have said so already.")
    if actor.person is None or actor.person.pk == row.called_by_id:
        raise SecondPersonRequired
    if not rules.independent(row.incident, row.called_for, organization):
        raise SecondPersonRequired("Another, independent party has to say so.")
    row.confirmed_by, row.confirmed_for = actor.person, organization
    row.confirmed_at, row.role = timezone.now(), AddressRole.ATTACKER
    row.save(update_fields=["confirmed_by", "confirmed_for", "confirmed_at", "role", "updated_at"])
    _record(row, events.AttackerCalled(**_about(row), reason=reason, second=True), actor)
    return row


@scope.trusted
@transaction.atomic
def take_back(row: TrackedAddress, reason: str, *, actor: Actor) -> TrackedAddress:
    """A party takes its word back: the address is a candidate again. The other party's word, if
    there is one, stands as the first.

    :raises WrongState: the party has said nothing.
    """
    row = _locked(row)
    access.require(actor, row.incident, Act.CALL_ATTACKER)
    organization = _open_party(actor)
    reason = _checked(reason)
    if organization.pk not in (row.called_for_id, row.confirmed_for_id):
        raise WrongState("Your party has not called it the attacker's.")
    if organization.pk == row.called_for_id:
        row.called_by, row.called_for = row.confirmed_by, row.confirmed_for
        row.called_at = row.confirmed_at
        row.called_why = row.called_why if row.called_for_id else ""
    row.confirmed_by = row.confirmed_for = row.confirmed_at = None
    if row.role == AddressRole.ATTACKER:
        row.role = AddressRole.CANDIDATE
    row.save()
    _record(row, events.AttackerTakenBack(**_about(row), reason=reason), actor)
    return row


def may_call(actor: Actor) -> bool:
    """Whether a page offers it. A party that sits here confidentially would show itself."""
    return actor.participation is not None and Act.CALL_ATTACKER in rules.offered(actor)


def _open_party(actor: Actor) -> Organization:
    if actor.organization is None or actor.participation is None:
        raise SecondPersonRequired("Nothing automatic calls an address the attacker's.")
    rules.require_open(actor, words=rules.WORD)
    return actor.organization


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise BadInput("Give the reason.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise BadInput(f"At most {LONGEST_REASON} characters.", field="reason")
    return reason


def _locked(row: TrackedAddress) -> TrackedAddress:
    timeline.lock(row.incident)
    return (
        TrackedAddress.objects.select_for_update(of=("self",), no_key=True)
        .select_related("incident", "owner", "called_for", "confirmed_for", "confirmed_by")
        .get(pk=row.pk)
    )


def _about(row: TrackedAddress) -> dict[str, str]:
    return {"chain": row.chain, "address": row.address}


def _record(row: TrackedAddress, event: events.Event, actor: Actor) -> None:
    timeline.record(
        row.incident,
        event,
        actor=actor,
        marking=row.marking or "",
        audience=Audience(row.audience_organizations, row.audience_people),
        owner=row.owner,
    )
