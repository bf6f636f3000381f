"""An endpoint between the watcher and a real node, which behaves as badly as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

# From the honest answer to what is sent instead.
Mood = Callable[[bytes], bytes]
# The same for one method: from its parameters and its honest result.
Lie = Callable[[list[Any], Any], Any]


@dataclass(frozen=True)
class Refusal:
    """An error in the place of a result."""

    code: int
    message: str


class Liar:
    """Passes everything on, through the lies of each method and then through ``mood``.

    ``status`` and ``headers``: of the HTTP answer. ``asked``: the methods, as they came. A lie that
    is a `Refusal` is sent as a JSON-RPC error.
    """

    def __init__(self, node_url: str) -> None:
        self.node_url = node_url
        self.honest()
        liar = self

        class Handler(BaseHTTPRequestHandler):
            wbufsize = -1  # headers and body in one packet: no 40 ms of waiting for each other

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(liar.delay)
                answer = liar.mood(liar.tell(body))
                with suppress(OSError):  # whoever asked may have lost patience
                    self.send_response(liar.status)
                    for name, value in liar.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def honest(self) -> None:
        """From now on it tells the truth, at once."""
        self.status = 200
        self.headers: dict[str, str] = {}
        self.lies: dict[str, Lie] = {}
        self.asked: list[str] = []
        self.delay = 0.0
        self.mood: Mood = lambda answer: answer

    def ask(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json"}
        return requests.post(self.node_url, body, headers=headers, timeout=20).content

    def tell(self, body: bytes) -> bytes:
        """The node's answer with this endpoint's lies in it."""
        requests_ = json.loads(body)
        batch = requests_ if isinstance(requests_, list) else [requests_]
        self.asked += [request["method"] for request in batch]
        answer = self.ask(body)
        if not self.lies.keys() & {request["method"] for request in batch}:
            return answer
        by_id = {request["id"]: request for request in batch}
        replies = json.loads(answer)
        for reply in replies if isinstance(replies, list) else [replies]:
            request = by_id[reply["id"]]
            lie = self.lies.get(request["method"])
            if lie is None:
                continue
            result = lie(request["params"], reply.pop("result", None))
            if isinstance(result, Refusal):
                reply["error"] = {"code": result.code, "message": result.message}
            elif "error" not in reply:
                reply["result"] = result
        return json.dumps(replies).encode()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def replacing(old: str, new: str) -> Mood:
    """A mood that puts one text in the place of another."""
    return lambda answer: answer.replace(old.encode(), new.encode())


def without(name: str) -> Mood:
    """A mood that leaves one field out of every object."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(part) for key, part in value.items() if key != name}
        return [strip(part) for part in value] if isinstance(value, list) else value

    return lambda answer: json.dumps(strip(json.loads(answer))).encode()
