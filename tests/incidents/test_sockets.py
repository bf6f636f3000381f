"""Open rooms over real sockets: a real web process, a real Redis, the real database."""

import os
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections, transaction

from incidents import fanout, frames, queue
from incidents.consumers import ENDED, GONE
from incidents.listeners import Listener
from incidents.models import Incident, TimelineEntry
from incidents.services import notes, terms
from incidents.services.timeline import Audience
from incidents.subscriptions import QUEUE_SIZE
from tests.cast import Cast, make_cast, organization, person
from tests.factories import AMBER, RED
from tests.web import Socket, Web, running, session_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with running(tmp_path_factory.mktemp("web")) as started:
        yield started


@pytest.fixture
def pointers(web: Web, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process, as a worker would, publish to the Redis of the web process."""
    monkeypatch.setattr(settings, "REDIS_URL", web.redis.url())
    queue._client.cache_clear()
    yield
    queue._client.cache_clear()


@pytest.fixture
def cast(pointers: None) -> Cast:
    made = make_cast()
    fan_out()
    return made


def fan_out() -> None:
    """What the worker does with each message."""
    for pk in TimelineEntry.objects.filter(fanned_out_at=None).values_list("pk", flat=True):
        fanout.fan_out(pk)


def say(
    cast: Cast, text: str, *, marking: str = AMBER, audience: Audience | None = None
) -> TimelineEntry:
    return notes.post(
        cast.incident, text, actor=cast.lead, marking=marking, audience=audience or Audience()
    )


def listen(web: Web, cast: Cast, who: str, cursor: str = "") -> Socket:
    socket = Socket(web, cast.incident.slug, cast.people[who], cursor=cursor)
    assert socket.frame() == {"type": "hello"}
    return socket


class TestListening:
    def test_party_gets_the_entry_and_then_the_state(self, web: Web, cast: Cast) -> None:
        with listen(web, cast, "rival") as socket:
            line = say(cast, "They move.")
            fan_out()
            entry, state = socket.frame(), socket.frame()
        assert (entry["type"], state["type"]) == ("entry", "state")
        assert entry["entry"]["id"] == str(line.public_id)
        assert entry["entry"]["headline"] == "They move."
        assert "seq" not in entry["entry"]
        assert state["strips"] == []

    def test_ping_brings_the_state_of_the_watch_now_and_then(self, web: Web, cast: Cast) -> None:
        with listen(web, cast, "rival") as socket:
            socket.connection.send("ping")
            pong, state = socket.frame(), socket.frame()
            socket.connection.send("ping")
            again = socket.frame()
            assert socket.silence()
        assert (pong, again) == ({"type": "pong"}, {"type": "pong"})
        assert (state["type"], state["watch"]["chains"]) == ("state", [])

    def test_entry_reaches_its_audience_only(self, web: Web, cast: Cast) -> None:
        for_colleague = Audience(people=[person(cast.colleague).pk])
        for_analyst = Audience(organizations=[organization(cast.analyst).pk])
        with (
            listen(web, cast, "colleague") as colleague,
            listen(web, cast, "lead") as lead,
            listen(web, cast, "analyst") as analyst,
            listen(web, cast, "rival") as rival,
        ):
            say(cast, "red", marking=RED, audience=for_colleague)
            say(cast, "narrow", audience=for_analyst)
            say(cast, "open")
            fan_out()
            told = {
                name: [entry["headline"] for entry in socket.entries(count)]
                for name, socket, count in (
                    ("colleague", colleague, 3),
                    ("lead", lead, 3),
                    ("analyst", analyst, 2),
                    ("rival", rival, 1),
                )
            }
            assert rival.silence(0.5)
        assert told == {
            "colleague": ["red", "narrow", "open"],  # "narrow" is of their own organization
            "lead": ["red", "narrow", "open"],
            "analyst": ["narrow", "open"],
            "rival": ["open"],
        }

    def test_returning_browser_catches_up_from_its_cursor(self, web: Web, cast: Cast) -> None:
        with listen(web, cast, "rival") as socket:
            say(cast, "one")
            fan_out()
            cursor = socket.entries(1)[0]["id"]
        for text in ("two", "three"):
            say(cast, text)
        hidden = Audience(people=[person(cast.colleague).pk])
        say(cast, "not for them", marking=RED, audience=hidden)
        fan_out()
        with listen(web, cast, "rival", cursor) as socket:
            assert [entry["headline"] for entry in socket.entries(2)] == ["two", "three"]
            assert socket.silence(0.5)

    @pytest.mark.parametrize("cursor", ["7f0c9d5e-1111-4222-8333-444455556666", "nonsense", "%00"])
    def test_unknown_cursor_replays_from_the_start(self, web: Web, cast: Cast, cursor: str) -> None:
        with listen(web, cast, "rival", cursor) as socket:
            assert socket.entries(1)[0]["kind"] == "incident.opened"

    def test_browser_that_missed_more_than_a_queue_holds_gets_everything_in_order(
        self, web: Web, cast: Cast
    ) -> None:
        first = say(cast, "first")
        expected = [f"note {n}" for n in range(QUEUE_SIZE + frames.BATCH // 2)]
        with transaction.atomic():
            for text in expected:
                say(cast, text)
        with listen(web, cast, "rival", str(first.public_id)) as socket:
            got = [entry["headline"] for entry in socket.entries(len(expected), timeout=20)]
            assert socket.frame()["type"] == "state"
        assert got == expected


class TestDoors:
    @pytest.mark.parametrize("who", ["outsider", "invited", None])
    def test_who_may_not_listen_is_closed_like_an_absent_room(
        self, web: Web, cast: Cast, who: str | None
    ) -> None:
        somebody = cast.people[who] if who else None
        for slug in (cast.incident.slug, "no-such-room"):
            with Socket(web, slug, somebody) as socket:
                assert socket.close_code() == GONE

    def test_withdrawn_consent_ends_the_socket(self, web: Web, cast: Cast) -> None:
        seat = cast.rival.participation
        assert seat
        with listen(web, cast, "rival") as rival, listen(web, cast, "analyst") as analyst:
            terms.decline(seat, person=person(cast.rival))
            fan_out()
            assert rival.close_code() == ENDED
            assert analyst.entries(1)[0]["kind"] == "party.declined"

    def test_signing_out_ends_the_socket(self, web: Web, cast: Cast) -> None:
        with listen(web, cast, "rival") as gone:
            Session.objects.all().delete()
            with listen(web, cast, "rival") as stays:
                say(cast, "Not for who has left.")
                fan_out()
                assert gone.close_code() == ENDED
                assert stays.entries(1)[0]["headline"] == "Not for who has left."

    def test_socket_takes_nothing(self, web: Web, cast: Cast) -> None:
        before = TimelineEntry.objects.count()
        with listen(web, cast, "lead") as socket:
            socket.connection.send('{"type": "note", "text": "x"}')
            socket.connection.send("ping")
            assert socket.frame() == {"type": "pong"}
        assert TimelineEntry.objects.count() == before


def listener(cast: Cast, who: str) -> Listener:
    """An open socket of somebody, without the socket."""
    seat = cast.actors[who].participation
    assert seat
    return Listener(
        cast.incident.pk,
        cast.incident.slug,
        cast.people[who].pk,
        session_of(cast.people[who]),
        str(seat.public_id),
        Incident.objects.get(pk=cast.incident.pk).next_seq - 1,
    )


def elsewhere(work: Callable[[], object]) -> None:
    """Do something over a connection of its own, and wait for it."""

    def inside() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = Thread(target=inside)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()


class TestOneRoundIsOneMoment:
    """What commits while a round is resolved is not in it, and waits for the next one."""

    ROUND = ("analyst", "colleague", "lead", "issuer")

    def resolve(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]
    ) -> tuple[list[int], list[int]]:
        """How many frames each gets in a round while something happens, and in the one after
        that; -1: may not listen."""
        real = frames._entries
        done: list[object] = []

        def entries(*args: Any) -> frames.Answer:
            if not done:
                done.append(elsewhere(meanwhile))
            return real(*args)

        monkeypatch.setattr(frames, "_entries", entries)
        wanted = [listener(cast, who) for who in self.ROUND]
        rounds = [frames.resolve_many(wanted), frames.resolve_many(wanted)]
        first, second = (
            [len(a.frames) if isinstance(a, frames.Answer) else -1 for a in told] for told in rounds
        )
        return first, second

    def test_red_entry_is_shared_with_nobody(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for_colleague = Audience(people=[person(cast.colleague).pk])

        def say_it() -> None:
            notes.post(cast.incident, "red", actor=cast.rival, marking=RED, audience=for_colleague)

        assert self.resolve(cast, monkeypatch, say_it) == ([0, 0, 0, 0], [0, 1, 0, 0])

    def test_who_is_removed_during_a_round_gets_nothing_recorded_after_that(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seat = cast.issuer.participation
        assert seat

        def remove_and_say() -> None:
            terms.decline(seat, person=person(cast.issuer))
            say(cast, "Now that they are gone.")

        told = self.resolve(cast, monkeypatch, remove_and_say)
        assert told == ([0, 0, 0, 0], [2, 2, 2, -1])


class TestLostPointers:
    def age(self) -> None:
        """As if the last entries were recorded a while ago."""
        url, whole = os.environ["DATABASE_OWNER_URL"], "-c holdfast.scope=system"
        with psycopg.connect(url, options=whole) as owner:
            owner.execute(
                "UPDATE incidents_timelineentry SET created_at = '2026-01-01T00:00Z'"
                " WHERE fanned_out_at IS NULL"
            )

    def test_entry_is_pushed_before_any_worker_took_its_task(self, web: Web, cast: Cast) -> None:
        with listen(web, cast, "rival") as socket:
            say(cast, "at once")
            assert socket.entries(1)[0]["headline"] == "at once"

    def test_web_process_finds_by_itself_what_no_message_told(
        self, web: Web, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def lose(incident_pk: int) -> None:
            raise redis.ConnectionError

        with listen(web, cast, "rival") as socket:
            # The nudge after commit is lost, and so is the task: no worker runs here.
            monkeypatch.setattr(queue, "publish", lose)
            say(cast, "lost")
            assert socket.entries(1)[0]["headline"] == "lost"

    def test_sweeper_sends_a_lost_message_once(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[int] = []

        def lose(incident_pk: int) -> None:
            raise redis.ConnectionError

        monkeypatch.setattr(queue, "publish", lose)
        say(cast, "lost")
        monkeypatch.setattr(fanout, "publish", told.append)
        assert fanout.sweep() == 0  # too young: its message may be on its way
        self.age()
        assert fanout.sweep() == 1
        assert fanout.sweep() == 0
        assert told == [cast.incident.pk]

    def test_redis_that_is_away_stops_no_socket(self, web: Web, cast: Cast) -> None:
        with listen(web, cast, "rival") as socket:
            say(cast, "before")
            fan_out()
            assert socket.entries(1)[0]["headline"] == "before"
            web.stop_redis()
            say(cast, "meanwhile")
            self.age()
            with pytest.raises(redis.RedisError):
                fanout.sweep()
            assert TimelineEntry.objects.filter(fanned_out_at=None).count() == 1
            # Nobody can tell it: it looks by itself.
            assert socket.entries(1, timeout=15)[0]["headline"] == "meanwhile"
            web.start_redis()
            assert fanout.sweep() == 1
            say(cast, "after")
            fan_out()
            assert socket.entries(1)[0]["headline"] == "after"
