"""What blocks say before any trace is looked at: of custody, and of bridges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracing.models import Block, Chain
from tracing.watch import bridges
from tracing.watch.bridges import Told
from tracing.watch.directory import Directory
from tracing.watch.source import ChainBlock, Source


@dataclass(frozen=True)
class Preface:
    """One block. ``custody``: native balances of custody addresses after it, in base units;
    ``moved``: what they gained in it that no movement explains."""

    block: ChainBlock
    custody: dict[str, int]
    moved: dict[str, int]
    told: Told


def read(
    chain: Chain, source: Source, blocks: Sequence[ChainBlock], directory: Directory
) -> list[Preface]:
    """Of blocks that follow one another. Asks the node at most twice, however many there are,
    and not at all on a chain without custody addresses."""
    told = [bridges.read(block, directory) for block in blocks]
    addresses = directory.custody()
    if not addresses:
        return [Preface(block, {}, {}, said) for block, said in zip(blocks, told, strict=True)]
    found = []
    before = _before(chain, source, blocks[0], addresses)
    held = source.custody_balances([block.movements.hash for block in blocks], addresses)
    for block, after, said in zip(blocks, held, told, strict=True):
        moved = source.unexplained(block, before, after)
        found.append(Preface(block, after, moved, said))
        before = after
    return found


def _before(
    chain: Chain, source: Source, block: ChainBlock, addresses: Sequence[str]
) -> dict[str, int]:
    """Custody balances after the parent: as noted with it, else read at the parent."""
    if block.movements.number == 0:
        return {}  # before the first block there is nothing to compare with
    parent = Block.objects.filter(chain=chain, hash=block.movements.parent_hash).first()
    noted = {a: int(v) for a, v in parent.custody.items()} if parent else {}
    missing = [address for address in addresses if address not in noted]
    if missing:
        noted |= source.custody_balances([block.movements.parent_hash], missing)[0]
    return noted
