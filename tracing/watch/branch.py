"""Another branch of the chain: read as a whole before anything is undone for it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from tracing.chains.errors import RetryableChainError
from tracing.chains.quorum import Standing
from tracing.models import Block, Chain
from tracing.watch.source import ChainBlock, Source

MIXED = "mixed"  # in the place of a digest: traces were told different things
LONGEST = 512  # blocks that are held in memory; what is above them is applied one by one


class TooDeepError(Exception):
    """The chain contradicts a final block: the endpoint is wrong, not the chain."""

    def __init__(self, number: int, claimed: str) -> None:
        super().__init__(f"the endpoint contradicts block {number}, which is final")
        self.number = number
        self.claimed = claimed


@dataclass(frozen=True)
class Ancestor:
    """The highest block that the applied chain and the other branch share."""

    number: int
    hash: str


@dataclass(frozen=True)
class Branch:
    """What to undo, all above ``ancestor``, and what to apply instead, in order."""

    ancestor: Ancestor
    blocks: tuple[ChainBlock, ...]


def leading_to(chain: Chain, source: Source, top: ChainBlock, until: int) -> Branch:
    """The branch that ``top`` is on, from its common ancestor with what was applied up to the
    height ``until``, as far as it can be read. Below the first applied block nothing is known that
    could be wrong.

    :raises TooDeepError: it leaves the applied chain below a final block.
    :raises RetryableChainError: a block below ``top`` cannot be read.
    """
    blocks = deque([top], maxlen=LONGEST)  # the lowest ones are kept
    while True:
        number = blocks[0].movements.number - 1
        parent = blocks[0].movements.parent_hash
        row = canonical(chain, number)
        if row is None or row.hash == parent:
            break
        if row.state == Block.State.FINAL:
            raise TooDeepError(number, parent)
        below = on_branch(source, number, parent)
        if len(blocks) == LONGEST:
            blocks.pop()
        blocks.appendleft(below)
    ancestor = Ancestor(number, parent if number >= 0 else "")
    _extend(source, blocks, until)
    return Branch(ancestor, tuple(blocks))


def canonical(chain: Chain, number: int) -> Block | None:
    """The applied block at a height."""
    rows = Block.objects.filter(chain=chain, number=number)
    return rows.exclude(state=Block.State.ORPHANED).first()


def as_applied(chain: Chain, source: Source, block: ChainBlock) -> ChainBlock | None:
    """The view of a block that was applied already, so that whoever is applied later is told the
    same; None: a quorum's view is not to be had now. Where too few vouched for the applied view,
    another one is taken, and the block's row says that no one view is behind it: what a quorum says
    later then takes the place of both.
    """
    row = canonical(chain, block.movements.number)
    if chain.quorum <= 1 or row is None or not row.contents_digest or _is_told(row, block):
        return block
    views = source.views(row.number)
    same = next((view for view in views if _is_told(row, view)), None)
    if same is not None:
        return same
    digest = block.vouched.digest
    if row.standing == Standing.VERIFIED:
        return None
    if row.standing == Standing.LOGS and digest.contents != row.contents_digest:
        return None
    changes = {"traces_digest": MIXED}
    if digest.contents != row.contents_digest:
        changes["contents_digest"] = MIXED
    Block.objects.filter(pk=row.pk).update(**changes)
    return block


def as_told(chain: Chain, source: Source, number: int) -> ChainBlock:
    """The block at a height in the view that was applied, if somebody tells it; else the best. To
    compare with: nothing is written."""
    block = source.read(number)
    row = canonical(chain, number)
    if chain.quorum <= 1 or row is None or _is_told(row, block):
        return block
    views = source.views(number)
    return next((view for view in views if _is_told(row, view)), block)


def _is_told(row: Block, block: ChainBlock) -> bool:
    digest = block.vouched.digest
    return (digest.hash, digest.contents, digest.traces) == (
        row.hash,
        row.contents_digest,
        row.traces_digest,
    )


def on_branch(source: Source, number: int, block_hash: str) -> ChainBlock:
    """The block of this hash, in its best view.

    :raises RetryableChainError: nobody has it (any more).
    """
    block = source.read(number)
    if block.movements.hash == block_hash:
        return block
    for view in source.views(number):
        if view.movements.hash == block_hash:
            return view
    raise RetryableChainError(f"block {number} of the other branch cannot be read")


def child(source: Source, number: int, parent_hash: str) -> ChainBlock | None:
    """The best view of the next block that follows this one; None: there is none (yet)."""
    block = source.read(number)
    if block.movements.parent_hash == parent_hash:
        return block
    views = source.views(number)
    return next((view for view in views if view.movements.parent_hash == parent_hash), None)


def _extend(source: Source, blocks: deque[ChainBlock], until: int) -> None:
    """Upwards, so that nobody sees the chain shorter than it was."""
    while len(blocks) < LONGEST and blocks[-1].movements.number < until:
        last = blocks[-1].movements
        try:
            following = child(source, last.number + 1, last.hash)
        except RetryableChainError:
            return
        if following is None:
            return
        blocks.append(following)
