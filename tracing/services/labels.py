"""What labels say of addresses, to a viewer: all of them, and the one that counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from incidents import access
from incidents.access import EVERY_PARTY, Actor
from incidents.models import Incident
from tracing import bridges
from tracing.core.labelling import Decision, Reason, Standing, Word, decide
from tracing.core.types import AccountKind
from tracing.models import Label, Seed, Service, Trace


@dataclass(frozen=True)
class Told:
    """The labels of one address that somebody sees, and what follows from them."""

    rows: tuple[Label, ...]
    decision: Decision

    @property
    def label(self) -> Label | None:
        """The label that counts."""
        return next((row for row in self.rows if row.pk == self.decision.ident), None)

    @property
    def kind(self) -> AccountKind | None:
        """What the address is for a trace; None: no sink."""
        label = self.label
        if label is None or label.service is None or not label.service.kind:
            return None
        return AccountKind(label.service.kind)


def rows(
    chain: str,
    viewer: Actor,
    incident: Incident | None = None,
    addresses: Collection[str] | None = None,
) -> QuerySet[Label]:
    """Labels of one chain that the viewer may see: the directory's, and a room's own."""
    found = Label.scoped.filter(chain__caip2=chain)
    room = Q(incident__isnull=True)
    if incident is not None:
        room |= Q(incident=incident)
    if addresses is not None:
        found = found.filter(address__in=list(addresses))
    return access.visible(viewer, found.filter(room)).select_related("service").order_by("pk")


def words(viewer: Actor, incident: Incident) -> QuerySet[Label]:
    """What parties of a room said addresses are, as far as the viewer may see it."""
    rows = Label.scoped.filter(incident=incident, public_id__isnull=False)
    return access.visible(viewer, rows).select_related("incident", "owner", "chain", "service")


def directory_rows(viewer: Actor) -> QuerySet[Label]:
    """The directory's labels that the viewer may see, of every chain."""
    found = Label.scoped.filter(incident__isnull=True)
    return access.visible(viewer, found).select_related("service", "chain")


def told(
    chain: str,
    viewer: Actor,
    incident: Incident | None = None,
    addresses: Collection[str] | None = None,
) -> dict[str, Told]:
    """What the viewer sees of each address that has a label."""
    by_address: dict[str, list[Label]] = defaultdict(list)
    for row in rows(chain, viewer, incident, addresses):
        by_address[row.address].append(row)
    return {address: judged(known) for address, known in by_address.items()}


def judged(known: Iterable[Label]) -> Told:
    """Labels of one address with the decision between them."""
    kept = tuple(known)
    return Told(kept, decide(_word(row) for row in kept))


def _word(row: Label) -> Word:
    return Word(
        ident=row.pk,
        meaning=row.meaning,
        standing=Standing(row.confidence),
        day=row.dated.toordinal(),
        party=row.owner_id,
    )


_WHY = {
    Reason.CONFIRMED: "What a party confirmed counts before what sources say.",
    Reason.NEWEST: "The newest source counts.",
    Reason.SAME_DAY: "No label counts: the newest sources, of one day, differ.",
    Reason.PARTIES_DISAGREE: "No label counts: parties of this room disagree.",
    Reason.REJECTED: "No label counts: what sources say was rejected in this room.",
    Reason.NOTHING_SAID: "No label here says what a trace stops at.",
}


@dataclass(frozen=True)
class Account:
    """All that labels say of one address in one room, to somebody.

    ``kind``: what the room's traces take it for, by what every party may read. ``seeds``: how it
    takes part in a theft whose trace the viewer sees: "receiver", "victim". ``is_bridge``: no
    label that counts says so, but the facts of bridges that ship with the project.
    """

    told: Told
    kind: AccountKind | None
    seeds: frozenset[str]
    is_bridge: bool = False

    @property
    def notes(self) -> list[str]:
        """What follows from the labels, in sentences."""
        found = [_WHY[self.told.decision.reason]] if self.told.rows else []
        if self.is_bridge:
            found.append("The facts of bridges call it one's contract: value there is in crossing.")
        if self.told.kind is not None and self.kind is None:
            found.append("The trace does not stop there: not every party may read what says so.")
        elif self.kind is not None and "receiver" in self.seeds:
            found.append(
                "It contradicts a seed: stolen value was received here first. The seed wins, and "
                "what leaves is followed."
            )
        elif self.kind is None and self.told.rows:
            found.append("What reaches it is followed on.")
        if self.kind is not None and "victim" in self.seeds:
            found.append("Value was stolen from here. What comes back is taken to arrive here.")
        return found


def account(viewer: Actor, incident: Incident, chain: str, address: str) -> Account:
    """What labels say of one address, to the viewer."""
    mine = told(chain, viewer, incident, [address]).get(address) or judged(())
    every = told(chain, EVERY_PARTY, incident, [address]).get(address)
    traces = access.visible(viewer, Trace.scoped.filter(incident=incident, chain__caip2=chain))
    seeds = Seed.objects.filter(trace__in=traces)
    roles = {"receiver": Q(receiver=address), "victim": Q(victim=address)}
    seen = frozenset(role for role, is_it in roles.items() if seeds.filter(is_it).exists())
    said = every.kind if every else None
    is_bridge = said is None and address in bridges.contracts().get(chain, {})
    return Account(mine, AccountKind.CROSSING if is_bridge else said, seen, is_bridge)


def meanings(known: Iterable[Label]) -> dict[str, str]:
    """What labels say that can be confirmed or rejected, and how it is called."""
    return {
        row.meaning: row.service.name if row.service else row.category
        for row in known
        if row.meaning
    }


def services() -> dict[str, str]:
    """Services that an address can be confirmed to be, as meanings and by name."""
    rows = Service.objects.exclude(kind="").order_by("name", "slug")
    return {f"service:{row.slug}": f"{row.name} ({row.category})" for row in rows}


def seed_receivers(trace: Trace, addresses: Collection[str]) -> set[str]:
    """Those of the addresses where stolen value of the trace was received first.

    A label there contradicts the seed, and the seed wins: value that leaves it is followed. A leg's
    seed contradicts nothing: it arrived there, as at any service.
    """
    if not addresses or trace.crossing_id is not None:
        return set()
    found = trace.seeds.filter(receiver__in=list(addresses))
    return set(found.values_list("receiver", flat=True))
