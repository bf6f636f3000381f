"""The trailing check: blocks that a quorum does not vouch for yet are asked about again.

The oldest first and few at a time, so that the chain goes on meanwhile. Either the quorum says what
was applied, and the block's standing rises, or it says something else, and the caller goes over to
that: another branch, or another view of the same block.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from tracing.chains.errors import ChainError
from tracing.chains.quorum import Agreement, Standing
from tracing.core.types import MovementKind
from tracing.models import Block, Chain
from tracing.watch import beside, standing
from tracing.watch.lease import Lease
from tracing.watch.source import ChainBlock, Source

logger = logging.getLogger(__name__)
AT_ONCE = 8  # blocks of one turn
LOOKED_AT = 100  # of those that wait, so many are looked through for what is due
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 15.0  # seconds, while too few answer or they differ
TRACES_PAUSE, LONGEST_TRACES_PAUSE = 5.0, 600.0  # of blocks whose traces are not agreed on
QUIET_SECONDS = 2.0  # between two looks for blocks that are not urgent


@dataclass(frozen=True)
class Looked:
    """What a turn came to. ``other``: the quorum's view of a block that was applied otherwise;
    ``row``: that block."""

    has_worked: bool = False
    other: ChainBlock | None = None
    row: Block | None = None


@dataclass
class Pauses:
    """When a block is asked about again, by height. Seconds of the monotonic clock."""

    first: float
    longest: float
    _due: dict[int, tuple[float, float]] = field(default_factory=dict)

    def is_due(self, number: int) -> bool:
        return time.monotonic() >= self._due.get(number, (0.0, 0.0))[0]

    def put_off(self, number: int) -> None:
        """Later, and later each time."""
        pause = self._due.get(number, (0.0, self.first))[1]
        self._due[number] = (time.monotonic() + pause, min(2 * pause, self.longest))

    def forget(self, number: int) -> None:
        self._due.pop(number, None)

    def keep_above(self, number: int) -> None:
        """Forget the pauses of what cannot be asked about any more."""
        self._due = {at: pause for at, pause in self._due.items() if at > number}


@dataclass
class Verifier:
    """Of one chain, under its lease."""

    chain: Chain
    lease: Lease
    _blocks: Pauses = field(default_factory=lambda: Pauses(FIRST_PAUSE, LONGEST_PAUSE))
    _traces: Pauses = field(default_factory=lambda: Pauses(TRACES_PAUSE, LONGEST_TRACES_PAUSE))
    _all: Pauses = field(default_factory=lambda: Pauses(FIRST_PAUSE, LONGEST_PAUSE))
    _quiet_until: float = 0.0

    def look(self, source: Source) -> Looked:
        """One turn.

        :raises LeaseLostError: somebody else writes for this chain; nothing was written.
        """
        if self.chain.quorum <= 1:
            return self._alone()
        risen: list[tuple[Block, Agreement]] = []
        found = Looked()
        for row in self._due():
            views = source.views(row.number)
            agreement, other = judge(row, views, self.chain.quorum)
            if agreement is not None and row.standing == Standing.UNVERIFIED:
                stands = self._stands(row, source)
                if not stands:
                    agreement, other = None, (views[0] if stands is False else None)
            if other is not None and self._is_below_final(row):
                # Only what was followed live is rolled back: this one stays, and stays unverified.
                logger.warning("%s: block %s was told otherwise", self.chain, row.number)
                self._pauses(row).put_off(row.number)
                continue
            if other is not None:
                found = Looked(True, other, row)
                break
            if agreement is not None:
                risen.append((row, agreement))
                self._pauses(row).forget(row.number)
                self._all.forget(0)
            elif row.standing != Standing.LOGS and len(_voices(views)) < self.chain.quorum:
                self._all.put_off(0)  # the next block would fare no better
                break
            else:
                self._pauses(row).put_off(row.number)
        if risen:
            self._raise(risen)
        return Looked(bool(risen), found.other, found.row)

    def _is_below_final(self, row: Block) -> bool:
        """A block of the past that was read late."""
        return self.chain.final_number is not None and row.number <= self.chain.final_number

    def _stands(self, row: Block, source: Source) -> bool | None:
        """Whether the state that was read beside the block is told by a quorum too; None: that
        cannot be said now."""
        if not row.beside and not row.custody:
            return True
        try:
            # who has the parent: balances before the block are asked there
            if row.number > 0 and len(_voices(source.views(row.number - 1))) < self.chain.quorum:
                return None
            return beside.stands(row, source.adapter, source.native)
        except ChainError:
            return None

    def _pauses(self, row: Block) -> Pauses:
        return self._traces if row.standing == Standing.LOGS else self._blocks

    def _due(self) -> list[Block]:
        """Blocks to ask about now."""
        rows: list[Block] = []
        if self.chain.unverified_since is not None and self._all.is_due(0):
            waiting = standing.wanting(self.chain)[:LOOKED_AT]
            rows = [row for row in waiting if self._blocks.is_due(row.number)][:AT_ONCE]
        if rows or time.monotonic() < self._quiet_until:
            return rows
        self._quiet_until = time.monotonic() + QUIET_SECONDS
        if self.chain.final_number is not None:
            self._blocks.keep_above(self.chain.final_number)
            self._traces.keep_above(self.chain.final_number)
        late = standing.young(self.chain).order_by("number")
        kinds = [*standing.kinds_wanting(self.chain), Standing.LOGS]
        late = late.filter(standing__in=kinds)[:LOOKED_AT]
        return [row for row in late if self._pauses(row).is_due(row.number)][:1]

    def _raise(self, risen: Sequence[tuple[Block, Agreement]]) -> None:
        with transaction.atomic():
            for row, agreement in risen:
                values = standing.columns(agreement) | {"beside": {}}
                if agreement.standing is Standing.LOGS:
                    values["traces_digest"] = row.traces_digest  # those that were applied
                if self._is_below_final(row):
                    values["state"] = Block.State.FINAL
                Block.objects.filter(pk=row.pk).update(**values)
            self.lease.write(**standing.settled(self.chain))

    def _alone(self) -> Looked:
        """A person said that one source is enough here: there is nobody to ask."""
        if self.chain.unverified_since is None:
            return Looked()
        with transaction.atomic():
            standing.wanting(self.chain).update(standing=Standing.SINGLE.value)
            self.lease.write(**standing.settled(self.chain))
        return Looked(True)


def judge(
    row: Block, views: Sequence[ChainBlock], quorum: int
) -> tuple[Agreement | None, ChainBlock | None]:
    """What follows from the views of an applied block, the best first: the agreement that lifts
    its standing, or the view that takes its place, or neither."""
    if not views:
        return None, None
    best = views[0]
    vouched = best.vouched
    is_same = vouched.digest.hash == row.hash and vouched.digest.contents == row.contents_digest
    if vouched.standing in standing.AGREED and len(vouched.operators) >= quorum:
        if not is_same:
            return None, best
        return _judge_traces(row, best)
    if is_same or row.standing in standing.AGREED:
        return None, None
    ours = next((view for view in views if _is_told(row, view)), None)
    support = max(len(ours.vouched.operators) if ours else 0, len(row.operators))
    return None, best if len(vouched.operators) > support else None


def _judge_traces(row: Block, best: ChainBlock) -> tuple[Agreement | None, ChainBlock | None]:
    """A quorum says the same of everything but perhaps of what moved inside transactions."""
    vouched = best.vouched
    is_more = vouched.standing != row.standing
    if vouched.standing is not Standing.VERIFIED:
        return (vouched if is_more else None), None
    if vouched.digest.traces == row.traces_digest or not (row.traces_digest or _has_inner(best)):
        return (vouched if is_more else None), None
    return None, best


def _is_told(row: Block, view: ChainBlock) -> bool:
    digest = view.vouched.digest
    return (digest.hash, digest.contents) == (row.hash, row.contents_digest)


def _has_inner(block: ChainBlock) -> bool:
    """Whether anything moved inside a transaction: without that, no traces say as much."""
    kinds = (m.kind for tx in block.movements.transactions for m in tx.movements)
    return any(kind is MovementKind.INTERNAL for kind in kinds)


def _voices(views: Sequence[ChainBlock]) -> set[str]:
    return {operator for view in views for operator in view.vouched.operators}
