"""Balances that change although nothing was moved: rebasing tokens, and tokens that take a fee.

Step 8 of docs/taint.md. Whoever reads the chain says what no log explains (``explain``); the
engine books it as a movement of its own kind, never silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tracing.core.book import Book
from tracing.core.netting import rescale
from tracing.core.pieces import Piece, settle_empty
from tracing.core.state import TraceState
from tracing.core.types import (
    AccountKey,
    BlockMovements,
    HopKind,
    Lot,
    Movement,
    MovementKind,
    Transaction,
)


@dataclass(frozen=True, slots=True)
class Adjustments:
    """Those of one transaction. ``short``: per asset and party, how much less of it arrived than
    the log says; ``scaled``: changes of whole accounts, in order."""

    short: dict[str, dict[str, int]] = field(default_factory=dict)
    scaled: list[tuple[str, str, int, int]] = field(default_factory=list)  # who, asset, by, where


def sort_out(moves: Sequence[Movement]) -> tuple[list[Movement], Adjustments]:
    """Part a transaction's real movements from its adjustments.

    What somebody lacks of what this transaction brought it never arrived; any other change is one
    of the whole account.
    """
    real = [move for move in moves if move.kind is not MovementKind.ADJUSTMENT]
    found = Adjustments()
    for move in moves:
        if move.kind is not MovementKind.ADJUSTMENT:
            continue
        lost, asset, left = move.frm, move.asset, move.amount
        if lost is not None:
            came = sum(m.amount for m in real if (m.to, m.asset) == (lost, asset) and m.frm != lost)
            short = found.short.setdefault(asset, {})
            part = min(left, came - short.get(lost, 0))
            short[lost] = short.get(lost, 0) + part
            left -= part
        who = move.to if lost is None else lost
        if who is not None and left:
            by = left if lost is None else -left
            found.scaled.append((who, asset, by, move.position))
    return real, found


def scale(book: Book, who: str, asset: str, by: int, position: int) -> None:
    """Bring a followed account to its new total: clean and tainted lots change in proportion, and
    every origin stays whole. Accounts that are not followed have nothing to change."""
    key = book.key(who, asset)
    account = book.exposed(key)
    if account is None:
        return
    before = sum(lot.amount for lot in account.lots)
    after = before + by
    if after < 0:
        after = 0
        book.mark_incomplete(key, account)
    if not before:
        book.policy.put(account.lots, [Lot(after)])
        return
    pieces = [
        Piece(lot.amount, lot.origin, key, lot.amount, lot.via, lot.depth) for lot in account.lots
    ]
    account.lots.clear()
    for piece in settle_empty(rescale(pieces, before, after)):
        lot = Lot(piece.amount, piece.origin, piece.via, piece.depth)
        if piece.origin is not None and piece.amount != piece.source_amount:
            piece.depth -= 1  # the units stay where they are: this is no step further away
            via, depth = book.note(HopKind.ADJUSTMENT, position, piece, key, piece.amount)
            lot = replace(lot, via=via, depth=depth)
        account.lots.append(lot)


def may_change(state: TraceState, chain: str, assets: Iterable[str]) -> set[AccountKey]:
    """Followed accounts of assets whose balances may change without a movement: their balances
    have to be read at each block and its parent, beside what ``reach`` names of those assets."""
    return {
        AccountKey(chain, address, asset)
        for asset in assets
        for address in state.holders(chain, asset)
    }


def explain(
    block: BlockMovements, before: Mapping[AccountKey, int], after: Mapping[AccountKey, int]
) -> BlockMovements:
    """The block with an adjustment for every account whose balance its movements do not explain.

    ``before`` and ``after``: balances at the parent and at the block; an account that is not in
    both is left alone. Less than was logged, where one transaction alone brought something, belongs
    to that transaction (its token took a fee); everything else to the end of the block.
    """
    position = 1 + max((m.position for tx in block.transactions for m in tx.movements), default=0)
    added: dict[int, list[Movement]] = {}
    for key in sorted(before.keys() & after.keys(), key=lambda k: (k.address, k.asset)):
        net, bringing = _net(block, key)
        by = after[key] - before[key] - net
        if not by:
            continue
        place = bringing[0] if by < 0 and len(bringing) == 1 else len(block.transactions)
        frm, to = (key.address, None) if by < 0 else (None, key.address)
        move = Movement(position, MovementKind.ADJUSTMENT, key.asset, frm, to, abs(by))
        added.setdefault(place, []).append(move)
        position += 1
    if not added:
        return block
    transactions = [
        replace(tx, movements=(*tx.movements, *added.get(at, ())))
        for at, tx in enumerate(block.transactions)
    ]
    if last := added.get(len(block.transactions)):
        index = len(transactions)
        transactions.append(Transaction(f"block:{block.hash}", index, None, None, tuple(last)))
    return replace(block, transactions=tuple(transactions))


def _net(block: BlockMovements, key: AccountKey) -> tuple[int, list[int]]:
    """Net change of an account over a block, and the places of the transactions that brought it
    something."""
    net = 0
    bringing: list[int] = []
    for at, tx in enumerate(block.transactions):
        for move in tx.movements:
            if move.asset != key.asset:
                continue
            if move.frm == key.address:
                net -= move.amount
            if move.to == key.address:
                net += move.amount
                if not bringing or bringing[-1] != at:
                    bringing.append(at)
    return net, bringing
