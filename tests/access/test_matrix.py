"""Every endpoint of the API x everybody of the cast, to the status: one without a line here fails.

What is in the answers, and all else that there is, is asked by test_access_matrix.py.
"""

import json
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver
from rest_framework.test import APIClient

from incidents.api.urls import urlpatterns as of_the_room
from incidents.services import addresses, revisions, statements
from tests import api, factories
from tests.access import coming_and_going, desks, of_the_terms
from tests.api import client_of
from tests.cast import Cast, organization
from tests.factories import ADDRESS, AMBER, CHAIN
from tracing.api.urls import urlpatterns as of_the_trace

pytestmark = pytest.mark.django_db

AFFECTED = {"lead", "colleague", "rival"}
LEADING = AFFECTED | {"coordinator"}
DESKS = {"exchange", "issuer"}
TRACING = LEADING | {"analyst"}
SIGNED = LEADING | DESKS | {"analyst", "law", "white_hat"}
EVERYBODY = SIGNED | {"invited", "outsider"}

# What there is in the room when the matrix runs.
PARTS = {
    "<slug:slug>": "{slug}",
    "<uuid:public_id>": "{id}",
    "<uuid:target_id>": "{target}",
    "<uuid:trace_id>": "{trace}",
    "<uuid:table_id>": "{table}",
    "<slug:noun>": "freeze",
    "<str:account>": f"{CHAIN}:{ADDRESS}",
    "<slug:export>": "json",
    "<int:pk>": "1",
    "<uuid:packet_id>": "{packet}",
    "<uuid:organization_id>": "{organization}",  # the lead's
    "<uuid:member_id>": "{member}",  # the colleague
    "<slug:handle>": "no-such-session",
    **desks.PARTS,
}


@dataclass(frozen=True)
class Line:
    """Who gets which status; who is not named gets what the doors say."""

    status: int
    allowed: set[str]
    body: Callable[["Room"], dict[str, Any]] | dict[str, Any] = field(default_factory=dict)
    others: int = 403  # a signed party whose part does not carry it
    exceptions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Room:
    """A room with one of everything."""

    cast: Cast
    statement: Any
    draft: Any
    sent: Any
    trace: Any
    table: Any
    lead: Any
    parties: dict[str, str]
    revision: Any

    def id(self, path: str) -> str:
        if "revisions/" in path:
            return str(self.revision.public_id)
        for noun, public_id in self.parties.items():
            if noun in path:
                return public_id
        if "leads/" in path:
            return str(self.lead.public_id)
        if "statements/" in path:
            return str(self.statement.public_id)
        answered = (
            "answers/" in path
            or "export/" in path
            or "packets/" in path
            or path.endswith("freezes/{id}/")
        )
        return str((self.sent if answered else self.draft).request.public_id)

    def address(self, path: str) -> str:
        """Of an endpoint, about the things of this room."""
        for part, value in PARTS.items():
            path = path.replace(part, value)
        return f"/api/v1/{path}".replace("{id}", self.id(path)).format(
            slug=self.cast.incident.slug,
            target=self.sent.public_id,
            trace=self.trace.public_id,
            table=self.table.public_id,
            packet=self.sent.request.packets.get().public_id,
            organization=organization(self.cast.lead).public_id,
            member=self.cast.people["colleague"].public_id,
        )


def signing(room: Room) -> dict[str, Any]:
    return {"position": "signed", "digest": room.statement.digest}


def reading(room: Room) -> dict[str, Any]:
    return {"digest": room.statement.digest}


def editing(room: Room) -> dict[str, Any]:
    return {"title": "New", "text": "New text", "digest": room.statement.digest}


def of_colleague(room: Room) -> dict[str, Any]:
    return {"person": str(room.cast.people["colleague"].public_id)}


THEFT = {"chain": CHAIN, "tx": "0x" + "ab" * 32}
NOT_ONES_OWN = {"issuer": 404}  # a desk that was not asked
MEMBERS = "organizations/<uuid:organization_id>/members/"
RECOVERIES = "organizations/<uuid:organization_id>/recoveries/"
KEYS = "organizations/<uuid:organization_id>/keys/"
ONE_FREEZE = "incidents/<slug:slug>/freezes/<uuid:public_id>/"
DRAFTED = {"exchange": 404, "issuer": 404}  # a desk sees what was sent
MATRIX: dict[tuple[str, str], Line] = {
    ("GET", "incidents/"): Line(200, EVERYBODY),
    ("POST", "incidents/"): Line(
        201,
        {"lead", "colleague"},
        {"title": "Another", "organization": "kelp"},
        others=400,
        exceptions={"invited": 400, "outsider": 400},
    ),
    ("GET", "incidents/<slug:slug>/"): Line(200, SIGNED),
    ("GET", "incidents/<slug:slug>/terms/"): Line(200, SIGNED | {"invited"}),
    **of_the_terms.lines(Line),
    ("GET", "incidents/<slug:slug>/parties/"): Line(200, SIGNED),
    **coming_and_going.lines(Line),
    ("GET", "incidents/<slug:slug>/timeline/"): Line(200, SIGNED),
    ("GET", "incidents/<slug:slug>/state/"): Line(200, SIGNED),
    ("GET", "incidents/<slug:slug>/status/"): Line(200, SIGNED),
    ("POST", "incidents/<slug:slug>/status/"): Line(200, LEADING, {"line": "identified"}),
    ("POST", "incidents/<slug:slug>/notes/"): Line(201, SIGNED, api.NOTE),
    ("GET", "incidents/<slug:slug>/addresses/"): Line(200, SIGNED),
    ("POST", "incidents/<slug:slug>/addresses/"): Line(201, SIGNED, api.RECORD),
    ("POST", "incidents/<slug:slug>/addresses/propose-return/"): Line(
        201, LEADING, {"chain": CHAIN, "address": factories.address(77), "marking": AMBER}
    ),
    ("GET", "incidents/<slug:slug>/addresses/<str:account>/"): Line(200, SIGNED),
    ("POST", "incidents/<slug:slug>/addresses/<str:account>/accept-return/"): Line(
        # The lead's party proposed it: another one has to accept.
        200,
        {"rival", "coordinator"},
        exceptions={"lead": 409, "colleague": 409},
    ),
    # It was proposed as a return address: those who may call are told so, a hidden party may not.
    ("POST", "incidents/<slug:slug>/addresses/<str:account>/attacker/"): Line(
        409, LEADING | {"analyst", "white_hat"}, {"reason": "It received the theft."}
    ),
    ("POST", "incidents/<slug:slug>/addresses/<str:account>/attacker/take-back/"): Line(
        409, LEADING | {"analyst", "white_hat"}, {"reason": "A mistake."}
    ),
    ("GET", "incidents/<slug:slug>/freezes/"): Line(200, SIGNED),
    ("POST", "incidents/<slug:slug>/freezes/"): Line(201, LEADING, api.DRAFT),
    ("GET", "incidents/<slug:slug>/freezes/<uuid:public_id>/"): Line(
        200, SIGNED - {"issuer"}, exceptions=NOT_ONES_OWN
    ),
    ("POST", "incidents/<slug:slug>/freezes/<uuid:public_id>/approve/"): Line(
        200, LEADING, exceptions={"exchange": 404, "issuer": 404}
    ),
    ("POST", "incidents/<slug:slug>/freezes/<uuid:public_id>/send/"): Line(
        # Nobody approved it yet: those who may are told to do that first.
        409,
        LEADING,
        exceptions={"exchange": 404, "issuer": 404},
    ),
    (
        "POST",
        "incidents/<slug:slug>/freezes/<uuid:public_id>/targets/<uuid:target_id>/answers/",
    ): Line(201, {"exchange"}, {"outcome": "held", "marking": AMBER}, exceptions=NOT_ONES_OWN),
    ("GET", "incidents/<slug:slug>/freezes/<uuid:public_id>/export/<slug:export>/"): Line(
        200, SIGNED - {"issuer"}, exceptions=NOT_ONES_OWN
    ),
    ("GET", "incidents/<slug:slug>/statements/"): Line(200, SIGNED),
    ("POST", "incidents/<slug:slug>/statements/"): Line(201, LEADING, api.STATEMENT),
    ("GET", "incidents/<slug:slug>/statements/<uuid:public_id>/"): Line(200, SIGNED),
    ("PUT", "incidents/<slug:slug>/statements/<uuid:public_id>/"): Line(200, LEADING, editing),
    ("POST", "incidents/<slug:slug>/statements/<uuid:public_id>/sign-offs/"): Line(
        201, LEADING, signing
    ),
    ("POST", "incidents/<slug:slug>/statements/<uuid:public_id>/publish/"): Line(
        # Signed by the lead alone: those who may publish are told that it is not joint.
        409,
        LEADING,
        reading,
    ),
    # The lead's draft: its own people change who may see it, others ask; desks do not see it yet.
    ("POST", "incidents/<slug:slug>/items/<slug:noun>/<uuid:public_id>/marking/"): Line(
        200,
        {"lead", "colleague"},
        {"marking": "TLP:AMBER+STRICT"},
        exceptions={"exchange": 404, "issuer": 404},
    ),
    ("POST", "incidents/<slug:slug>/items/<slug:noun>/<uuid:public_id>/releases/"): Line(
        201,
        {"rival", "coordinator", "analyst", "white_hat"},
        {"marking": "TLP:GREEN", "reason": "Others have to know."},
        exceptions={"lead": 409, "colleague": 409, "exchange": 404, "issuer": 404},
    ),
    ("POST", "incidents/<slug:slug>/preview/"): Line(200, SIGNED, {"marking": AMBER}),
    ("GET", "incidents/<slug:slug>/releases/"): Line(200, SIGNED),
    # Nobody asked for one here.
    **{
        ("POST", f"incidents/<slug:slug>/releases/<uuid:public_id>/{word}/"): Line(404, SIGNED)
        for word in ("release", "refuse", "withdraw")
    },
    ("GET", "chains/"): Line(200, EVERYBODY),
    ("GET", "incidents/<slug:slug>/traces/"): Line(200, SIGNED),
    # No chain is watched here: those who may trace are told so.
    ("POST", "incidents/<slug:slug>/traces/propose/"): Line(400, TRACING, THEFT),
    ("POST", "incidents/<slug:slug>/traces/"): Line(
        400, TRACING, THEFT | {"seeds": ["x"], "marking": AMBER}
    ),
    ("GET", "incidents/<slug:slug>/traces/<uuid:trace_id>/"): Line(200, SIGNED),
    ("GET", "incidents/<slug:slug>/traces/<uuid:trace_id>/flows/"): Line(200, SIGNED),
    ("POST", "incidents/<slug:slug>/traces/<uuid:trace_id>/flows/"): Line(201, TRACING, api.FLOWS),
    ("GET", "incidents/<slug:slug>/traces/<uuid:trace_id>/flows/<uuid:table_id>/"): Line(
        200, SIGNED
    ),
    ("DELETE", "incidents/<slug:slug>/traces/<uuid:trace_id>/flows/<uuid:table_id>/"): Line(
        # The lead's party handed it over.
        204,
        {"lead", "colleague"},
    ),
    (
        "GET",
        "incidents/<slug:slug>/traces/<uuid:trace_id>/provenance/<str:account>/",
    ): Line(200, SIGNED),
    ("GET", "incidents/<slug:slug>/crossings/"): Line(200, SIGNED),
    # No trace found one here: those who may decide are told that it is absent.
    **{
        ("POST", f"incidents/<slug:slug>/crossings/<uuid:public_id>/{word}/"): Line(404, TRACING)
        for word in ("confirm", "reject")
    },
    **{
        ("GET", f"incidents/<slug:slug>/addresses/<str:account>/{lines}/"): Line(200, SIGNED)
        for lines in ("exposures", "transfers", "hops", "lookbacks")
    },
    # No chain is watched here: those who may trace are told so.
    ("POST", "incidents/<slug:slug>/addresses/<str:account>/lookbacks/"): Line(
        400, TRACING, {"first_block": 1, "marking": AMBER}
    ),
    ("GET", "incidents/<slug:slug>/addresses/<str:account>/labels/"): Line(200, SIGNED),
    ("POST", "incidents/<slug:slug>/addresses/<str:account>/labels/"): Line(
        201,
        TRACING,
        {"verdict": "confirmed", "meaning": "category:scam", "marking": AMBER},
    ),
    ("GET", "incidents/<slug:slug>/leads/"): Line(200, SIGNED),
    ("POST", "incidents/<slug:slug>/leads/<uuid:public_id>/"): Line(
        200, TRACING, {"decision": "dismissed", "reason": "Not theirs."}
    ),
    ("GET", f"{ONE_FREEZE}fields/"): Line(200, SIGNED - DESKS, exceptions=DRAFTED),
    ("PATCH", f"{ONE_FREEZE}fields/"): Line(
        200, LEADING, {"values": {"victim": "Others"}}, exceptions=DRAFTED
    ),
    ("GET", f"{ONE_FREEZE}packets/"): Line(200, SIGNED - {"issuer"}, exceptions=NOT_ONES_OWN),
    ("GET", f"{ONE_FREEZE}packets/<uuid:packet_id>/files/<slug:export>/"): Line(
        200, SIGNED - {"issuer"}, exceptions=NOT_ONES_OWN
    ),
    ("POST", f"{ONE_FREEZE}packets/<uuid:packet_id>/signatures/"): Line(
        400, LEADING, {"kind": "sshsig", "signature": "x"}, exceptions=NOT_ONES_OWN
    ),
    ("GET", "organizations/"): Line(200, EVERYBODY),
    ("GET", KEYS): Line(200, {"lead", "colleague"}, others=404),
    ("POST", KEYS): Line(
        201, {"lead", "colleague"}, {"kind": "sshsig", "public": factories.SSH_KEY}, others=404
    ),
    **{
        ("POST", f"{KEYS}<uuid:public_id>/{word}/"): Line(404, EVERYBODY)
        for word in ("confirm", "end")
    },
    ("GET", MEMBERS): Line(200, {"lead", "colleague"}, others=404),
    ("POST", MEMBERS): Line(
        201,
        {"lead"},
        {"name": "Nia", "email": "nia@kelp.example"},
        others=404,
        exceptions={"colleague": 403},
    ),
    ("PUT", f"{MEMBERS}<uuid:member_id>/"): Line(
        200, {"lead"}, {"is_administrator": True}, others=404, exceptions={"colleague": 403}
    ),
    ("DELETE", f"{MEMBERS}<uuid:member_id>/"): Line(
        204, {"lead"}, others=404, exceptions={"colleague": 403}
    ),
    **desks.lines(Line),
    ("GET", RECOVERIES): Line(200, {"lead", "colleague"}, others=404),
    # The colleague has no passkey yet, and nobody asks for themselves.
    ("POST", RECOVERIES): Line(400, {"lead", "colleague"}, of_colleague, others=404),
    **{
        ("POST", f"{RECOVERIES}<uuid:public_id>/{word}/"): Line(404, EVERYBODY)
        for word in ("approve", "issue", "stop")
    },
    ("GET", "seats/"): Line(200, EVERYBODY),
    ("POST", "seats/<uuid:public_id>/take/"): Line(404, EVERYBODY),
    ("POST", "seats/<uuid:public_id>/turn-down/"): Line(404, EVERYBODY),
    ("GET", "sessions/"): Line(200, EVERYBODY),
    ("DELETE", "sessions/"): Line(204, EVERYBODY),
    ("DELETE", "sessions/<slug:handle>/"): Line(404, EVERYBODY),
    ("GET", "tokens/"): Line(200, EVERYBODY),
    # These people have no passkey to ask for; tests/incidents/test_api_tokens.py has one.
    ("POST", "tokens/"): Line(201, EVERYBODY, {"name": "script"}),
    ("DELETE", "tokens/<uuid:public_id>/"): Line(204, EVERYBODY),
}


def endpoints(
    patterns: list[URLPattern | URLResolver], before: str = ""
) -> Iterator[tuple[str, str]]:
    """(method, path) of everything that the addresses lead to."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from endpoints(pattern.url_patterns, path)
        else:
            view = pattern.callback.view_class  # type: ignore[attr-defined]
            for method in ("get", "post", "put", "patch", "delete"):
                if hasattr(view, method):
                    yield method.upper(), path


@pytest.fixture
def filled(cast: Cast) -> Room:
    """One of everything that the paths name."""
    row = addresses.propose_return(cast.incident, CHAIN, ADDRESS, actor=cast.lead, marking=AMBER)
    assert row
    statement = statements.draft(cast.incident, "T", "x", actor=cast.lead, marking=AMBER)
    statements.sign_off(statement, "signed", actor=cast.lead, digest_read=statement.digest)
    sent = factories.sent_request(cast.incident, cast.lead, cast.rival, organization(cast.exchange))
    draft = factories.target(cast.incident, cast.lead, desk=organization(cast.exchange))
    trace = factories.trace(cast.incident, cast.lead)
    table = factories.flow_table(trace, cast.lead)
    lead = factories.lead(trace)
    parties = coming_and_going.made(cast)
    revision = revisions.propose_revision(
        cast.incident, "New terms.", covers=[], respond_minutes=5, actor=cast.lead
    )
    return Room(cast, statement, draft, sent, trace, table, lead, parties, revision)


def test_every_endpoint_has_its_line() -> None:
    assert set(endpoints([*of_the_room, *of_the_trace])) == set(MATRIX)


def call(room: Room, method: str, path: str, client: APIClient) -> int:
    """The status that somebody gets. Nothing is kept of it."""
    line, kept = MATRIX[method, path], copy(client.cookies)
    address = room.address(path)
    with transaction.atomic():
        sent = line.body(room) if callable(line.body) else line.body
        response = client.generic(
            method, address, json.dumps(sent) if method != "GET" else "", "application/json"
        )
        transaction.set_rollback(True)
    client.cookies = kept
    return int(response.status_code)


def test_everybody_gets_what_the_matrix_says(filled: Room) -> None:
    clients = {who: client_of(filled.cast.people[who]) for who in sorted(EVERYBODY)}
    nobody = client_of(None)
    for (method, path), line in MATRIX.items():
        got = {who: call(filled, method, path, client) for who, client in clients.items()}
        expected = {who: due(path, line, who) for who in EVERYBODY}
        assert got == expected, (method, path)
        assert call(filled, method, path, nobody) == 401, (method, path)


def due(path: str, line: Line, who: str) -> int:
    """The status that the table says."""
    if who in line.allowed:
        return line.status
    if who in line.exceptions:
        return line.exceptions[who]
    if path.startswith("incidents/<slug"):
        return {"outsider": 404, "invited": 403}.get(who, line.others)
    return line.others
