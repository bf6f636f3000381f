"""What every page of a person says until it is over: kept in the session, so that no page asks."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Q

from incidents.models import Person, Recovery
from incidents.services.sessions import ELSEWHERE, look_again

RECOVERIES = "recoveries"  # public ids of organizations where somebody's passkeys are being reset


def running() -> Q:
    """Recoveries that were asked for and neither stopped nor used."""
    return Q(stopped_at__isnull=True, used_at__isnull=True)


def refresh(session: SessionBase, person: Person) -> None:
    """Look up what there is to say; called when a session is renewed."""
    rows = Recovery.objects.filter(
        running(),
        organization__memberships__person=person,
        organization__memberships__ended_at__isnull=True,
    )
    found = sorted({str(row) for row in rows.values_list("organization__public_id", flat=True)})
    if session.get(RECOVERIES, []) != found:
        session[RECOVERIES] = found


def signed_in(sender: object, request: Any, user: Person, **_: Any) -> None:
    """allauth's signal: tell the person's other sessions, before this one is listed."""
    look_again([user.pk], but=request.session.session_key, **{ELSEWHERE: True})
