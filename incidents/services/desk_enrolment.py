"""A desk that was let in by a code may register a passkey; from then on that opens the request, and
gives answers, in the place of codes.

Its person becomes a member of a new organization for that desk. It has no seat in any room: what it
reaches is the page of the requests whose link it enrolled at.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.choices import CodePurpose
from incidents.exceptions import BadInput, DeskRefused, SignInFirst, WrongState
from incidents.models import DeskDevice, DeskLink, Enrolment, Membership, Person
from incidents.services import coded_links, desk_codes, desk_links, passkeys
from incidents.services.desk_codes import Browser
from incidents.services.parties import digest, new_organization

WORD = "PASSKEY"


@scope.trusted
def begin(device: DeskDevice, *, email: str, name: str, code: str) -> Enrolment:
    """What a browser that was let in needs to register its person's first passkey. A code of its
    own, since whoever enrols comes in without codes from then on.

    :raises BadInput: no address, no name. :raises DeskRefused: the code. :raises SignInFirst:
        somebody who is known here. :raises WrongState: this link was enrolled at already.
    """
    email, name = email.strip().lower(), name.strip()[:120]
    try:
        validate_email(email)
    except ValidationError as error:
        raise BadInput("This is no e-mail address.", field="email") from error
    if not name:
        raise BadInput("Give your name.", field="name")
    known = desk_codes.check(device, CodePurpose.ENROL, code)
    with transaction.atomic():
        link = desk_links.lock(device.link)
        if not desk_links.is_live(link) or link.made_by is None:
            raise DeskRefused
        if link.enrolled is not None and link.enrolled.memberships.exists():
            raise WrongState("Somebody enrolled at this link already. Ask for a link of your own.")
        person = Person.objects.filter(email=email).first()
        if person is not None and (passkeys.count(person) or person.memberships.exists()):
            raise SignInFirst
        desk_codes.use(known)
        person = person or Person.objects.create_user(email, name)
        link.enrolled = new_organization(link.request.desk_name)
        link.save(update_fields=["enrolled"])
        made = coded_links.make(person, by=link.made_by, organization=link.enrolled)
        told = events.DeskEnrolled(**desk_links.about(link), person=f"{name}, {email}")
        desk_links.record(link, told, access.SYSTEM)
        return made.enrolment


@scope.trusted
def enter(selector: str, person: Person, browser: Browser) -> DeskDevice:
    """The page of a link for a member of the organization that enrolled at it. Asked in every
    request, as `desk_codes.enter` is.

    :raises DeskRefused: it is not theirs, or ended.
    """
    rows = DeskLink.objects.filter(selector=selector[:32], enrolled__isnull=False)
    link = rows.select_related(
        "request__incident", "request__owner", "made_for", "contact", "enrolled"
    ).first()
    if link is None or not desk_links.is_live(link):
        raise DeskRefused
    member = Membership.objects.filter(
        person=person, organization=link.enrolled, ended_at__isnull=True, person__is_active=True
    )
    if not member.exists():
        raise DeskRefused
    now = timezone.now()
    row, _ = DeskDevice.objects.get_or_create(
        digest=digest(f"passkey:{link.pk}:{person.pk}"),
        defaults={
            "link": link,
            "word": WORD,
            "agent": browser.agent[:200],
            "network": browser.network,
            "opened_at": now,
            "expires_at": link.expires_at,
        },
    )
    row.link = link
    return row


def is_enrolled(device: DeskDevice) -> bool:
    """Whether a passkey stands behind it: then no code is asked."""
    return device.word == WORD
