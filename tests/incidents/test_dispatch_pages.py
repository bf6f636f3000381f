"""The pages on which a request goes to its desk, and an organization's own pages about desks."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from incidents.models import Dispatch, FreezeRequest, PacketFile, Person
from incidents.services import desk_contacts, freezes
from tests import factories
from tests.api import ANYWAY
from tests.cast import Cast, organization, person

pytestmark = pytest.mark.django_db
FACT = {"hold_days": "5", "hold_days_source": "Our call", "hold_days_dated": "2026-11-20"}


@pytest.fixture
def as_person() -> Callable[[Person], Client]:
    def entered(who: Person) -> Client:
        client = Client()
        client.force_login(who)
        return client

    return entered


@pytest.fixture
def approved(cast: Cast) -> FreezeRequest:
    target = factories.target(cast.incident, cast.lead, desk_name="Kraken")
    FreezeRequest.objects.filter(pk=target.request_id).update(desk_slug="kraken")
    row = FreezeRequest.objects.get(pk=target.request_id)
    freezes.approve(row, actor=cast.lead)
    return freezes.approve(row, actor=cast.rival)


def at(name: str, row: Any, cast: Cast, *more: str) -> str:
    return reverse(name, args=[cast.incident.slug, row.public_id, *more])


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_portal_with_its_fields_files_and_proof(
    cast: Cast, approved: FreezeRequest, as_person: Callable[[Person], Client]
) -> None:
    client = as_person(person(cast.lead))
    page = text(client.get(at("freeze_dispatch", approved, cast)))
    assert "law enforcement only" in page
    assert factories.SHOWN_ADDRESS in page
    assert page.index("Our case reference") < page.index("What is asked for")
    assert f'data-copy="{approved.reference}"' in page
    file = client.post(at("dispatch_file", approved, cast, "json"))
    assert file["Content-Disposition"].endswith(f'"{approved.reference}.json"')
    assert bytes(PacketFile.objects.get(format="json").body) == file.content
    proof = SimpleUploadedFile("receipt.pdf", b"%PDF-1.7 x")
    given = {"anyway": "", "reference": "KR-9", "proof": proof}
    refused = client.post(at("freeze_dispatch", approved, cast), given)
    assert "law enforcement only" in text(refused)
    assert not Dispatch.objects.exists()
    proof.seek(0)
    shown = ",".join([*ANYWAY, "law_enforcement_only"])
    done = client.post(at("freeze_dispatch", approved, cast), given | {"anyway": shown})
    assert done.status_code == 302
    row = Dispatch.objects.get()
    freeze = text(client.get(at("freeze", approved, cast)))
    assert "KR-9" in freeze
    assert row.proof_digest[:16] in freeze
    taken = client.get(at("dispatch_proof", row, cast))
    assert taken["Content-Type"] == "application/octet-stream"
    assert taken.content == b"%PDF-1.7 x"


def test_a_desk_in_the_room_does_not_see_to_whom_else_it_went(
    cast: Cast, as_person: Callable[[Person], Client]
) -> None:
    row = factories.sent_request(
        cast.incident, cast.lead, cast.rival, organization(cast.exchange)
    ).request
    for role, sees in (("lead", True), ("analyst", True), ("exchange", False)):
        page = text(as_person(cast.people[role]).get(at("freeze", row, cast)))
        assert ('id="dispatches"' in page) is sees, role


def test_an_organization_keeps_its_own_version_and_its_contacts(
    cast: Cast, as_person: Callable[[Person], Client]
) -> None:
    ours = organization(cast.lead)
    lead, colleague = as_person(person(cast.lead)), as_person(person(cast.colleague))
    desk = reverse("desk_own", args=[ours.public_id, "mexc"])
    assert "mexc.com support" in text(colleague.get(desk))
    assert "MEXC" in text(colleague.get(reverse("desks_own", args=[ours.public_id])))
    edit = reverse("desk_profile", args=[ours.public_id, "mexc"])
    assert colleague.get(edit).status_code == 403
    wrong = lead.post(edit, {"name": "MEXC", **FACT, "hold_days_source": ""})
    assert list(wrong.context["form"].errors) == ["hold_days_source"]
    assert lead.post(edit, {"name": "MEXC", **FACT}).status_code == 302
    assert "What your version changes" in text(colleague.get(desk))
    lead.post(reverse("desk_profile_drop", args=[ours.public_id, "mexc"]))
    assert "What your version changes" not in text(colleague.get(desk))
    add = reverse("desk_contact_add", args=[ours.public_id, "mexc"])
    given = {
        "name": "Desk",
        "channel": "webhook",
        "address": "https://x.example/",
        "phone": "+41446",
    }
    assert list(lead.post(add, given).context["form"].errors) == ["phone"]
    secret = lead.post(add, given | {"phone": "+41446681800"}).context["secret"]
    assert secret.startswith("whsec_")
    assert secret not in text(lead.get(desk))
    (row,) = desk_contacts.of(ours, "mexc")
    verify = reverse("desk_contact_verify", args=[ours.public_id, "mexc", row.public_id])
    assert "A second person" in text(lead.post(verify, {"how": "Called"}, follow=True))
    colleague.post(verify, {"how": "Called the number in the contract"})
    assert "Called the number in the contract" in text(lead.get(desk))
    assert desk_contacts.get(ours, row.public_id).verified_by == person(cast.colleague)
    lead.post(reverse("desk_contact_end", args=[ours.public_id, "mexc", row.public_id]))
    assert desk_contacts.of(ours, "mexc") == []


@pytest.mark.parametrize("who", ["rival", "outsider"])
def test_no_other_organization_looks_at_it(
    cast: Cast, as_person: Callable[[Person], Client], who: str
) -> None:
    ours = organization(cast.lead)
    client = as_person(cast.people[who])
    for path in (
        reverse("desks_own", args=[ours.public_id]),
        reverse("desk_own", args=[ours.public_id, "mexc"]),
        reverse("desk_profile", args=[ours.public_id, "mexc"]),
    ):
        assert client.get(path).status_code == 404
