"""Endpoints whose URLs hold a canary in every place, and where it must not be found again."""

from __future__ import annotations

import base64
import json
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from django.db import connection

CANARY = "CANARYq7x4K3Y"
_USER = f"u{CANARY}:p{CANARY}"
# As it is, and as the header that HTTP makes of user and password.
TRACES = (CANARY, base64.b64encode(_USER.encode()).decode()[:-4])
FOUND_IN = {("tracing_endpoint", "url"), ("tracing_endpoint", "ws_url")}


def url_of(port: int, scheme: str = "http") -> str:
    """A URL with the canary as user, password, path and query."""
    return f"{scheme}://{_USER}@127.0.0.1:{port}/{CANARY}/v2?apikey={CANARY}"


def holds(text: object) -> bool:
    """Whether the canary, or what is made of it, is in a text."""
    return any(trace in str(text) for trace in TRACES)


class Parrot:
    """An endpoint that repeats whatever it was sent: address, headers and all, in the way that
    ``mood`` says. "honest" passes on to a real node."""

    def __init__(self, node_url: str) -> None:
        self.mood = "honest"
        self.sockets = 0  # tries to open one
        parrot = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                said = f"{self.path} {self.headers}"
                status, headers, answer = parrot.answer(said, body)
                with suppress(OSError):
                    self.send_response(status)
                    for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(answer)

            def do_GET(self) -> None:  # how a WebSocket begins
                parrot.sockets += 1
                self.send_error(403, f"not for {CANARY}", f"{self.path} {self.headers}")

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.node_url = node_url
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, said: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        if self.mood == "redirect":
            return 302, {"Location": f"http://127.0.0.1:{self.port}/elsewhere/{CANARY}"}, b""
        if self.mood == "garbage":
            return 200, {}, f"<html>{said}</html>".encode()
        if self.mood in ("401", "429", "500"):
            return int(self.mood), {"Retry-After": f"1; {CANARY}"}, said.encode()
        if self.mood == "error":
            return 200, {}, _each(body, {"error": {"code": -32000, "message": said, "data": said}})
        headers = {"Content-Type": "application/json"}
        honest = requests.post(self.node_url, body, headers=headers, timeout=20).content
        if self.mood == "wrong chain":
            return 200, {}, honest.replace(b'"0x7a69"', json.dumps(said).encode())
        if self.mood == "forged":
            # The header no longer hashes to its name, and each transaction tells where it is from.
            told = f'"node":{json.dumps(said)},"blockHash"'.encode()
            wrong = b'"stateRoot":"0x' + b"5a" * 32 + b'"'
            forged = re.sub(rb'"stateRoot":"0x[0-9a-f]{64}"', wrong, honest)
            return 200, {}, forged.replace(b'"blockHash"', told)
        return 200, {}, honest

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _each(body: bytes, answer: dict[str, Any]) -> bytes:
    asked = json.loads(body)
    calls = asked if isinstance(asked, list) else [asked]
    answers = [{"jsonrpc": "2.0", "id": call["id"], **answer} for call in calls]
    return json.dumps(answers if isinstance(asked, list) else answers[0]).encode()


class Written(logging.Handler):
    """Everything that any logger was given, with its exceptions, whatever its level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # Templates write a traceback for each name that is not there: thousands for a page.
        quick = record.name == "django.template"
        said = record.getMessage() if quick else self.format(record)
        self.lines.append(f"{record.name}: {said} {record.args!r}")

    @property
    def leaks(self) -> list[str]:
        return [line for line in self.lines if holds(line)]


@contextmanager
def everything_written() -> Iterator[Written]:
    """All loggers at DEBUG, whatever the settings say."""
    written = Written()
    loggers = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    before = [(one, one.level) for one in (logging.root, *loggers)]
    for one in loggers:
        one.setLevel(logging.NOTSET)
    logging.root.setLevel(logging.DEBUG)
    logging.root.addHandler(written)
    try:
        yield written
    finally:
        logging.root.removeHandler(written)
        for one, level in before:
            one.setLevel(level)


def columns_with_it() -> set[tuple[str, str]]:
    """Every column of every table of the database that holds the canary, in any form of text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' ORDER BY 1, 2"
        )
        places = cursor.fetchall()
        found = set()
        for table, column in places:
            for trace in TRACES:
                cursor.execute(
                    f'SELECT EXISTS (SELECT 1 FROM "{table}" '  # noqa: S608 - from the catalogue
                    f'WHERE position(%s in "{column}"::text) > 0)',
                    (trace,),
                )
                if cursor.fetchone()[0]:
                    found.add((table, column))
    return found


def chain_of(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and everything that it comes from, whether a traceback shows it or not."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__]
