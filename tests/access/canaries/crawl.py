"""Reading everything as everybody, and finding what somebody may not read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from unittest import mock

from django.db import transaction
from django.test import Client

from tests.access.canaries import decoding
from tests.access.canaries.tokens import Aviary, Viewer
from tests.access.surf import Answer, Surfer, template_of

# Of each template, so many addresses a person, and as many of those that others found. Without
# more said one, for the few of FEW; `make canaries` asks for more, as everybody.
WHOLE = "CANARIES" in os.environ
MOST_OF_EACH = int(os.environ.get("CANARIES", "1"))
FEW = ("rival", "exchange", "invited", "outsider", "anonymous")


@dataclass(frozen=True)
class Leak:
    """A text where it may not be."""

    role: str
    sink: str
    where: str
    place: str

    def __str__(self) -> str:
        return f"{self.role} reads {self.place} in {self.sink} {self.where}"


def leaks(aviary: Aviary, viewer: Viewer, sink: str, where: str, data: bytes) -> set[Leak]:
    """What some bytes tell a viewer that neither the policy lets them know nor they wrote into the
    address themselves: the page of an address begins with it."""
    found, asked = (
        {canary for text in decoding.texts(some) for canary in aviary.within(text)}
        for some in (data, where.encode())
    )
    return {
        Leak(viewer.role, sink, where, canary.place)
        for canary in found - asked
        if not canary.may_read(viewer)
    }


def sink_of(answer: Answer) -> str:
    """Which of the sinks an answer is."""
    if answer.status >= 400:
        return "error pages"
    if answer.url.startswith("/status/"):
        return "public pages"
    named = {"text/html": "HTML", "application/json": "JSON", "text/csv": "CSV"}
    named |= {"application/pdf": "PDF text", "application/zip": "archives"}
    named |= {"application/atom+xml": "feeds", "application/rss+xml": "feeds"}
    return named.get(answer.media, answer.media)


def client_of(viewer: Viewer, token: str = "") -> Client:
    """A browser, or a script with a token."""
    headers = {"Authorization": f"Token {token}"} if token else {}
    client = Client(raise_request_exception=False, headers=headers)
    if viewer.person is not None and not token:
        client.force_login(viewer.person)
    return client


def reader(client: Client, method: str = "get", **how: object) -> Callable[[str], Answer]:
    """Asks one address, and leaves the database as it was."""

    def get(url: str) -> Answer:
        block = transaction.atomic()
        block._from_testcase = True  # type: ignore[attr-defined]
        # The test client copies the context of every template, which nobody here reads.
        with block, mock.patch("django.test.client.store_rendered_templates", _nothing):
            response = getattr(client, method)(url, **how)
            body = response.getvalue() if response.streaming else response.content
            transaction.set_rollback(True)
        kept = [(k.lower(), v) for k, v in response.items()]
        kept += [("set-cookie", str(response.cookies))]
        return Answer(url, response.status_code, tuple(kept), body)

    return get


def _nothing(*_: object, **__: object) -> None:
    """Keep nothing of a template."""


def read_all(viewer: Viewer, token: str = "") -> Surfer:
    """Everything that a viewer finds by themselves."""
    extra = {"export": ("json", "csv", "pdf", "zip")}
    surfer = Surfer(reader(client_of(viewer, token)), extra, most_of_each=MOST_OF_EACH)
    surfer.surf()
    return surfer


def read_foreign(surfer: Surfer, urls: Iterable[str]) -> None:
    """What others found: with a foreign id in hand, or one that somebody let slip."""
    surfer.begin_again()
    for url in sorted(set(urls) - surfer.answers.keys()):
        surfer.visit(url)


def one_per_template(urls: Iterable[str], most: int = 2) -> Iterator[str]:
    """A few addresses of each template."""
    count: dict[str, int] = {}
    for url in sorted(urls):
        template = template_of(url)
        count[template] = count.get(template, 0) + 1
        if count[template] <= most:
            yield url
