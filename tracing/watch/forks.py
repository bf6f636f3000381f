"""Which block comes next, and whether another branch takes the place of the one that was applied.

A branch that a quorum is on is left only for one that a quorum is on. One that nobody but a few
vouch for yields to more support; among equals the watcher stays where it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tracing.models import Chain
from tracing.watch import standing
from tracing.watch.branch import canonical
from tracing.watch.source import ChainBlock, Source

LEAD_SECONDS = 5.0  # blocks of so much time, but at least one, may be ahead of what a quorum has


@dataclass(frozen=True)
class Turn:
    """Where to go: on with ``follow``, or over to the branch that ``other`` is on; or wait."""

    follow: Sequence[ChainBlock] = ()
    other: ChainBlock | None = None


def height(chain: Chain, source: Source) -> int:
    """Up to where blocks are applied: the highest head, but where a quorum says how high the chain
    is, not far above that. Else one liar could have us apply whatever it makes up.

    :raises RetryableChainError: nobody answers.
    """
    head = source.head()
    agreed = source.agreed_head() if chain.quorum > 1 else None
    if agreed is None:
        return head
    lead = max(1, int(LEAD_SECONDS / max(chain.block_seconds, 0.001)))
    return min(head, max(agreed, 0) + lead)


def above(chain: Chain, source: Source, blocks: Sequence[ChainBlock]) -> Turn:
    """What follows the cursor. ``blocks``: what was read above it, linked, at least one."""
    cursor = -1 if chain.cursor_number is None else chain.cursor_number
    block = blocks[0]
    if cursor < 0 or _follows(chain, block):
        return Turn(follow=blocks)
    if chain.quorum <= 1 or block.vouched.standing in standing.AGREED:
        return Turn(other=block)
    views = source.views(cursor + 1)
    agreed = next((view for view in views if view.vouched.standing in standing.AGREED), None)
    if agreed is not None and not _follows(chain, agreed):
        return Turn(other=agreed)
    ours = next((view for view in views if _follows(chain, view)), None)
    if ours is not None:
        return Turn(follow=[ours])
    rival = views[0] if views else block
    return Turn(other=rival) if _outweighs(chain, source, rival) else Turn()


def below(chain: Chain, source: Source, head: int) -> Turn:
    """Where nothing is above the cursor: whether the chain went another way at the same height, or
    is shorter now.

    :raises RetryableChainError: nobody answers.
    """
    if chain.quorum <= 1:
        number = min(head, chain.cursor_number or 0)
        known, found = _hash_at(chain, number), source.block_hash(number)
        if known is None or found is None or known == found:
            return Turn()
        block = source.read(number)
        return Turn() if block.movements.hash == known else Turn(other=block)
    for number, block_hash in _agreed_heads(chain, source):
        known = _hash_at(chain, number)
        if known is None or known == block_hash:
            continue
        for view in source.views(number):
            is_agreed = view.vouched.standing in standing.AGREED
            if is_agreed and view.movements.hash == block_hash:
                return Turn(other=view)
    return Turn()


def _follows(chain: Chain, block: ChainBlock) -> bool:
    # of a chain that is yet to begin only the height is known
    return chain.cursor_hash in ("", block.movements.parent_hash)


def _outweighs(chain: Chain, source: Source, rival: ChainBlock) -> bool:
    """Whether more operators are on the rival's branch than on ours, which no quorum is on."""
    number = chain.cursor_number or 0
    row = canonical(chain, number)
    if row is None:
        return True  # nothing was applied there
    if row.standing in standing.AGREED:
        return False
    now = source.operators_of(number, row.hash)
    return len(rival.vouched.operators) > max(len(now), len(row.operators))


def _agreed_heads(chain: Chain, source: Source) -> list[tuple[int, str]]:
    """Blocks up to the cursor that are the newest of a quorum, the highest first."""
    said: dict[tuple[int, str], set[str]] = defaultdict(set)
    for operator, head in source.heads():
        if head.number <= (chain.cursor_number or 0):
            said[head.number, head.hash].add(operator)
    return sorted((at for at, who in said.items() if len(who) >= chain.quorum), reverse=True)


def _hash_at(chain: Chain, number: int) -> str | None:
    """The applied block's hash; None: none was applied there, or only its height is known."""
    if number == chain.cursor_number:
        return chain.cursor_hash or None
    row = canonical(chain, number)
    return row.hash if row else None
