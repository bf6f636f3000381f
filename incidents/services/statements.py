"""Joint statements: an exact text, signed by digest, published as what it is."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import Marking, Position, Severity, StatementState
from incidents.exceptions import BadInput, NotYours, TextChanged, WrongState
from incidents.models import Incident, SignOff, Statement, StatusPage
from incidents.ports import money
from incidents.services import rules, timeline
from incidents.services.incidents import digest_of, terms_in_force
from incidents.services.timeline import EVERYONE, Audience

LONGEST_TITLE = 200


def digest(title: str, text: str) -> str:
    """What a party signs: SHA-256 of title, newline, text."""
    return digest_of(f"{title}\n{text}")


@scope.trusted
@transaction.atomic
def draft(
    incident: Incident,
    title: str,
    text: str,
    *,
    actor: Actor,
    marking: str,
    audience: Audience = EVERYONE,
) -> Statement:
    """A new statement. :raises BadInput: title or text missing."""
    access.require(actor, incident, Act.SIGN)
    title, text = _checked(title, text)
    timeline.check_marking(marking, audience)
    audience = timeline.reach(actor, audience)
    row = Statement.objects.create(
        incident=incident,
        title=title,
        text=text,
        digest=digest(title, text),
        marking=marking,
        owner=actor.organization,
        author=actor.person,
        audience_organizations=audience.organizations,
        audience_people=audience.people,
    )
    event = events.StatementDrafted(**_about(row), text=text)
    _record(row, event, actor)
    return row


@scope.trusted
@transaction.atomic
def edit(row: Statement, title: str, text: str, *, actor: Actor, digest_read: str) -> Statement:
    """Change the text. Every sign-off is void, since it was given for another digest.

    :raises TextChanged: somebody else edited meanwhile. :raises WrongState: it is published.
    :raises NotYours: a confidential party would show itself.
    """
    row = _locked(row)
    access.require(actor, row.incident, Act.SIGN)
    rules.require_open(actor, row.owner)
    if row.state != StatementState.DRAFT:
        raise WrongState("It is published. Draft a correction instead.")
    if row.digest != digest_read:
        raise TextChanged
    title, text = _checked(title, text)
    row.title, row.text, row.digest = title, text, digest(title, text)
    row.revision += 1
    row.save(update_fields=["title", "text", "digest", "revision"])
    _record(row, events.StatementEdited(**_about(row), text=text, revision=row.revision), actor)
    return row


@scope.trusted
@transaction.atomic
def sign_off(row: Statement, position: str, *, actor: Actor, digest_read: str) -> SignOff:
    """One party's word on the text as read.

    :raises TextChanged: the text is another by now. :raises BadInput: unknown position.
    :raises WrongState: it is published; dissent is a statement of its own then.
    """
    row = _locked(row)
    access.require(actor, row.incident, Act.SIGN)
    if row.state != StatementState.DRAFT:
        raise WrongState("It is published. What it was signed by does not change any more.")
    if row.digest != digest_read:
        raise TextChanged
    if position not in Position.values:
        raise BadInput("Unknown position.", field="position")
    if actor.person is None or actor.organization is None:
        raise BadInput("A sign-off is given by a person.")
    word, _ = SignOff.objects.update_or_create(
        statement=row,
        organization=actor.organization,
        digest=row.digest,
        defaults={"person": actor.person, "position": position},
    )
    event = events.StatementSigned(
        **_about(row), organization=actor.organization.name, position=position
    )
    _record(row, event, actor)
    return word


@scope.trusted
@transaction.atomic
def publish(row: Statement, *, actor: Actor, digest_read: str) -> Statement:
    """Put the text on the status page. Joint only when every affected party has signed it, and
    two parties stand behind it, in the first hour too. Lapsed ones are waited for.

    :raises WrongState: published already, or signatures of affected parties are missing.
    :raises NotYours: a confidential party would show itself.
    """
    row = _locked(row)
    access.require(actor, row.incident, Act.PUBLISH)
    rules.require_open(actor)
    if rules.is_hidden(row.incident, row.owner):
        raise NotYours(rules.NOT_AS_OWNER)
    if row.digest != digest_read:
        raise TextChanged
    if row.state != StatementState.DRAFT:
        raise WrongState
    words = {s.organization_id: s for s in row.sign_offs.filter(digest=row.digest)}
    signed, missing = [], []
    for seat in rules.committed(row.incident):
        word = words.get(seat.organization_id)
        if word is not None and word.position == Position.SIGNED:
            signed.append(seat.organization.name)
        else:
            missing.append(seat.organization.name)
    if not signed and not missing:
        raise WrongState("No affected party has signed it: it is not joint.")
    if missing:
        raise WrongState(f"Not signed by {', '.join(missing)}: it is not joint yet.")
    if not rules.several(row.incident, _signers(words)):
        raise WrongState(
            "One party alone stands behind it: it is not joint. Another party, or the coordinator, "
            "has to sign it too."
        )
    row.state, row.published_at, row.marking = (
        StatementState.PUBLISHED,
        timezone.now(),
        Marking.CLEAR,
    )
    row.audience_organizations = row.audience_people = None
    row.save(
        update_fields=[
            "state",
            "published_at",
            "marking",
            "audience_organizations",
            "audience_people",
        ]
    )
    event = events.StatementPublished(**_about(row), text=row.text, signed=signed, missing=missing)
    timeline.record(row.incident, event, actor=actor, marking=Marking.CLEAR)
    return row


def _signers(words: dict[int, SignOff]) -> list[int]:
    return [pk for pk, word in words.items() if word.position == Position.SIGNED]


@scope.trusted
@transaction.atomic
def publish_status(
    incident: Incident,
    line: str,
    *,
    actor: Actor,
    next_update_at: datetime | None = None,
) -> StatusPage:
    """Make the page public, or refresh its line and figures (released as TLP:CLEAR, dated). The
    figures are left out where nobody released them (`may_publish_figures`).

    :raises BadInput: unknown line, or a next update in the past. :raises NotYours: a confidential
        party would show itself.
    """
    access.require(actor, incident, Act.PUBLISH)
    rules.require_open(actor)
    if line not in Severity.values:
        raise BadInput("Unknown line.", field="line")
    now = timezone.now()
    if next_update_at is not None and next_update_at <= now:
        raise BadInput("The next update must lie ahead.", field="next_update_at")
    figures = money().public_figures(incident) if may_publish_figures(incident) else {}
    timeline.lock(incident)
    page = StatusPage.objects.select_for_update(no_key=True).get(incident=incident)
    page.is_public, page.line, page.figures = True, line, figures
    page.next_update_at, page.published_at = next_update_at, now
    page.save(update_fields=["is_public", "line", "figures", "next_update_at", "published_at"])
    event = events.StatusPublished(line=line, figures=figures)
    timeline.record(incident, event, actor=actor, marking=Marking.CLEAR)
    return page


FIGURES_LEFT_OUT = (
    "The terms in force do not release the money strip, and not every trace behind it is marked "
    "TLP:CLEAR by its owner: the page shows no figures."
)


@scope.trusted
def may_publish_figures(incident: Incident) -> bool:
    """Whether the money strip is released: by the standing consent in the terms that every party
    has signed, or else by the owners of all traces behind it, who marked them TLP:CLEAR."""
    return "strip" in terms_in_force(incident).covers or money().are_figures_released(incident)


def _checked(title: str, text: str) -> tuple[str, str]:
    title, text = title.strip(), text.strip()
    if not title:
        raise BadInput("Give the statement a title.", field="title")
    if len(title) > LONGEST_TITLE:
        raise BadInput(f"At most {LONGEST_TITLE} characters.", field="title")
    if not text:
        raise BadInput("A statement needs a text.", field="text")
    return title, text


def _locked(row: Statement) -> Statement:
    timeline.lock(row.incident)
    return (
        Statement.objects.select_for_update(of=("self",), no_key=True)
        .select_related("incident", "owner")
        .get(pk=row.pk)
    )


def _about(row: Statement) -> dict[str, str]:
    return {"statement": str(row.public_id), "title": row.title, "digest": row.digest}


def _record(row: Statement, event: events.Event, actor: Actor) -> None:
    timeline.record(
        row.incident,
        event,
        actor=actor,
        marking=row.marking or "",
        audience=Audience(row.audience_organizations, row.audience_people),
        owner=row.owner,
    )
