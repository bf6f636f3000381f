"""Blocks that say nothing of any trace: they are passed, many in one transaction.

A block is passed only where applying it in full would write its row, its landings and the cursors,
and nothing else. Whatever might be more makes it a block that is applied by itself. So the rows are
the same, however many blocks were looked at together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from tracing import issuers
from tracing.core.logs import BadLog, Log
from tracing.core.state import TraceState
from tracing.core.types import AccountKind
from tracing.issuers.base import FreezeSeen
from tracing.models import Block, Chain, Exposure, Seed, Trace
from tracing.watch import hidden, mixers, seizures, signals
from tracing.watch.directory import Directory, addresses_of
from tracing.watch.preface import Preface
from tracing.watch.tokens import FreezableToken


@dataclass(frozen=True)
class Listener:
    """What blocks of one chain are looked at with. ``states``: of every live trace, under every
    policy. True for as long as nothing was applied in full."""

    chain: Chain
    directory: Directory
    traces: Sequence[Trace]
    states: Sequence[TraceState]

    def quiet(self, said: Sequence[Preface]) -> int:
        """How many of these blocks, from the first on, say nothing."""
        count = next((at for at, one in enumerate(said) if not self._is_quiet(one)), len(said))
        hashes = [one.block.movements.hash for one in said[:count]]
        if not hashes:
            return 0
        # A block that was here before comes back with what it brought then.
        rows = Block.objects.filter(chain=self.chain, hash__in=hashes)
        known = set(rows.values_list("hash", flat=True))
        return next((at for at, name in enumerate(hashes) if name in known), count)

    def _is_quiet(self, said: Preface) -> bool:
        block = said.block
        return not (
            said.moved
            or hidden.may_hide(block, self.chain.native_asset, self.states)
            or self._may_rebase
            or self._is_followed(addresses_of(block.movements))
            or any(tx.tx in self._seeds for tx in block.movements.transactions)
            or self._is_heard(block.logs)
        )

    def _is_followed(self, addresses: Iterable[str]) -> bool:
        followed = [state.followed(self.chain.caip2) for state in self.states]
        return any(address in one for address in addresses for one in followed)

    def _is_heard(self, logs: Sequence[Log]) -> bool:
        """Whether a log is of a freeze, of what a trace has in a mixer, or of a tip-off."""
        for log in logs:
            if log.address in self._tellers or (
                log.address in self._tokens and self._is_freeze(log)
            ):
                return True
        pools = {one.pool for log in logs for one in mixers.decode(log)} if self.traces else set()
        return not pools.isdisjoint(self._pools) if pools else False

    def _is_freeze(self, log: Log) -> bool:
        token = self._tokens[log.address]
        try:
            seen = issuers.decode(token.interface, log)
        except BadLog:
            return False
        if any(isinstance(one, FreezeSeen) for one in seen):
            return True
        taken = seizures.takings([log], self._tokens)
        return self._is_followed(one.address for one in taken)

    @cached_property
    def _tellers(self) -> frozenset[str]:
        return signals.tellers(self.chain.caip2)

    @cached_property
    def _tokens(self) -> dict[str, FreezableToken]:
        return self.directory.freezable()

    @cached_property
    def _seeds(self) -> frozenset[str]:
        rows = Seed.objects.filter(trace__in=[trace.pk for trace in self.traces])
        return frozenset(rows.values_list("tx", flat=True))

    @cached_property
    def _pools(self) -> frozenset[str]:
        rows = Exposure.objects.filter(trace__in=self.traces, kind=AccountKind.MIXER)
        return frozenset(rows.values_list("address", flat=True))

    @cached_property
    def _may_rebase(self) -> bool:
        """Whether something is followed whose balance changes although nothing moves."""
        assets = self.directory.rebasing()
        return any(
            state.holders(self.chain.caip2, asset) for state in self.states for asset in assets
        )
