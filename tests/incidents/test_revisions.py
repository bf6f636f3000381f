"""A new text of the terms: who may put it in force, whom it lapses, and what they see."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents import access
from incidents.choices import Consent, RevisionState
from incidents.display import diffs
from incidents.exceptions import (
    BadInput,
    ConsentRequired,
    NotYours,
    SecondPersonRequired,
    WrongState,
)
from incidents.models import Participation, Terms, TermsRevision, TimelineEntry
from incidents.services import notes, revisions, terms
from incidents.services.incidents import STANDARD_TERMS, terms_in_force
from tests.cast import Cast, accept, organization, person
from tests.factories import AMBER

pytestmark = pytest.mark.django_db

TEXT = STANDARD_TERMS.replace("7. Leaving", "7. Nobody pays a ransom.\n8. Leaving")


@pytest.fixture
def revision(cast: Cast) -> TermsRevision:
    """The lead proposed another text."""
    return revisions.propose_revision(
        cast.incident, TEXT, covers=[], respond_minutes=20, reason="Counsel", actor=cast.lead
    )


def consents(cast: Cast) -> dict[str, str]:
    rows = Participation.objects.filter(incident=cast.incident)
    return dict(rows.values_list("organization__name", "consent"))


def test_what_another_party_accepts_is_in_force_and_lapses_the_others(
    cast: Cast, revision: TermsRevision
) -> None:
    before = consents(cast)
    revisions.accept_revision(revision, actor=cast.rival, digest=revision.digest)
    text = terms_in_force(access.get_incident(person(cast.lead), cast.incident.slug)[0])
    assert (text.version, text.text, text.covers, text.respond_minutes) == (2, TEXT, [], 20)
    signed = {"Kelp", "Layer Zero"}
    assert consents(cast) == {
        name: "signed" if name in signed else "lapsed" if old == "signed" else old
        for name, old in before.items()
    }
    for actor in (cast.lead, cast.colleague, cast.rival):
        assert access.get_incident(person(actor), cast.incident.slug)
    for role in ("analyst", "exchange", "law", "white_hat", "coordinator"):
        with pytest.raises(ConsentRequired):
            access.get_incident(person(cast.actors[role]), cast.incident.slug)
    seat = Participation.objects.get(organization=organization(cast.law))
    assert seat.respond_by
    assert (seat.read_digest, seat.silent_since) == ("", None)
    two = Participation.objects.get(organization=organization(cast.rival))
    assert (two.signed_by, two.read_digest) == (person(cast.rival), text.digest)


def test_who_lapsed_renews_and_is_back(cast: Cast, revision: TermsRevision) -> None:
    notes.post(cast.incident, "Kept", actor=cast.lead, marking=AMBER)
    revisions.accept_revision(revision, actor=cast.rival, digest=revision.digest)
    seat = Participation.objects.get(organization=organization(cast.analyst))
    again = accept(seat, person(cast.analyst))
    assert again.has_consented
    assert access.entries(cast.again(cast.analyst), cast.incident).filter(kind="note.posted")


@pytest.mark.parametrize("word", ["reject", "withdraw"])
def test_what_is_rejected_or_taken_back_changes_nothing(
    cast: Cast, revision: TermsRevision, word: str
) -> None:
    before = consents(cast), terms_in_force(cast.incident).digest
    if word == "reject":
        revisions.reject_revision(revision, actor=cast.rival)
    else:
        revisions.withdraw_revision(revision, actor=cast.colleague)
    cast.incident.refresh_from_db()
    assert (consents(cast), terms_in_force(cast.incident).digest) == before
    revision.refresh_from_db()
    assert revision.state in (RevisionState.REJECTED, RevisionState.WITHDRAWN)
    with pytest.raises(WrongState):
        revisions.accept_revision(revision, actor=cast.rival, digest=revision.digest)
    assert revisions.propose_revision(
        cast.incident, TEXT, covers=[], respond_minutes=5, actor=cast.rival
    )


def test_who_may_decide(cast: Cast, revision: TermsRevision) -> None:
    digest = revision.digest
    for actor in (cast.lead, cast.colleague):
        with pytest.raises(SecondPersonRequired):
            revisions.accept_revision(revision, actor=actor, digest=digest)
        with pytest.raises(WrongState):
            revisions.reject_revision(revision, actor=actor)
    for role in ("analyst", "exchange", "law", "white_hat"):
        with pytest.raises(NotYours):
            revisions.accept_revision(revision, actor=cast.actors[role], digest=digest)
    with pytest.raises(NotYours):
        revisions.withdraw_revision(revision, actor=cast.rival)
    with pytest.raises(BadInput):
        revisions.accept_revision(revision, actor=cast.rival, digest="0" * 64)
    assert revisions.accept_revision(revision, actor=cast.coordinator, digest=digest)


def test_one_party_alone_does_it_with_two_people(cast: Cast, revision: TermsRevision) -> None:
    assert cast.rival.participation
    terms.decline(cast.rival.participation, person=person(cast.rival))
    with pytest.raises(SecondPersonRequired):
        revisions.accept_revision(revision, actor=cast.lead, digest=revision.digest)
    revisions.accept_revision(revision, actor=cast.colleague, digest=revision.digest)
    assert consents(cast)["Kelp"] == Consent.SIGNED
    assert consents(cast)["Neutral Chair"] == Consent.LAPSED


def test_a_lapsed_party_does_not_make_another_one_alone(
    cast: Cast, revision: TermsRevision
) -> None:
    revisions.accept_revision(revision, actor=cast.coordinator, digest=revision.digest)
    assert consents(cast)["Layer Zero"] == Consent.LAPSED
    cast.incident.refresh_from_db()
    other = revisions.propose_revision(
        cast.incident,
        STANDARD_TERMS,
        covers=["strip"],
        respond_minutes=5,
        actor=cast.again(cast.lead),
    )
    with pytest.raises(SecondPersonRequired):
        revisions.accept_revision(other, actor=cast.again(cast.colleague), digest=other.digest)


def test_a_confidential_party_says_nothing_that_others_would_read(cast: Cast) -> None:
    Participation.objects.filter(organization=organization(cast.rival)).update(is_confidential=True)
    rival = cast.again(cast.rival)
    with pytest.raises(NotYours):
        revisions.propose_revision(cast.incident, TEXT, covers=[], respond_minutes=5, actor=rival)
    row = revisions.propose_revision(
        cast.incident, TEXT, covers=[], respond_minutes=5, actor=cast.lead
    )
    for decide in (revisions.reject_revision, revisions.withdraw_revision):
        with pytest.raises(NotYours):
            decide(row, actor=rival)
    # It is not there for others: two people of the lead's party suffice.
    assert revisions.accept_revision(row, actor=cast.colleague, digest=row.digest)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"text": "x\n" * 300}, "text"),
        ({"text": STANDARD_TERMS}, "text"),
        ({"covers": ["everything"]}, "covers"),
        ({"respond_minutes": 0}, "respond_minutes"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_nonsense_is_refused(cast: Cast, change: dict[str, object], field: str) -> None:
    values = {"text": TEXT, "covers": [], "respond_minutes": 5, **change}
    with pytest.raises(BadInput) as refused:
        revisions.propose_revision(cast.incident, actor=cast.lead, **values)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_each_act_is_on_the_timeline_of_everybody(cast: Cast, revision: TermsRevision) -> None:
    revisions.reject_revision(revision, actor=cast.rival)
    again = revisions.propose_revision(
        cast.incident, TEXT, covers=[], respond_minutes=5, actor=cast.lead
    )
    revisions.withdraw_revision(again, actor=cast.lead)
    third = revisions.propose_revision(
        cast.incident, TEXT, covers=[], respond_minutes=5, actor=cast.lead
    )
    revisions.accept_revision(third, actor=cast.rival, digest=third.digest)
    lines = TimelineEntry.objects.filter(kind__startswith="terms.").order_by("seq")
    assert [line.kind for line in lines] == [
        *("terms.revision_proposed", "terms.revision_rejected"),
        *("terms.revision_proposed", "terms.revision_withdrawn"),
        *("terms.revision_proposed", "terms.revised"),
    ]
    assert {line.audience_organizations for line in lines} == {None}


def test_a_lapsed_person_reads_what_changed_and_does_three_acts(
    cast: Cast, revision: TermsRevision, client: Client
) -> None:
    notes.post(cast.incident, "A secret", actor=cast.lead, marking=AMBER)
    revisions.accept_revision(revision, actor=cast.rival, digest=revision.digest)
    slug = cast.incident.slug
    client.force_login(person(cast.analyst))
    page, answer = reverse("terms", args=[slug]), reverse("terms_answer", args=[slug])
    assert client.get(reverse("room", args=[slug]))["Location"] == page
    shown = client.get(page)
    assert {line.kind for line in shown.context["diff"]} == {"same", "gone", "new"}
    assert b"Nobody pays a ransom" in shown.content
    assert b"min left" in shown.content
    assert b"A secret" not in shown.content
    digest = Terms.objects.get(version=2).digest
    client.post(answer, {"answer": "sign", "digest": digest})
    assert client.get(reverse("room", args=[slug])).status_code == 302
    client.post(answer, {"answer": "read", "digest": digest})
    client.post(answer, {"answer": "sign", "digest": digest})
    assert b"A secret" in client.get(reverse("room", args=[slug])).content


def test_pages_of_a_revision(cast: Cast, client: Client) -> None:
    slug = cast.incident.slug
    client.force_login(person(cast.lead))
    hostile = TEXT + "<script>alert(1)</script>\u202e\n"
    made = client.post(
        reverse("revision_new", args=[slug]),
        {"text": hostile, "covers": ["strip"], "respond_minutes": 30, "reason": "Why"},
    )
    row = TermsRevision.objects.get()
    assert made["Location"] == reverse("terms_revision", args=[slug, row.public_id])
    shown = client.get(made["Location"]).content
    assert b"<script>alert" not in shown
    assert "\u202e".encode() not in shown
    client.force_login(person(cast.rival))
    answer = reverse("revision_answer", args=[slug, row.public_id])
    client.post(answer, {"answer": "accept", "digest": "0" * 64})
    row.refresh_from_db()
    assert row.state == RevisionState.OPEN
    client.post(answer, {"answer": "accept", "digest": row.digest})
    row.refresh_from_db()
    assert row.state == RevisionState.ACCEPTED
    assert client.get(reverse("terms_versions", args=[slug])).status_code == 200
    client.force_login(person(cast.analyst))
    assert client.get(made["Location"])["Location"] == reverse("terms", args=[slug])
    client.force_login(cast.outsider)
    assert client.get(made["Location"]).status_code == 404


def test_comparing_keeps_every_line() -> None:
    before, after = "a\nb\nc\n", "a\nx\nc\nd\n"
    found = diffs.lines(before, after)
    assert [(line.kind, line.text) for line in found] == [
        *(("same", "a"), ("gone", "b"), ("new", "x"), ("same", "c"), ("new", "d"))
    ]
