"""What a confidential party does to others' things would show it: refused, or told to nobody."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from incidents import access
from incidents.access import Actor
from incidents.choices import AddressRole, Capacity, Marking, RoomRole
from incidents.exceptions import BadInput, NotYours
from incidents.models import FreezeRequest, FreezeTarget, Participation, TimelineEntry
from incidents.serialized import entry_json
from incidents.services import (
    addresses,
    answers,
    freezes,
    markings,
    notes,
    releases,
    roles,
    statements,
    target_evidence,
)
from incidents.services.roles import Given
from incidents.services.timeline import Audience
from tests import factories
from tests.api import ANYWAY, client_of, room
from tests.cast import Cast, organization, person
from tests.factories import AMBER, CHAIN
from tracing.models import Lead
from tracing.services import lead_decisions

pytestmark = pytest.mark.django_db
Do = Callable[[Actor], object]


def seat(of: Actor) -> Participation:
    assert of.participation
    return of.participation


def hide(cast: Cast, who: Actor, is_hidden: bool = True) -> Actor:
    Participation.objects.filter(pk=seat(who).pk).update(is_confidential=is_hidden)
    return cast.again(who)


def approved(cast: Cast) -> FreezeRequest:
    row = factories.target(cast.incident, cast.lead, desk=organization(cast.exchange)).request
    freezes.approve(row, actor=cast.lead)
    return freezes.approve(row, actor=cast.coordinator)


def sends(cast: Cast) -> Do:
    Participation.objects.filter(pk=seat(cast.rival).pk).update(capacity=Capacity.ANALYTICS)
    row = approved(cast)
    Participation.objects.filter(pk=seat(cast.rival).pk).update(capacity=Capacity.AFFECTED)
    return lambda who: freezes.send(row, actor=who)


def reviews(cast: Cast) -> Do:
    row = factories.target(cast.incident, cast.lead)
    FreezeTarget.objects.filter(pk=row.pk).update(evidence_state="changed")
    return lambda who: target_evidence.review_evidence(row, actor=who)


def edits(cast: Cast) -> Do:
    row = statements.draft(cast.incident, "A", "a", actor=cast.lead, marking=AMBER)
    return lambda who: statements.edit(row, "B", "b", actor=who, digest_read=row.digest)


def publishes(cast: Cast) -> Do:
    row = statements.draft(cast.incident, "A", "a", actor=cast.lead, marking=AMBER)
    for who in (cast.lead, cast.coordinator, cast.rival):
        statements.sign_off(row, "signed", actor=who, digest_read=row.digest)
    return lambda who: statements.publish(row, actor=who, digest_read=row.digest)


def says_a_line(cast: Cast) -> Do:
    return lambda who: statements.publish_status(cast.incident, "identified", actor=who)


def accepts_a_return(cast: Cast) -> Do:
    at = factories.address(3)
    row = addresses.propose_return(cast.incident, CHAIN, at, actor=cast.lead, marking=AMBER)
    return lambda who: addresses.accept_return(row, actor=who)


def names_a_commander(cast: Cast) -> Do:
    given = Given(RoomRole.COMMANDER, seat(cast.lead), person(cast.lead))
    return lambda who: roles.give(cast.incident, given, actor=who)


def decides_on_a_lead(cast: Cast) -> Do:
    row = factories.lead(factories.trace(cast.incident, cast.lead))
    return lambda who: lead_decisions.decide(row, Lead.State.CONFIRMED, "Known.", actor=who)


ACTS = (
    sends,
    reviews,
    edits,
    publishes,
    says_a_line,
    accepts_a_return,
    names_a_commander,
    decides_on_a_lead,
)


def test_what_others_would_see_done_is_refused(cast: Cast) -> None:
    acts = [prepared(cast) for prepared in ACTS]
    lines = TimelineEntry.objects.count()
    hidden = hide(cast, cast.rival)
    for act in acts:
        with pytest.raises(NotYours, match="confidentially"):
            act(hidden)
    assert TimelineEntry.objects.count() == lines
    shown = hide(cast, cast.rival, False)
    for act in acts:
        lines = TimelineEntry.objects.count()
        act(shown)
        assert TimelineEntry.objects.count() > lines


def test_what_it_owns_is_not_published_under_its_name(cast: Cast) -> None:
    """Everybody who reads a published statement reads who drafted it."""
    hidden = hide(cast, cast.rival)
    named = Audience(organizations=[organization(cast.lead).pk])
    row = statements.draft(cast.incident, "A", "a", actor=hidden, marking=AMBER, audience=named)
    for who in (cast.lead, cast.coordinator):
        statements.sign_off(row, "signed", actor=who, digest_read=row.digest)
    with pytest.raises(NotYours, match="Its owner"):
        statements.publish(row, actor=cast.lead, digest_read=row.digest)
    hide(cast, cast.rival, False)
    statements.sign_off(row, "signed", actor=cast.again(cast.rival), digest_read=row.digest)
    statements.publish(row, actor=cast.lead, digest_read=row.digest)


def test_its_word_on_what_another_shared_with_it_reaches_no_third(cast: Cast) -> None:
    """The coordinator lets two parties see a text that may not know of each other."""
    both = [organization(cast.rival).pk, organization(cast.lead).pk]
    row = statements.draft(
        cast.incident,
        "A",
        "a",
        actor=cast.coordinator,
        marking=AMBER,
        audience=Audience(organizations=both),
    )
    hidden = hide(cast, cast.rival)

    def told(viewer: Actor) -> str:
        lines = access.entries(viewer, cast.incident).filter(kind="statement.signed")
        return str([entry_json(line) for line in lines])

    statements.sign_off(row, "dissents", actor=hidden, digest_read=row.digest)
    assert "Layer Zero" in told(cast.coordinator)
    assert "Layer Zero" in told(hidden)
    for viewer in (cast.lead, cast.analyst):
        assert told(viewer) == "[]"
    hide(cast, cast.rival, False)
    statements.sign_off(row, "signed", actor=cast.again(cast.rival), digest_read=row.digest)
    assert "Layer Zero" in told(cast.lead)


def test_its_word_on_what_another_owns_does_not_reach_that_owner(cast: Cast) -> None:
    row = statements.draft(cast.incident, "A", "a", actor=cast.lead, marking=AMBER)
    hidden = hide(cast, cast.rival)
    statements.sign_off(row, "dissents", actor=hidden, digest_read=row.digest)
    own = f"/api/v1/incidents/{cast.incident.slug}/statements/{row.public_id}/"
    for viewer, is_told in ((cast.lead, False), (cast.coordinator, True), (hidden, True)):
        lines = access.entries(viewer, cast.incident).filter(kind="statement.signed")
        assert lines.exists() is is_told
        page = client_of(person(viewer)).get(own).content.decode()
        assert ("Layer Zero" in page) is is_told


def test_whether_a_desk_sits_here_is_not_told_by_sending(cast: Cast) -> None:
    desk = organization(cast.exchange)
    rows = [approved_for(cast, at) for at in range(20, 24)]
    hide(cast, cast.exchange)
    absent = factories.organization("No Seat")
    FreezeRequest.objects.filter(pk=rows[1].pk).update(desk=absent)
    client = client_of(person(cast.lead))
    paths = [room(cast.incident.slug, f"freezes/{row.public_id}/send/") for row in rows]
    refused = [client.post(path, {}) for path in paths[:2]]
    assert refused[0].status_code == refused[1].status_code == 400
    assert refused[0].content == refused[1].content
    assert client.post(paths[2], {"channel": "portal", "anyway": ANYWAY}, "json").status_code == 200
    sent = access.freezes(cast.again(cast.exchange), cast.incident)
    assert [row.pk for row in sent] == [rows[2].pk]  # it reads it all the same
    hide(cast, cast.exchange, False)
    assert client.post(paths[3], {"anyway": ANYWAY}, "json").status_code == 200
    assert desk.pk == FreezeRequest.objects.get(pk=rows[3].pk).desk_id


def approved_for(cast: Cast, at: int) -> FreezeRequest:
    """A request of its own to the exchange, which two parties stand behind."""
    row = factories.target(
        cast.incident, cast.lead, desk=organization(cast.exchange), at=factories.address(at)
    ).request
    freezes.approve(row, actor=cast.lead)
    return freezes.approve(row, actor=cast.rival)


def test_nor_by_narrowing_what_was_sent(cast: Cast) -> None:
    words = set()
    for number, hidden in ((30, True), (31, False)):
        row = approved_for(cast, number)
        freezes.send(row, actor=cast.lead)
        seats = Participation.objects.filter(pk=seat(cast.exchange).pk)
        seats.update(removed_at="2026-01-01T00:00Z" if hidden else None)
        named = Audience(organizations=[organization(cast.rival).pk])
        with pytest.raises(Exception) as refused:  # noqa: PT011 (the words are compared)
            markings.remark(row, AMBER, actor=cast.lead, audience=named)
        words.add(str(refused.value))
        seats.update(removed_at=None)
    assert len(words) == 1


def test_nobody_asks_a_release_for_a_party_that_hides(cast: Cast) -> None:
    row = addresses.record(cast.incident, CHAIN, factories.ADDRESS, actor=cast.lead, marking=AMBER)
    assert row.role == AddressRole.CANDIDATE
    for who, is_refused in ((cast.law, True), (cast.analyst, False)):
        wanted = Audience(organizations=[organization(who).pk])
        try:
            releases.ask(row, Marking.GREEN, "Why", actor=cast.coordinator, audience=wanted)
        except NotYours:
            assert is_refused
        else:
            assert not is_refused


def test_a_colleague_s_own_draft_is_met_by_nobody(cast: Cast) -> None:
    """A target joins the open draft of its desk only where its author sees that draft."""
    mine = Audience(people=[person(cast.lead).pk])
    first, second = (
        freezes.draft(
            cast.incident,
            freezes.TargetDraft(CHAIN, factories.address(7), factories.TOKEN, "RSX", 18, 5),
            desk_name="Desk",
            desk_slug="desk",
            desk=None,
            actor=who,
            marking=Marking.RED,
            audience=mine,
        )
        for who in (cast.lead, cast.colleague)
    )
    assert first.request_id != second.request_id
    assert not answers.seen(cast.colleague, [first])[first.pk].answers
    with pytest.raises(BadInput):
        releases.ask(first.request, Marking.RED, "Why", actor=cast.rival)


@pytest.mark.parametrize(
    "gone",
    [{"removed_at": "2026-01-01T00:00Z"}, {"consent": "declined"}],
    ids=lambda one: next(iter(one)),
)
def test_a_coordinator_that_was_gone_reads_nothing_of_meanwhile(
    cast: Cast, gone: dict[str, str]
) -> None:
    """It comes back as another part, and may know of open parties alone."""
    notes.post(cast.incident, "Before.", actor=cast.law, marking=AMBER)
    chair = Participation.objects.filter(pk=seat(cast.coordinator).pk)
    chair.update(**gone)
    notes.post(cast.incident, "Meanwhile.", actor=cast.law, marking=AMBER)
    chair.update(capacity=Capacity.WHITE_HAT, removed_at=None, consent="signed")
    notes.post(cast.incident, "After.", actor=cast.law, marking=AMBER)
    back = cast.again(cast.coordinator)
    lines = access.entries(back, cast.incident).filter(kind="note.posted")
    assert [entry_json(line)["headline"] for line in lines] == ["Before."]
    assert access.entries(cast.law, cast.incident).filter(kind="note.posted").count() == 3


def test_pages_do_not_offer_it_what_is_refused(cast: Cast, client: Client) -> None:
    offers = ("Public page", ">Invite<", "Take it out", "Propose a new text")
    names = ("room", "parties", "terms_versions")
    for is_hidden in (True, False):
        hide(cast, cast.rival, is_hidden)
        client.force_login(person(cast.rival))
        shown = "".join(
            client.get(reverse(name, args=[cast.incident.slug])).content.decode() for name in names
        )
        assert [offer for offer in offers if offer in shown] == ([] if is_hidden else [*offers])
