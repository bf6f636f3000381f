"""What a client may set is listed; everything else it sends changes nothing, and what it names
is looked up among what it may see."""

from typing import Any

import pytest
from django.db.models import Model

from incidents import access
from incidents.models import (
    FreezeRequest,
    FreezeTarget,
    Participation,
    Statement,
    TimelineEntry,
    TrackedAddress,
)
from incidents.services import incidents, statements
from tests import api, factories
from tests.api import client_of, room
from tests.cast import Cast, organization, person
from tests.factories import AMBER

pytestmark = pytest.mark.django_db

# Where it is made, with what, and what is made: the fields of the body are the ones to set.
MADE: list[tuple[str, dict[str, Any], type[Model], set[str]]] = [
    ("notes/", api.NOTE, TimelineEntry, set()),
    ("addresses/", api.RECORD, TrackedAddress, {"role", "label"}),
    ("statements/", api.STATEMENT, Statement, set()),
    ("freezes/", api.DRAFT, FreezeRequest, {"desk"}),
    ("freezes/", api.DRAFT, FreezeTarget, set()),
]
# So that the second is another row.
AGAIN: dict[str, dict[str, str]] = {
    "notes/": {"text": "Again."},
    "addresses/": {"address": factories.address(77)},
    "statements/": {"title": "Again"},
    "freezes/": {"desk_name": "Another desk"},
}
OWN = {"id", "public_id", "seq", "entry", "created_at", "updated_at", "happened_at", "reference"}


def markers(model: type[Model], body: dict[str, Any], offered: set[str]) -> dict[str, Any]:
    """Every field of the model that the operation does not list, with a value that would show."""
    found: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.name not in {*body, *offered}:
            found[field.name] = 1 if field.is_relation else "marker"
            found[field.attname] = 1 if field.is_relation else "marker"
    return found


def kept(model: type[Model]) -> dict[str, Any]:
    """What the newest row says, without what differs from row to row."""
    row = model._default_manager.order_by("-pk").first()
    assert row is not None
    fields = [field for field in model._meta.concrete_fields if field.name not in OWN]
    return {field.attname: getattr(row, field.attname) for field in fields}


@pytest.mark.parametrize(
    ("path", "body", "model", "offered"), MADE, ids=lambda value: getattr(value, "__name__", "")
)
def test_only_what_is_listed_is_set(
    cast: Cast, path: str, body: dict[str, Any], model: type[Model], offered: set[str]
) -> None:
    slug, lead = cast.incident.slug, client_of(person(cast.lead))
    assert lead.post(room(slug, path), body).status_code == 201
    plain = kept(model)
    extra = markers(model, body, offered)
    assert len(extra) > 5
    answer = lead.post(room(slug, path), {**extra, **body, **AGAIN[path]})
    assert answer.status_code == 201
    differing = {name for name, value in kept(model).items() if value != plain[name]}
    # A packet's fields name the request and the moment: they differ by themselves.
    assert differing <= {*AGAIN[path], "desk_slug", "digest", "request_id", "fields"}
    assert kept(model).get("fields") != extra.get("fields", {})


def foreign(cast: Cast) -> list[dict[str, Any]]:
    """Audiences and subjects that are absent here, or hidden from the lead."""
    elsewhere = of_another_room(cast)
    return [
        {"audience": {"organizations": ["elsewhere"]}},
        {"audience": {"organizations": [organization(cast.law).slug]}},
        {"audience": {"people": [str(cast.outsider.public_id)]}},
        {"audience": {"people": [str(person(cast.law).public_id)]}},
        {"about": f"statement:{elsewhere.public_id}"},
        {"about": "freeze:7f0c9d5e-1111-4222-8333-444455556666"},
    ]


def of_another_room(cast: Cast) -> Statement:
    """A statement of a room that the lead has no seat in."""
    theirs = cast.outsider.memberships.get().organization
    other = incidents.open_incident("Other", person=cast.outsider, organization=theirs)
    seat = Participation.objects.get(incident=other)
    actor = access.actor_of(seat, cast.outsider)
    return statements.draft(other, "Theirs", "Text", actor=actor, marking=AMBER)


def test_what_is_named_is_looked_up_among_what_one_sees(cast: Cast) -> None:
    lead, slug = client_of(person(cast.lead)), cast.incident.slug
    wrong = foreign(cast)
    before = TimelineEntry.objects.count()
    answers = [lead.post(room(slug, "notes/"), {**api.NOTE, **one}) for one in wrong]
    assert [answer.status_code for answer in answers] == [400] * len(wrong)
    # Hidden and absent are refused in the same words.
    hidden, absent = (answers[at].content.decode() for at in (1, 0))
    assert hidden.replace("cyber-police", "elsewhere") == absent
    assert TimelineEntry.objects.count() == before
    named = {"audience": {"organizations": [organization(cast.rival).slug]}}
    assert lead.post(room(slug, "notes/"), {**api.NOTE, **named}).status_code == 201


def test_items_of_another_room_are_absent(cast: Cast) -> None:
    other = of_another_room(cast)
    lead = client_of(person(cast.lead))
    for act, body in (
        ("marking", {"marking": "TLP:AMBER+STRICT"}),
        ("releases", {"marking": "TLP:GREEN", "reason": "Why not."}),
    ):
        url = room(cast.incident.slug, f"items/statement/{other.public_id}/{act}/")
        assert lead.post(url, body).status_code == 404
        nonsense = room(cast.incident.slug, f"items/nonsense/{other.public_id}/{act}/")
        assert lead.post(nonsense, body).status_code == 404
    other.refresh_from_db()
    assert other.marking == AMBER
