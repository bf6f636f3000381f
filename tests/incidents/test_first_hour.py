"""The first hour of a freeze: when one party alone may send it, what it says, and who hides."""

import itertools
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents import access
from incidents.access import Actor
from incidents.choices import Capacity, Consent, RequestState
from incidents.exceptions import HoldfastError, NotYours, SecondPersonRequired
from incidents.exports.freeze_json import as_json
from incidents.models import FreezeRequest, Participation, TimelineEntry
from incidents.serialized import entry_json
from incidents.services import answers, first_hour, freezes, terms
from tests import factories
from tests.cast import Cast, organization, person

pytestmark = pytest.mark.django_db

SAID = "Requested by Kelp only: Layer Zero had not answered within 3 minutes."
SEVERAL = list(itertools.product(Consent, (False, True), (False, True), (False, True)))


@pytest.fixture
def request_of(cast: Cast) -> FreezeRequest:
    """A draft that the lead signed first."""
    row = factories.target(cast.incident, cast.lead, desk=organization(cast.exchange)).request
    return freezes.approve(row, actor=cast.lead)


def ago(request: FreezeRequest, seconds: float) -> None:
    """The first signature, and everybody's terms, lie so far back."""
    then = timezone.now() - timedelta(seconds=seconds)
    FreezeRequest.objects.filter(pk=request.pk).update(first_at=then)
    Participation.objects.filter(incident=request.incident).update(signed_at=then)


def rival_is(cast: Cast, **fields: object) -> None:
    Participation.objects.filter(organization=organization(cast.rival)).update(**fields)


def refusal(act: object, *args: object, **more: object) -> str:
    """The words of a refusal; "" when it is none."""
    assert callable(act)
    try:
        act(*args, **more)
    except HoldfastError as error:
        return error.detail
    return ""


def told(cast: Cast, viewer: Actor, request: FreezeRequest) -> list[str]:
    subject = f"freeze:{request.public_id}"
    lines = access.entries(viewer, cast.incident).filter(subject=subject)
    return [entry_json(line)["headline"] for line in lines]


def test_three_minutes_are_a_setting() -> None:
    assert settings.FREEZE_WAIT_SECONDS == 180


def test_another_party_is_awaited_and_then_one_goes_on_alone(
    cast: Cast, request_of: FreezeRequest
) -> None:
    with pytest.raises(SecondPersonRequired, match="Layer Zero was asked") as refused:
        freezes.approve(request_of, actor=cast.colleague)
    opens = first_hour.opens_at(FreezeRequest.objects.get())
    assert opens
    assert f"{opens:%H:%M:%S} UTC" in refused.value.detail
    ago(request_of, 179)
    with pytest.raises(SecondPersonRequired):
        freezes.approve(request_of, actor=cast.colleague)
    ago(request_of, 181)
    with pytest.raises(SecondPersonRequired):
        freezes.approve(request_of, actor=cast.lead)  # a second person it takes all the same
    row = freezes.approve(request_of, actor=cast.colleague)
    assert (row.state, row.alone) == (RequestState.APPROVED, organization(cast.lead))
    freezes.send(row, actor=cast.lead)
    shown = access.get_freeze(cast.exchange, cast.incident, row.public_id)
    assert as_json(shown, answers.seen(cast.exchange, shown.targets.all()))["alone"] == SAID
    for viewer in (cast.rival, cast.exchange, cast.analyst):
        words = " ".join(told(cast, viewer, row))
        assert "is Kelp's alone: Layer Zero had not answered within 3 minutes" in words
        assert SAID in words
    alert = TimelineEntry.objects.get(kind="freeze.approved_alone")
    assert alert.is_alert


def test_an_answer_in_time_makes_it_two_and_one_too_late_is_refused(
    cast: Cast, request_of: FreezeRequest
) -> None:
    ago(request_of, 181)
    row = freezes.approve(request_of, actor=cast.rival)  # late, and still in time
    assert (row.state, row.alone) == (RequestState.APPROVED, None)
    freezes.send(row, actor=cast.rival)
    assert as_json(row, answers.seen(cast.lead, row.targets.all()))["alone"] is None
    assert not TimelineEntry.objects.filter(kind="freeze.approved_alone").exists()


def test_who_signed_the_terms_later_has_its_own_three_minutes(
    cast: Cast, request_of: FreezeRequest
) -> None:
    ago(request_of, 1000)
    rival_is(cast, signed_at=timezone.now())
    with pytest.raises(SecondPersonRequired):
        freezes.approve(request_of, actor=cast.colleague)
    rival_is(cast, signed_at=timezone.now() - timedelta(seconds=181))
    assert freezes.approve(request_of, actor=cast.colleague).alone


def test_a_party_that_cannot_see_the_request_is_never_called_silent(cast: Cast) -> None:
    row = factories.target(cast.incident, cast.lead, desk=organization(cast.exchange)).request
    row.audience_organizations = [organization(cast.lead).pk]
    row.save()
    freezes.approve(row, actor=cast.lead)
    ago(row, 1000)
    with pytest.raises(SecondPersonRequired, match="widen"):
        freezes.approve(row, actor=cast.colleague)
    row.refresh_from_db()
    row.audience_organizations = [*(row.audience_organizations or ())]
    row.audience_organizations.append(organization(cast.rival).pk)
    row.save()
    assert freezes.approve(row, actor=cast.colleague).alone


def test_the_only_affected_party_sends_with_two_people_or_the_coordinator(cast: Cast) -> None:
    assert cast.rival.participation
    terms.decline(cast.rival.participation, person=person(cast.rival))
    for second in (cast.colleague, cast.coordinator):
        row = factories.target(cast.incident, cast.lead, desk=organization(cast.exchange)).request
        freezes.approve(row, actor=cast.lead)
        row = freezes.approve(row, actor=second)
        assert (row.alone, row.alone_because) == (organization(cast.lead), "nobody else was asked")
        freezes.send(row, actor=cast.lead)


def test_the_coordinator_takes_no_affected_party_s_place(cast: Cast) -> None:
    row = factories.target(cast.incident, cast.lead, desk=organization(cast.exchange)).request
    freezes.approve(row, actor=cast.coordinator)
    row = freezes.approve(row, actor=cast.lead)
    assert (row.state, row.first_for) == (RequestState.CHECKED, organization(cast.lead))
    with pytest.raises(SecondPersonRequired):
        freezes.approve(row, actor=cast.coordinator)
    ago(row, 181)
    assert freezes.approve(row, actor=cast.coordinator).alone == organization(cast.lead)


@pytest.mark.parametrize(("consent", "hidden", "sponsored", "waited"), SEVERAL)
def test_when_one_party_may_go_on_alone(
    cast: Cast,
    request_of: FreezeRequest,
    consent: Consent,
    hidden: bool,
    sponsored: bool,
    waited: bool,
) -> None:
    if waited:
        ago(request_of, 181)
    rival_is(
        cast,
        consent=consent,
        is_confidential=hidden,
        sponsor=organization(cast.lead) if sponsored else None,
    )
    is_there = consent in (Consent.SIGNED, Consent.LAPSED) and not hidden
    words = refusal(freezes.approve, request_of, actor=cast.colleague)
    assert bool(words) == (is_there and not waited)
    row = FreezeRequest.objects.get()
    if not words:
        expected = "nobody else was asked"
        if is_there:
            expected = "Layer Zero had not answered within 3 minutes"
        assert (row.alone, row.alone_because) == (organization(cast.lead), expected)
    elif consent == Consent.SIGNED:  # a party and its sponsor are two, for a freeze
        assert freezes.approve(row, actor=cast.again(cast.rival)).alone is None


@pytest.mark.parametrize("waited", [False, True])
def test_a_hidden_party_changes_no_word_and_no_wait(
    cast: Cast, request_of: FreezeRequest, client: Client, waited: bool
) -> None:
    """The same request in a room with and without a third affected party that hides."""
    if waited:
        ago(request_of, 181)
    page = reverse("freeze", args=[cast.incident.slug, request_of.public_id])
    client.force_login(person(cast.lead))

    def seen() -> tuple[object, ...]:
        shown = client.get(page)
        asked = [(a.organization.name, a.since) for a in shown.context["asked"]]
        return asked, shown.context["opens_at"], "Cyber Police" in shown.content.decode()

    with_none = seen()
    Participation.objects.filter(organization=organization(cast.law)).update(
        capacity=Capacity.AFFECTED, signed_at=timezone.now()
    )
    assert seen() == with_none
    words = refusal(freezes.approve, request_of, actor=cast.colleague)
    assert bool(words) != waited
    assert "Cyber Police" not in words + FreezeRequest.objects.get().alone_because


def test_a_hidden_party_signs_only_what_is_its_own(cast: Cast, request_of: FreezeRequest) -> None:
    rival_is(cast, is_confidential=True)
    with pytest.raises(NotYours, match="confidentially"):
        freezes.approve(request_of, actor=cast.again(cast.rival))
    draft = factories.target(
        cast.incident, cast.lead, desk=organization(cast.issuer), at=factories.address(8)
    ).request
    with pytest.raises(NotYours):
        freezes.approve(draft, actor=cast.again(cast.rival))
    rival_is(cast, is_confidential=False)
    assert freezes.approve(draft, actor=cast.again(cast.rival))


def test_the_page_says_who_is_awaited_and_when_the_path_opens(
    cast: Cast, request_of: FreezeRequest, client: Client
) -> None:
    page = reverse("freeze", args=[cast.incident.slug, request_of.public_id])
    client.force_login(person(cast.colleague))
    shown = client.get(page).content.decode()
    assert "Awaited:" in shown
    assert "may go on alone from" in shown
    ago(request_of, 181)
    client.post(reverse("freeze_approve", args=[cast.incident.slug, request_of.public_id]))
    client.force_login(person(cast.rival))
    shown = client.get(page).content.decode()
    assert SAID in shown
    assert "Awaited:" not in shown
