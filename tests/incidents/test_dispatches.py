"""From the approval to the desk: by mail, by a portal with proof, in one's own name; and what
becomes of it."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents import access
from incidents.access import Actor, Proof
from incidents.choices import TargetState
from incidents.exceptions import BadInput, NotFound, NotYours, WrongState
from incidents.models import (
    Delivery,
    DeskContact,
    Dispatch,
    FreezeRequest,
    FreezeTarget,
    HoldOff,
    Participation,
    TimelineEntry,
)
from incidents.services import desk_contacts, dispatches, freezes, outbox, packets, presend
from incidents.services.desk_contacts import NewContact
from incidents.services.presend import To
from tests import factories
from tests.cast import Cast, organization, person
from tests.mailbox import Mailbox, running

pytestmark = pytest.mark.django_db
PROOF = b"%PDF-1.7 receipt"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with running() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.MAIL_ENABLED = True
        yield box


@pytest.fixture
def approved(cast: Cast) -> FreezeRequest:
    target = factories.target(cast.incident, cast.lead, desk_name="Harbour")
    row = FreezeRequest.objects.get(pk=target.request_id)
    freezes.approve(row, actor=cast.lead)
    freezes.approve(row, actor=cast.rival)
    return FreezeRequest.objects.get(pk=row.pk)


@pytest.fixture
def contact(cast: Cast) -> DeskContact:
    return contact_of(cast)


def contact_of(cast: Cast, address: str = "freeze@harbour.example") -> DeskContact:
    new = NewContact("desk", "Freeze desk", "mail", address, phone="+41446681800")
    ours = organization(cast.lead)
    row = desk_contacts.add(ours, new, by=person(cast.lead), proof=Proof.FRESH)
    return desk_contacts.verify(row, "Called them", by=person(cast.colleague), proof=Proof.FRESH)


def mail(contact: DeskContact) -> To:
    return To("mail", contact)


def only() -> Dispatch:
    return Dispatch.objects.select_related("delivery", "request__incident").get()


def kinds() -> list[str]:
    return list(TimelineEntry.objects.order_by("seq").values_list("kind", flat=True))


def state() -> str:
    return FreezeTarget.objects.get().state


class TestByMail:
    def test_the_mail_carries_reference_and_link_and_nothing_else(
        self, cast: Cast, approved: FreezeRequest, contact: DeskContact, mailbox: Mailbox
    ) -> None:
        freezes.send(approved, actor=cast.lead, to=[mail(contact)])
        row = only()
        assert row.delivery is not None
        assert row.handed_over_at is None
        assert outbox.carry_out(row.delivery.pk) == "sent"
        assert only().handed_over_at is not None
        (sent,) = mailbox.taken
        assert mailbox.recipients == [contact.address]
        assert sent["Subject"] == f"Freeze request {approved.reference}"
        assert "/desk/" in mailbox.text()
        assert "#" in mailbox.text()
        target = FreezeTarget.objects.get()
        for secret in (target.address, str(target.requested), cast.incident.title, "Kelp"):
            assert secret not in sent.as_string()
        assert kinds()[-2:] == ["freeze.sent", "freeze.delivered"]
        assert row.packet is not None
        assert row.packet.state == "issued"

    def test_no_secret_of_the_link_is_in_the_outbox(
        self, cast: Cast, approved: FreezeRequest, contact: DeskContact, mailbox: Mailbox
    ) -> None:
        freezes.send(approved, actor=cast.lead, to=[mail(contact)])
        row = Delivery.objects.get()
        outbox.carry_out(row.pk)
        secret = mailbox.text().partition("/#")[2].split()[0]
        kept = repr(Delivery.objects.values().get())
        assert len(secret) > 20
        assert secret not in kept

    def test_a_bounce_moves_the_target_and_alerts(
        self, cast: Cast, approved: FreezeRequest, contact: DeskContact, mailbox: Mailbox
    ) -> None:
        mailbox.rcpt = "550 unknown"
        freezes.send(approved, actor=cast.lead, to=[mail(contact)])
        outbox.carry_out(Delivery.objects.get().pk)
        assert state() == TargetState.BOUNCED
        assert only().bounced_at is not None
        assert TimelineEntry.objects.get(kind="freeze.dispatch_troubled").is_alert
        mailbox.rcpt = "250 OK"
        dispatches.resend(only(), actor=cast.lead)
        assert outbox.carry_out(Delivery.objects.get().pk) == "sent"
        assert state() == TargetState.SENT
        assert "once more" in mailbox.text()

    def test_what_nobody_knows_waits_for_a_person(
        self, cast: Cast, approved: FreezeRequest, contact: DeskContact, mailbox: Mailbox
    ) -> None:
        mailbox.hang_up = True
        freezes.send(approved, actor=cast.lead, to=[mail(contact)])
        outbox.carry_out(Delivery.objects.get().pk)
        assert only().handed_over_at is None
        with pytest.raises(NotYours):
            dispatches.settle(only(), actor=cast.analyst)
        dispatches.settle(only(), actor=cast.rival)
        assert only().handed_over_at is not None
        assert Delivery.objects.get().decided_by == person(cast.rival)
        assert kinds()[-2:] == ["freeze.dispatch_decided", "freeze.delivered"]
        with pytest.raises(WrongState):
            dispatches.resend(only(), actor=cast.rival)

    def test_a_revoked_link_does_not_leave(
        self, cast: Cast, approved: FreezeRequest, contact: DeskContact, mailbox: Mailbox
    ) -> None:
        from incidents.services import desk_links

        freezes.send(approved, actor=cast.lead, to=[mail(contact)])
        desk_links.revoke(approved.links.get(), actor=cast.lead)
        outbox.carry_out(Delivery.objects.get().pk)
        assert (Delivery.objects.get().state, mailbox.taken) == ("cancelled", [])

    def test_several_recipients_one_after_another(
        self, cast: Cast, approved: FreezeRequest, contact: DeskContact, mailbox: Mailbox
    ) -> None:
        freezes.send(approved, actor=cast.lead, to=[mail(contact)])
        second = contact_of(cast, "second@harbour.example")
        dispatches.add(approved, mail(second), actor=cast.lead)
        for row in Delivery.objects.all():
            assert outbox.carry_out(row.pk) == "sent"
        assert sorted(mailbox.recipients) == [contact.address, second.address]
        # One of two that bounces does not mean that the desk has nothing.
        outbox.came_back(Delivery.objects.latest("pk"), "full")
        assert state() == TargetState.SENT

    def test_an_unverified_contact_is_not_written_to(
        self, cast: Cast, approved: FreezeRequest, mailbox: Mailbox
    ) -> None:
        new = NewContact("desk", "Desk", "mail", "x@harbour.example", phone="+41446681800")
        ours = organization(cast.lead)
        row = desk_contacts.add(ours, new, by=person(cast.lead), proof=Proof.FRESH)
        for to in (mail(row), To("mail", None)):
            with pytest.raises(WrongState):
                freezes.send(approved, actor=cast.lead, to=[to])
        assert not Dispatch.objects.exists()


class TestByHand:
    def test_a_portal_with_proof(self, cast: Cast, approved: FreezeRequest) -> None:
        at = timezone.now() - timedelta(minutes=3)
        to = To("portal", reference="KDX-77", at=at, proof_name="receipt.pdf", proof=PROOF)
        freezes.send(approved, actor=cast.lead, to=[to])
        row = only()
        assert (row.reference, row.handed_over_at, row.by) == ("KDX-77", at, person(cast.lead))
        assert row.proof_digest == hashlib.sha256(PROOF).hexdigest()
        assert bytes(row.proof or b"") == PROOF
        assert row.delivery is None
        assert state() == TargetState.SENT

    @pytest.mark.parametrize(
        ("name", "proof", "minutes"),
        [
            ("receipt.exe", PROOF, 0),
            ("receipt.pdf", b"<html>", 0),
            ("receipt.pdf", PROOF + b"x" * dispatches.LARGEST_PROOF, 0),
            ("receipt.pdf", PROOF, 5),
        ],
    )
    def test_what_is_no_proof(
        self, cast: Cast, approved: FreezeRequest, name: str, proof: bytes, minutes: int
    ) -> None:
        at = timezone.now() + timedelta(minutes=minutes)
        to = To("portal", at=at, proof_name=name, proof=proof)
        with pytest.raises(BadInput):
            freezes.send(approved, actor=cast.lead, to=[to])
        assert FreezeRequest.objects.get().state == "approved"

    def law(self, cast: Cast, *, is_open: bool) -> Actor:
        Participation.objects.filter(organization=organization(cast.law)).update(
            is_confidential=not is_open
        )
        return cast.again(cast.law)

    def test_law_enforcement_hands_it_in_in_its_own_name(
        self, cast: Cast, approved: FreezeRequest
    ) -> None:
        law = self.law(cast, is_open=True)
        freezes.send(approved, actor=law, to=[To("portal", reference="LE-1")])
        assert only().on_behalf_of == organization(cast.law)
        assert FreezeRequest.objects.get().state == "sent"

    def test_and_by_no_other_way_nor_while_it_is_hidden(
        self, cast: Cast, approved: FreezeRequest, contact: DeskContact
    ) -> None:
        law = self.law(cast, is_open=True)
        for to in (To("room"), mail(contact)):
            with pytest.raises(NotYours):
                freezes.send(approved, actor=law, to=[to])
        with pytest.raises(NotYours):
            freezes.send(approved, actor=self.law(cast, is_open=False), to=[To("portal")])
        with pytest.raises(NotYours):
            freezes.send(approved, actor=cast.analyst, to=[To("portal")])
        assert not Dispatch.objects.exists()


class TestCorrection:
    def test_it_goes_to_everybody_who_got_what_it_supersedes(
        self, cast: Cast, approved: FreezeRequest, contact: DeskContact, mailbox: Mailbox
    ) -> None:
        freezes.send(approved, actor=cast.lead, to=[mail(contact), To("portal", reference="K-1")])
        outbox.carry_out(Delivery.objects.get().pk)
        FreezeTarget.objects.filter(request=approved).update(requested=400)
        drawn = packets.draft(approved, reason="the amount was corrected")
        assert drawn.is_correction
        made = dispatches.correct(drawn, actor=cast.lead)
        assert sorted(row.channel for row in made) == ["mail", "portal"]
        assert outbox.carry_out(Delivery.objects.latest("pk").pk) == "sent"
        assert mailbox.taken[-1]["Subject"].startswith("Correction of freeze request")
        by_hand = next(row for row in made if row.channel == "portal")
        assert by_hand.handed_over_at is None
        dispatches.handed_over(by_hand, To("portal", reference="K-2"), actor=cast.rival)
        with pytest.raises(WrongState):
            dispatches.handed_over(by_hand, To("portal"), actor=cast.rival)
        with pytest.raises(WrongState):
            dispatches.correct(drawn, actor=cast.lead)


class TestBefore:
    """What is looked at before."""

    def codes(self, cast: Cast, row: FreezeRequest, *to: To) -> set[str]:
        row = FreezeRequest.objects.select_related("incident", "owner").get(pk=row.pk)
        return {one.code for one in presend.findings(row, cast.lead, to)}

    def change(self, row: FreezeRequest, **fields: str) -> None:
        row.fields = {**row.fields, **fields}
        row.save(update_fields=["fields"])

    def test_a_good_one_has_none(self, cast: Cast, approved: FreezeRequest) -> None:
        assert self.codes(cast, approved, To("portal")) - {"no_transaction"} == set()

    def test_a_transaction_into_the_address(self, cast: Cast) -> None:
        with_one = factories.target(cast.incident, cast.lead, evidence_key="a:1")
        assert "no_transaction" not in self.codes(cast, with_one.request)
        without = factories.target(cast.incident, cast.rival)
        assert "no_transaction" in self.codes(cast, without.request)

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"ask_until": ""}, "no_end"),
            ({"ask_until": "2020-01-01T00:00:00Z"}, "no_end"),
            ({"ask_until": "2099-01-01T00:00:00Z"}, "too_long"),
            ({"ask_action": ""}, "vague"),
            ({"language": "Klingon"}, "wrong_language"),
            ({"victim": ""}, "missing_field"),
        ],
    )
    def test_fields(
        self, cast: Cast, approved: FreezeRequest, fields: dict[str, str], code: str
    ) -> None:
        FreezeRequest.objects.filter(pk=approved.pk).update(desk_slug="mexc")
        before = self.codes(cast, approved)
        self.change(approved, **fields)
        assert code in self.codes(cast, approved)
        assert (code in before) is (code == "missing_field")  # MEXC asks for more than we know

    def test_the_door_that_the_desk_opens(self, cast: Cast, approved: FreezeRequest) -> None:
        FreezeRequest.objects.filter(pk=approved.pk).update(desk_slug="kraken")
        assert "wrong_channel" in self.codes(cast, approved, To("phone"))
        assert "wrong_channel" not in self.codes(cast, approved, To("portal"))
        assert "law_enforcement_only" in self.codes(cast, approved, To("portal"))
        assert "law_enforcement_only" not in self.codes(cast, approved, To("room"))

    def test_hold_off_blocks_and_tells_nothing(self, cast: Cast, approved: FreezeRequest) -> None:
        target = FreezeTarget.objects.get()
        row = HoldOff.objects.create(
            incident=cast.incident,
            organization=organization(cast.law),
            chain=target.chain,
            address=target.address,
            reason="Suspect under observation",
            set_by=person(cast.law),
        )
        with pytest.raises(WrongState) as refused:
            freezes.send(approved, actor=cast.lead, channel="portal")
        assert "Cyber Police" not in refused.value.detail
        assert "observation" not in refused.value.detail
        row.lifted_at = timezone.now()
        row.save()
        freezes.send(approved, actor=cast.lead, channel="portal")

    def test_a_person_goes_over_what_they_were_shown(
        self, cast: Cast, approved: FreezeRequest
    ) -> None:
        self.change(approved, ask_action="")
        shown = self.codes(cast, approved, To("portal"))
        assert "vague" in shown
        with pytest.raises(WrongState) as refused:
            presend.require(approved, cast.lead, [To("portal")], shown - {"vague"})
        assert "what the desk is to do" in refused.value.detail
        found = presend.require(approved, cast.lead, [To("portal")], shown)
        dispatches.overridden(approved, found, cast.lead)
        assert kinds()[-1] == "freeze.findings_overridden"


def test_nobody_dispatches_what_they_do_not_see(cast: Cast, approved: FreezeRequest) -> None:
    freezes.send(approved, actor=cast.lead, channel="portal")
    FreezeRequest.objects.update(audience_organizations=[organization(cast.lead).pk])
    with pytest.raises(NotFound):
        dispatches.add(approved, To("phone"), actor=cast.rival)
    dispatches.add(approved, To("phone"), actor=replace(cast.lead, proof=access.Proof.FRESH))
