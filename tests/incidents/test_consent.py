"""Consent to the terms: three acts, deadlines, and what a new text does to everybody."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from incidents import access
from incidents.access import Actor, Proof
from incidents.choices import Consent, RoomRole
from incidents.exceptions import (
    ConsentRequired,
    NotFound,
    NotYours,
    ReadFirst,
    TextChanged,
    TokenNotEnough,
    WrongState,
)
from incidents.models import Participation, Role, TimelineEntry
from incidents.serialized import entry_json
from incidents.services import deadlines, notes, revocation, terms
from incidents.services.incidents import terms_in_force
from tests.cast import Cast, make_cast, organization, person
from tests.factories import AMBER


def seat_of(cast: Cast, who: str) -> Participation:
    organization_id = cast.people[who].memberships.get().organization_id
    return Participation.objects.get(incident=cast.incident, organization=organization_id)


def kinds_about(cast: Cast, name: str) -> list[str]:
    lines = TimelineEntry.objects.filter(incident=cast.incident).order_by("seq")
    return [line.kind for line in lines if line.entry.content.get("organization") == name]


@pytest.mark.django_db
class TestThreeActs:
    def test_joining_reading_and_signing_are_three_entries(self, cast: Cast) -> None:
        seat, digest = seat_of(cast, "invited"), terms_in_force(cast.incident).digest
        assert (seat.joined_at, seat.read_at, seat.signed_at) == (None, None, None)
        with pytest.raises(ReadFirst):
            terms.sign(seat, person=cast.invited, digest=digest)
        seat = terms.read_terms(seat, person=cast.invited, digest=digest)
        assert (seat.joined_by, seat.read_by, seat.signed_by) == (cast.invited,) * 2 + (None,)
        assert not seat.has_consented(1)
        with pytest.raises(ConsentRequired):
            access.get_incident(cast.invited, cast.incident.slug)
        seat = terms.sign(seat, person=cast.invited, digest=digest)
        assert seat.has_consented(1)
        assert access.get_incident(cast.invited, cast.incident.slug)
        assert kinds_about(cast, "Late Bridge") == [
            *("party.invited", "party.joined", "party.terms_read", "party.terms_accepted")
        ]

    def test_repeats_change_and_record_nothing(self, cast: Cast) -> None:
        seat, digest = seat_of(cast, "rival"), terms_in_force(cast.incident).digest
        before, count = seat.signed_at, TimelineEntry.objects.count()
        for act in (terms.read_terms, terms.sign):
            act(seat, person=person(cast.rival), digest=digest)
        seat.refresh_from_db()
        assert (seat.signed_at, TimelineEntry.objects.count()) == (before, count)

    def test_text_that_is_not_in_force_is_neither_read_nor_signed(self, cast: Cast) -> None:
        for act in (terms.read_terms, terms.sign):
            with pytest.raises(TextChanged):
                act(seat_of(cast, "invited"), person=cast.invited, digest="0" * 64)

    def test_nobody_acts_for_an_organization_that_is_not_theirs(self, cast: Cast) -> None:
        seat, digest = seat_of(cast, "invited"), terms_in_force(cast.incident).digest
        for act in (terms.read_terms, terms.sign):
            with pytest.raises(NotFound):
                act(seat, person=person(cast.lead), digest=digest)
        with pytest.raises(NotFound):
            terms.decline(seat, person=cast.outsider)

    def test_tokens_read_and_bind_nobody(self, cast: Cast) -> None:
        seat, digest = seat_of(cast, "invited"), terms_in_force(cast.incident).digest
        with pytest.raises(TokenNotEnough):
            terms.read_terms(seat, person=cast.invited, digest=digest, proof=Proof.READ_TOKEN)
        terms.read_terms(seat, person=cast.invited, digest=digest, proof=Proof.TOKEN)
        with pytest.raises(TokenNotEnough):
            terms.sign(seat, person=cast.invited, digest=digest, proof=Proof.TOKEN)
        with pytest.raises(TokenNotEnough):
            terms.decline(seat, person=cast.invited, proof=Proof.TOKEN)
        assert terms.sign(seat, person=cast.invited, digest=digest, proof=Proof.SESSION)

    def test_an_observer_reads_and_binds_nobody(self, cast: Cast) -> None:
        seat, digest = seat_of(cast, "invited"), terms_in_force(cast.incident).digest
        role = Role.objects.create(
            incident=cast.incident,
            organization=seat.organization,
            role=RoomRole.OBSERVER,
            person=cast.invited,
            given_by=person(cast.lead),
        )
        terms.read_terms(seat, person=cast.invited, digest=digest)
        with pytest.raises(NotYours):
            terms.sign(seat, person=cast.invited, digest=digest)
        with pytest.raises(NotYours):
            terms.decline(seat, person=cast.invited)
        role.delete()
        assert terms.sign(seat, person=cast.invited, digest=digest)

    def test_who_declined_is_out_until_it_is_asked_again(self, cast: Cast) -> None:
        digest = terms_in_force(cast.incident).digest
        seat = terms.decline(seat_of(cast, "rival"), person=person(cast.rival))
        assert seat.consent == Consent.DECLINED
        with pytest.raises(NotFound):
            access.get_actor(person(cast.rival), cast.incident.slug)
        for act in (terms.read_terms, terms.sign):
            with pytest.raises(WrongState):
                act(seat, person=person(cast.rival), digest=digest)
        with pytest.raises(WrongState):
            terms.decline(seat, person=person(cast.rival))

    def test_every_act_that_the_policy_reads_moves_the_epoch(self, cast: Cast) -> None:
        digest = terms_in_force(cast.incident).digest
        epochs = [cast.incident.epoch]
        seat = terms.read_terms(seat_of(cast, "invited"), person=cast.invited, digest=digest)
        terms.sign(seat, person=cast.invited, digest=digest)
        cast.incident.refresh_from_db()
        epochs.append(cast.incident.epoch)
        terms.decline(seat, person=cast.invited)
        cast.incident.refresh_from_db()
        epochs.append(cast.incident.epoch)
        assert epochs == sorted(set(epochs))


def overdue(seat: Participation, minutes: int = 10) -> Participation:
    seat.respond_by = timezone.now() - timedelta(minutes=minutes)
    seat.save(update_fields=["respond_by"])
    return seat


@pytest.mark.django_db
class TestDeadlines:
    def test_who_is_asked_has_a_deadline_of_the_terms(self, cast: Cast) -> None:
        seat = seat_of(cast, "invited")
        assert seat.respond_by
        minutes = (seat.respond_by - seat.created_at).total_seconds() / 60
        assert round(minutes) == terms_in_force(cast.incident).respond_minutes

    def test_silence_is_told_once_and_the_late_may_sign(self, cast: Cast) -> None:
        seat = overdue(seat_of(cast, "invited"))
        assert [deadlines.sweep(), deadlines.sweep()] == [1, 0]
        line = TimelineEntry.objects.get(kind="party.silent")
        shown = entry_json(line)
        assert shown["headline"].startswith("Late Bridge is silent")
        assert (shown["by"], shown["organization"]) == ("party", "Late Bridge")
        digest = terms_in_force(cast.incident).digest
        terms.read_terms(seat, person=cast.invited, digest=digest)
        seat = terms.sign(seat, person=cast.invited, digest=digest)
        assert seat.has_consented(1)
        assert seat.silent_since is None
        assert terms.minutes_late(seat) == 11
        headline = entry_json(TimelineEntry.objects.latest("seq"))["headline"]
        assert headline == "Late Bridge signed version 1 of the terms, 11 minutes late."
        assert deadlines.sweep() == 0

    def test_nobody_is_told_of_before_the_deadline_or_after_an_answer(self, cast: Cast) -> None:
        assert deadlines.sweep() == 0
        overdue(seat_of(cast, "rival"))  # has signed
        declined = terms.decline(seat_of(cast, "white_hat"), person=person(cast.white_hat))
        overdue(declined)
        assert deadlines.sweep() == 0
        overdue(seat_of(cast, "invited"))
        assert deadlines.sweep() == 1

    def test_a_confidential_party_is_silent_to_itself_and_the_coordinator(self, cast: Cast) -> None:
        seat = overdue(seat_of(cast, "law"))
        Participation.objects.filter(pk=seat.pk).update(consent=Consent.LAPSED)
        assert deadlines.sweep() == 1
        line = TimelineEntry.objects.get(kind="party.silent")
        chair = organization(cast.coordinator).pk
        assert line.audience_organizations == sorted([seat.organization_id, chair])
        for role, viewer in cast.actors.items():
            seen = access.entries(cast.again(viewer), cast.incident).filter(pk=line.pk).exists()
            assert seen == (role == "coordinator"), role  # law has lapsed: it sees no content

    def test_a_new_deadline_is_a_new_silence(self, cast: Cast) -> None:
        seat = overdue(seat_of(cast, "invited"))
        deadlines.sweep()
        Participation.objects.filter(pk=seat.pk).update(silent_since=None)
        assert deadlines.sweep() == 1  # the same deadline: the entry is there already
        assert TimelineEntry.objects.filter(kind="party.silent").count() == 1
        overdue(seat, minutes=5)
        Participation.objects.filter(pk=seat.pk).update(silent_since=None)
        deadlines.sweep()
        assert TimelineEntry.objects.filter(kind="party.silent").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_beats_tell_of_a_silence_once() -> None:
    cast = make_cast()
    overdue(seat_of(cast, "invited"))
    told: list[int] = []

    def beat() -> None:
        try:
            told.append(deadlines.sweep())
        finally:
            connection.close()

    beats = [threading.Thread(target=beat) for _ in range(4)]
    for one in beats:
        one.start()
    for one in beats:
        one.join()
    assert sorted(told) == [0, 0, 0, 1]
    assert TimelineEntry.objects.filter(kind="party.silent").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_dies_halfway_leaves_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()
    seat = overdue(seat_of(cast, "invited"))

    def killed(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("incidents.services.timeline.record", killed)
        with pytest.raises(KeyboardInterrupt):
            deadlines.sweep()
    seat.refresh_from_db()
    assert seat.silent_since is None
    assert deadlines.sweep() == 1


@pytest.mark.django_db
def test_a_lapsed_party_sees_no_content_and_its_notes_wait(cast: Cast) -> None:
    line = notes.post(cast.incident, "Secret plan", actor=cast.lead, marking=AMBER)

    def sees(viewer: Actor) -> bool:
        return access.entries(viewer, cast.incident).filter(pk=line.pk).exists()

    assert sees(cast.again(cast.rival))
    Participation.objects.filter(organization=organization(cast.rival)).update(
        consent=Consent.LAPSED
    )
    revocation.reaches(incidents=[cast.incident])
    assert not sees(cast.again(cast.rival))
