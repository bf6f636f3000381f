"""A link and a code that together let one person register a passkey. The link is shown to whoever
asked for it, the code is told over another channel, and five wrong codes burn both."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from incidents.exceptions import EnrolmentInvalid
from incidents.models import Enrolment, Organization, Person, Recovery
from incidents.services.admissions import ALPHABET
from incidents.services.joining import MISREAD, WRONG_CODES
from incidents.services.parties import digest

HOURS = 24


@dataclass(frozen=True)
class Coded:
    """A new enrolment with its secrets, which are stored nowhere else."""

    enrolment: Enrolment
    link: str
    code: str


def make(
    person: Person,
    *,
    by: Person,
    organization: Organization | None = None,
    recovery: Recovery | None = None,
) -> Coded:
    """A link for ``person``; an older one for the same purpose ends. Others' stay: no organization
    may end what another one gave."""
    now = timezone.now()
    Enrolment.objects.filter(
        person=person,
        organization=organization,
        recovery=recovery,
        used_at__isnull=True,
        expires_at__gt=now,
    ).exclude(code_digest="").update(expires_at=now)
    token, code = secrets.token_urlsafe(32), "".join(secrets.choice(ALPHABET) for _ in range(8))
    row = Enrolment.objects.create(
        person=person,
        digest=digest(token),
        code_digest=digest(code),
        expires_at=now + timedelta(hours=HOURS),
        organization=organization,
        recovery=recovery,
        invited_by=by,
    )
    return Coded(row, f"{settings.SITE_URL}/enrol/{token}/", f"{code[:4]}-{code[4:]}")


def check(row: Enrolment, code: str) -> None:
    """Compare the code; a wrong one counts even though the request fails.

    :raises EnrolmentInvalid: it does not fit, or too many did not.
    """
    if not row.code_digest:
        return
    plain = code.upper().translate(MISREAD)
    # Counted before it is compared: tries at once must not get more than their number.
    counted = Enrolment.objects.filter(pk=row.pk, wrong_codes__lt=WRONG_CODES).update(
        wrong_codes=F("wrong_codes") + 1
    )
    if not counted or not secrets.compare_digest(digest(plain), row.code_digest):
        raise EnrolmentInvalid
    Enrolment.objects.filter(pk=row.pk).update(wrong_codes=F("wrong_codes") - 1)
