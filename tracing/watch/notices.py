"""Rooms hear when a chain that they follow is not verified for some time, and when it is again.

Once per episode: the chain's row keeps which one the rooms were told of.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from incidents.events.base import Event
from tracing.chains.errors import ChainError
from tracing.models import Chain, Finding, Trace
from tracing.models.trace import STANDS
from tracing.watch import poster
from tracing.watch.lease import Lease
from tracing.watch.source import Source
from tracing.watch_events import ChainNotVerified, ChainVerifiedAgain

LOOK_SECONDS = 2.0  # between two looks


@dataclass
class Notices:
    """Of one chain, under its lease."""

    chain: Chain
    lease: Lease
    _look_at: float = 0.0

    def look(self, source: Source) -> None:
        """After a turn that went well.

        :raises LeaseLostError: somebody else writes for this chain; nothing was written.
        """
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_SECONDS
        since, told = self.chain.unverified_since, self.chain.told_since
        if since is None and told is not None:
            self._end(told)
        elif since is not None and told is None and _lasts(since):
            self._begin(since, _answering(source))

    def silence(self) -> None:
        """After one in which no endpoint gave a usable answer.

        :raises LeaseLostError: somebody else writes for this chain; nothing was written.
        """
        if self.chain.told_since is not None:
            return
        last = Chain.objects.values_list("verified_at", flat=True).get(pk=self.chain.pk)
        since = self.chain.unverified_since or last
        if since is not None and _lasts(since):
            self._begin(since, 0)

    def _begin(self, since: datetime, answering: int) -> None:
        event = ChainNotVerified(
            chain=self.chain.caip2,
            name=self.chain.name,
            since=since.isoformat(),
            told=timezone.now().isoformat(),
            answering=answering,
            quorum=self.chain.quorum,
        )
        self._tell(event, since, since)

    def _end(self, since: datetime) -> None:
        event = ChainVerifiedAgain(
            chain=self.chain.caip2,
            name=self.chain.name,
            since=since.isoformat(),
            told=timezone.now().isoformat(),
            block=self.chain.cursor_number or 0,
            is_single=self.chain.quorum <= 1,
        )
        self._tell(event, since, None)

    def _tell(self, event: Event, since: datetime, told: datetime | None) -> None:
        """One finding for each group of people that follows the chain in a room."""
        traces = Trace.objects.filter(STANDS, chain=self.chain).order_by("pk")
        groups: dict[tuple[object, ...], Trace] = {}
        for trace in traces:
            people = (str(trace.audience_organizations), str(trace.audience_people))
            groups.setdefault((trace.incident_id, trace.marking, trace.owner_id, *people), trace)
        with transaction.atomic():
            Finding.objects.bulk_create(
                (
                    Finding(
                        trace=trace,
                        incident_id=trace.incident_id,
                        key=f"{event.kind}:{since.isoformat()}",
                        kind=event.kind,
                        payload=event.content(),
                        block_number=self.chain.cursor_number or 0,
                        block_hash="",  # whatever becomes of any block
                    )
                    for trace in groups.values()
                ),
                ignore_conflicts=True,
            )
            self.lease.write(told_since=told)
        self.chain.told_since = told
        for incident_pk in {trace.incident_id for trace in groups.values()}:
            poster.post_all(incident_pk)


def _lasts(since: datetime) -> bool:
    return timezone.now() - since >= timedelta(seconds=settings.NOT_VERIFIED_GRACE_SECONDS)


def _answering(source: Source) -> int:
    """How many operators answer now."""
    try:
        return len({operator.strip().casefold() for operator, _ in source.heads()})
    except ChainError:
        return 0
