"""Whose addresses are, for the room: it asks by a port (incidents/ports.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from incidents.access import Actor
from incidents.models import Incident
from incidents.ports import Holder
from tracing.models import Service
from tracing.services import labels


class LabelledDirectory:
    """Answers by the labels that count for whoever asks."""

    def holders(
        self, incident: Incident, viewer: Actor, accounts: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], Holder]:
        """The service at each address that a label says one is at."""
        by_chain: dict[str, set[str]] = defaultdict(set)
        for chain, address in accounts:
            by_chain[chain].add(address)
        found = {}
        for chain, addresses in by_chain.items():
            for address, told in labels.told(chain, viewer, incident, addresses).items():
                service = told.label.service if told.label is not None else None
                if service is not None:
                    at = (chain, address)
                    found[at] = Holder(service.slug, service.name, service.category)
        return found

    def category(self, slug: str) -> str:
        """What kind of service it is; "" where the directory has none of that slug."""
        return Service.objects.filter(slug=slug).values_list("category", flat=True).first() or ""
