"""One chain, one watcher: a lease row with an epoch that every writing transaction checks."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from tracing.models import Chain

SECONDS = 10


class LeaseLostError(Exception):
    """Another watcher holds the chain now: write nothing more."""


@dataclass(frozen=True)
class Lease:
    """The right to write for one chain, until it is lost."""

    chain_pk: int
    holder: str
    epoch: int

    def write(self, **changes: object) -> None:
        """Change the chain's row and prolong the lease, as the last step of a transaction.

        :raises LeaseLostError: the epoch has moved on; the transaction must roll back.
        """
        until = timezone.now() + timedelta(seconds=SECONDS)
        mine = Chain.objects.filter(pk=self.chain_pk, lease_epoch=self.epoch)
        if not mine.update(lease_until=until, **changes):
            raise LeaseLostError(self.holder)

    def release(self) -> None:
        """Let somebody else take it at once; harmless when it was lost."""
        Chain.objects.filter(pk=self.chain_pk, lease_epoch=self.epoch).update(lease_until=None)


def claim(chain_pk: int) -> Lease | None:
    """Take the lease if it is free or run out; None: somebody watches already."""
    now = timezone.now()
    holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    taken = Chain.objects.filter(free, pk=chain_pk).update(
        lease_holder=holder,
        lease_epoch=F("lease_epoch") + 1,
        lease_until=now + timedelta(seconds=SECONDS),
    )
    if not taken:
        return None
    chain = Chain.objects.get(pk=chain_pk)
    return Lease(chain_pk, holder, chain.lease_epoch) if chain.lease_holder == holder else None


def idle_chains() -> list[int]:
    """Watched chains that nobody holds and that may be tried again now."""
    now = timezone.now()
    due = Q(retry_at__isnull=True) | Q(retry_at__lte=now)
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    rows = Chain.objects.filter(due, free, is_watched=True)
    return list(rows.values_list("pk", flat=True))


def chain_of(lease: Lease) -> Chain:
    """The leased chain's row as it is now."""
    return Chain.objects.get(pk=lease.chain_pk)
