"""Playing a history twice, and comparing what one person could observe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from unittest import mock

from django.test import override_settings

from tests import cast as casting
from tests import factories
from tests.access.worlds.frozen import Frozen, frozen
from tests.access.worlds.history import STRIDE, Deed, History
from tests.access.worlds.watching import Watcher, difference
from tests.access.worlds.world import Refused, World, attempt, sequences_now, undone
from tests.cast import Cast, make_cast
from tracing.models import Chain


@dataclass
class Figures:
    """What was played and compared so far. ``size``: bytes of the second worlds' transcripts."""

    histories: int = 0
    deeds: int = 0
    hidden: int = 0
    requests: int = 0
    size: int = 0


class Stage:
    """The room as every history finds it, committed once."""

    def __init__(self, held: Frozen) -> None:
        held.begin("the cast", 0)
        self.frozen = held
        self.cast: Cast = make_cast()
        self.chair = factories.person(casting.organization(self.cast.coordinator), "second chair")
        # A chain is known to the installation before anybody follows anything on it.
        factories.trace(self.cast.incident, self.cast.lead)
        Chain.objects.update(is_watched=True, cursor_number=9)  # so that its past can be asked for
        self.sequences = sequences_now()
        self.figures = Figures()
        self._played: tuple[int, Watcher | None] = (-1, None)

    def watch(self, history: History, number: int, only: tuple[str, ...] = ()) -> Watcher:
        """What the low actor of a history observes in world 1 or 2, on the whole site or on some
        addresses of the room alone."""
        from django.core import mail

        with undone(self.sequences):
            mail.outbox = []
            world = World(self.cast, self.frozen, self.chair)
            person = None if history.low == "public" else world.person(history.low)
            watcher = Watcher(world, person, history.visible_seed)
            watcher.open_socket()
            watcher.listen("begin")
            for deed in history.world(number):
                self._do(deed, world, watcher)
            watcher.look("end", STRIDE * 1000, only)
        return watcher

    def _do(self, deed: Deed, world: World, watcher: Watcher) -> None:
        self.frozen.begin(deed.name, deed.seconds)
        done = attempt(world, deed.run)
        if isinstance(done, Refused) and not deed.is_hidden:
            watcher.seen.append((f"told of {deed.name} ({deed.kind})", done))
        # What hidden acts bring to the socket comes with no name of theirs.
        watcher.listen(f"after {deed.seconds}")

    def compare(self, history: History, only: tuple[str, ...] = ()) -> str:
        """What tells the two worlds of a history apart; "" if nothing does."""
        first = self._first(history, only)
        second = self.watch(history, 2, only)
        figures = self.figures
        figures.histories += 1
        figures.deeds += len(history.deeds)
        figures.hidden += sum(deed.is_hidden for deed in history.deeds)
        figures.requests += second.requests
        figures.size += second.size
        return difference(first, second)

    def _first(self, history: History, only: tuple[str, ...]) -> Watcher:
        """World 1, played once for histories with the same visible part."""
        of, watcher = self._played
        if watcher is None or of != history.visible_seed or of < 0:
            watcher = self.watch(history, 1, only)
            self.figures.requests += watcher.requests
            self._played = history.visible_seed, watcher
        return watcher


@contextmanager
def stage() -> Iterator[Stage]:
    """The room, committed; the database is emptied afterwards by who opens it."""
    with frozen("worlds") as held, override_settings(MAIL_ENABLED=True), _one_connection():
        yield Stage(held)


@contextmanager
def _one_connection() -> Iterator[None]:
    """Threads of the web close what an earlier request left; here that is our transaction."""
    with ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            if name.startswith(("incidents.", "tracing.")) and hasattr(
                module, "close_old_connections"
            ):
                stack.enter_context(mock.patch.object(module, "close_old_connections"))
        yield
