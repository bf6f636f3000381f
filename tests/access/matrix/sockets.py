"""Sockets: what is told of everything so far, resolved as the hub resolves it."""

from __future__ import annotations

from dataclasses import replace

from django.contrib.auth.models import AnonymousUser

from incidents import frames
from incidents.exceptions import HoldfastError
from tests.access.matrix.actors import Somebody
from tests.access.matrix.checks import Asked, allowed_to
from tests.access.matrix.lines import Shows
from tests.access.matrix.tally import MARKINGS, Tally
from tests.access.matrix.things import Relation
from tests.access.matrix.world import World


def check_frames(world: World, tally: Tally, surface: str, line: Shows) -> None:
    """Everybody listens in both rooms from the first entry on."""
    for who in world.company.everybody:
        for is_elsewhere in (False, True):
            asked = Asked(world, surface, who, is_elsewhere)
            room = world.company.elsewhere if is_elsewhere else world.here
            told = heard(surface, who, room.slug)
            # A socket knows sessions only: a token is nobody there.
            why = "unknown" if who.token else asked.door()
            assert (told is None) is bool(why), (surface, who.name, why)
            allowed = set() if why else allowed_to(asked, room, line)
            found = world.found_in(told or "")
            assert found <= allowed, (surface, who.name)
            due = {one for one in allowed if world.things[one].kind in line.kinds}
            assert due <= found, (surface, who.name)
            for thing in world.things.values():
                if thing.incident.pk == room.pk and thing.kind in line.kinds:
                    tally.decided(surface, thing.kind, allowed=thing.canary in found)
            own = (Relation.ELSEWHERE,) if is_elsewhere else (Relation.OWN, Relation.OTHER)
            tally.count(surface, who, MARKINGS, own)


def heard(surface: str, who: Somebody, slug: str) -> str | None:
    """All frames of one type; None: the socket is refused."""
    session = who.session_key or ""
    person = who.person if session else AnonymousUser()
    try:
        listener = frames.start(slug, person, session, "", "")  # type: ignore[arg-type]
    except HoldfastError:
        return None
    if surface == "FRAME state":
        state = frames.states_for([listener])[0]
        return state if isinstance(state, str) else None
    position, told = 0, ""
    while True:
        answer = frames.resolve_many([replace(listener, position=position)])[0]
        if not isinstance(answer, frames.Answer):
            return None
        told += "".join(answer.frames)
        position = answer.position
        if not answer.has_more:
            return told
