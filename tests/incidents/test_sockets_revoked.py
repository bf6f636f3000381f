"""Rights that end while sockets are open: a real web process and real connections.

No tight time is asserted here (the bench measures): 5 s is the bound that always holds.
"""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from config.bench import revocation as bench
from config.bench.crowd import Crowd, Ears
from incidents import queue
from incidents.consumers import CHANGED, ENDED, GONE
from incidents.models import Incident, Membership, Participation, Person
from incidents.services import notes, revocation
from tests.cast import Cast, make_cast, organization, person
from tests.effort import LONG
from tests.factories import AMBER
from tests.web import Socket, Web, running, session_of

pytestmark = pytest.mark.django_db(transaction=True)
LEAVING, STAYING = 500 if LONG else 60, 10
BOUND = 5.0  # seconds


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with running(tmp_path_factory.mktemp("web")) as started:
        yield started


@pytest.fixture
def pointers(web: Web, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process publish to the Redis of the web process."""
    monkeypatch.setattr(settings, "REDIS_URL", web.redis.url())
    queue._client.cache_clear()
    yield
    queue._client.cache_clear()


@pytest.fixture
def cast(pointers: None) -> Cast:
    return make_cast()


def test_all_sockets_of_a_removed_party_fall_silent(web: Web, pointers: None) -> None:
    def cookie(who: Person) -> str:
        return f"sessionid={session_of(who)}"

    crowd = Crowd(LEAVING, STAYING, cookie)
    theirs, others = crowd.cookies
    ears = Ears(web.url, crowd.incident.slug, [*theirs, *others])
    ears.open()
    try:
        leaving, staying = ears.all[:LEAVING], ears.all[LEAVING:]
        found = bench.play(crowd, leaving, staying)
    finally:
        ears.close()
    print(found)
    assert {ear.code for ear in leaving} == {ENDED}
    assert found["closed"] == LEAVING
    assert found["silent_ms"]["most"] < 1000 * BOUND
    assert found["heard_later"] == 0 < found["written_later"]
    assert found["way_before_ms"]["lost"] == found["way_after_ms"]["lost"] == 0
    assert [ear.code for ear in staying] == [None] * STAYING
    with Socket(web, crowd.incident.slug, crowd.leaving[0]) as again:
        assert again.close_code() == GONE


def listen(web: Web, cast: Cast, who: str) -> Socket:
    socket = Socket(web, cast.incident.slug, cast.people[who])
    assert socket.frame() == {"type": "hello"}
    return socket


def seat(cast: Cast, who: str) -> Participation:
    found = cast.actors[who].participation
    assert found
    return found


def end_membership(cast: Cast) -> None:
    Membership.objects.filter(person=person(cast.rival)).update(ended_at=timezone.now())


def remove(cast: Cast) -> None:
    rows = Participation.objects.filter(pk=seat(cast, "rival").pk)
    rows.update(removed_at=timezone.now())


def lapse(cast: Cast) -> None:
    Participation.objects.filter(pk=seat(cast, "rival").pk).update(terms_version=0)


def deactivate(cast: Cast) -> None:
    Person.objects.filter(pk=person(cast.rival).pk).update(is_active=False)


def run_out(cast: Cast) -> None:
    """Idle for too long, or signed in for too long: both are the row's date."""
    keys = [
        row.session_key
        for row in Session.objects.all()
        if row.get_decoded()["_auth_user_id"] == str(person(cast.rival).pk)
    ]
    Session.objects.filter(session_key__in=keys).update(expire_date=timezone.now())


ENDINGS = [end_membership, remove, lapse, deactivate, run_out]


@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
def test_what_nobody_told_ends_the_socket_too(
    web: Web, cast: Cast, end: Callable[[Cast], None]
) -> None:
    """Rows changed by hand: no entry, no epoch, no pointer."""
    with listen(web, cast, "rival") as gone, listen(web, cast, "analyst") as stays:
        end(cast)
        assert gone.close_code(timeout=BOUND) == ENDED
        with Socket(web, cast.incident.slug, cast.people["rival"]) as again:
            ended_session_only = end is run_out  # a new session is a new sign-in
            assert again.close_code(timeout=1) == (None if ended_session_only else GONE)
        notes.post(cast.incident, "Still here.", actor=cast.lead, marking=AMBER)
        assert stays.entries(1)[0]["headline"] == "Still here."


def test_without_redis_it_takes_a_moment_longer(web: Web, cast: Cast) -> None:
    with listen(web, cast, "rival") as gone, listen(web, cast, "analyst") as stays:
        web.stop_redis()
        try:
            end_membership(cast)
            revocation.reaches(person=person(cast.rival))
            notes.post(cast.incident, "They are gone.", actor=cast.lead, marking=AMBER)
            heard = stays.entries(1, timeout=BOUND)
            assert heard[0]["headline"] == "They are gone."
            assert gone.close_code(timeout=BOUND) == ENDED
        finally:
            web.start_redis()


def test_another_seat_closes_the_socket_with_a_code_of_its_own(web: Web, cast: Cast) -> None:
    rival = person(cast.rival)
    Membership.objects.create(person=rival, organization=organization(cast.analyst))
    newest = max(seat(cast, "rival"), seat(cast, "analyst"), key=lambda one: one.pk)
    with listen(web, cast, "rival") as socket, listen(web, cast, "analyst"):
        for row in Session.objects.all():
            if row.get_decoded()["_auth_user_id"] == str(rival.pk):
                session = SessionStore(row.session_key)
                session["seats"] = {cast.incident.slug: str(newest.public_id)}
                session.save()
        assert socket.close_code(timeout=BOUND) == CHANGED


def test_epoch_of_a_room_that_nobody_left_closes_nothing(web: Web, cast: Cast) -> None:
    """The positive twin: everybody is asked about, and stays."""
    with listen(web, cast, "rival") as rival, listen(web, cast, "analyst") as analyst:
        revocation.reaches(incidents=[Incident.objects.get(pk=cast.incident.pk)])
        for socket in (rival, analyst):
            assert socket.close_code(timeout=1.5) is None
