"""What a pool finds out about its endpoints, kept in their rows: health, limits, quarantine."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.db import transaction
from django.utils import timezone

from incidents.exceptions import BadInput, WrongState
from tracing.chains.quorum import LONGEST_ANSWER, Contradiction
from tracing.models import Endpoint, Quarantine

logger = logging.getLogger(__name__)
WRITE_EVERY = 2.0  # seconds, of one endpoint's health
_SHORTEST_SECRET = 6  # characters; a shorter part of a URL is a word like "v2" or "rpc"
_HIDDEN = "[endpoint]"


class Health:
    """A `Recorder` for the endpoints of one chain.

    It is told from any thread and only remembers; rows are written by `settle`, on the thread that
    made it: the watcher's, which has no transaction open while it asks a chain.
    """

    def __init__(self, endpoints: Mapping[int, Endpoint]) -> None:
        self._urls = {pk: (row.url, row.ws_url) for pk, row in endpoints.items()}
        self._learnt = {pk: dict(row.learnt) for pk, row in endpoints.items()}
        self._changes: dict[int, dict[str, Any]] = {}
        self._found: list[tuple[int, Contradiction]] = []
        self._lock = threading.Lock()
        self._thread = threading.get_ident()
        self._written_at = time.monotonic()

    def answered(self, key: int, *, seconds: float, head: int | None) -> None:
        changes = {
            "latency_ms": round(seconds * 1000, 1),
            "answered_at": timezone.now(),
            "errors_in_row": 0,
            "last_error": "",
            "retry_at": None,
        }
        self._change(key, changes if head is None else changes | {"head_number": head})

    def failed(self, key: int, reason: str, *, errors: int, rest: float) -> None:
        retry_at = timezone.now() + timedelta(seconds=rest)
        said = scrub(reason, self._urls.get(key, ()))[:300]
        self._change(key, {"last_error": said, "errors_in_row": errors, "retry_at": retry_at})

    def learnt(self, key: int, learnt: Mapping[str, Any]) -> None:
        self._learn(key, dict(learnt))

    def disagrees(self, key: int, what: str) -> None:
        self._learn(key, {f"disagrees_on_{what}": timezone.now().isoformat(timespec="seconds")})

    def contradicted(self, key: int, found: Contradiction) -> None:
        with self._lock:
            self._found.append((key, found))

    def settle(self, *, is_last: bool = False) -> None:
        """Write what is due; all of it, where nobody comes again."""
        if threading.get_ident() != self._thread:
            return
        now = time.monotonic()
        if not is_last and not self._found and now - self._written_at < WRITE_EVERY:
            return
        with self._lock:
            found, self._found = self._found, []
            changes, self._changes = self._changes, {}
        self._written_at = now
        for pk, columns in changes.items():
            Endpoint.objects.filter(pk=pk).update(**columns)
        for pk, contradiction in found:
            self._quarantine(pk, contradiction)

    def _change(self, key: int, columns: dict[str, Any]) -> None:
        with self._lock:
            self._changes.setdefault(key, {}).update(columns)

    def _learn(self, key: int, found: dict[str, Any]) -> None:
        with self._lock:
            self._learnt.setdefault(key, {}).update(found)
            self._changes.setdefault(key, {})["learnt"] = dict(self._learnt[key])

    def _quarantine(self, pk: int, found: Contradiction) -> None:
        urls = self._urls.get(pk, ())
        with transaction.atomic():
            row = Endpoint.objects.select_for_update().filter(pk=pk).first()
            if row is None or row.state == Endpoint.State.QUARANTINED:
                return
            row.state = Endpoint.State.QUARANTINED
            row.last_error = f"in quarantine: {found.kind}"
            row.save(update_fields=["state", "last_error"])
            Quarantine.objects.create(
                endpoint=row,
                kind=found.kind[:40],
                number=found.number,
                claimed=scrub(found.claimed, urls),
                computed=scrub(found.computed, urls),
                answer=scrub(found.answer, urls)[:LONGEST_ANSWER],
            )
        logger.warning("An endpoint of chain %s is in quarantine: %s", row.chain_id, found.kind)


def lift_quarantine(endpoint: Endpoint, person: str, reason: str) -> Endpoint:
    """Ask the endpoint again from the next run of the watcher on. The evidence stays.

    ``person``: who decides so, as it is shown later.

    :raises BadInput: no reason, or nobody. :raises WrongState: it is in no quarantine.
    """
    reason, person = reason.strip(), person.strip()
    if not reason:
        raise BadInput("Say why it may be trusted again.", field="reason")
    if not person:
        raise BadInput("Say who decides so.", field="person")
    with transaction.atomic():
        row = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
        if row.state != Endpoint.State.QUARANTINED:
            raise WrongState("This endpoint is in no quarantine.")
        free(row, person, reason)
    return row


def free(row: Endpoint, person: str, reason: str) -> None:
    """End the endpoint's quarantines, in the caller's transaction."""
    open_ones = Quarantine.objects.filter(endpoint=row, lifted_at__isnull=True)
    open_ones.update(lifted_at=timezone.now(), lifted_by=person[:200], reason=reason[:300])
    row.state, row.last_error, row.errors_in_row, row.retry_at = Endpoint.State.ACTIVE, "", 0, None
    row.save(update_fields=["state", "last_error", "errors_in_row", "retry_at"])


def scrub(text: str, urls: tuple[str, ...]) -> str:
    """The text without any part of the URLs that could be a key: endpoints may echo them."""
    for secret in sorted({part for url in urls for part in _secrets(url)}, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text


def _secrets(url: str) -> list[str]:
    parts = urlsplit(url)
    found = [url, parts.path, parts.query, parts.username or "", parts.password or ""]
    found += parts.path.split("/")
    found += [value for _, value in parse_qsl(parts.query)]
    found += [unquote(part) for part in found]
    return [part for part in found if len(part) >= _SHORTEST_SECRET]
