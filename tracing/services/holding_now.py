"""What an account holds at this moment: what a desk's page asks (incidents/ports.py)."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

from incidents import scope
from incidents.exceptions import ChainNotWatched, ChainSilent
from incidents.ports import Holding
from tracing.chains.errors import ChainError
from tracing.chains.pool import Pool
from tracing.core.types import AccountKey
from tracing.models import Chain
from tracing.services import endpoints

PATIENCE = 4.0  # seconds for one answer of one endpoint: somebody waits before a screen


class AskedHoldings:
    """Implements incidents.ports.Holdings."""

    def now(self, chain: str, address: str, asset: str) -> Holding:
        """Ask the chain's endpoints for a balance at the newest block that a quorum of them has.
        Never inside a transaction.

        :raises ChainNotWatched: it is not followed here. :raises ChainSilent: nobody, or too few,
            answer in time, or they do not agree.
        """
        with scope.within(scope.SYSTEM):
            row = Chain.objects.filter(caip2=chain, is_watched=True).first()
            if row is None:
                raise ChainNotWatched
            try:
                with closing(endpoints.adapter_for(row, timeout=PATIENCE)) as pool:
                    return _asked(pool, AccountKey(chain, address, asset))
            except ChainError as error:
                raise ChainSilent from error


def _asked(pool: Pool, key: AccountKey) -> Holding:
    number = pool.agreed_head()
    head = None if number is None else pool.header(number)
    if head is None:
        raise ChainSilent
    operators = pool.operators_of(head.number, head.hash)
    units = pool.balances([key], head.hash).get(key)
    if units is None or len(operators) < pool.quorum:
        raise ChainSilent
    at = datetime.fromtimestamp(head.timestamp, UTC)
    return Holding(units, head.number, head.hash, at, len(operators), pool.quorum)
