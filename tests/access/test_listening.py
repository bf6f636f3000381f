"""Permission of many at once: the same answer as for one, in as many queries for 40 as for 2."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents import access, frames, listeners
from incidents.access import Actor, Place
from incidents.choices import Capacity, Consent, RoomRole
from incidents.exceptions import NotFound
from incidents.listeners import Listener, Refusal
from incidents.models import (
    FreezeRequest,
    Incident,
    Membership,
    Participation,
    Person,
    Role,
    TimelineEntry,
)
from incidents.models.marked import Marked
from incidents.services import notes
from incidents.services.timeline import Audience
from tests import factories
from tests.cast import Cast, organization, person
from tests.web import session_of


def seat_of(actor: Actor) -> Participation:
    assert actor.participation
    return actor.participation


def remove(cast: Cast) -> None:
    seat_of(cast.rival).removed_at = timezone.now()
    seat_of(cast.rival).save()


def decline(cast: Cast) -> None:
    seat_of(cast.rival).consent = Consent.DECLINED
    seat_of(cast.rival).save()


def lapse(cast: Cast) -> None:
    Incident.objects.filter(pk=cast.incident.pk).update(terms_version=2)


def end_membership(cast: Cast) -> None:
    Membership.objects.filter(person=person(cast.rival)).update(ended_at=timezone.now())


def deactivate(cast: Cast) -> None:
    Person.objects.filter(pk=person(cast.rival).pk).update(is_active=False)


def give_role(cast: Cast) -> None:
    Role.objects.create(
        incident=cast.incident,
        organization=organization(cast.rival),
        person=person(cast.rival),
        role=RoomRole.OBSERVER,
        given_by=person(cast.rival),
    )


def end_role(cast: Cast) -> None:
    give_role(cast)
    Role.objects.update(ended_at=timezone.now())


def second_seat(cast: Cast) -> None:
    """The rival's person also speaks for the analyst."""
    Membership.objects.create(person=person(cast.rival), organization=organization(cast.analyst))


CHANGES: list[Callable[[Cast], None]] = [
    lambda cast: None,
    *(remove, decline, lapse, end_membership, deactivate, give_role, end_role, second_seat),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_many_are_asked_about_as_one_is(cast: Cast, change: Callable[[Cast], None]) -> None:
    change(cast)
    seats = ["", str(seat_of(cast.analyst).public_id), "nonsense"]
    places = [Place(cast.incident.pk, who.pk, s) for who in cast.people.values() for s in seats]
    found = access.get_actors(places)
    slug = cast.incident.slug
    for who in cast.people.values():
        who.refresh_from_db()
        for place in (p for p in places if p.person == who.pk):
            try:
                _, alone = access.get_actor(who, slug, seat=place.seat)
            except NotFound:
                assert place not in found
            else:
                assert found[place] == alone
                assert found[place].participation == alone.participation
                assert found[place].has_consented == alone.has_consented


def listener(cast: Cast, who: Person, seat: Participation) -> Listener:
    return Listener(
        cast.incident.pk,
        cast.incident.slug,
        who.pk,
        session_of(who),
        str(seat.public_id),
        cast.incident.next_seq - 1,
    )


class TestConstant:
    """Numbers of queries are pinned: a growth is a decision."""

    def ask(self, cast: Cast, people: int) -> dict[str, int]:
        kelp, seat = organization(cast.lead), seat_of(cast.lead)
        crowd = [factories.person(kelp, f"crowd{n}") for n in range(people)]
        sockets = [listener(cast, who, seat) for who in crowd]
        counted = {}
        for ask in (listeners.refused, frames.resolve_many, frames.states_for):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                answers = ask(sockets)
            assert not any(isinstance(answer, Refusal) for answer in answers)
            counted[ask.__name__] = len(captured)
        return counted

    def test_as_many_queries_for_forty_sockets_as_for_two(self, cast: Cast) -> None:
        notes.post(cast.incident, "x", actor=cast.lead, marking=factories.AMBER)
        two, forty = self.ask(cast, 2), self.ask(cast, 40)
        assert two == forty
        assert forty["refused"] == 5
        assert forty["resolve_many"] <= 10

    def test_heads_of_all_rooms_take_one_query(self, cast: Cast) -> None:
        with CaptureQueriesContext(connection) as captured:
            heads = listeners.heads([cast.incident.pk, 10**9])
        assert len(captured) == 1
        row = Incident.objects.get(pk=cast.incident.pk)
        assert heads == {cast.incident.pk: listeners.Head(row.epoch, row.next_seq)}


class TestRefusals:
    def verdict(self, cast: Cast, one: Listener) -> Refusal | None:
        return listeners.refused([one])[0]

    @pytest.mark.parametrize(
        "change",
        [remove, decline, lapse, end_membership, deactivate],
        ids=lambda change: change.__name__,
    )
    def test_whoever_may_not_listen_any_more_is_refused(
        self, cast: Cast, change: Callable[[Cast], None]
    ) -> None:
        one = listener(cast, person(cast.rival), seat_of(cast.rival))
        assert self.verdict(cast, one) is None
        change(cast)
        assert self.verdict(cast, one) is Refusal.ENDED
        assert frames.resolve_many([one]) == [Refusal.ENDED]
        assert frames.states_for([one]) == [Refusal.ENDED]

    def test_a_session_that_ran_out_or_was_signed_out_is_refused(self, cast: Cast) -> None:
        from django.contrib.sessions.models import Session

        one = listener(cast, person(cast.rival), seat_of(cast.rival))
        two = listener(cast, person(cast.rival), seat_of(cast.rival))
        Session.objects.filter(pk=one.session).update(expire_date=timezone.now())
        assert listeners.refused([one, two]) == [Refusal.ENDED, None]
        Session.objects.filter(pk=two.session).delete()
        assert listeners.refused([one, two]) == [Refusal.ENDED, Refusal.ENDED]

    def test_a_session_of_somebody_else_or_of_an_old_secret_is_refused(self, cast: Cast) -> None:
        rival = person(cast.rival)
        one = listener(cast, rival, seat_of(cast.rival))
        other = listener(cast, person(cast.analyst), seat_of(cast.analyst))
        swapped = Listener(**vars(one) | {"session": other.session})
        assert listeners.refused([one, swapped]) == [None, Refusal.ENDED]
        rival.set_unusable_password()
        rival.save()
        assert self.verdict(cast, one) is Refusal.ENDED

    def test_another_seat_changes_the_socket(self, cast: Cast) -> None:
        second_seat(cast)
        rival, own, other = person(cast.rival), seat_of(cast.rival), seat_of(cast.analyst)
        oldest, newest = sorted((own, other), key=lambda seat: seat.pk)
        one = listener(cast, rival, oldest)
        assert self.verdict(cast, one) is None
        choose(one.session, cast, newest)
        assert self.verdict(cast, one) is Refusal.CHANGED
        assert self.verdict(cast, Listener(**vars(one) | {"seat": str(newest.public_id)})) is None


def choose(session_key: str, cast: Cast, seat: Participation) -> None:
    """What the page of seats does."""
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore(session_key)
    session["seats"] = {cast.incident.slug: str(seat.public_id)}
    session.save()


class TestApart:
    def test_whom_a_narrowed_entry_names_and_who_wrote_it(self, cast: Cast) -> None:
        incident, seq = cast.incident, Incident.objects.get(pk=cast.incident.pk).next_seq - 1
        notes.post(incident, "open", actor=cast.rival, marking=factories.AMBER)
        assert access.apart_in_entries(incident, seq) == set()
        named = Audience(people=[person(cast.colleague).pk])
        notes.post(incident, "red", actor=cast.lead, marking=factories.RED, audience=named)
        both = {person(cast.lead).pk, person(cast.colleague).pk}
        assert access.apart_in_entries(incident, seq) == both
        assert access.apart_in_entries(incident, seq + 2) == set()

    def test_every_marked_table_has_a_way_to_its_room(self) -> None:
        from django.apps import apps

        from incidents.access import listening

        ways = {model.__name__: path for model, path, _ in listening._marked()}
        marked = {m.__name__ for m in apps.get_models() if issubclass(m, Marked)}
        assert ways.keys() == marked - {"TimelineEntry", "LedgerEntry"}
        assert ways["FreezeAnswer"] == "target__request__incident"
        assert ways["FlowTable"] == "trace__incident"
        assert ways["Label"] == ways["Trace"] == "incident"

    def test_any_narrowed_row_of_the_room_counts_for_the_state(self, cast: Cast) -> None:
        assert access.apart(cast.incident) == set()
        named = person(cast.colleague).pk
        made = factories.trace(cast.incident, cast.lead)
        type(made).objects.filter(pk=made.pk).update(audience_people=[named])
        assert access.apart(cast.incident) == {named, person(cast.lead).pk}

    def test_a_request_narrowed_to_one_person_of_a_desk_sets_them_apart(self, cast: Cast) -> None:
        """The desk's others do not even read that it exists."""
        desk = organization(cast.exchange)
        second = factories.person(desk, "second")
        row = factories.sent_request(cast.incident, cast.lead, cast.rival, desk)
        cast.incident.refresh_from_db()
        seat = seat_of(cast.exchange)
        people = (person(cast.exchange), second)
        sockets = [Listener(**vars(listener(cast, who, seat)) | {"position": 0}) for who in people]
        told = frames.resolve_many(sockets)
        assert told[0] == told[1]
        FreezeRequest.objects.filter(pk=row.request_id).update(audience_people=[second.pk])
        first, other = frames.resolve_many(sockets)
        assert isinstance(first, frames.Answer)
        assert isinstance(other, frames.Answer)
        of_requests = TimelineEntry.objects.filter(subject__startswith="freeze:").count()
        assert len(other.frames) - len(first.frames) == of_requests > 0


def test_a_desk_is_a_desk(cast: Cast) -> None:
    """The tests above rest on it."""
    assert cast.exchange.capacity is Capacity.EXCHANGE
