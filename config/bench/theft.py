"""A room that follows one theft on a local chain, opened by its own services."""

from __future__ import annotations

import time

from django.db import close_old_connections

from incidents import access
from incidents.choices import Marking
from incidents.models import Participation
from incidents.services import incidents, organizations, sessions
from tracing.core import caip
from tracing.services import directory, endpoints, progress, traces


class Theft:
    """One organization with one person, who listens."""

    def __init__(self, caip2: str, node_url: str) -> None:
        self.caip2 = caip2
        chain = endpoints.configure(caip2, name="Bench", url=node_url, start=0)
        asset = caip.native_asset(caip2)
        directory.ensure_asset(chain, asset, symbol="ETH", decimals=18, follow_threshold=1)
        victim = organizations.ensure_organization("bench", "Bench")
        self.person = organizations.ensure_person("bench@bench.invalid", "Bench", victim)
        self.incident = incidents.open_incident("Bench", person=self.person, organization=victim)
        seat = Participation.objects.get(incident=self.incident, organization=victim)
        self.actor = access.actor_of(seat, self.person)
        self.slug = self.incident.slug

    def cookie(self) -> str:
        """Of a session of the person."""
        return sessions.cookie_for(self.person)

    def follow(self, tx: str) -> None:
        """Confirm what this transaction took as stolen."""
        proposal = traces.propose(self.caip2, tx)
        chosen = [gain.key for gain in proposal.gains]
        traces.start(self.incident, proposal, chosen, actor=self.actor, marking=Marking.AMBER)

    def wait(self, block_hash: str, patience: float) -> None:
        """Until this block was applied and what it said is in the room.

        :raises TimeoutError: it was not.
        """
        until = time.monotonic() + patience
        while time.monotonic() < until:
            close_old_connections()
            if progress.has_applied(self.caip2, block_hash, self.slug):
                return
            time.sleep(0.02)
        raise TimeoutError(f"not applied: {progress.describe(self.caip2)}")
