"""A block's own past: what its transactions changed before a given one, and what it says twice."""

from __future__ import annotations

from dataclasses import replace

from tracing.core.types import BlockMovements, Movement, MovementKind, Transaction


def changes(block: BlockMovements) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Per (address, asset): (place of the transaction, change). A fee counts one place earlier,
    since it is paid before anything that its own transaction moves. Repeats do not count."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    seen: set[tuple[str, int]] = set()
    for ordinal, tx in enumerate(block.transactions):
        for movement in tx.movements:
            if (tx.tx, movement.position) in seen:
                continue
            seen.add((tx.tx, movement.position))
            place = ordinal - 1 if movement.kind is MovementKind.FEE else ordinal
            for who, change in ((movement.frm, -movement.amount), (movement.to, movement.amount)):
                if who is not None:
                    found.setdefault((who, movement.asset), []).append((place, change))
    return found


def without_repeats(block: BlockMovements) -> BlockMovements:
    """The block without transactions that it lists again; the block itself where there are none.

    What the block itself moves comes in several transactions of one name and other positions.
    """
    if len({tx.tx for tx in block.transactions}) == len(block.transactions):
        return block
    seen: set[tuple[str, int]] = set()
    kept: list[Transaction] = []
    for tx in block.transactions:
        moves: list[Movement] = []
        for movement in tx.movements:
            if (tx.tx, movement.position) not in seen:
                seen.add((tx.tx, movement.position))
                moves.append(movement)
        if moves or not tx.movements:
            kept.append(
                tx if len(moves) == len(tx.movements) else replace(tx, movements=tuple(moves))
            )
    return replace(block, transactions=tuple(kept))
