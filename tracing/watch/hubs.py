"""Hubs in the watcher: judged when taint first reaches an address, by what it did before that."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tracing.chains.base import ChainAdapter
from tracing.chains.errors import ChainError
from tracing.core.inference import hubs as rules
from tracing.core.inference.hubs import Hubs, Past, Verdict
from tracing.core.state import TraceState
from tracing.core.types import BlockEffects, BlockMovements, Kinds, Seed
from tracing.models import Seed as SeedRow
from tracing.models import Trace
from tracing.watch.directory import Directory

logger = logging.getLogger(__name__)
WINDOW = 2_000  # blocks up to the parent block
MOST_JUDGED = 20  # addresses per block: the cost of one block is bounded, and the rest is followed


@dataclass(frozen=True)
class HubSeen:
    """An address that taint reached for the first time, and that is a hub."""

    address: str
    verdict: Verdict
    first: int  # the window of blocks
    last: int


def stolen(trace: Trace, seeds: Iterable[Seed]) -> dict[str, int]:
    """Base units by origin asset: of the theft itself, also where the trace is a leg of it."""
    sums: dict[str, int] = {}
    if trace.crossing is None:
        for seed in seeds:
            sums[seed.asset] = sums.get(seed.asset, 0) + seed.amount
        return sums
    while trace.crossing is not None:
        trace = trace.crossing.trace
    for asset, amount in SeedRow.objects.filter(trace=trace).values_list("asset", "amount"):
        sums[asset] = sums.get(asset, 0) + int(amount)
    return sums


def with_these(hubs: Hubs, seen: Iterable[HubSeen]) -> Hubs:
    """The hubs with those that were just found."""
    return Hubs(hubs.addresses | {hub.address for hub in seen}, hubs.stolen)


@dataclass(frozen=True)
class Judge:
    """Asks a chain about addresses that one of its blocks exposed; before the transaction."""

    adapter: ChainAdapter
    directory: Directory
    default_threshold: int
    dismissed: frozenset[str]  # a person said that they are none

    def look(
        self,
        block: BlockMovements,
        state: TraceState,
        effects: BlockEffects,
        seeds: Iterable[Seed],
        kinds: Kinds,
    ) -> list[HubSeen]:
        """The hubs among the addresses that this block reached first, above dust.

        An endpoint that does not answer stops nothing: who cannot be judged is followed.
        """
        receivers = {seed.receiver for seed in seeds}
        new = _first_reached(block.chain, state, effects) - receivers - self.dismissed
        new -= kinds.keys()
        found = []
        try:
            for address, past in self._histories(sorted(new)[:MOST_JUDGED], block.number - 1):
                seen = self._judge(address, past, block)
                if seen is not None:
                    found.append(seen)
        except ChainError as error:
            logger.warning("%s: hubs could not be judged: %s", block.chain, error)
        return found

    def _histories(
        self, addresses: Sequence[str], last: int
    ) -> Iterator[tuple[str, Sequence[Past]]]:
        """What each did up to a block: asked for together, and where that fails one by one, so that
        those before the one that it fails for are judged."""
        if last < 0 or not addresses:
            return
        told: Sequence[list[Past] | None] | None = None
        with suppress(ChainError):
            told = self.adapter.token_histories(addresses, last, WINDOW)
        for at, address in enumerate(addresses):
            past = told[at] if told else self.adapter.token_history(address, last, WINDOW)
            yield address, past or ()

    def _judge(self, address: str, past: Iterable[Past], block: BlockMovements) -> HubSeen | None:
        found = self._counting(past)
        if len(found) < rules.COUNTERPARTIES:
            return None
        last = block.number - 1
        sample = rules.sample(found, block.parent_hash)
        acting = self.adapter.acting(sample, block.parent_hash)
        verdict = rules.judge(len(found), len(sample), len(acting))
        first = max(0, last - WINDOW + 1)
        return HubSeen(address, verdict, first, last) if verdict.is_hub else None

    def _counting(self, past: Iterable[Past]) -> set[str]:
        return rules.counterparties(
            past, self.directory.assets, self.directory.thresholds(), self.default_threshold
        )


def _first_reached(chain: str, state: TraceState, effects: BlockEffects) -> set[str]:
    """Addresses all of whose followed accounts were opened by this block."""
    opened = {(key.address, key.asset) for key in effects.opened if key.chain == chain}
    followed = state.followed(chain)
    return {
        address
        for address in {address for address, _ in opened}
        if all((address, asset) in opened for asset in followed.get(address, ()))
    }
