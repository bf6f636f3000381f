"""A small language for ledgers: blocks of transactions written as lines of movements."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracing.core.buckets import PARTITION, strip
from tracing.core.engine import apply_block
from tracing.core.policies import FIFO, Policy
from tracing.core.state import TraceState
from tracing.core.types import (
    AccountKey,
    AccountKind,
    AssetInfo,
    BlockEffects,
    BlockMovements,
    Movement,
    MovementKind,
    Seed,
    Transaction,
)

CHAIN = "eip155:1"
ETH = f"{CHAIN}/slip44:60"
X, Y, Z, WETH = (f"{CHAIN}/erc20:{name}" for name in ("x", "y", "z", "weth"))

Line = tuple[str | None, str | None, str, int]  # from, to, asset, amount


def key(address: str, asset: str = X) -> AccountKey:
    return AccountKey(CHAIN, address, asset)


def tx(
    name: str, *lines: Line, sender: str | None = None, fee: int = 0, start: int = 0
) -> Transaction:
    movements = []
    if fee:
        movements.append(Movement(start, MovementKind.FEE, ETH, sender, None, fee))
    for frm, to, asset, amount in lines:
        kind = MovementKind.TOKEN
        if frm is None:
            kind = MovementKind.MINT
        elif to is None:
            kind = MovementKind.BURN
        movements.append(Movement(start + len(movements), kind, asset, frm, to, amount))
    return Transaction(name, 0, sender, None, tuple(movements))


def block(number: int, *transactions: Transaction) -> BlockMovements:
    return BlockMovements(
        CHAIN, number, f"0x{number}", f"0x{number - 1}", 12 * number, transactions
    )


@dataclass
class Theft:
    """A trace with its surroundings."""

    state: TraceState = field(default_factory=TraceState)
    seeds: list[Seed] = field(default_factory=list)
    kinds: dict[str, AccountKind] = field(default_factory=dict)
    assets: dict[str, AssetInfo] = field(default_factory=dict)
    balances: dict[AccountKey, int | None] = field(default_factory=dict)
    prices: dict[str, int] = field(default_factory=dict)
    thresholds: dict[str, int] = field(default_factory=dict)
    known: set[str] | None = None
    bridged: dict[str, set[str]] = field(default_factory=dict)
    policy: Policy = FIFO
    hops: bool = True
    number: int = 0

    def apply(self, *transactions: Transaction) -> BlockEffects:
        self.number += 1
        return self.apply_block(block(self.number, *transactions))

    def apply_block(self, movements: BlockMovements) -> BlockEffects:
        return apply_block(
            self.state,
            movements,
            seeds=self.seeds,
            kinds=self.kinds,
            assets=self.assets,
            balances=self.balances,
            prices=self.prices,
            thresholds=self.thresholds,
            known=self.known,
            bridged=self.bridged,
            policy=self.policy,
            hops=self.hops,
        )

    def steal(self, *amounts: int, receiver: str = "thief", asset: str = X) -> BlockEffects:
        """One block with one theft per amount, by seeds s0, s1, ..."""
        lines = []
        for amount in amounts:
            name = f"s{len(self.seeds)}"
            self.seeds.append(Seed(name, CHAIN, f"theft-{name}", receiver, asset, amount))
            lines.append(tx(f"theft-{name}", ("victim", receiver, asset, amount)))
        return self.apply(*lines)

    def lots(self, address: str, asset: str = X) -> list[tuple[int, int | None]]:
        """(amount, origin amount or None when clean), oldest first."""
        account = self.state.get(key(address, asset))
        if account is None:
            return []
        return [(lot.amount, lot.origin and lot.origin.amount) for lot in account.lots]

    def strip(self, origin: str = X, **where: object) -> dict[str, int]:
        found = strip(
            self.state.accounts,
            self.kinds,
            where.get("frozen", frozenset()),  # type: ignore[arg-type]
            where.get("held", {}),  # type: ignore[arg-type]
        )
        return found.get(origin, {})

    def origin_total(self) -> int:
        rows = strip(self.state.accounts, self.kinds, frozenset(), {})
        return sum(row[bucket] for row in rows.values() for bucket in PARTITION)

    def minted(self) -> int:
        return sum(seed.amount for seed in self.seeds)
