"""A party's word on an address: it confirms or rejects what the address is said to be."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from incidents import access, scope
from incidents.access import Act, Actor
from incidents.choices import DESKS
from incidents.events.address import AddressLabelled
from incidents.exceptions import BadInput
from incidents.models import Incident
from incidents.services import timeline
from incidents.services.addresses import parse
from incidents.services.timeline import EVERYONE, Audience
from tracing.labels.base import LONGEST_NAME, clean
from tracing.labels.categories import COMPARED
from tracing.models import Label, Service
from tracing.services import chains, labels

VERDICTS = (Label.Confidence.CONFIRMED.value, Label.Confidence.REJECTED.value)


@scope.trusted
@transaction.atomic
def say(
    incident: Incident,
    chain: str,
    address: str,
    *,
    verdict: str,
    meaning: str,
    actor: Actor,
    marking: str,
    name: str = "",
    audience: Audience = EVERYONE,
) -> Label:
    """Confirm or reject that an address is ``meaning`` ("service:<slug>" or "category:<word>").

    A confirmed service is a sink of the room's traces from the next block on, where every party may
    read it; history by block is not written again. Of one's own service a desk may say it too.

    :raises BadInput: a wrong address, an unknown verdict, service or category, or a rejection of
        what no label here says. :raises NotYours: the party neither traces nor is that service.
    """
    chain, address = parse(chain, address)
    if verdict not in VERDICTS:
        raise BadInput("Say confirmed or rejected.", field="verdict")
    service, category = _meant(meaning)
    is_own = actor.capacity in DESKS and service is not None and _is_of(service, actor)
    access.require(actor, incident, Act.WRITE if is_own else Act.TRACE)
    timeline.check_marking(marking, audience)
    audience = timeline.reach(actor, audience)
    timeline.lock(incident)
    if verdict == Label.Confidence.REJECTED:
        said = labels.rows(chain, actor, incident, [address])
        if meaning not in {row.meaning for row in said}:
            raise BadInput("No label of this address says that.", field="meaning")
    row = Label.objects.create(
        public_id=uuid.uuid4(),
        incident=incident,
        chain=chains.ensure_known(chain),
        address=address,
        service=service,
        name=clean(name, LONGEST_NAME),
        category=category,
        source=actor.organization.name if actor.organization else "Holdfast",
        dated=timezone.now().date(),
        confidence=verdict,
        marking=marking,
        owner=actor.organization,
        author=actor.person,
        audience_organizations=audience.organizations,
        audience_people=audience.people,
    )
    timeline.record(
        incident,
        AddressLabelled(
            chain=chain,
            address=address,
            verdict=verdict,
            meaning=meaning,
            what=service.name if service else category,
            name=row.name,
            label=str(row.public_id),
        ),
        actor=actor,
        marking=marking,
        audience=audience,
    )
    return row


def _meant(meaning: str) -> tuple[Service | None, str]:
    """The service and its category, or a category of no service. Raises BadInput."""
    noun, _, value = meaning.partition(":")
    if noun == "service":
        service = Service.objects.filter(slug=value).exclude(kind="").first()
        if service is not None:
            return service, service.category
    if noun == "category" and value in COMPARED:
        return None, value
    raise BadInput("No service or category here has that name.", field="meaning")


def _is_of(service: Service, actor: Actor) -> bool:
    return actor.organization is not None and service.organization_id == actor.organization.pk
