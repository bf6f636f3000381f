"""One request in a savepoint, and what it left behind.

Most of what a request costs is finding out who asks, and the test client's copies of contexts. So
requests go to Django's handler without that client, and only some of them through the middleware:
the others begin behind it, at the URL resolver, with the session and the person that the middleware
finds for the same cookie.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from allauth.core import context
from django.conf import settings
from django.contrib.messages.storage import default_storage
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import set_urlconf

from incidents import scope
from tests.access.matrix.actors import Somebody

PART = re.compile(r"<(?:\w+:)?(\w+)>")
# What looking around may write: where somebody is, when a token was used.
_TABLES = """
SELECT array_agg(oid::bigint), max(oid::bigint) FILTER (WHERE relname = 'incidents_ledgerentry')
FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND relname NOT IN ('django_session', 'incidents_apitoken', 'usersessions_usersession')
"""
_WRITES = """
SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (WHERE t = %s), 0)
FROM unnest(%s::bigint[]) t, LATERAL (SELECT pg_stat_get_xact_tuples_inserted(t::oid)
  + pg_stat_get_xact_tuples_updated(t::oid) + pg_stat_get_xact_tuples_deleted(t::oid) AS n) _
"""
HARMLESS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass(frozen=True)
class Told:
    """An answer, and how many rows were written and entries recorded meanwhile."""

    status: int
    text: str
    writes: int
    entries: int
    to: str = ""  # where a redirect leads


def address(route: str, parts: dict[str, str]) -> str:
    """A route with its parts filled in."""
    return "/" + PART.sub(lambda found: parts[found.group(1)], route)


# --- what was written ----------------------------------------------------------------------


@cache
def _tables() -> tuple[list[int], int]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        every, ledger = cursor.fetchone()
    return every, ledger


def written() -> tuple[int, int]:
    """Rows that this transaction wrote so far, whatever became of them, and entries among them."""
    every, ledger = _tables()
    with connection.cursor() as cursor:
        cursor.execute(_WRITES, [ledger, every])
        rows, entries = cursor.fetchone()
    return int(rows), int(entries)


@dataclass
class Watch:
    """Sees every statement: PostgreSQL is asked for its counts only after one that may write.
    `settle` asks it in any case, so that nothing writes in the guise of a read."""

    may_write: bool = False
    counted: tuple[int, int] = (0, 0)

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, about: Any
    ) -> Any:
        self.may_write = self.may_write or not str(sql).lstrip().upper().startswith(HARMLESS)
        return execute(sql, params, many, about)

    def begin(self) -> None:
        """Count from here."""
        self.counted, self.may_write = written(), False

    def since(self) -> tuple[int, int]:
        """Rows and entries written since the last look."""
        if not self.may_write:
            return 0, 0
        before, self.counted, self.may_write = self.counted, written(), False
        return self.counted[0] - before[0], self.counted[1] - before[1]

    def settle(self) -> None:
        """What PostgreSQL counts is what was seen."""
        assert self.may_write or written() == self.counted, "a statement that reads has written"


WATCH = Watch()


@contextmanager
def watched() -> Iterator[None]:
    """What is asked in here is counted; nothing is made meanwhile but by what is asked."""
    with connection.execute_wrapper(WATCH):
        WATCH.begin()
        yield
        WATCH.settle()


@contextmanager
def undone() -> Iterator[None]:
    """Nothing that happens in here stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# --- asking --------------------------------------------------------------------------------


@cache
def _handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    return handler


def _behind_the_middleware(who: Somebody, request: HttpRequest) -> HttpResponseBase:
    """From the resolver on, with all that the middleware would have found out."""
    set_urlconf(settings.ROOT_URLCONF)
    with scope.within(scope.NOBODY), context.request_context(request):
        who.identify(request)
        request.allauth = SimpleNamespace()  # type: ignore[attr-defined]
        request._messages = default_storage(request)  # type: ignore[attr-defined]
        return convert_exception_to_response(_handler()._get_response)(request)


def ask(
    who: Somebody, method: str, url: str, body: dict[str, Any], *, is_api: bool, whole: bool = True
) -> Told:
    """Let somebody ask, as their browser or their script does. Nothing of it stays.

    :param whole: through the middleware too.
    """
    if is_api:
        sent = json.dumps(body) if method != "GET" else ""
        request = who.requests.generic(method, url, sent, "application/json")
    elif method == "GET":
        request = who.requests.get(url)
    else:
        form = urlencode(body, doseq=True)
        request = who.requests.generic(method, url, form, "application/x-www-form-urlencoded")
    request._dont_enforce_csrf_checks = True
    with undone():
        if whole:
            response = _handler().get_response(request)
        else:
            response = _behind_the_middleware(who, request)
        text = text_of(response)
        rows, entries = WATCH.since()
    return Told(response.status_code, text, rows, entries, response.headers.get("Location", ""))


def text_of(response: HttpResponseBase) -> str:
    """All that somebody gets: where it leads, its headers, its body."""
    streamed = getattr(response, "streaming_content", None)
    body = b"".join(streamed) if streamed is not None else getattr(response, "content", b"")
    heads = " ".join(f"{name}: {value}" for name, value in response.headers.items())
    cookies = response.cookies.output() if hasattr(response, "cookies") else ""
    return f"{heads}\n{cookies}\n{body.decode('utf-8', 'replace')}"
