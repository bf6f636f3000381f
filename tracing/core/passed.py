"""What passed through one address: the form in which a node and a history say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tracing.core.types import BlockMovements, Movement, MovementKind

# Fees are no transfers, and what a block pays its maker is told by no list of transfers.
_APART = frozenset({MovementKind.FEE, MovementKind.STATE, MovementKind.ADJUSTMENT})


class Passed(NamedTuple):
    """One movement from or to an address. Two of the same transaction may be equal: they count.

    ``tx`` is "" for a withdrawal from staking, which belongs to no transaction. ``frm`` and ``to``
    are "" for minted and burnt.
    """

    block: int
    tx: str
    kind: str  # of MovementKind
    asset: str  # CAIP-19
    frm: str
    to: str
    amount: int  # base units


def through(block: BlockMovements, addresses: Iterable[str]) -> dict[str, list[Passed]]:
    """What passed through each of these addresses in a block, sorted; none: left out."""
    wanted = frozenset(addresses)
    found: dict[str, list[Passed]] = {}
    for tx in block.transactions:
        for movement in tx.movements:
            for address in {movement.frm, movement.to} & wanted:
                if _counts(movement):
                    found.setdefault(str(address), []).append(
                        _passed(block.number, tx.tx, movement)
                    )
    return {address: sorted(rows) for address, rows in found.items()}


def numbered(rows: Iterable[Passed]) -> Iterator[tuple[Passed, int]]:
    """Each with how many equal ones came before it, so that equal ones can be told apart."""
    seen: dict[Passed, int] = {}
    for row in rows:
        yield row, seen.get(row, 0)
        seen[row] = seen.get(row, 0) + 1


def _counts(movement: Movement) -> bool:
    is_reward = movement.kind is MovementKind.MINT and "/slip44:" in movement.asset
    return movement.kind not in _APART and not is_reward


def _passed(block: int, tx: str, movement: Movement) -> Passed:
    return Passed(
        block,
        "" if tx.startswith("block:") else tx,
        movement.kind.value,
        movement.asset,
        movement.frm or "",
        movement.to or "",
        movement.amount,
    )
