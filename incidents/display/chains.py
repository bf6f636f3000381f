"""How far a chain is vouched for, in words. static/js/room.js says the same."""

from __future__ import annotations

from datetime import UTC, datetime

WORDS = {
    "starting": "starting",
    "single": "single source",
    "verified": "verified",
    "logs": "logs verified, inner movements not",
    "unverified": "not verified",
    "off": "not watched",
}
TONES = {
    "starting": "wait",
    "single": "open",
    "verified": "good",
    "logs": "wait",
    "unverified": "bad",
    "off": "wait",
}


def words(standing: str, since: datetime | None = None) -> str:
    """ "not verified since 21 Nov 12:00:03 UTC" where that is known."""
    said = WORDS[standing]
    if standing == "unverified" and since is not None:
        at = since.astimezone(UTC)
        return f"{said} since {at.day} {at:%b %H:%M:%S} UTC"
    return said
