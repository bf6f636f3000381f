"""What a block may expose: the balances and prices to read before it is applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracing.core.netting import issuer, present
from tracing.core.state import TraceState
from tracing.core.types import (
    AccountKey,
    AccountKind,
    AssetInfo,
    AssetRole,
    Assets,
    BlockMovements,
    Kinds,
    MovementKind,
    Seed,
    Transaction,
)

_NO_ASSETS: Mapping[str, AssetInfo] = {}
_NO_REACH = frozenset({MovementKind.FEE, MovementKind.ADJUSTMENT})  # they bring nobody anything


def reach(
    state: TraceState,
    block: BlockMovements,
    seeds: Sequence[Seed],
    kinds: Kinds,
    assets: Assets = _NO_ASSETS,
) -> set[AccountKey]:
    """Accounts that may become exposed in this block and are not followed yet.

    Never too few; some of them stay clean. Read their balances at the parent block in one batch.
    For a borrower or debtor that may be exposed, its receipts and debts at that lender are among
    them (debts each time, since they grow by interest).
    """
    return _Reach(state, block, seeds, kinds, assets).run()


def needs_prices(
    state: TraceState,
    block: BlockMovements,
    assets: Assets,
    seeds: Sequence[Seed] = (),
    kinds: Kinds | None = None,
) -> set[str]:
    """Assets whose price at this block ``apply_block`` needs: where an exposed debtor borrows,
    every asset that its lender takes or lends; where somebody who may be exposed gains one asset
    and loses another, both. Of lenders' assets only: no other has a price."""
    if not any(info.lender for info in assets.values()):
        return set()
    walk = _Reach(state, block, seeds, kinds or {}, assets)
    walk.run()
    return {
        info.underlying
        for asset, info in assets.items()
        if info.underlying is not None
        and info.lender is not None
        and (info.lender in walk.lenders or not walk.traded.isdisjoint((asset, info.underlying)))
    }


class _Reach:
    def __init__(
        self,
        state: TraceState,
        block: BlockMovements,
        seeds: Sequence[Seed],
        kinds: Kinds,
        assets: Assets,
    ) -> None:
        self.block = block
        self.kinds = kinds
        self.assets = assets
        self.seeds: dict[str, list[Seed]] = {}
        for seed in seeds:
            if seed.chain == block.chain:
                self.seeds.setdefault(seed.tx, []).append(seed)
        self.known = state.followed(block.chain)
        self.found: dict[str, set[str]] = {}  # address -> assets, reached in this block
        self.keys: set[AccountKey] = set()
        self.lenders: set[str | None] = set()
        self.traded: set[str] = set()  # gained for one another, or lost

    def run(self) -> set[AccountKey]:
        for tx in self.block.transactions:
            own = self.seeds.get(tx.tx, ())
            for seed in own:
                self._add(seed.receiver, seed.asset)
            if own or self._touches(tx):
                self._visit(tx)
        return self.keys

    def _touches(self, tx: Transaction) -> bool:
        """Whether value of an address that is, or may be, exposed leaves it here (or it borrows:
        a debt token's mint to it)."""
        for movement in tx.movements:
            if movement.kind in _NO_REACH:
                continue
            if movement.frm in self.known or movement.frm in self.found:
                return True
            if movement.to in self.known or movement.to in self.found:
                info = self.assets.get(movement.asset)
                if info is not None and info.role is AssetRole.DEBT:
                    return True
        return False

    def _visit(self, tx: Transaction) -> None:
        nets: dict[tuple[str, str], int] = {}
        for movement in tx.movements:
            if movement.kind in _NO_REACH:
                continue
            info = self.assets.get(movement.asset)
            frm, to = present(movement.frm), present(movement.to)
            if info is not None and info.role is AssetRole.DEBT:
                debtor = to if frm is None else frm
                if debtor is not None and info.lender is not None:
                    self._position(debtor, info.lender)
                continue
            frm = issuer(movement.asset, info) if frm is None else frm
            to = issuer(movement.asset, info) if to is None else to
            if frm is not None:
                nets[frm, movement.asset] = nets.get((frm, movement.asset), 0) - movement.amount
            if to is not None:
                nets[to, movement.asset] = nets.get((to, movement.asset), 0) + movement.amount
        gained, lost = set(), set()
        for (address, asset), amount in nets.items():
            if amount > 0:
                self._add(address, asset)
                gained.add(address)
            elif amount < 0:
                lost.add(address)
        both = gained & lost
        self.traded |= {asset for (address, asset), n in nets.items() if n and address in both}

    def _position(self, debtor: str, lender: str) -> None:
        self.lenders.add(lender)
        for asset, info in self.assets.items():
            if info.lender != lender:
                continue
            if info.role is AssetRole.DEBT:
                self.keys.add(AccountKey(self.block.chain, debtor, asset))
            elif info.role is AssetRole.RECEIPT:
                self._add(debtor, asset)

    def _add(self, address: str, asset: str) -> None:
        if self.kinds.get(address, AccountKind.FOLLOWED) is not AccountKind.FOLLOWED:
            return
        self.found.setdefault(address, set()).add(asset)
        if asset not in self.known.get(address, ()):
            self.keys.add(AccountKey(self.block.chain, address, asset))
