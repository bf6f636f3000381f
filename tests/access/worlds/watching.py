"""What one person can observe: every page and answer, every frame, every mail, byte by byte."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from unittest import mock

from django.core import mail
from django.test import Client

from incidents import frames
from incidents.exceptions import HoldfastError
from incidents.listeners import Listener
from incidents.models import Person
from tests.access.surf import Answer, Surfer
from tests.access.worlds.world import World, committed

# A form's token against forgery is masked anew with every answer.
_CSRF = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]*')
_COOKIES = re.compile(r"(csrftoken|sessionid)=[^;]*")
# Of each template. Which ones is drawn by the history's seed: the same in both worlds.
MOST_OF_EACH = 2


@dataclass
class Watcher:
    """The low actor. ``person`` None: the public."""

    world: World
    person: Person | None
    seed: int = 0
    seen: list[tuple[str, object]] = field(default_factory=list)
    listener: Listener | None = None
    requests: int = 0
    size: int = 0  # bytes of bodies, frames and mails

    def open_socket(self) -> None:
        """From the first entry on; nobody listens who has not signed."""
        if self.person is None:
            return
        session = str(self.client("socket", 0).session.session_key)
        slug = self.world.cast.incident.slug
        try:
            self.listener = frames.start(slug, self.person, session, "", "from the beginning")
        except HoldfastError as error:
            self.seen.append(("socket", type(error).__name__))

    def listen(self, moment: str) -> None:
        """What the socket brings since the last time."""
        if self.listener is None:
            return
        self.world.frozen.begin(f"frames {moment}", self.world.frozen.seconds)
        answer = frames.resolve_many([self.listener])[0]
        if not isinstance(answer, frames.Answer):
            self.seen.append(("socket", repr(answer)))
            self.listener = None
            return
        self.listener = replace(self.listener, position=answer.position)
        if answer.frames:
            state = frames.states_for([self.listener])[0]
            self.seen += [("frames", answer.frames), ("state", state)]
            self.size += sum(len(one.encode()) for one in (*answer.frames, str(state)))

    def look(self, moment: str, seconds: float, only: Iterable[str] = ()) -> None:
        """Read the whole site, or these addresses below the room alone."""
        client = self.client(moment, seconds)
        slug = self.world.cast.incident.slug

        def get(url: str) -> Answer:
            self.requests += 1
            self.world.frozen.begin(f"get {moment} {self.requests}", seconds)
            response = client.get(url)
            body = response.getvalue() if response.streaming else response.content
            headers = sorted((k.lower(), _COOKIES.sub(r"\1", v)) for k, v in response.items())
            cookies = tuple(sorted(client.cookies))
            kept = (*headers, ("cookies", str(cookies)))
            self.size += len(body)
            return Answer(url, response.status_code, kept, _CSRF.sub(rb"\1", body))

        surfer = Surfer(
            get, {"export": ("json", "csv")}, most_of_each=MOST_OF_EACH, key=self._drawn
        )
        rooms = (f"/incidents/{slug}/", f"/api/v1/incidents/{slug}/", f"/status/{slug}/")
        # The test client copies the context of every template, which nobody here reads.
        with mock.patch("django.test.client.store_rendered_templates", _nothing):
            if only:
                for one in only:
                    surfer.visit(one.replace("{room}", f"incidents/{slug}"))
            else:
                surfer.surf(rooms)
        self.seen.extend(surfer.answers.items())
        mails = self._mails()
        self.seen.append(("mails", mails))
        self.size += sum(len(one.encode()) for one in mails)

    def _drawn(self, url: str) -> str:
        return hashlib.sha256(f"{self.seed}|{url}".encode()).hexdigest()

    def client(self, moment: str, seconds: float) -> Client:
        """A browser of theirs, signed in this moment."""
        self.world.frozen.begin(f"sign in {moment}", seconds)
        client = Client(raise_request_exception=False)
        if self.person is not None:
            client.force_login(self.person)
            committed()
        return client

    def _mails(self) -> list[str]:
        mine = self.person.email if self.person else ""
        return [str(one.message()) for one in mail.outbox if mine in one.recipients()]


def _nothing(*_: object, **__: object) -> None:
    """Keep nothing of a template."""


def difference(first: Watcher, second: Watcher) -> str:
    """The first thing that tells the two worlds apart; "" if nothing does."""
    for one, other in zip_longest(first.seen, second.seen):
        if one != other:
            return f"{_short(one)}\n--- in the other world ---\n{_short(other, one)}"
    return ""


def _short(what: object, beside: object = None) -> str:
    """So much of an observation that a person finds the difference."""
    if not isinstance(what, tuple):
        return repr(what)
    name, value = what
    if not isinstance(value, Answer):
        return f"{name}: {str(value)[:1500]}"
    text = value.body.decode("utf-8", "replace")
    at = 0
    if isinstance(beside, tuple) and isinstance(beside[1], Answer):
        other = beside[1].body.decode("utf-8", "replace")
        at = next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), 0)
    return f"{name} {value.status} {value.headers}\n...{text[max(0, at - 200) : at + 300]}..."
