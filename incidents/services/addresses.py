"""Addresses: recording, roles, and the return address that two people must stand behind."""

from django.db import transaction
from django.db.models import Q

from incidents import access, events, scope
from incidents.access import SYSTEM, Act, Actor
from incidents.choices import AddressRole
from incidents.exceptions import BadInput, SecondPersonRequired, WrongState
from incidents.models import Incident, Organization, TrackedAddress
from incidents.services import rules, timeline
from incidents.services.timeline import EVERYONE, Audience
from tracing.core import caip
from tracing.core.errors import InvalidIdentifier

LONGEST_LABEL = 120


def parse(chain: str, address: str) -> tuple[str, str]:
    """Chain (CAIP-2) and address as stored.

    :raises BadInput: naming field and reason.
    """
    try:
        return str(caip.parse_chain(chain)), caip.parse_address(chain, address)
    except InvalidIdentifier as error:
        field = "chain" if error.code == "chain" else "address"
        raise BadInput(error.message, field=field) from error


@scope.trusted
@transaction.atomic
def record(
    incident: Incident,
    chain: str,
    address: str,
    *,
    actor: Actor,
    marking: str,
    role: str = AddressRole.CANDIDATE,
    label: str = "",
    audience: Audience = EVERYONE,
    owner: Organization | None = None,
    found_by_trace: bool = False,
) -> TrackedAddress:
    """Put an address on the room's list. Of one that the actor sees there already, that row.

    :raises BadInput: a wrong address, checksum or chain, an unknown role, or a return address
        (propose it instead).
    """
    access.require(actor, incident, Act.WRITE)
    chain, address = parse(chain, address)
    if role not in AddressRole.values:
        raise BadInput("Unknown role.", field="role")
    if role == AddressRole.ATTACKER:
        raise BadInput(
            "Record it as a candidate: nobody is called the attacker alone.", field="role"
        )
    if role == AddressRole.RETURN:
        raise BadInput("A return address is proposed and confirmed by two people.", field="role")
    label = _checked_label(label)
    timeline.check_marking(marking, audience)
    audience = timeline.reach(actor, audience)
    timeline.lock(incident)
    known = _known(incident, chain, address, actor, marking, audience)
    if known is not None:
        return known
    row = TrackedAddress.objects.create(
        incident=incident,
        chain=chain,
        address=address,
        role=role,
        label=label,
        marking=marking,
        owner=owner or actor.organization,
        author=actor.person,
        audience_organizations=audience.organizations,
        audience_people=audience.people,
        found_by_trace=found_by_trace,
    )
    timeline.record(
        incident,
        events.AddressRecorded(chain=chain, address=address, role=role, label=row.label),
        actor=actor,
        marking=marking,
        audience=audience,
        owner=owner,
    )
    return row


def _checked_label(label: str) -> str:
    label = label.strip()
    if len(label) > LONGEST_LABEL:
        raise BadInput(f"At most {LONGEST_LABEL} characters.", field="label")
    return label


def _known(
    incident: Incident, chain: str, address: str, actor: Actor, marking: str, audience: Audience
) -> TrackedAddress | None:
    """The row that already says it to everybody whom a new one would reach.

    A row that the actor cannot see does not count: meeting it would tell that it is there.
    """
    rows = TrackedAddress.objects.filter(incident=incident, chain=chain, address=address)
    if actor.is_system:
        same = Q(
            marking=marking,
            audience_organizations=audience.organizations,
            audience_people=audience.people,
        )
        rows = rows.filter(access.SHOWN_TO_THE_ROOM | same)
    return access.visible(actor, rows).order_by("pk").first()


@scope.trusted
@transaction.atomic(savepoint=False)
def follow(
    incident: Incident,
    chain: str,
    address: str,
    *,
    marking: str,
    audience: Audience,
    owner: Organization | None,
) -> TrackedAddress:
    """An address that the trace follows, as a candidate and nothing else. Its record is the
    finding's own entry, recorded before in the same transaction by the caller, who so holds the
    incident's lock."""
    known = _known(incident, chain, address, SYSTEM, marking, audience)
    if known is not None:
        return known
    return TrackedAddress.objects.create(
        incident=incident,
        chain=chain,
        address=address,
        role=AddressRole.CANDIDATE,
        marking=marking,
        owner=owner,
        audience_organizations=audience.organizations,
        audience_people=audience.people,
        found_by_trace=True,
    )


@scope.trusted
@transaction.atomic
def propose_return(
    incident: Incident, chain: str, address: str, *, actor: Actor, marking: str, label: str = ""
) -> TrackedAddress:
    """First half of accepting a return address.

    :raises BadInput: a wrong address. :raises WrongState: it has another role already.
    """
    access.require(actor, incident, Act.ACCEPT_RETURN)
    chain, address = parse(chain, address)
    label = _checked_label(label)
    timeline.check_marking(marking, EVERYONE)
    audience = timeline.reach(actor, EVERYONE)
    timeline.lock(incident)
    known = _known(incident, chain, address, actor, marking, audience)
    if known is not None:
        raise WrongState(f"{address} is on the list already ({known.get_role_display()}).")
    row = TrackedAddress.objects.create(
        incident=incident,
        chain=chain,
        address=address,
        role=AddressRole.RETURN,
        label=label,
        marking=marking,
        owner=actor.organization,
        author=actor.person,
        audience_organizations=audience.organizations,
        audience_people=audience.people,
        first_by=actor.person,
    )
    timeline.record(
        incident,
        events.ReturnAddressProposed(chain=chain, address=address),
        actor=actor,
        marking=marking,
    )
    return row


@scope.trusted
@transaction.atomic
def accept_return(row: TrackedAddress, *, actor: Actor) -> TrackedAddress:
    """Second half, by another person. From then on value that reaches it counts as recovered.

    That person speaks for another party than the first, in the first hour too: one party alone,
    or whoever took over two of its accounts, must not send it elsewhere (services/rules.py).

    :raises SecondPersonRequired: the same person, or the same party where another has to agree.
    :raises WrongState: not proposed, or accepted. :raises NotYours: a confidential party would
        show itself.
    """
    timeline.lock(row.incident)
    row = TrackedAddress.objects.select_for_update(no_key=True).get(pk=row.pk)
    access.require(actor, row.incident, Act.ACCEPT_RETURN)
    rules.require_open(actor, row.owner)
    if row.role != AddressRole.RETURN or row.second_by_id is not None:
        raise WrongState
    if actor.person is None or actor.person.pk == row.first_by_id:
        raise SecondPersonRequired
    if actor.organization == row.owner:
        raise SecondPersonRequired("Another party has to agree: yours proposed it.")
    if not rules.independent(row.incident, row.owner, actor.organization):
        raise SecondPersonRequired(rules.NOT_TWO)
    row.second_by = actor.person
    row.save(update_fields=["second_by", "updated_at"])
    timeline.record(
        row.incident,
        events.ReturnAddressAccepted(chain=row.chain, address=row.address),
        actor=actor,
        marking=row.marking or "",
        audience=Audience(row.audience_organizations, row.audience_people),
        owner=row.owner,
    )
    return row


def accepted_returns(incident: Incident, chain: str, viewer: Actor = SYSTEM) -> set[str]:
    """The accepted return addresses on one chain, as stored, that the viewer may see."""
    rows = TrackedAddress.scoped.filter(
        incident=incident, chain=chain, role=AddressRole.RETURN, second_by__isnull=False
    )
    return set(access.visible(viewer, rows).values_list("address", flat=True))
