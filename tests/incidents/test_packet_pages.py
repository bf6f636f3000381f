"""Fields, files and signatures of a packet, by its pages and its API."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.urls import reverse

from incidents.access import Proof
from incidents.choices import RequestState
from incidents.exceptions import BadInput, NotYours, WrongState
from incidents.models import FreezeRequest, Packet, TimelineEntry
from incidents.services import freezes, packet_fields, packets, signing_keys
from incidents.signing import ssh_keys, sshsig
from tests import factories
from tests.api import client_of
from tests.cast import Cast, organization, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of(cast: Cast) -> FreezeRequest:
    row = factories.target(cast.incident, cast.lead, desk=organization(cast.exchange))
    return FreezeRequest.objects.get(pk=row.request_id)


def inside(cast: Cast) -> Client:
    client = Client()
    client.force_login(person(cast.lead))
    return client


class TestFields:
    def test_a_change_voids_the_signatures_and_draws_up_the_next_version(
        self, cast: Cast, request_of: FreezeRequest
    ) -> None:
        freezes.approve(request_of, actor=cast.lead)
        freezes.approve(request_of, actor=cast.rival)
        row = packet_fields.change(request_of, {"case_number": "47-11"}, actor=cast.rival)
        assert (row.state, row.approved_digest, row.second_for) == (RequestState.DRAFT, "", None)
        assert [p.state for p in row.packets.order_by("version")] == ["superseded", "draft"]
        lines = TimelineEntry.objects.order_by("-seq").values_list("kind", flat=True)
        assert {"freeze.packet_edited", "freeze.approval_voided"} <= set(lines[:3])

    def test_what_changes_nothing_voids_nothing(
        self, cast: Cast, request_of: FreezeRequest
    ) -> None:
        freezes.approve(request_of, actor=cast.lead)
        same = packet_fields.change(request_of, dict(request_of.fields), actor=cast.lead)
        assert same.state == RequestState.CHECKED

    def test_refused_values_and_people(self, cast: Cast, request_of: FreezeRequest) -> None:
        with pytest.raises(BadInput) as refused:
            packet_fields.change(request_of, {"ask_until": "soon"}, actor=cast.lead)
        assert refused.value.field == "ask_until"
        with pytest.raises(NotYours):
            packet_fields.change(request_of, {"victim": "x"}, actor=cast.analyst)
        FreezeRequest.objects.update(state=RequestState.SENT)
        with pytest.raises(WrongState):
            packet_fields.change(request_of, {"victim": "x"}, actor=cast.lead)


class TestPages:
    def test_fields_are_changed_and_errors_stand_at_their_field(
        self, cast: Cast, request_of: FreezeRequest
    ) -> None:
        client, names = inside(cast), [cast.incident.slug, request_of.public_id]
        page = reverse("packet_edit", args=names)
        told = client.post(page, {**request_of.fields, "requester_phone": "044"}).content.decode()
        assert "country&#x27;s code" in told
        done = client.post(page, {**request_of.fields, "requester_phone": "+41446681800"})
        assert done.status_code == 302
        assert "+41446681800" in client.get(reverse("packet", args=names)).content.decode()

    def test_newest_version_is_taken_out_in_every_format(
        self, cast: Cast, request_of: FreezeRequest
    ) -> None:
        row = packets.draft(request_of)
        client = inside(cast)
        for slug, start in (("pdf", b"%PDF"), ("csv", b"row,"), ("xlsx", b"PK"), ("json", b"{")):
            names = [cast.incident.slug, request_of.public_id, row.public_id, slug]
            answer = client.get(reverse("packet_file", args=names))
            assert answer.content.startswith(start), slug
            assert f'{request_of.reference}.{slug}"' in answer["Content-Disposition"]


def test_a_signature_of_ssh_keygen_is_handed_in(cast: Cast, request_of: FreezeRequest) -> None:
    key = Ed25519PrivateKey.generate()
    made = signing_keys.register(
        organization(cast.lead),
        "sshsig",
        ssh_keys.of_ed25519(key.public_key()).line,
        by=person(cast.lead),
        proof=Proof.FRESH,
    )
    signing_keys.confirm(made, by=person(cast.colleague), proof=Proof.FRESH)
    row: Packet = packets.draft(request_of)
    base = f"/api/v1/incidents/{cast.incident.slug}/freezes/{request_of.public_id}/packets/"
    api = client_of(person(cast.lead))
    text = sshsig.sign(key, sshsig.NAMESPACE, bytes(row.manifest))
    address = f"{base}{row.public_id}/signatures/"
    told: Any = api.post(address, {"kind": "sshsig", "signature": text + "x"}, format="json")
    assert told.status_code == 400
    told = api.post(address, {"kind": "sshsig", "signature": text}, format="json")
    assert told.status_code == 201
    (shown,) = api.get(base).json()
    assert [s["key"] for s in shown["signatures"]] == [made.fingerprint]
