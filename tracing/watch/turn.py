"""One turn of a worker at one chain: a minute under its lease, outages of the database included."""

from __future__ import annotations

import logging
import time

from tracing.watch import lease as leases
from tracing.watch import outages
from tracing.watch.lease import Lease, LeaseLostError
from tracing.watch.loop import RUN_SECONDS, Watcher, stopping

logger = logging.getLogger(__name__)


def take(chain_pk: int) -> bool:
    """Follow the chain for a minute. False: somebody else does, or it is to be left alone for now.

    A database that goes away ends no turn. What was applied last is read again when it is back,
    and the lease, which nobody could take meanwhile without raising its epoch, still decides.
    """
    lease = leases.claim(chain_pk)
    if lease is None:
        return False
    until = time.monotonic() + RUN_SECONDS
    while (left := until - time.monotonic()) > 0:
        try:
            _follow(lease, left)
            break
        except outages.GONE as error:
            if not outages.is_gone(error):
                raise
            logger.warning("chain %s: the database is away (%s)", chain_pk, type(error).__name__)
            if not outages.wait(stopping):
                raise
    return not stopping.is_set() and chain_pk in leases.idle_chains()


def _follow(lease: Lease, seconds: float) -> None:
    """With a watcher that remembers nothing: it goes by what the rows say."""
    try:
        lease.write()
    except LeaseLostError:
        return
    leases.give_way()
    watcher = Watcher(leases.chain_of(lease), lease)
    try:
        watcher.run(seconds)
    except Exception as error:  # the outermost shell: shown in the room, raised for the log
        if not outages.is_gone(error):
            watcher.note(error)
            lease.release()
        raise
