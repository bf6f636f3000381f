"""Filled once, read by everybody once; each test looks at one side of it."""

from __future__ import annotations

import logging
from functools import cached_property

from config.logs import Plain
from incidents.choices import TokenScope
from incidents.services import tokens
from tests.access.canaries import more
from tests.access.canaries.crawl import FEW, WHOLE, Leak, leaks, read_all, read_foreign, sink_of
from tests.access.canaries.fill import Filler
from tests.access.canaries.tokens import Viewer
from tests.access.canaries.viewers import everybody
from tests.access.surf import Surfer


class Full:
    """A room with a canary in every text."""

    def __init__(self) -> None:
        self.logged: list[str] = []
        self._logged_before: list[str] = []
        self._levels: dict[str, int] = {}
        self._listen()
        self.room = Filler("Theft")
        self.room.all()
        more.fill(self.room)
        self.aviary = self.room.aviary
        self.viewers = everybody(self.room)

    @property
    def everything_logged(self) -> list[str]:
        """What was logged while the room was filled and read."""
        assert self.surfed
        return self._logged_before

    def _listen(self) -> None:
        """Every record of this process, down to DEBUG, as it would be written."""
        from django.conf import settings

        handler = logging.StreamHandler(_Lines(self.logged))
        for name in settings.LOGGING["handlers"]["stderr"].get("filters", ()):
            handler.addFilter(_filter(name))
        handler.setFormatter(Plain("%(name)s %(message)s"))
        logging.getLogger().addHandler(handler)
        for name in ("", "incidents", "tracing", "django", "config"):
            self._levels[name] = logging.getLogger(name).level
            logging.getLogger(name).setLevel(logging.DEBUG)
        self._handler = handler

    def close(self) -> None:
        """Log as before."""
        logging.getLogger().removeHandler(self._handler)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)

    @cached_property
    def surfed(self) -> dict[str, Surfer]:
        """What each viewer read: their own ways first, then with the ids of all others."""
        found = {one.role: read_all(one) for one in self.viewers if WHOLE or one.role in FEW}
        if WHOLE:
            analyst = self.viewer("analyst")
            assert analyst.person
            _, secret = tokens.create(analyst.person, "reader", scopes=[TokenScope.READ])
            found["read token"] = read_all(analyst, secret)
        everything = {url for surfer in found.values() for url in surfer.answers}
        for surfer in found.values():
            read_foreign(surfer, everything)
        self._logged_before = list(self.logged)
        return found

    def viewer(self, role: str) -> Viewer:
        """One of them; a token reads as its person."""
        named = {viewer.role: viewer for viewer in self.viewers}
        return named["analyst" if role == "read token" else role]

    @cached_property
    def leaks(self) -> list[Leak]:
        """Every text that reached somebody who may not read it, in any answer."""
        found: set[Leak] = set()
        for role, surfer in self.surfed.items():
            for url, answer in surfer.answers.items():
                data = repr(answer.headers).encode() + b"\n" + answer.body
                viewer = self.viewer(role)
                found |= leaks(self.aviary, viewer, sink_of(answer), url, data)
        return sorted(found, key=str)


class _Lines:
    """A stream that keeps what is written."""

    def __init__(self, kept: list[str]) -> None:
        self.kept = kept

    def write(self, text: str) -> None:
        self.kept.append(text)

    def flush(self) -> None:
        """Nothing is held back."""


def _filter(name: str) -> logging.Filter:
    from django.conf import settings
    from django.utils.module_loading import import_string

    made: logging.Filter = import_string(settings.LOGGING["filters"][name]["()"])()
    return made
