"""A real socket into the room, open through the drill: it measures what a browser would see."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin


@dataclass
class Probe:
    """Listens as one person. Latency: block served by the node -> entry read from the socket."""

    url: str  # http(s)://host:port of the room
    slug: str
    cookie: str
    served: dict[str, float] = field(default_factory=dict)  # block hash -> time.time()
    latencies_ms: list[float] = field(default_factory=list)
    recorded_ms: list[float] = field(default_factory=list)  # of these: until it was recorded
    seen: set[str] = field(default_factory=set)
    cursor: str = ""
    reconnects: int = 0
    _closed: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen in a thread of its own until `stop`."""
        self._thread = threading.Thread(target=self._run, name="probe", daemon=True)
        self._thread.start()

    def stop(self, grace: float = 2.0) -> None:
        """Let what is under way arrive, then hang up."""
        time.sleep(grace)
        self._closed.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._listen()
            except (OSError, WebSocketException, TimeoutError):
                self.reconnects += 1
                self._closed.wait(0.3)

    def _listen(self) -> None:
        address = self.url.replace("http", "ws", 1)
        target = f"{address}/ws/incidents/{self.slug}/?cursor={self.cursor}"
        headers = {"Cookie": self.cookie}
        with connect(
            target, origin=Origin(self.url), additional_headers=headers, max_size=None, proxy=None
        ) as socket:
            while not self._closed.is_set():
                try:
                    frame = socket.recv(timeout=0.5)
                except TimeoutError:
                    continue
                self._take(json.loads(frame), time.time())

    def _take(self, frame: dict[str, object], now: float) -> None:
        entry = frame.get("entry")
        if not isinstance(entry, dict):
            return
        self.cursor = entry["id"]
        if entry["id"] in self.seen:
            return
        self.seen.add(entry["id"])
        served = self.served.get(entry["content"].get("block_hash", ""))
        if entry["is_alert"] and served is not None and entry["kind"] != "trace.alert_withdrawn":
            recorded = datetime.fromisoformat(entry["at"]).timestamp()
            self.latencies_ms.append((now - served) * 1000)
            self.recorded_ms.append((recorded - served) * 1000)


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` of the values lie (nearest rank); 0 when there are none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]
