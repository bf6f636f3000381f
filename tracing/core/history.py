"""A block's own past: what its transactions changed before a given one, and what it says twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tracing.core.types import BlockMovements, Movement, MovementKind, Transaction


def changes(block: BlockMovements) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Per (address, asset): (place of the transaction, change). A fee counts one place earlier,
    since it is paid before anything that its own transaction moves."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for ordinal, tx in enumerate(block.transactions):
        for movement in once(tx.movements):
            place = ordinal - 1 if movement.kind is MovementKind.FEE else ordinal
            asset, amount = movement.asset, movement.amount
            if movement.frm is not None:
                found.setdefault((movement.frm, asset), []).append((place, -amount))
            if movement.to is not None:
                found.setdefault((movement.to, asset), []).append((place, amount))
    return found


def once(movements: Sequence[Movement]) -> Sequence[Movement]:
    """A transaction's movements without those whose position was there before."""
    if len(movements) < 2:
        return movements
    seen: set[int] = set()
    kept = []
    for movement in movements:
        if movement.position not in seen:
            seen.add(movement.position)
            kept.append(movement)
    return kept


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
