"""One chain, one watcher: a lease row with an epoch that every writing transaction checks."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.db import Error as DatabaseFault
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from tracing.models import Chain
from tracing.watch import holders

SECONDS = 10
IDLE_SECONDS = 30
LONGEST = 180.0


class LeaseLostError(Exception):
    """Another watcher holds the chain now: write nothing more."""


class GapError(Exception):
    """What would be written does not follow the block that was applied last."""


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

    def advance(self, after: tuple[int, str], to: tuple[int, str], **changes: object) -> None:
        """As `write`, and move the cursor from one block to another (each a number and a hash).
        ``after`` is the parent of the first block that the transaction applied.

        :raises LeaseLostError: as `write`. :raises GapError: the cursor is not at ``after``; the
            transaction must roll back.
        """
        until = timezone.now() + timedelta(seconds=SECONDS)
        mine = Chain.objects.filter(pk=self.chain_pk, lease_epoch=self.epoch)
        # of a chain that is yet to begin only the height is known
        here = mine.filter(cursor_number=after[0], cursor_hash__in=(after[1], ""))
        moved = {"cursor_number": to[0], "cursor_hash": to[1], "lease_until": until}
        if not here.update(**moved, **changes):
            if not mine.exists():
                raise LeaseLostError(self.holder)
            raise GapError(f"block {after[0] + 1} does not follow the cursor")

    def is_mine(self) -> bool:
        """Whether nobody has taken it since. Only a `write` in one's own transaction makes sure."""
        return Chain.objects.filter(pk=self.chain_pk, lease_epoch=self.epoch).exists()

    def release(self) -> None:
        """Let somebody else take it at once; harmless when it was lost."""
        Chain.objects.filter(pk=self.chain_pk, lease_epoch=self.epoch).update(lease_until=None)


class Keeper:
    """Prolongs a lease from a thread of its own while a slow endpoint keeps the watcher waiting.

    Without it a block that takes longer than the lease would be lost to the next watcher, and by
    that one to the next. It gives up after ``LONGEST`` seconds: a watcher that hangs is replaced.
    """

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        until = time.monotonic() + LONGEST
        try:
            while time.monotonic() < until and not self._closed.wait(SECONDS / 3):
                self._prolong()
        except LeaseLostError:
            return  # whoever works under the lease finds out when it writes
        finally:
            connection.close()

    def _prolong(self) -> None:
        try:
            self._lease.write()
        except DatabaseFault:
            connection.close()  # the database may be back before the lease runs out


def claim(chain_pk: int) -> Lease | None:
    """Take the lease if it is free, has run out, or its holder is gone; None: it is held."""
    now = timezone.now()
    chain = Chain.objects.get(pk=chain_pk)
    if not _is_free(chain, now):
        return None
    holder = holders.name_of(os.getpid())
    unchanged = Chain.objects.filter(
        pk=chain_pk, lease_epoch=chain.lease_epoch, lease_until=chain.lease_until
    )
    taken = unchanged.update(
        lease_holder=holder,
        lease_epoch=chain.lease_epoch + 1,
        lease_until=now + timedelta(seconds=SECONDS),
    )
    return Lease(chain_pk, holder, chain.lease_epoch + 1) if taken else None


def give_way(seconds: float = IDLE_SECONDS) -> None:
    """Have the database end this session if it idles inside of a transaction: a process that was
    stopped there would keep the chain's row locked, and everybody else from the lease."""
    with connection.cursor() as cursor:
        milliseconds = str(int(seconds * 1000))
        cursor.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', %s, false)", [milliseconds]
        )


def _is_free(chain: Chain, now: datetime) -> bool:
    if chain.lease_until is None or chain.lease_until < now:
        return True
    return holders.is_gone(chain.lease_holder)


def idle_chains() -> list[int]:
    """Watched chains that nobody holds and that may be tried again now."""
    now = timezone.now()
    due = Q(retry_at__isnull=True) | Q(retry_at__lte=now)
    rows = Chain.objects.filter(due, is_watched=True).order_by("pk")
    return [row.pk for row in rows if _is_free(row, now)]


def chain_of(lease: Lease) -> Chain:
    """The leased chain's row as it is now."""
    return Chain.objects.get(pk=lease.chain_pk)
