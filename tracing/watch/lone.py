"""A block that fewer than a quorum tell, above what a quorum has: waited with for a moment.

Honest nodes get a block within a second or two of one another. Who always has one before everybody
else, and another one than they have then, could have a room alerted and calmed again with every
block. So while a quorum answers such a block waits a moment for a second voice; and who was
overruled not long ago is not followed alone at all. Where no quorum answers nobody waits: what is
there is applied, and called not verified.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field, replace

from tracing.models import Block, Chain
from tracing.watch import standing
from tracing.watch.forks import Turn
from tracing.watch.source import ChainBlock

SECONDS = 2.0  # and half of the usual time between two blocks, where that is less
DISTRUST_SECONDS = 600.0
# When an operator was overruled, by chain. Of this process: a new watcher every minute shares it.
_overruled: dict[tuple[int, str], float] = {}


@dataclass
class Lone:
    """Of one chain. Times are of the monotonic clock."""

    chain: Chain
    _seen: dict[str, float] = field(default_factory=dict)  # by hash

    def cut(self, turn: Turn, agreed: int | None) -> Turn:
        """The turn without what has to wait. ``agreed``: the height that a quorum has reached, None
        where no quorum answers."""
        if self.chain.quorum <= 1 or agreed is None or not turn.follow:
            return turn
        follow = itertools.takewhile(lambda block: not self._waits(block, agreed), turn.follow)
        return replace(turn, follow=list(follow))

    def overruled(self, row: Block, other: ChainBlock) -> None:
        """A quorum said something else than an applied block, which it did not vouch for."""
        if other.vouched.standing in standing.AGREED and row.standing not in standing.AGREED:
            now = time.monotonic()
            _overruled.update(dict.fromkeys(((self.chain.pk, who) for who in row.operators), now))

    def _waits(self, block: ChainBlock, agreed: int) -> bool:
        if block.vouched.standing in standing.AGREED or block.movements.number <= agreed:
            return False
        now = time.monotonic()
        if all(self._is_distrusted(who, now) for who in block.vouched.operators):
            return True
        patience = min(SECONDS, self.chain.block_seconds / 2)
        self._seen = {name: at for name, at in self._seen.items() if now - at < DISTRUST_SECONDS}
        return now - self._seen.setdefault(block.movements.hash, now) < patience

    def _is_distrusted(self, operator: str, now: float) -> bool:
        at = _overruled.get((self.chain.pk, operator))
        return at is not None and now - at < DISTRUST_SECONDS
