"""The cells: what somebody gets on a surface against what the reference says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product

from incidents.choices import Marking
from incidents.models import Incident
from tests.access.matrix import reference
from tests.access.matrix.actors import Somebody
from tests.access.matrix.asking import Told, address, ask, undone, watched
from tests.access.matrix.lines import Apart, Does, Line, Shows
from tests.access.matrix.tally import MARKINGS, Tally, is_asked, rooms_of, stated
from tests.access.matrix.things import Relation, Thing
from tests.access.matrix.world import Place, World

SIGN_IN = "/accounts/login/"
# Where a surface is asked once for each marking: these requests go through the middleware too.
WHOLE = str(Marking.AMBER)


@dataclass(frozen=True)
class Asked:
    """Who asks on which surface, in which room."""

    world: World
    surface: str
    who: Somebody
    is_elsewhere: bool

    @property
    def method(self) -> str:
        return self.surface.partition(" ")[0]

    @property
    def route(self) -> str:
        return self.surface.partition(" ")[2]

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")

    @property
    def is_known(self) -> bool:
        """Tokens open the API alone."""
        return self.who.is_known and (self.is_api or not self.who.token)

    @property
    def _may_only_read(self) -> bool:
        """A token that reads is sent away from every write before anything is looked up."""
        return self.who.proof == "read_token" and self.method != "GET"

    def get(self, url: str, body: dict[str, object] | None = None, *, whole: bool = True) -> Told:
        """:param whole: through the middleware too."""
        return ask(self.who, self.method, url, body or {}, is_api=self.is_api, whole=whole)

    def door(self, needed: str = "in") -> str:
        """ "": they come in. Else why not: "unknown", "absent", "unsigned"."""
        if not self.is_known:
            return "unknown"
        door = self.who.door_of(self.is_elsewhere)
        if door == "none":
            return "absent"
        return "unsigned" if door == "unsigned" and needed == "in" else ""

    def refusal(self, act: str) -> str:
        """Why the reference refuses an act to whoever came in."""
        viewer = self.who.viewer(self.is_elsewhere)
        return reference.refusal(viewer, act) if act and viewer is not None else ""

    def check_refused(self, told: Told, why: str) -> None:
        """The answer is one that says no, in the way of pages or of the API."""
        where = (self.surface, self.who.name, why, told.status, told.to)
        assert told.writes == 0, where
        if self.is_known and self.is_api and self._may_only_read:
            assert told.status == 403, where
        elif why == "unknown" and not self.is_api:
            assert told.status == 302, where
            assert told.to.startswith(SIGN_IN), where
        elif why == "unknown":
            assert told.status == 401, where
        elif why == "absent":
            assert told.status == 404, where
        elif self.is_api:
            codes = {"hidden": (404, 403), "theirs": (403, 404, 409)}
            assert told.status in codes.get(why, (403,)), where
        else:
            # A page says it in words, or sends to the terms or to the passkey.
            assert told.status < 500, where


def check_list(world: World, tally: Tally, surface: str, line: Shows) -> None:
    """Everybody fetches it in both rooms; every thing of every marking and owner is looked for."""
    for who in world.company.everybody:
        for is_elsewhere in (False, True):
            asked = Asked(world, surface, who, is_elsewhere)
            room = world.company.elsewhere if is_elsewhere else world.here
            _check_answer(asked, tally, line, room)


def _check_answer(asked: Asked, tally: Tally, line: Shows, room: Incident) -> None:
    world, who = asked.world, asked.who
    url = address(asked.route, world.addresses(room))
    answers = [asked.get(url + more) for more in line.more]
    found = world.found_in("\n".join(told.text for told in answers)) - world.found_in(url)
    is_public = line.surface == "public"
    why = "" if is_public else asked.door(line.door) or asked.refusal(line.act)
    if why:
        asked.check_refused(answers[0], why)
    else:
        assert answers[0].status == 200, (asked.surface, who.name, answers[0].status)
    assert all(told.writes == 0 for told in answers), "looking changes nothing"
    allowed = set() if why else allowed_to(asked, room, line)
    assert found <= allowed, (asked.surface, who.name, named(world, found - allowed))
    due = {c for c in allowed if world.things[c].kind in line.kinds}
    assert due <= found, (asked.surface, who.name, "misses", named(world, due - found))
    here = [thing for thing in world.things.values() if thing.incident.pk == room.pk]
    for thing in here:
        if thing.kind in line.kinds:
            tally.decided(asked.surface, thing.kind, allowed=thing.canary in found)
    relations = (Relation.ELSEWHERE,) if asked.is_elsewhere else (Relation.OWN, Relation.OTHER)
    tally.count(asked.surface, who, MARKINGS, relations)


def allowed_to(asked: Asked, room: Incident, line: Shows) -> set[str]:
    """The canaries of a room that the reference lets somebody see on this surface."""
    viewer = None if line.surface == "public" else asked.who.viewer(asked.is_elsewhere)
    here = (thing for thing in asked.world.things.values() if thing.incident.pk == room.pk)
    return {
        thing.canary
        for thing in here
        if thing.is_seen_by(viewer, line.surface)
        and (line.surface == "room" or thing.kind in (*line.kinds, *line.partly))
    }


def named(world: World, canaries: Iterable[str]) -> list[str]:
    things = [world.things[one] for one in canaries]
    return sorted(f"{t.kind} {t.marking} of {t.owner} in {t.incident}" for t in things)[:8]


def check_one(world: World, tally: Tally, surface: str, line: Shows | Does) -> None:
    """One thing after another, of every marking and relation: each is made, asked for by all whom
    it concerns, and unmade."""
    cells: dict[tuple[int, int, str], list[tuple[Somebody, Relation]]] = defaultdict(list)
    for who, relation, marking in product(world.company.everybody, Relation, MARKINGS):
        if not is_asked(surface, who, marking, relation):
            continue
        party, room = world.party(who, relation)
        cells[party.organization.pk, room.pk, marking].append((who, relation))
    for (_, _, marking), asking in cells.items():
        with undone():
            party, room = world.party(*asking[0])
            thing = world.make(line.of, world.shared(party, room, marking))
            world.things[thing.canary] = thing
            try:
                with watched():
                    for who, relation in asking:
                        _check_thing(world, tally, surface, line, who, relation, thing)
                        tally.count(surface, who, [marking], [relation])
            finally:
                del world.things[thing.canary]


def _check_thing(
    world: World,
    tally: Tally,
    surface: str,
    line: Shows | Does,
    who: Somebody,
    relation: Relation,
    thing: Thing,
) -> None:
    is_elsewhere = relation is Relation.ELSEWHERE
    asked = Asked(world, surface, who, is_elsewhere)
    parts = world.addresses(thing.incident) | thing.ids
    if is_elsewhere and asked.who.door == "in" and thing.marking == Marking.CLEAR:
        # Its name in one's own room opens nothing either.
        mixed = Asked(world, surface, who, is_elsewhere=False)
        url = address(asked.route, parts | {"slug": world.here.slug})
        told = mixed.get(url, _body(mixed, line, world.here, thing))
        mixed.check_refused(told, "hidden")
        assert thing.canary not in world.found_in(told.text) - world.found_in(url)
    url = address(asked.route, parts)
    whole = thing.marking == WHOLE
    told = asked.get(url, _body(asked, line, thing.incident, thing), whole=whole)
    viewer = who.viewer(is_elsewhere)
    why = asked.door(line.door) or ("" if thing.is_seen_by(viewer) else "hidden")
    why = why or asked.refusal(line.act) or _not_theirs(line, relation, who, thing)
    found = world.found_in(told.text) - world.found_in(url)
    seen = set() if asked.door(line.door) else allowed_to(asked, thing.incident, Shows())
    assert found <= seen, (surface, who.name, named(world, found - seen))
    if why:
        asked.check_refused(told, why)
    elif isinstance(line, Does):
        outward = line.outward == "always" or (is_elsewhere and bool(line.outward))
        stays = outward and not thing.goes_out_for(viewer)
        check_done(asked, replace(line, ends="told", elsewhere="") if stays else line, told)
    else:
        assert told.status == 200, (surface, who.name, thing.marking, relation, told.status)
        assert thing.canary in found or thing.canary in url or thing.kind in line.partly, (
            surface,
            who.name,
            thing.marking,
        )
        assert told.writes == 0, "looking changes nothing"
    tally.decided(surface, line.of, allowed=not why)


def _not_theirs(line: Shows | Does, relation: Relation, who: Somebody, thing: Thing) -> str:
    owners = line.owners if isinstance(line, Does) else ""
    if isinstance(line, Does) and line.openly and who.is_confidential:
        return "would show itself"
    is_own = thing.owner.pk == who.home.pk
    return "theirs" if owners and is_own != (owners == "own") else ""


def _body(asked: Asked, line: Line, room: Incident, thing: Thing | None) -> dict[str, object]:
    if isinstance(line, Shows):
        return {}
    marking = thing.marking if thing is not None else str(Marking.AMBER)
    return _filled(asked, line, room, marking, thing)


def _filled(
    asked: Asked, line: Line, room: Incident, marking: str, thing: Thing | None = None
) -> dict[str, object]:
    assert isinstance(line, Does | Apart)
    if callable(line.body):
        return line.body(Place(asked.world, room, asked.who, marking, thing, asked.is_api))
    return line.body


def check_done(asked: Asked, line: Does, told: Told) -> None:
    """What somebody may do was done, or the reason was told why it cannot be done now."""
    where = (asked.surface, asked.who.name, told.status, told.entries, told.text[-600:])
    ends = line.elsewhere if asked.is_elsewhere and line.elsewhere else line.ends
    if ends == "told":
        assert told.status not in (401, 403, 404), where
        assert told.status < 500, where
        assert told.entries == 0, where
        return
    assert told.status in (200, 201, 204, 302), where
    assert told.writes > 0, where
    if ends == "recorded":
        assert told.entries > 0, where


def check_room_act(world: World, tally: Tally, surface: str, line: Does) -> None:
    """Everybody tries it in both rooms, with every marking where it states one."""
    for who in world.company.everybody:
        for relation in rooms_of(world, who):
            is_elsewhere = relation is Relation.ELSEWHERE
            asked = Asked(world, surface, who, is_elsewhere)
            room = world.company.elsewhere if is_elsewhere else world.here
            for marking in stated(line):
                told = asked.get(
                    address(asked.route, world.addresses(room)),
                    _filled(asked, line, room, marking),
                    whole=marking == WHOLE,
                )
                why = asked.door(line.door) or asked.refusal(line.act)
                found = world.found_in(told.text)
                seen = set() if asked.door(line.door) else allowed_to(asked, room, Shows())
                assert found <= seen, (surface, who.name, named(world, found - seen))
                if why:
                    asked.check_refused(told, why)
                else:
                    check_done(asked, line, told)
                tally.decided(surface, line.act or "take part", allowed=not why)
                tally.count(surface, who, [marking], [relation])
