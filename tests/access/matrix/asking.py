"""One request in a savepoint, and what it left behind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponseBase

from tests.access.matrix.actors import Somebody

PART = re.compile(r"<(?:\w+:)?(\w+)>")
# What looking around may write: where somebody is, when a token was used.
_WRITES = """
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0),
       coalesce(sum(n_tup_ins) FILTER (WHERE relname = 'incidents_ledgerentry'), 0)
FROM pg_stat_xact_user_tables
WHERE relname NOT IN ('django_session', 'incidents_apitoken', 'usersessions_usersession')
"""


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


def written() -> tuple[int, int]:
    """Rows that this transaction wrote so far, whatever became of them, and entries among them."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITES)
        rows, entries = cursor.fetchone()
    return int(rows), int(entries)


@contextmanager
def undone() -> Iterator[None]:
    """Nothing that happens in here stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(who: Somebody, method: str, url: str, body: dict[str, Any], *, is_api: bool) -> Told:
    """Let somebody ask, as their browser or their script does. Nothing of it stays."""
    who.rewind()
    before = written()
    with undone():
        if is_api:
            sent = json.dumps(body) if method != "GET" else ""
            response = who.client.generic(method, url, sent, "application/json")
        elif method == "GET":
            response = who.client.get(url)
        else:
            response = who.client.post(url, body)
        text = text_of(response)
        after = written()
    to = response.headers.get("Location", "")
    return Told(response.status_code, text, after[0] - before[0], after[1] - before[1], to)


def text_of(response: HttpResponseBase) -> str:
    """All that somebody gets: where it leads, its headers, its body."""
    streamed = getattr(response, "streaming_content", None)
    body = b"".join(streamed) if streamed is not None else getattr(response, "content", b"")
    heads = " ".join(f"{name}: {value}" for name, value in response.headers.items())
    cookies = response.cookies.output() if hasattr(response, "cookies") else ""
    return f"{heads}\n{cookies}\n{body.decode('utf-8', 'replace')}"
