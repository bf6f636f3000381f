"""Who shares bytes: the key holds every input of the policy, and one key is one reading."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents import access, frames
from incidents.access import Actor, Surface
from incidents.choices import Capacity, Consent, Marking, RoomRole
from incidents.listeners import Listener
from incidents.models import Incident, Membership, Participation, TimelineEntry
from incidents.services import notes
from incidents.services.timeline import Audience
from tests import factories
from tests.cast import Cast, organization, person
from tests.web import session_of

READ_OF_ACTOR: set[str] = set()
READ_OF_SEAT: set[str] = set()


class WatchedSeat:
    """A seat that tells what of it is read; its methods read through it too."""

    def __init__(self, real: Participation) -> None:
        self.__dict__["real"] = real

    def __getattr__(self, name: str) -> Any:
        method = getattr(Participation, name, None)
        if callable(method):
            return method.__get__(self)
        READ_OF_SEAT.add(name)
        return getattr(self.__dict__["real"], name)


class WatchedActor(Actor):
    """An actor that tells which of its fields are read."""

    def __getattribute__(self, name: str) -> Any:
        if name in {field.name for field in fields(Actor)}:
            READ_OF_ACTOR.add(name)
        return super().__getattribute__(name)


def watched(actor: Actor) -> Actor:
    values = {field.name: getattr(actor, field.name) for field in fields(Actor)}
    values["participation"] = WatchedSeat(values["participation"])
    return WatchedActor(**values)


def read_everything(cast: Cast, viewer: Actor) -> None:
    """Every reading of the room, and the predicate over every marking."""
    author, own = person(cast.analyst), organization(cast.analyst)
    for marking in (*Marking.values, None):
        for people in (None, [author.pk]):
            item = TimelineEntry(marking=marking, owner=own, author=author, audience_people=people)
            for surface in Surface:
                access.may_see(viewer, item, surface)
    for read in (access.entries, access.addresses, access.freezes, access.statements):
        list(read(viewer, cast.incident))
    list(access.parties(viewer, cast.incident))


def key(viewer: Actor, incident: Incident) -> str:
    return access.audience_key(viewer, incident, has_person_audience=True)


def with_seat(**changes: object) -> Callable[[Actor], Actor]:
    """The actor in a seat that differs by this."""

    def change(actor: Actor) -> Actor:
        seat = Participation.objects.get(pk=getattr(actor.participation, "pk", None))
        for name, value in changes.items():
            setattr(seat, name, value)
        return replace(actor, participation=seat)

    return change


# One change of each input; who lets the policy read another has to add it here, and to the key.
OF_ACTOR: dict[str, Callable[[Actor], Actor]] = {
    "person": lambda a: replace(a, person=factories.person(organization(a), "another")),
    "organization": lambda a: replace(a, organization=factories.organization("Another")),
    "participation": with_seat(pk=10**9),
    "terms_version": lambda a: replace(a, terms_version=2),
    "is_every_party": lambda a: replace(a, is_every_party=True),
    "roles": lambda a: replace(a, roles=frozenset({RoomRole.OBSERVER})),
}
OF_SEAT: dict[str, Callable[[Actor], Actor]] = {
    "pk": with_seat(pk=10**9),
    "capacity": with_seat(capacity=Capacity.COORDINATOR),
    "consent": with_seat(consent=Consent.LAPSED),
    "terms_version": with_seat(terms_version=7),
    "removed_at": with_seat(removed_at=timezone.now()),
    "is_confidential": with_seat(is_confidential=True),
}


class TestInputs:
    def test_everything_that_reading_looks_at_is_in_the_key(self, cast: Cast) -> None:
        READ_OF_ACTOR.clear()
        READ_OF_SEAT.clear()
        for actor in cast.actors.values():
            read_everything(cast, watched(actor))
        assert {"person", "organization", "participation"} <= READ_OF_ACTOR
        assert {"capacity", "consent"} <= READ_OF_SEAT
        assert OF_ACTOR.keys() >= READ_OF_ACTOR
        assert OF_SEAT.keys() >= READ_OF_SEAT

    @pytest.mark.parametrize("change", [*OF_ACTOR.values(), *OF_SEAT.values()])
    def test_a_change_of_any_input_is_another_key(
        self, cast: Cast, change: Callable[[Actor], Actor]
    ) -> None:
        before = cast.analyst
        assert key(change(before), cast.incident) != key(before, cast.incident)
        assert key(cast.again(before), cast.incident) == key(before, cast.incident)

    def test_nothing_from_before_an_epoch_matches(self, cast: Cast) -> None:
        before = key(cast.analyst, cast.incident)
        cast.incident.epoch += 1
        assert key(cast.analyst, cast.incident) != before

    def test_how_sure_we_are_of_a_person_is_no_input(self, cast: Cast) -> None:
        tokens = replace(cast.analyst, proof=access.Proof.READ_TOKEN)
        assert key(tokens, cast.incident) == key(cast.analyst, cast.incident)

    def test_the_person_counts_where_something_names_them(self, cast: Cast) -> None:
        lead, colleague = cast.lead, cast.again(cast.colleague)
        keys = [
            access.audience_key(viewer, cast.incident, has_person_audience=named)
            for named in (False, True)
            for viewer in (lead, colleague)
        ]
        assert keys[0] == keys[1]
        assert len(set(keys)) == 3


WHO = ("lead", "colleague", "rival", "analyst", "exchange", "law", "coordinator")
entries = st.lists(
    st.tuples(
        st.sampled_from(WHO),  # who writes
        st.sampled_from([m for m in Marking.values if m != Marking.RED] + [Marking.RED]),
        st.none() | st.lists(st.sampled_from(WHO), min_size=1, max_size=3),  # organizations
        st.none() | st.lists(st.sampled_from(WHO), min_size=1, max_size=3),  # people
    ),
    min_size=1,
    max_size=6,
)


def listener(cast: Cast, who: str, position: int) -> Listener:
    seat = cast.actors[who].participation
    assert seat
    room = cast.incident
    session = session_of(cast.people[who])
    own = str(seat.public_id)
    return Listener(room.pk, room.slug, cast.people[who].pk, session, own, position)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(written=entries)
def test_shared_bytes_are_what_each_would_have_been_given_alone(
    cast: Cast, written: list[tuple[str, str, list[str] | None, list[str] | None]]
) -> None:
    """Random rooms; the colleague shares the lead's key unless something names one of them."""
    position = Incident.objects.get(pk=cast.incident.pk).next_seq - 1
    for who, marking, of, people in written:
        named = [person(cast.actors[one]).pk for one in people or ()]
        if marking == Marking.RED and not named:
            named = [person(cast.lead).pk]
        organizations = [organization(cast.actors[one]).pk for one in of] if of else None
        audience = Audience(organizations, named or None)
        notes.post(cast.incident, "x", actor=cast.actors[who], marking=marking, audience=audience)
    together = frames.resolve_many([listener(cast, who, position) for who in WHO])
    alone = [frames.resolve_many([listener(cast, who, position)])[0] for who in WHO]
    assert together == alone
    for who, answer in zip(WHO, together, strict=True):
        assert isinstance(answer, frames.Answer)
        rows = TimelineEntry.objects.filter(incident=cast.incident, seq__gt=position)
        viewer = cast.again(cast.actors[who])
        assert len(answer.frames) == sum(access.may_see(viewer, row) for row in rows)


def test_a_second_person_of_a_party_shares_its_bytes(cast: Cast) -> None:
    """The positive twin: what names nobody is made once."""
    second = factories.person(organization(cast.analyst), "second")
    assert Membership.objects.filter(person=second).exists()
    actors = [cast.analyst, access.actor_of(cast.analyst.participation, second)]  # type: ignore[arg-type]
    keys = {
        access.audience_key(viewer, cast.incident, has_person_audience=False) for viewer in actors
    }
    assert len(keys) == 1
