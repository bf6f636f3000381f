"""Who is called when something has to be looked at, and what providers tell of mails."""

import base64
import json
from typing import Any

import pytest
from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from django.test import RequestFactory

from incidents import access, fanout
from incidents.choices import DeliveryState, RoomRole
from incidents.models import Delivery, Incident, Participation, TimelineEntry
from incidents.services import outbox, paging, roles, target_evidence
from incidents.services.roles import Given
from tests import factories
from tests.cast import Cast, organization, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def with_mail(settings: Any) -> None:
    settings.MAIL_ENABLED = True
    settings.ANYMAIL = {"WEBHOOK_SECRET": "u:p"}


def changed(cast: Cast) -> TimelineEntry:
    """The evidence of a request of the lead's party changes."""
    factories.target(cast.incident, cast.lead, evidence_key="a:1")
    target_evidence.withdraw_evidence(cast.incident, "a:1", "reorganised", actor=access.SYSTEM)
    return TimelineEntry.objects.filter(kind="freeze.evidence_changed").latest("pk")


def called() -> set[str]:
    return set(Delivery.objects.values_list("to", flat=True))


def test_all_of_the_party_where_nobody_is_on_call(cast: Cast) -> None:
    line = changed(cast)
    assert paging.page(line) == paging.page(line) == 2
    assert called() == {person(cast.lead).email, person(cast.colleague).email}
    assert Delivery.objects.count() == 2


def test_whoever_is_on_call_alone(cast: Cast) -> None:
    seat = Participation.objects.get(incident=cast.incident, organization=organization(cast.lead))
    given = Given(RoomRole.OPERATIONS, seat, person(cast.colleague), None)
    roles.give(cast.incident, given, actor=cast.lead)
    paging.page(changed(cast))
    assert called() == {person(cast.colleague).email}


def test_nobody_is_called_to_what_they_do_not_see(cast: Cast) -> None:
    line = changed(cast)
    line.audience_people = [person(cast.lead).pk]
    paging.page(line)
    assert called() == {person(cast.lead).email}


def test_a_draft_of_the_trace_pages_and_a_persons_does_not(cast: Cast) -> None:
    factories.target(cast.incident, cast.lead)
    by_person = TimelineEntry.objects.get(kind="freeze.drafted")
    assert paging.page(by_person) == 0
    TimelineEntry.objects.filter(pk=by_person.pk).update(fanned_out_at=None)
    by_person.author = None
    assert paging.page(by_person) == 2


@pytest.mark.parametrize("how", ["no mail", "drill"])
def test_where_no_mail_leaves_nothing_is_put(cast: Cast, settings: Any, how: str) -> None:
    settings.MAIL_ENABLED = how != "no mail"
    Incident.objects.update(is_drill=how == "drill")
    assert paging.page(changed(cast)) == 0
    assert not Delivery.objects.exists()


def test_the_fan_out_calls_and_so_does_its_sweeper(cast: Cast) -> None:
    line = changed(cast)
    fanout.fan_out(line.pk)
    assert len(called()) == 2


# Postmark's own example of a bounce (postmarkapp.com/developer/webhooks/bounce-webhook).
BOUNCE = {
    "RecordType": "Bounce",
    "MessageStream": "outbound",
    "ID": 4323372036854775807,
    "Type": "HardBounce",
    "TypeCode": 1,
    "Name": "Hard bounce",
    "Tag": "Test",
    "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
    "Metadata": {"a_key": "a_value", "b_key": "b_value"},
    "ServerID": 23,
    "Description": "The server was unable to deliver your message (ex: unknown user).",
    "Details": "Test bounce details",
    "Email": "john@example.com",
    "From": "sender@example.com",
    "BouncedAt": "2019-11-05T16:33:54.9070259Z",
    "DumpAvailable": True,
    "Inactive": True,
    "CanActivate": True,
    "Subject": "Test subject",
    "Content": "<Full dump of bounce>",
}


def told(event: dict[str, Any], secret: str = "u:p") -> None:  # noqa: S107
    view = PostmarkTrackingWebhookView.as_view()
    basic = base64.b64encode(secret.encode()).decode()
    request = RequestFactory().post(
        "/hooks/postmark/tracking/",
        json.dumps(event),
        "application/json",
        headers={"authorization": f"Basic {basic}"},
    )
    assert view(request).status_code == 200


@pytest.fixture
def taken() -> Delivery:
    row = outbox.put("alert:1", "mail", "john@example.com", "alert:1", incident=None)
    Delivery.objects.update(state=DeliveryState.SENT, message_id=BOUNCE["MessageID"])
    return row


def state() -> tuple[str, str]:
    return Delivery.objects.values_list("state", "error").get()


def test_a_providers_bounce_is_ours(taken: Delivery) -> None:
    told(BOUNCE)
    assert state() == ("bounced", "the provider says: bounced")


def test_the_delivery_it_names_goes_before_the_message_id(taken: Delivery) -> None:
    Delivery.objects.update(message_id="other")
    told(BOUNCE)
    assert state()[0] == "sent"
    told(BOUNCE | {"Metadata": {"delivery": str(taken.public_id)}})
    assert state()[0] == "bounced"


def test_a_delay_is_no_bounce_and_a_stranger_is_refused(taken: Delivery) -> None:
    told(BOUNCE | {"Type": "Transient"})
    with pytest.raises(AnymailWebhookValidationFailure):
        told(BOUNCE, "u:guessed")
    assert state()[0] == "sent"
