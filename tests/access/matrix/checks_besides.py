"""The cells of surfaces that are about no item: whom they let, and that nothing comes of them."""

from __future__ import annotations

import re

from tests.access.matrix.asking import Told, address, undone, watched
from tests.access.matrix.besides import BESIDES
from tests.access.matrix.checks import Asked, allowed_to, named
from tests.access.matrix.lines import Apart, Lets, Shows
from tests.access.matrix.tally import MARKINGS, Tally
from tests.access.matrix.things import Relation
from tests.access.matrix.world import World

# New in every answer: what forms are signed with.
RANDOM = re.compile(r'csrftoken=.*|csrfmiddlewaretoken" value="\w+"')


def check_apart(world: World, tally: Tally, surface: str, line: Apart) -> None:
    """Whoever asks, with the names of things of both rooms: nothing of either is in the answer."""
    for who in world.company.everybody:
        if line.asked and who.name not in line.asked:
            continue
        asked = Asked(world, surface, who, is_elsewhere=False)
        url = address(asked.route, world.addresses(world.here))
        told = asked.get(url, dict(line.body))
        assert told.status < 500, (surface, who.name, told.status)
        found = world.found_in(told.text) - world.found_in(url)
        assert not found, (surface, who.name, named(world, found))
        tally.count(surface, who, MARKINGS, Relation)


def check_lets(world: World, tally: Tally, surface: str, line: Lets) -> None:
    """Everybody asks about the same thing: those who may are let, nothing happens for others."""
    with undone():
        ids = BESIDES[line.of](world)
        body = line.body(ids) if callable(line.body) else line.body
        with watched():
            for who in world.company.everybody:
                asked = Asked(world, surface, who, is_elsewhere=False)
                url = address(asked.route, world.addresses(world.here) | ids)
                told = asked.get(url, dict(body))
                found = world.found_in(told.text) - world.found_in(url)
                is_inside = "<slug:slug>" in surface and not asked.door()
                seen = allowed_to(asked, world.here, Shows()) if is_inside else set()
                assert found <= seen, (surface, who.name, named(world, found - seen))
                allowed = who.name in line.may
                where = (surface, who.name, told.status, told.to, told.writes, told.text[-600:])
                assert told.status < 500, where
                assert _was_let(asked, told) is allowed, where
                assert allowed or told.writes == 0, where
                tally.decided(surface, line.of, allowed=allowed)
                tally.count(surface, who, MARKINGS, Relation)


def _was_let(asked: Asked, told: Told) -> bool:
    if asked.is_api or asked.method == "GET":
        return 200 <= told.status < 300
    return told.status < 400 and told.writes > 0


def check_absent(world: World, surface: str) -> None:
    """A room that is not theirs answers a stranger as one that never was, to the byte (but
    for what forms are signed with)."""
    who = next(one for one in world.company.everybody if one.name == "stranger")
    asked = Asked(world, surface, who, is_elsewhere=False)
    parts = world.addresses(world.here)
    told = []
    for slug in (world.here.slug, "no-such-room"):
        answer = asked.get(address(asked.route, parts | {"slug": slug}))
        told.append((answer.status, RANDOM.sub("", answer.text.replace(slug, "..."))))
    assert told[0] == told[1], surface
    assert told[0][0] == 404, surface
