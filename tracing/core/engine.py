"""The taint engine under any policy (tracing.core.policies), as docs/taint.md says.

Pure: state in memory, everything from outside is an argument. For each block of a chain, in order:
``reach`` and ``needs_prices`` (tracing.core.reach) tell what to read, ``apply_block`` applies it.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from tracing.core.adjustments import Adjustments, scale, sort_out
from tracing.core.book import Book
from tracing.core.history import once, without_repeats
from tracing.core.inference.hubs import NO_HUBS, Hubs
from tracing.core.loans import Loans, find_events
from tracing.core.matching import Matching
from tracing.core.netting import net, present
from tracing.core.people import traded
from tracing.core.pieces import Piece
from tracing.core.policies import FIFO, Policy
from tracing.core.state import TraceState
from tracing.core.types import (
    NOTHING_BRIDGED,
    AccountKind,
    AssetRole,
    Assets,
    Balances,
    BlockEffects,
    BlockMovements,
    Bridged,
    Kinds,
    Movement,
    MovementKind,
    Prices,
    Seed,
    Thresholds,
    Transaction,
)


def apply_block(
    state: TraceState,
    block: BlockMovements,
    *,
    seeds: Sequence[Seed] = (),
    kinds: Kinds,
    assets: Assets,
    balances: Balances,
    prices: Prices,
    thresholds: Thresholds,
    default_threshold: int = 1,
    known: Container[str] | None = None,
    hubs: Hubs = NO_HUBS,
    bridged: Bridged = NOTHING_BRIDGED,
    policy: Policy = FIFO,
    hops: bool = True,
) -> BlockEffects:
    """Apply one block to ``state``. ``state.restore(effects.before)`` undoes it.

    ``seeds`` may hold those of other blocks and chains. ``balances`` are those at the parent block,
    at least for what ``reach`` named; ``prices`` those of ``needs_prices`` at this block.
    ``thresholds`` are tainted base units per asset, ``default_threshold`` for every other asset.
    ``known``: assets that are real; others convert nothing, so that a made-up token cannot carry
    the origin away (absent: every asset is taken for real). ``hubs``: addresses that are followed
    from 1 % of the theft on only. ``bridged``: what is burnt here to go on elsewhere. ``policy`` is
    the one that ``state`` was computed by so far. Without ``hops`` none is made, and lots do not
    name theirs: for runs of which only the amounts count. Cost grows with the transactions that
    touch a followed address.

    The block that was applied last changes nothing when it is applied again, and neither does a
    movement whose transaction and position were there before in the block.
    """
    if block.hash and state.last.get(block.chain) == block.hash:
        return BlockEffects()
    block = without_repeats(block)
    book = Book(
        state,
        block,
        kinds,
        balances,
        thresholds,
        default_threshold,
        hubs=hubs,
        bridged=bridged,
        policy=policy,
        hops=hops,
    )
    _apply(book, seeds, assets, prices, known)
    state.last[block.chain] = block.hash
    return book.effects


def _apply(
    book: Book, seeds: Sequence[Seed], assets: Assets, prices: Prices, known: Container[str] | None
) -> None:
    """Apply the transactions of a book's block that a seed or a followed address is in."""
    by_tx: dict[str, list[Seed]] = {}
    for seed in seeds:
        if seed.chain == book.block.chain:
            by_tx.setdefault(seed.tx, []).append(seed)
    followed = book.followed
    for ordinal, tx in enumerate(book.block.transactions):
        own = by_tx.get(tx.tx)
        if own is None:
            for movement in tx.movements:
                if movement.frm in followed or movement.to in followed:
                    break
            else:
                continue
        book.start(ordinal, tx)
        _apply_transaction(book, tx, own or (), assets, prices, known)


def _apply_transaction(
    book: Book,
    tx: Transaction,
    seeds: Sequence[Seed],
    assets: Assets,
    prices: Prices,
    known: Container[str] | None,
) -> None:
    moves: list[Movement] = []
    for movement in once(tx.movements):
        if movement.kind is not MovementKind.FEE:
            if _real(movement.asset, assets, known) or _counts(book, movement, seeds):
                moves.append(movement)
        elif movement.frm is not None and movement.amount:
            book.fee(movement.asset, movement.frm, movement.amount, movement.position)
    if len(moves) == 1 and not seeds and _transfer(book, moves[0], assets):
        return
    movements: Sequence[Movement] = moves
    for seed in seeds:
        if book.was_minted(seed):
            continue
        movements, position, missing = _deliver(movements, seed)
        book.seed(seed, position, missing)
    adjusted = Adjustments()
    if any(move.kind is MovementKind.ADJUSTMENT for move in movements):
        movements, adjusted = sort_out(movements)
    nets = net(movements, assets, adjusted.short)
    loans = Loans(find_events(movements, assets), nets, assets, prices, book)
    repays = any(not event.borrow for event in loans.events)

    def keeps(address: str) -> bool:  # who repays for somebody else is paid in collateral
        return address in tx.people and not repays and not traded(address, movements, assets)

    Matching(book, nets, loans, prices, lambda asset: _real(asset, assets, known), keeps).run()
    for who, asset, by, position in adjusted.scaled:
        scale(book, who, asset, by, position)


def _real(asset: str, assets: Assets, known: Container[str] | None) -> bool:
    return known is None or asset in known or asset in assets or "/slip44:" in asset


def _counts(book: Book, movement: Movement, seeds: Sequence[Seed]) -> bool:
    """Whether an asset that may be made up takes part all the same: it is followed here already,
    it was stolen here, or a labelled pool handles it."""
    asset, frm, to = movement.asset, movement.frm or "", movement.to or ""
    return (
        asset in book.followed.get(frm, ())
        or asset in book.followed.get(to, ())
        or any(asset == seed.asset for seed in seeds)
        or book.kinds.get(frm) is AccountKind.POOL
        or book.kinds.get(to) is AccountKind.POOL
    )


def _transfer(book: Book, movement: Movement, assets: Assets) -> bool:
    """The commonest transaction, one plain transfer, without netting: the same, but quicker.

    False where it is not plain and has to be netted.
    """
    frm, to, asset = present(movement.frm), present(movement.to), movement.asset
    info = assets.get(asset)
    if frm is None or to is None or (info is not None and info.role is AssetRole.DEBT):
        return False
    if frm != to and movement.amount:
        key = book.key(frm, asset)
        account = book.exposed(key)
        if account is not None:
            pieces = book.take(key, account, movement.amount)
            book.arrive(to, asset, pieces, movement.position)
        else:
            book.arrive(to, asset, [Piece(movement.amount)], movement.position)
    return True


def _deliver(movements: Sequence[Movement], seed: Seed) -> tuple[list[Movement], int, int]:
    """Take a seed's amount out of the movements that brought it, first ones first.

    Answers what is left of the movements, the position of the first that brought some of it, and
    how much of the seed none of them brought.
    """
    left: list[Movement] = []
    need, position = seed.amount, None
    for movement in movements:
        if need and movement.to == seed.receiver and movement.asset == seed.asset:
            part = min(need, movement.amount)
            need -= part
            position = movement.position if position is None else position
            movement = replace(movement, amount=movement.amount - part)
        left.append(movement)
    if position is None:
        position = movements[0].position if movements else 0
    return left, position, need
