"""The policy against a second reading of its text, over the whole cross product.

No request and almost no database: the predicate is asked about rows that were never saved, the
filter about the same rows in one table. `make mutate` runs this file against every mutant.
"""

import itertools
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, dataclass, replace
from functools import cache

import pytest

from incidents import access
from incidents.access import EVERY_PARTY, SYSTEM, Act, Actor, Proof, Surface
from incidents.choices import Capacity, Consent, Marking, RoomRole, Stage
from incidents.exceptions import HoldfastError, TokenNotEnough
from incidents.models import Incident, Organization, Participation, Person, TrackedAddress
from tests import factories
from tests.access.matrix import reference
from tests.access.matrix.reference import Item, Viewer
from tests.cast import Cast, organization, person

MARKINGS = (None, "", "TLP:UNHEARD-OF", *Marking.values)
OWN, OTHER, THIRD, ELSEWHERE = 1, 2, 3, 4  # parties
ME, COLLEAGUE, RIVAL = 11, 12, 13  # people
ROOM, VERSION = 7, 3
PARTIES = (None, (), (OWN,), (OTHER, THIRD))
PEOPLE = (None, (), (ME,), (COLLEAGUE, RIVAL))


@dataclass(frozen=True)
class Numbers:
    """Which rows of the database the names above stand for; in memory they are themselves."""

    parties: dict[int, int]
    people: dict[int, int]


IN_MEMORY = Numbers({n: n for n in (OWN, OTHER, THIRD)}, {n: n for n in (ME, COLLEAGUE, RIVAL)})


def rows(numbers: Numbers = IN_MEMORY) -> Iterator[tuple[TrackedAddress, Item]]:
    """Every marking x audience of parties x audience of people x owner x author."""
    product = itertools.product(MARKINGS, PARTIES, PEOPLE, (None, OWN, OTHER), (None, ME, RIVAL))
    for marking, parties, people, owner, author in product:
        item = Item(
            marking,
            numbers.parties[owner] if owner else None,
            numbers.people[author] if author else None,
            None if parties is None else frozenset(numbers.parties[n] for n in parties),
            None if people is None else frozenset(numbers.people[n] for n in people),
        )
        row = TrackedAddress(
            marking=marking,
            owner_id=item.owner,
            author_id=item.author,
            audience_organizations=None if item.parties is None else sorted(item.parties),
            audience_people=None if item.people is None else sorted(item.people),
        )
        yield row, item


def seat(
    party: int,
    capacity: Capacity = Capacity.AFFECTED,
    consent: Consent = Consent.SIGNED,
    version: int | None = VERSION,
    room: int = ROOM,
) -> Participation:
    """A seat that was never saved."""
    return Participation(
        incident_id=room,
        organization_id=party,
        capacity=capacity,
        consent=consent,
        terms_version=version,
    )


def actor(who: int, of: Participation | None, party: int, **more: object) -> Actor:
    """Somebody of a party."""
    return Actor(Person(pk=who), Organization(pk=party), of, VERSION, **more)  # type: ignore[arg-type]


SIGNED = ((Consent.SIGNED, VERSION),)
NOT_SIGNED = (
    (Consent.SIGNED, VERSION - 1),
    (Consent.SIGNED, VERSION + 1),
    (Consent.SIGNED, None),
    *((consent, VERSION) for consent in (Consent.INVITED, Consent.LAPSED, Consent.DECLINED)),
)

# Every state of consent of one capacity, and a signed and an unsigned seat of every other.
SEATS = [
    (capacity, state)
    for capacity in Capacity
    for state in SIGNED + (NOT_SIGNED if capacity is Capacity.AFFECTED else NOT_SIGNED[:1])
]


def viewers(numbers: Numbers = IN_MEMORY) -> Iterator[tuple[Actor | None, Viewer | None]]:
    """Every person x party x capacity x consent, and those who are no party."""
    yield None, None
    yield SYSTEM, Viewer(is_system=True)
    yield EVERY_PARTY, Viewer(is_every_party=True)
    for who, party in ((ME, OWN), (COLLEAGUE, OWN), (RIVAL, OTHER), (ME, THIRD)):
        pk, of = numbers.people[who], numbers.parties[party]
        yield actor(pk, None, of), Viewer(pk, None)
        yield replace(actor(pk, seat(of), of), organization=None), Viewer(pk, None)
        for capacity, (consent, version) in SEATS:
            has_signed = (consent, version) in SIGNED
            given = actor(pk, seat(of, capacity, consent, version), of)
            yield given, Viewer(pk, of, capacity.value, has_signed)


def test_predicate_is_what_the_text_says_on_every_combination() -> None:
    made, compared = list(rows()), 0
    for (given, viewer), surface in itertools.product(viewers(), Surface):
        for row, item in made:
            told = access.may_see(given, row, surface)
            assert told is reference.sees(viewer, item, surface.value), (viewer, item, surface)
            compared += 1
    assert compared == 8 * 4 * 4 * 3 * 3 * (3 + 4 * (2 + 7 + 7 * 2)) * 4


def test_the_room_is_where_nothing_else_is_said() -> None:
    given, viewer = actor(COLLEAGUE, seat(OWN), OWN), Viewer(COLLEAGUE, OWN, "affected", True)
    for row, item in rows():
        assert access.may_see(given, row) is reference.sees(viewer, item)


@pytest.fixture
def numbers(cast: Cast) -> Numbers:
    """The names as rows of the database."""
    parties = {OWN: cast.lead, OTHER: cast.rival, THIRD: cast.analyst}
    people = {ME: cast.lead, COLLEAGUE: cast.colleague, RIVAL: cast.rival}
    return Numbers(
        {name: organization(of).pk for name, of in parties.items()},
        {name: person(of).pk for name, of in people.items()},
    )


@pytest.mark.django_db
def test_filter_is_what_the_text_says_on_every_combination(cast: Cast, numbers: Numbers) -> None:
    made: list[tuple[TrackedAddress, Item]] = []
    for number, (row, item) in enumerate(rows(numbers)):
        row.incident, row.chain = cast.incident, factories.CHAIN
        row.address = factories.address(number)
        made.append((row, item))
    TrackedAddress.objects.bulk_create([row for row, _ in made])
    mine = TrackedAddress.objects.filter(pk__in=[row.pk for row, _ in made])
    compared = 0
    for (given, viewer), surface in itertools.product(viewers(numbers), Surface):
        told = set(access.visible(given, mine, surface).values_list("pk", flat=True))
        expected = {row.pk for row, item in made if reference.sees(viewer, item, surface.value)}
        assert told == expected, (viewer, surface)
        compared += len(made)
    assert compared == 8 * 4 * 4 * 3 * 3 * (3 + 4 * (2 + 7 + 7 * 2)) * 4
    lead = actor(numbers.people[ME], seat(numbers.parties[OWN]), numbers.parties[OWN])
    everything = TrackedAddress.objects.filter(incident=cast.incident)
    assert set(access.visible(lead, everything)) == set(
        access.visible(lead, everything, Surface.ROOM)
    )

    told = {row.pk for row in mine.filter(access.SHOWN_TO_THE_ROOM)}
    everyone = Viewer(is_every_party=True)
    assert told == {row.pk for row, item in made if reference.sees(everyone, item)}


def test_the_key_of_an_audience_holds_every_input_and_the_person_only_where_it_counts() -> None:
    room = Incident(pk=ROOM, epoch=5, terms_version=VERSION)
    base = actor(ME, seat(OWN), OWN)

    def key(given: Actor, of: Incident = room, *, personal: bool = False) -> str:
        return access.audience_key(given, of, has_person_audience=personal)

    def changed(**columns: object) -> Actor:
        taken = seat(OWN)
        for name, value in columns.items():
            setattr(taken, name, value)
        return replace(base, participation=taken)

    different = [
        key(base),
        key(base, Incident(pk=ROOM + 1, epoch=5)),
        key(base, Incident(pk=ROOM, epoch=6)),
        key(base, personal=True),
        key(replace(base, organization=Organization(pk=OTHER))),
        key(replace(base, roles=frozenset({RoomRole.OBSERVER}))),
        key(replace(base, terms_version=VERSION + 1)),
        key(replace(base, participation=None)),
        key(changed(pk=99)),
        key(changed(capacity=Capacity.ANALYTICS)),
        key(changed(consent=Consent.LAPSED)),
        key(changed(terms_version=VERSION - 1)),
        key(changed(is_confidential=True)),
        key(changed(removed_at="2026-01-01T00:00Z")),
        key(replace(base, person=Person(pk=COLLEAGUE)), personal=True),
        key(SYSTEM),
        key(EVERY_PARTY),
    ]
    assert len(set(different)) == len(different)
    assert {len(one) for one in different} == {64}
    assert key(base) == key(replace(base, person=Person(pk=COLLEAGUE), proof=Proof.CODE))
    assert key(base, personal=True) == key(actor(ME, seat(OWN), OWN), personal=True)
    assert key(SYSTEM) == key(SYSTEM, personal=True)


def test_a_token_that_reads_is_told_what_it_may() -> None:
    given = actor(ME, seat(OWN), OWN, proof=Proof.READ_TOKEN)
    with pytest.raises(TokenNotEnough, match=r"^This token may only read\.$"):
        access.require(given, rooms()[Stage.OPEN], Act.WRITE)
    with pytest.raises(TokenNotEnough) as taken:
        access.require(given, rooms()[Stage.OPEN], Act.SIGN)
    assert taken.value.detail != "This token may only read."


def test_an_actor_is_what_the_ledger_calls_it() -> None:
    given = actor(ME, seat(OWN, Capacity.ISSUER), OWN)
    assert given.person is not None
    assert (given.capacity, given.ledger_name) == (Capacity.ISSUER, str(given.person.public_id))
    assert (SYSTEM.capacity, SYSTEM.ledger_name, SYSTEM.is_system) == (None, "system", True)
    assert not EVERY_PARTY.is_system
    assert Actor(None, None, None) == SYSTEM
    assert (given.proof, given.roles, given.is_speaking) == (Proof.SESSION, frozenset(), True)
    assert (SYSTEM.terms_version, given.seats) == (0, ())
    assert replace(given, seats=(seat(OTHER),)) == given
    with pytest.raises(FrozenInstanceError):
        given.proof = Proof.CODE  # type: ignore[misc]


@cache
def rooms() -> dict[Stage, Incident]:
    return {stage: Incident(pk=ROOM, stage=stage, terms_version=VERSION) for stage in Stage}


def refused(given: Actor, act: Act, stage: Stage) -> str:
    """The code of the refusal; "" where there is none."""
    try:
        access.require(given, rooms()[stage], act)
    except HoldfastError as error:
        return error.code
    return ""


def test_capacity_role_proof_consent_and_stage_decide_every_act() -> None:
    compared = 0
    roles = (frozenset[RoomRole](), *(frozenset({role}) for role in RoomRole), frozenset(RoomRole))
    for capacity, held, proof, speaks in itertools.product(Capacity, roles, Proof, (True, False)):
        for consent, version in SIGNED + NOT_SIGNED:
            taken = seat(OWN, capacity, consent, version)
            given = actor(ME, taken, OWN, proof=proof, roles=held, is_speaking=speaks)
            has_signed = (consent, version) in SIGNED
            watches = RoomRole.OBSERVER in held
            viewer = Viewer(ME, OWN, capacity.value, has_signed, proof.value, watches, speaks)
            for act, stage in itertools.product(Act, Stage):
                told = refused(given, act, stage)
                closed = stage is Stage.CLOSED
                assert told == reference.refusal(viewer, act.value, is_closed=closed), (viewer, act)
                offers = reference.refusal(replace(viewer, proof="code"), act.value) == ""
                assert access.can(given, act) is offers, (viewer, act)
                compared += 1
    assert compared == 8 * 7 * 5 * 2 * 7 * len(Act) * 2


def test_who_is_no_party_of_the_room_does_nothing_in_it() -> None:
    elsewhere = seat(OWN, room=ROOM + 1)
    for act, stage in itertools.product(Act, Stage):
        closed = stage is Stage.CLOSED
        for given in (actor(ME, None, OWN, proof=Proof.CODE), EVERY_PARTY):
            told = reference.refusal(Viewer(ME), act.value, is_closed=closed)
            assert refused(given, act, stage) == told
            assert not access.can(given, act)
        stranger = actor(ME, elsewhere, OWN, proof=Proof.CODE)
        assert refused(stranger, act, stage) == told
        assert access.can(SYSTEM, act)
        told = reference.refusal(Viewer(is_system=True), act.value, is_closed=closed)
        assert refused(SYSTEM, act, stage) == told


def test_reference_says_something_about_every_act_and_marking() -> None:
    assert set(reference.ABLE) == {act.value for act in Act}
    assert set(reference.COLUMNS) == set(Marking.values)
    assert set(Capacity.values) == reference.EVERYBODY
    assert {surface.value for surface in Surface} == set(reference.COLUMNS["TLP:CLEAR"])
    assert [proof.value for proof in Proof] == ["session", "fresh", "token", "read_token", "code"]
    assert {act.value for act in access.STEP_UP} == set(reference.ABLE) - reference.WITHOUT_PASSKEY
