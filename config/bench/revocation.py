"""How long after its removal has committed the sockets of a party still hear something.

A web process of its own with PostgreSQL and Redis; hundreds of sockets of distinct people of one
party and some of another, which goes on writing ten entries a second. Both ends of every socket
share the machine: the clients' work is in the figures.
"""

from __future__ import annotations

import json
import sys
import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from config.bench.clock import child
from config.embedded import ports
from config.embedded.room import Room
from config.embedded.stack import Stack
from tracing.drills.probe import percentile

if TYPE_CHECKING:
    from config.bench.crowd import Crowd, Ear

ROUNDS = 20  # entries whose way is measured, before and after
PAUSE = 0.1  # seconds between two entries
SETTLED = 3.0  # seconds after the removal, and after what was measured


def figures(leaving: int, staying: int) -> dict[str, Any]:
    """Milliseconds until silence, and of the way of an entry before and after.

    :raises EmbeddedError: something did not start.
    :raises subprocess.CalledProcessError: the run broke off.
    """
    with Stack.scratch(node=False, say=lambda _: None) as stack:
        extra = {"HOLDFAST_DRILL": "1", "HOLDFAST_LOG": "WARNING"}
        room = Room(stack, ports.any_free(), extra)
        room.migrate()
        room.start_web()
        env = {**room.env, "DJANGO_SETTINGS_MODULE": "config.settings"}
        found: dict[str, Any] = child(
            "config.bench.revocation", room.url, leaving, staying, env=env
        )
        return found


def play(crowd: Crowd, leaving: list[Ear], staying: list[Ear]) -> dict[str, Any]:
    """Remove the party while the other one writes; all sockets are open."""
    before = _way(crowd, "before", [*leaving, *staying])
    is_over = Event()
    said: dict[str, float] = {}

    def write() -> None:
        from django.db import connections

        while not is_over.wait(PAUSE):
            text = f"meanwhile {len(said)}."
            said[text] = crowd.say(text)
        connections.close_all()

    writer = Thread(target=write)
    writer.start()
    time.sleep(10 * PAUSE)
    removed_at = crowd.remove()
    time.sleep(SETTLED)
    is_over.set()
    writer.join()
    silent = [1000 * max(0.0, ear.last_at - removed_at) for ear in leaving]
    later = [text for text, at in said.items() if at > removed_at]
    return {
        "leaving": len(leaving),
        "staying": len(staying),
        "silent_ms": _shares(silent),
        "closed": sum(ear.ended_at is not None for ear in leaving),
        "heard_later": sum(ear.when(text) is not None for ear in leaving for text in later),
        "written_later": len(later),
        "way_before_ms": before,
        "way_after_ms": _way(crowd, "after", staying),
    }


def _way(crowd: Crowd, name: str, ears: list[Ear]) -> dict[str, float]:
    """From before an entry is written to each socket, in milliseconds."""
    said = {}
    for n in range(ROUNDS):
        text = f"{name} {n}."
        said[text] = crowd.say(text)
        time.sleep(PAUSE)
    time.sleep(SETTLED)
    came = [(ear.when(text), at) for text, at in said.items() for ear in ears]
    took = [1000 * (arrived - at) for arrived, at in came if arrived is not None]
    return {**_shares(took), "lost": len(came) - len(took)}


def _shares(values: list[float]) -> dict[str, float]:
    found = {f"p{share}": round(percentile(values, share / 100), 1) for share in (50, 99)}
    return {**found, "most": round(max(values, default=0.0), 1)}


def main(site: str, leaving: int, staying: int) -> None:
    """Open the sockets, play, and print one line of JSON."""
    import django

    django.setup()
    from config.bench.crowd import Crowd, Ears
    from incidents.services import sessions

    crowd = Crowd(leaving, staying, sessions.cookie_for)
    theirs, others = crowd.cookies
    ears = Ears(site, crowd.incident.slug, [*theirs, *others])
    ears.open()
    found = play(crowd, ears.all[:leaving], ears.all[leaving:])
    ears.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
