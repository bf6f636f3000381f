"""A real web process: what its sockets bring from the beginning, and what it writes to its log."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError

import pytest
from websockets.exceptions import ConnectionClosed

from tests import web
from tests.access.canaries.crawl import leaks
from tests.access.canaries.full import Full
from tests.access.canaries.tokens import Viewer

# No entry has it, so that a socket begins at the very first one.
FROM_THE_BEGINNING = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def site(full: Full, tmp_path_factory: pytest.TempPathFactory) -> Iterator[web.Web]:
    with web.running(tmp_path_factory.mktemp("web"), log="DEBUG") as running:
        yield running


def frames(site: web.Web, full: Full, viewer: Viewer) -> list[str]:
    """Everything that a viewer's socket brings until it is quiet; nothing if it is refused."""
    told: list[str] = []
    slug = full.room.incident.slug
    with web.Socket(site, slug, viewer.person, cursor=FROM_THE_BEGINNING) as socket:
        try:
            while True:
                told.append(str(socket.connection.recv(timeout=6 if len(told) < 2 else 2)))
        except (TimeoutError, ConnectionClosed):
            return told


def test_frames_tell_nobody_what_they_may_not_read(site: web.Web, full: Full) -> None:
    found, heard = [], {}
    for viewer in full.viewers:
        told = frames(site, full, viewer)
        heard[viewer.role] = len(told)
        data = "\n".join(told).encode()
        found += sorted(map(str, leaks(full.aviary, viewer, "frames", "", data)))
    assert found == []
    assert min(heard[role] for role in ("lead", "rival", "law", "exchange")) > 10
    for role in ("anonymous", "outsider", "removed", "lapsed", "invited", "administrator"):
        assert heard[role] == 0, role


def test_log_of_the_process_holds_no_text(site: web.Web, full: Full) -> None:
    at = full.room.aviary.address("an address nobody has", lambda viewer: False)
    slug = full.room.incident.slug
    for path in (f"incidents/{slug}/addresses/eip155:1/{at}/", "accounts/login/?next=/x/"):
        with suppress(HTTPError):
            urllib.request.urlopen(f"{site.url}/api/v1/{path}", timeout=20)  # noqa: S310
    log = Path(site.supervisor.log_dir / "web.log").read_bytes()
    assert b"DEBUG" in log
    found = leaks(full.aviary, Viewer("the log", None), "logs", "web.log", log)
    assert sorted(map(str, found)) == []


def test_leaking_frame_would_be_found(site: web.Web, full: Full) -> None:
    """What the coordinator's socket brings is more than the rival's may."""
    coordinator = full.viewer("coordinator")
    told = frames(site, full, coordinator)
    data = "\n".join(told).encode()
    assert leaks(full.aviary, coordinator, "frames", "", data) == set()
    assert leaks(full.aviary, full.viewer("rival"), "frames", "", data) != set()
