"""Packets: versions of what a request says, and the digest that people sign."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from incidents.access import SYSTEM
from incidents.choices import PacketState, RequestState
from incidents.exceptions import ApprovalChanged, WrongState
from incidents.models import FreezeRequest, FreezeTarget, Packet, TimelineEntry
from incidents.packets import manifest
from incidents.services import freezes, packets
from incidents.services.freezes import TargetDraft
from tests import factories
from tests.cast import Cast, organization, person
from tests.factories import ADDRESS, AMBER, CHAIN, SHOWN_ADDRESS, TOKEN

pytestmark = pytest.mark.django_db


def drafted(cast: Cast, **changes: object) -> FreezeRequest:
    row = factories.target(cast.incident, cast.lead, evidence_key="arrival:1", **changes)  # type: ignore[arg-type]
    return FreezeRequest.objects.get(pk=row.request_id)


def said(packet: Packet) -> dict[str, object]:
    return manifest.decode(bytes(packet.manifest))


def kinds() -> list[str]:
    return list(TimelineEntry.objects.order_by("seq").values_list("kind", flat=True))


class TestManifest:
    def test_says_what_a_desk_asks(self, cast: Cast) -> None:
        told = said(packets.draft(drafted(cast)))
        assert told["parties"] == {
            "requested_by": "Kelp",
            "affected": ["Kelp", "Layer Zero"],
            "only": None,
        }
        (target,) = told["targets"]  # type: ignore[misc]
        assert target["account"] == f"{factories.CHAIN}:{SHOWN_ADDRESS}"
        assert target["requested"] == {"units": "1000", "amount": "0.000000000000001", "usd": None}
        assert target["paths"][0]["tx"] == "0x" + "ab" * 32
        assert target["label"] == {"method": "deterministic", "confidence": None}
        fields = told["fields"]
        assert fields["requester_organization"] == "Kelp"  # type: ignore[index]
        assert fields["ask_action"] == "freeze"  # type: ignore[index]

    def test_what_the_trace_drafts_says_who_asks_for_what_and_since_when(self, cast: Cast) -> None:
        hop = {"tx": "0x" + "ab" * 32, "amount": "5", "at": "2026-04-18T17:35:11+00:00"}
        freezes.draft(
            cast.incident,
            TargetDraft(CHAIN, ADDRESS, TOKEN, "RSX", 18, 5, "arrival:1", [hop]),
            desk_name="Desk",
            desk_slug="desk",
            desk=None,
            actor=SYSTEM,
            marking=AMBER,
            owner=organization(cast.lead),
        )
        fields = FreezeRequest.objects.get().fields
        assert fields["requester_email"] == person(cast.lead).email
        assert fields["incident_at"] == "2026-04-18T17:35:11Z"
        assert (fields["ask_action"], fields["ask_no_notice"]) == ("freeze", "yes")
        assert fields["ask_until"] > "2026"
        assert "Kelp" in fields["crime_statement"]

    def test_is_canonical_and_its_digest_is_that_of_its_bytes(self, cast: Cast) -> None:
        row = packets.draft(drafted(cast))
        assert manifest.encode(said(row)) == bytes(row.manifest)
        assert manifest.digest_of(bytes(row.manifest)) == row.digest

    def test_dollars_are_exact_with_their_source(self, cast: Cast) -> None:
        request = drafted(cast, amount=1_500_000_000_000_000_001)
        at = timezone.now()
        FreezeTarget.objects.update(usd_price="2000.01", usd_price_at=at, usd_price_source="Feed")
        usd = said(packets.draft(request))["targets"][0]["requested"]["usd"]  # type: ignore[index]
        assert (usd["value"], usd["price"], usd["price_source"]) == ("3000.02", "2000.01", "Feed")

    def test_symbol_of_a_chain_is_data(self, cast: Cast) -> None:
        request = drafted(cast)
        FreezeTarget.objects.update(symbol="=US\u202eD\x07C")
        target = said(packets.draft(request))["targets"][0]  # type: ignore[index]
        assert target["asset"]["symbol"] == "=US[U+202E]D[U+0007]C"


class TestVersions:
    def test_same_text_is_the_same_version_and_a_change_a_new_one(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        request = drafted(cast)
        first = packets.draft(request)
        later = timezone.now() + timedelta(minutes=5)
        monkeypatch.setattr("incidents.services.packets.timezone.now", lambda: later)
        assert packets.draft(request) == first
        FreezeTarget.objects.update(requested=900)
        second = packets.draft(request)
        first.refresh_from_db()
        assert (second.version, first.state) == (2, PacketState.SUPERSEDED)
        assert not second.is_correction

    def test_what_follows_an_issued_one_is_a_correction_that_supersedes_it(
        self, cast: Cast
    ) -> None:
        target = factories.sent_request(
            cast.incident, cast.lead, cast.rival, organization(cast.exchange)
        )
        issued = Packet.objects.get()
        assert issued.state == PacketState.ISSUED
        assert packets.draft(target.request) == issued
        FreezeTarget.objects.update(requested=900)
        correction = packets.draft(target.request, reason="a block was orphaned")
        issued.refresh_from_db()
        assert (issued.state, correction.is_correction) == (PacketState.SUPERSEDED, True)
        assert said(correction)["supersedes"] == issued.digest
        assert said(correction)["correction"] == "a block was orphaned"
        assert packets.issue(correction, actor=cast.lead).state == PacketState.ISSUED
        assert kinds()[-2:] == ["freeze.correction_drafted", "freeze.packet_issued"]

    def test_a_revoked_one_is_not_issued_again(self, cast: Cast) -> None:
        target = factories.sent_request(
            cast.incident, cast.lead, cast.rival, organization(cast.exchange)
        )
        row = packets.revoke(target.request, "asked at the wrong desk", actor=cast.lead)
        assert row is not None
        assert row.state == PacketState.REVOKED
        with pytest.raises(WrongState):
            packets.issue(row, actor=cast.lead)


class TestApproval:
    def test_both_sign_one_digest(self, cast: Cast) -> None:
        request = drafted(cast)
        freezes.approve(request, actor=cast.lead)
        row = freezes.approve(request, actor=cast.rival)
        assert row.state == RequestState.APPROVED
        assert row.approved_digest == Packet.objects.get().digest
        assert row.second_for == organization(cast.rival)

    def test_a_change_between_makes_the_second_signature_the_first(self, cast: Cast) -> None:
        request = drafted(cast)
        freezes.approve(request, actor=cast.lead)
        FreezeTarget.objects.update(requested=900)
        row = freezes.approve(request, actor=cast.rival)
        assert (row.state, row.first_for) == (RequestState.CHECKED, organization(cast.rival))
        assert row.approved_digest == Packet.objects.get(version=2).digest
        assert "freeze.approval_voided" in kinds()

    def test_targets_keep_their_order_whatever_was_written_last(self, cast: Cast) -> None:
        request = drafted(cast)
        factories.target(cast.incident, cast.lead, at=factories.address(9))
        first = packets.draft(request)
        FreezeTarget.objects.filter(address=factories.ADDRESS).update(last_seq=99)
        assert packets.draft(request) == first
        assert len(said(first)["targets"]) == 2  # type: ignore[arg-type]

    def test_a_change_after_both_keeps_it_from_being_sent(self, cast: Cast) -> None:
        request = drafted(cast)
        freezes.approve(request, actor=cast.lead)
        freezes.approve(request, actor=cast.rival)
        FreezeTarget.objects.update(requested=900)
        with pytest.raises(ApprovalChanged):
            freezes.send(request, actor=cast.lead, channel="portal")
        request.refresh_from_db()
        assert (request.state, request.approved_digest) == (RequestState.DRAFT, "")
        assert "freeze.approval_voided" in kinds()
        # Signed again by both, it goes.
        for actor in (cast.lead, cast.rival):
            freezes.approve(request, actor=actor)
        sent = freezes.send(request, actor=cast.lead, channel="portal")
        assert sent.state == RequestState.SENT

    def test_one_alone_is_said_in_a_version_of_its_own(
        self, cast: Cast, settings: Settings
    ) -> None:
        settings.FREEZE_WAIT_SECONDS = 0
        request = drafted(cast)
        first = freezes.approve(request, actor=cast.lead)
        digest = first.approved_digest
        row = freezes.approve(request, actor=cast.colleague)
        told = said(Packet.objects.get(digest=row.approved_digest))
        assert told["parties"]["only"].startswith("Requested by Kelp only: ")  # type: ignore[index]
        assert told["approved_as"] == digest
        freezes.send(request, actor=cast.lead, channel="portal")


def test_files_of_a_recipient_stay_as_they_were(cast: Cast) -> None:
    factories.sent_request(cast.incident, cast.lead, cast.rival, organization(cast.exchange))
    row = Packet.objects.select_related("request").get()
    first = packets.files(row, recipient="Big Exchange")
    assert packets.files(row, recipient="Big Exchange") == first
    (manifest_file,) = (one for one in first if one.format == "json")
    assert (bytes(manifest_file.body), manifest_file.digest) == (bytes(row.manifest), row.digest)
