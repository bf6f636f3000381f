"""What labels say of addresses, to a viewer: all of them, and the one that counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from incidents import access
from incidents.access import Actor
from incidents.models import Incident
from tracing.core.labelling import Decision, Standing, Word, decide
from tracing.core.types import AccountKind
from tracing.models import Label, Trace


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
    found = Label.objects.filter(chain__caip2=chain)
    room = Q(incident__isnull=True)
    if incident is not None:
        room |= Q(incident=incident)
    if addresses is not None:
        found = found.filter(address__in=list(addresses))
    return access.visible(viewer, found.filter(room)).select_related("service").order_by("pk")


def directory_rows(viewer: Actor) -> QuerySet[Label]:
    """The directory's labels that the viewer may see, of every chain."""
    found = Label.objects.filter(incident__isnull=True)
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


def seed_receivers(trace: Trace, addresses: Collection[str]) -> set[str]:
    """Those of the addresses where stolen value of the trace was received first.

    A label there contradicts the seed, and the seed wins: value that leaves it is followed.
    """
    if not addresses:
        return set()
    found = trace.seeds.filter(receiver__in=list(addresses))
    return set(found.values_list("receiver", flat=True))
