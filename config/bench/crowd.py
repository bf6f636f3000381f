"""A room with hundreds of open sockets, of a party that will be removed and of one that stays."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Thread

from django.db import transaction
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Origin

from incidents import access
from incidents.access import Actor
from incidents.choices import Capacity, Marking
from incidents.models import Organization, Participation, Person
from incidents.services import incidents, notes, organizations, seats, terms

HANDSHAKES = 16  # at a time
PATIENCE = 120.0  # seconds for all of them to be open


@dataclass
class Ear:
    """One socket: what it heard and when, and how it ended. Times of `time.monotonic`."""

    heard: list[tuple[float, str]] = field(default_factory=list)
    code: int | None = None
    ended_at: float | None = None

    @property
    def last_at(self) -> float:
        """When the last byte came."""
        times = [at for at, _ in self.heard[-1:]]
        return max([*times, self.ended_at or 0.0])

    def when(self, text: str) -> float | None:
        """When an entry with these words came; None: never."""
        return next((at for at, frame in self.heard if text in frame), None)


class Ears:
    """Sockets to one room, each with its cookie, in a thread of their own."""

    def __init__(self, site: str, slug: str, cookies: Sequence[str]) -> None:
        self.site, self.slug = site, slug
        self.all = [Ear() for _ in cookies]
        self._cookies = cookies
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)

    def open(self) -> None:
        """Return when each was greeted. :raises TimeoutError: some were not."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop)
        until = time.monotonic() + PATIENCE
        while not all(ear.heard for ear in self.all):
            if time.monotonic() > until:
                raise TimeoutError("not every socket opened")
            time.sleep(0.05)

    def close(self) -> None:
        """Leave."""
        asyncio.run_coroutine_threadsafe(self._leave(), self._loop).result(timeout=30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _leave(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _open(self) -> None:
        gate = asyncio.Semaphore(HANDSHAKES)
        pairs = zip(self.all, self._cookies, strict=True)
        await asyncio.gather(*(self._listen(ear, cookie, gate) for ear, cookie in pairs))

    async def _listen(self, ear: Ear, cookie: str, gate: asyncio.Semaphore) -> None:
        uri = f"{self.site.replace('http', 'ws', 1)}/ws/incidents/{self.slug}/"
        try:
            async with gate:
                socket = await connect(
                    uri,
                    origin=Origin(self.site),
                    additional_headers={"Cookie": cookie},
                    compression=None,
                    open_timeout=PATIENCE,
                )
            while True:
                frame = await socket.recv()
                ear.heard.append((time.monotonic(), str(frame)))
        except ConnectionClosed as closed:
            ear.code = closed.rcvd.code if closed.rcvd else None
        except WebSocketException:
            ear.code = None
        ear.ended_at = time.monotonic()


class Crowd:
    """The room, made by its services. Two affected parties stay: it takes both to remove one."""

    def __init__(self, leaving: int, staying: int, cookie: Callable[[Person], str]) -> None:
        own = organizations.ensure_organization("staying", "Staying")
        self.staying = _people(own, staying)
        self.incident = incidents.open_incident("Crowd", person=self.staying[0], organization=own)
        seat = Participation.objects.get(incident=self.incident, organization=own)
        self.first = access.actor_of(seat, self.staying[0])
        self.second, _ = self._seat("second", Capacity.AFFECTED, 1)
        _, self.leaving = self._seat("leaving", Capacity.ANALYTICS, leaving)
        self.cookies = [[cookie(who) for who in all_of] for all_of in (self.leaving, self.staying)]

    def _seat(self, name: str, capacity: Capacity, count: int) -> tuple[Actor, list[Person]]:
        organization = organizations.ensure_organization(name, name.title())
        people = _people(organization, count)
        seat = seats.seat_organization(self.incident, organization, capacity, actor=access.SYSTEM)
        digest = incidents.terms_in_force(self.incident).digest
        for said in (terms.read_terms, terms.sign):
            said(seat, person=people[0], digest=digest)
        seat.refresh_from_db()
        return access.actor_of(seat, people[0]), people

    def say(self, text: str) -> float:
        """An entry that everybody may read; when it was about to be written."""
        at = time.monotonic()
        notes.post(self.incident, text, actor=self.first, marking=Marking.AMBER)
        return at

    def remove(self) -> float:
        """Take the leaving party out by two words; when that had committed."""
        committed: list[float] = []
        seat = Participation.objects.get(
            incident=self.incident, organization__memberships__person=self.leaving[0]
        )
        row = seats.ask_removal(seat, "The bench ends.", actor=self.first)
        with transaction.atomic():
            # The first that runs once it has committed, before any process is told.
            transaction.on_commit(lambda: committed.append(time.monotonic()))
            seats.approve_removal(row, actor=self.second)
        return committed[0]


def _people(organization: Organization, count: int) -> list[Person]:
    slug = organization.slug
    return [
        organizations.ensure_person(f"{slug}{n}@bench.invalid", f"{slug} {n}", organization)
        for n in range(count)
    ]
