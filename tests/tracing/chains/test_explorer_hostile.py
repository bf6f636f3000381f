"""A history that drips, or answers with JSON that is meant to break its reader."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tracing.chains import evm_explorer_http
from tracing.chains.errors import BadAnswer, ChainError, RetryableChainError
from tracing.chains.evm_explorer import Explorer

SECRET = "s3cr3t-key"
WHO = "0x" + "ab" * 20
ROW = {"blockNumber": "0", "value": "1", "hash": "0x" + "1" * 64, "from": WHO, "to": WHO}
NOTHING = json.dumps({"status": "0", "message": "No transactions found", "result": []}).encode()


class History:
    """Answers with ``body``, ``drip`` seconds between two bytes; further pages are empty, unless it
    ``is_endless``."""

    def __init__(self) -> None:
        self.body, self.drip = b"", 0.0
        self.is_endless, self.asked = False, 0
        history = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                history.asked += 1
                is_first = history.is_endless or "&page=1&" in f"{self.path}&"
                body = history.body if is_first else NOTHING
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                step = 1 if history.drip else max(1, len(body))
                try:
                    for at in range(0, len(body), step):
                        self.wfile.write(body[at : at + step])
                        time.sleep(history.drip)
                except OSError:
                    return  # whoever asked has gone

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/api?apikey={SECRET}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def ask(self) -> list[Any]:
        with closing(Explorer("eip155:31337", self.url, pace=0.0)) as explorer:
            return explorer.transfers(WHO, 0, 0)


@pytest.fixture
def history() -> Iterator[History]:
    found = History()
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_a_byte_now_and_then_holds_nobody(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evm_explorer_http, "TIMEOUT", 0.5)
    history.body, history.drip = b" " * 40, 0.1
    began = time.monotonic()
    with pytest.raises(RetryableChainError) as refusal:
        history.ask()
    assert time.monotonic() - began < 2.0
    assert SECRET not in f"{refusal.value!r}"


@pytest.mark.parametrize("place", ["status", "message", "isError", "type", "to"])
def test_what_is_nested_too_deep_is_a_typed_error(history: History, place: str) -> None:
    nested: Any = []
    for _ in range(900):
        nested = [nested]
    body: dict[str, Any] = {"status": "1", "message": "OK", "result": [ROW | {place: nested}]}
    if place in ("status", "message"):
        body = {"status": "0", "message": "NOTOK", "result": ""} | {place: nested}
    history.body = json.dumps(body).encode()
    with pytest.raises(ChainError):
        history.ask()


def test_a_history_that_comes_to_no_end_is_left(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evm_explorer_http, "MOST_QUESTIONS", 20)
    history.body = json.dumps({"status": "1", "message": "OK", "result": [ROW]}).encode()
    history.is_endless = True
    with pytest.raises(BadAnswer, match="no end"):
        history.ask()
    assert history.asked == 20


def test_an_honest_history_that_has_nothing_is_believed(history: History) -> None:
    history.body = NOTHING
    assert history.ask() == []
