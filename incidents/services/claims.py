"""What a desk is said to have answered: claimed, until somebody else of the room called it back.

About 30 % of emergency requests fail a second check (Kodex, 2024), and criminals forge answers and
releases as well: a mail or a voice is nobody's word until a number that was found independently
confirms it. What came over a desk's own page is a claim of whoever holds its link.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import Marking
from incidents.exceptions import BadInput, NotFound, SecondPersonRequired, WrongState
from incidents.models import FreezeAnswer, FreezeTarget
from incidents.services import answers, rules, target_log, timeline
from incidents.services.desk_page import Given
from incidents.services.freeze_lines import about_target
from incidents.services.timeline import EVERYONE, Audience

LONGEST_HOW = 200


def write_down(
    target: FreezeTarget,
    said: Given,
    *,
    channel: str,
    marking: str,
    actor: Actor,
    audience: Audience = EVERYONE,
) -> FreezeAnswer:
    """What a desk said by ``channel``, with what proves it. Raises as `answers.answer`."""
    return answers.answer(
        target,
        said.outcome,
        actor=actor,
        marking=marking,
        audience=audience,
        amount=said.amount,
        held_until=said.held_until,
        text=said.text,
        reference=said.reference,
        contact=said.contact,
        onward=said.onward,
        legal=dict(said.legal),
        proof=said.proof,
        channel=channel,
        claimed=True,
    )


@scope.trusted
@transaction.atomic
def confirm(answer: FreezeAnswer, how: str, *, actor: Actor) -> FreezeAnswer:
    """Somebody called the desk back, and it stands by what it is said to have answered.

    ``how``: which number was called, where it was found, who spoke.

    :raises NotFound: hidden from the actor. :raises WrongState: no claim, or confirmed already.
    :raises SecondPersonRequired: who wrote it down. :raises BadInput: nothing said of how.
    :raises NotYours: a confidential party would show itself.
    """
    timeline.lock(answer.target.request.incident)
    row = (
        FreezeAnswer.objects.select_for_update(of=("self",), no_key=True)
        .select_related("target__request__incident", "target__request__owner", "owner")
        .defer("proof")
        .get(pk=answer.pk)
    )
    request = row.target.request
    access.require(actor, request.incident, Act.CONFIRM_ANSWER)
    if not access.may_see(actor, request) or not access.may_see(actor, row):
        raise NotFound
    rules.require_open(actor, request.owner)
    if not row.is_claimed or row.confirmed_at is not None:
        raise WrongState("This answer needs no confirmation any more.")
    if actor.person is None or row.author_id == actor.person.pk:
        raise SecondPersonRequired("Somebody else than who wrote it down calls the desk back.")
    if not how.strip():
        raise BadInput("Say which number was called, and where it was found.", field="how")
    row.confirmed_by, row.confirmed_at = actor.person, timezone.now()
    row.confirmed_how = how.strip()[:LONGEST_HOW]
    row.save(update_fields=["confirmed_by", "confirmed_at", "confirmed_how"])
    target_log.refresh(row.target)
    timeline.record(
        request.incident,
        events.AnswerConfirmed(
            **about_target(row.target, row.amount or 0),
            answer=str(row.public_id),
            outcome=row.outcome,
            how=row.confirmed_how,
        ),
        actor=actor,
        marking=row.marking or Marking.RED,
        audience=Audience(row.audience_organizations, row.audience_people),
        owner=row.owner,
    )
    return row
