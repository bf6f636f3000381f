"""Each body that the API takes lists its fields, and what it names is looked up for the actor."""

import ast
import importlib
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from rest_framework import relations, serializers

from incidents.api.fields import AmountField
from incidents.models import DeskContact
from incidents.services import incidents
from tests.api import ANYWAY, DRAFT, client_of, room
from tests.cast import Cast, organization, person

# Kinds of fields that look nothing up by themselves.
PLAIN = (
    serializers.BooleanField,
    serializers.CharField,
    serializers.ChoiceField,
    serializers.DateTimeField,
    serializers.DictField,
    serializers.IntegerField,
    serializers.UUIDField,
    AmountField,
)
NAMING = (serializers.SlugField, serializers.UUIDField)
AUDIENCE = {"audience.organizations[]", "audience.people[]"}
# Everything else by which a body names a row; `naming` shows each to be looked up for the actor.
REFERENCES = {
    "AdmissionProposalSerializer.asked",
    "AdmissionProposalSerializer.organization",
    "AskRecoverySerializer.person",
    "CreateTokenSerializer.room",
    "DraftFreezeSerializer.desk",
    "GivenSerializer.backup",
    "GivenSerializer.party",
    "GivenSerializer.person",
    "HandOverSerializer.backup",
    "HandOverSerializer.person",
    "MakeDispatchSerializer.contact",
    "OpenIncidentSerializer.organization",
}


@cache
def sources() -> list[tuple[Any, ast.Module]]:
    """Each module of the API with its syntax tree."""
    found = []
    for folder in ("incidents/api", "tracing/api"):
        for path in sorted((Path(settings.BASE_DIR) / folder).glob("*.py")):
            name = f"{folder.replace('/', '.')}.{path.stem}".removesuffix(".__init__")
            found.append((importlib.import_module(name), ast.parse(path.read_text())))
    return found


def written() -> Iterator[tuple[type[Any], ast.FunctionDef]]:
    """Serializers that a body is read with, and the method that does it."""
    for module, tree in sources():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for call in calls(function, "valid"):
                    yield getattr(module, call.args[1].id), function  # type: ignore[attr-defined]


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if isinstance(call.func, ast.Name) and call.func.id == name]


def leaves(field: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The single fields of a serializer, by their path in the body."""
    if isinstance(field, serializers.ListField | serializers.ListSerializer):
        yield from leaves(field.child, f"{name}[]")
    elif isinstance(field, serializers.Serializer):
        for own, child in field.fields.items():
            yield from leaves(child, f"{name}.{own}".lstrip("."))
    else:
        yield name, field


def test_no_serializer_takes_its_fields_from_a_model_or_looks_rows_up() -> None:
    found: dict[str, tuple[str, dict[str, Any], str, str, str]] = {
        one
        for module, _ in sources()
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, serializers.BaseSerializer)
    }
    assert len(found) > 60
    for one in found:
        assert not issubclass(one, serializers.ModelSerializer), one
        declared = getattr(one, "_declared_fields", {}).values()
        assert not [field for field in declared if isinstance(field, relations.RelatedField)], one


def test_each_body_lists_plain_fields_and_resolves_its_audience() -> None:
    naming = set()
    bodies = list(written())
    assert len(bodies) > 30
    for body, method in bodies:
        for name, field in leaves(body()):
            assert isinstance(field, PLAIN), f"{body.__name__}.{name}"
            if name in AUDIENCE:
                assert calls(method, "audience_of"), f"{body.__name__} by {method.name}"
            elif isinstance(field, NAMING):
                naming.add(f"{body.__name__}.{name}")
    assert naming == REFERENCES


# --- what each of them answers ---------------------------------------------------------------


def seat(cast: Cast, role: str) -> str:
    held = cast.actors[role].participation
    assert held
    return str(held.public_id)


def naming(cast: Cast) -> dict[str, tuple[str, dict[str, Any], str, str, str]]:
    """By reference: where, the rest of the body, a row hidden from the lead, an absent one, and one
    that the lead may name."""
    slug, law = cast.incident.slug, organization(cast.law).slug
    theirs = cast.outsider.memberships.get().organization
    other = incidents.open_incident("Other", person=cast.outsider, organization=theirs).slug
    desk, rival = (organization(one).slug for one in (cast.exchange, cast.rival))
    asked, invited = room(slug, "invitations/"), {"capacity": "bridge"}
    newcomer = {**invited, "organization_name": "New", "email": "new@example.org"}
    hidden = {**newcomer, "is_confidential": True}
    plain = {key: value for key, value in DRAFT.items() if key != "desk_name"}
    opened, made = "/api/v1/incidents/", "/api/v1/tokens/"
    found = {
        "OpenIncidentSerializer.organization": (opened, {"title": "New"}, law, "absent", "kelp"),
        "CreateTokenSerializer.room": (made, {"name": "T"}, other, "absent", slug),
        "DraftFreezeSerializer.desk": (room(slug, "freezes/"), plain, law, "absent", desk),
        "AdmissionProposalSerializer.asked": (asked, hidden, law, "absent", rival),
    }
    lost = f"/api/v1/organizations/{organization(cast.lead).public_id}/recoveries/"
    stranger, nobody = str(person(cast.law).public_id), str(uuid.uuid4())
    mine = person(cast.colleague)
    Authenticator.objects.create(user=mine, type=Authenticator.Type.WEBAUTHN, data={})
    found["AskRecoverySerializer.person"] = (lost, {}, stranger, nobody, str(mine.public_id))
    known = (asked, invited, law, "absent", acquainted(cast))
    found["MakeDispatchSerializer.contact"] = of_a_desk(cast)
    return {**found, "AdmissionProposalSerializer.organization": known, **of_roles(cast)}


def of_a_desk(cast: Cast) -> tuple[str, dict[str, Any], str, str, str]:
    """A contact by which an approved request is sent: the rival's own, and the lead's."""
    from django.utils import timezone

    from incidents.services import freezes
    from tests import factories

    request = factories.target(cast.incident, cast.lead).request
    for actor in (cast.lead, cast.rival):
        freezes.approve(request, actor=actor)
    theirs, ours = (
        DeskContact.objects.create(
            organization=organization(actor),
            desk_slug="desk",
            name="Night desk",
            channel="webhook",
            address="https://desk.example/hook",
            added_by=person(actor),
            verified_by=person(actor),
            verified_at=timezone.now(),
        )
        for actor in (cast.rival, cast.lead)
    )
    path = room(cast.incident.slug, f"freezes/{request.public_id}/dispatches/")
    names = (str(theirs.public_id), str(uuid.uuid4()), str(ours.public_id))
    return path, {"anyway": ANYWAY}, *names


def of_roles(cast: Cast) -> dict[str, tuple[str, dict[str, Any], str, str, str]]:
    """The same, of bodies that name people."""
    roles = room(cast.incident.slug, "roles/")
    stranger, nobody = str(person(cast.law).public_id), str(uuid.uuid4())
    lead, colleague, rival = (
        str(person(one).public_id) for one in (cast.lead, cast.colleague, cast.rival)
    )
    own, of_rival = seat(cast, "lead"), {"role": "operations", "party": seat(cast, "rival")}
    body = {"role": "operations", "party": own, "person": lead}
    given = client_of(person(cast.lead)).post(roles, body).json()["id"]
    handing, hidden = f"{roles}{given}/hand-over/", seat(cast, "law")
    named = {"role": "commander", "person": lead}
    backed = {"role": "scribe", "party": own, "person": lead}
    return {
        "GivenSerializer.party": (roles, named, hidden, nobody, own),
        "GivenSerializer.person": (roles, of_rival, stranger, nobody, rival),
        "GivenSerializer.backup": (roles, backed, stranger, nobody, colleague),
        "HandOverSerializer.backup": (handing, {"person": lead}, stranger, nobody, colleague),
        # Last, of the role that came of that.
        "HandOverSerializer.person": ("", {}, stranger, nobody, colleague),
    }


def acquainted(cast: Cast) -> str:
    """The slug of an organization that the lead meets in another room."""
    from incidents.access import SYSTEM
    from incidents.choices import Capacity
    from incidents.services import seats
    from tests import factories
    from tests.cast import accept

    beside = incidents.open_incident(
        "Beside", person=person(cast.lead), organization=organization(cast.lead)
    )
    met = factories.organization("Met Elsewhere")
    taken = seats.seat_organization(beside, met, Capacity.BRIDGE, actor=SYSTEM)
    accept(taken, factories.person(met, "met"))
    return met.slug


def handing(lead: Any, cast: Cast) -> str:
    """Where the role that was handed over a moment ago is handed over."""
    roles = room(cast.incident.slug, "roles/")
    held = lead.get(roles).json()
    mine = [one for one in held if one["organization"]["slug"] == "kelp"]
    (kept,) = [one["id"] for one in mine if one["role"] == "operations"]
    return f"{roles}{kept}/hand-over/"


@pytest.mark.django_db
def test_hidden_and_absent_are_refused_in_the_same_words(cast: Cast) -> None:
    lead = client_of(person(cast.lead))
    asked = naming(cast)
    assert asked.keys() == REFERENCES
    for reference, (path, rest, hidden, absent, seen) in asked.items():
        path = path or handing(lead, cast)
        field = reference.partition(".")[2]
        answers = [lead.post(path, {**rest, field: value}) for value in (hidden, absent)]
        statuses = {answer.status_code for answer in answers}
        assert statuses <= {400, 404}, (reference, answers[0].content)
        assert len(statuses) == 1, reference
        words = [
            answer.content.decode().replace(value, "it")
            for answer, value in zip(answers, (hidden, absent), strict=True)
        ]
        assert words[0] == words[1], reference
        done = lead.post(path, {**rest, field: seen})
        assert done.status_code in (200, 201), (reference, done.content)
