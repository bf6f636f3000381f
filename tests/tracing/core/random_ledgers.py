"""Random ledgers whose real balances are known, for the invariants of the engine."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.tracing.core.ledger import CHAIN, ETH, WETH, Theft, X, Y, block, key, tx
from tracing.core.types import (
    AccountKey,
    AccountKind,
    AssetInfo,
    AssetRole,
    BlockMovements,
    Seed,
    Transaction,
)

PEOPLE = ("a", "b", "c", "d", "e")
RX, DY = f"{CHAIN}/erc20:rx", f"{CHAIN}/erc20:dy"
LENDING = {
    RX: AssetInfo(RX, AssetRole.RECEIPT, X, "lender", "market"),
    DY: AssetInfo(DY, AssetRole.DEBT, Y, "lender", "market"),
}
PLACES = {
    "exchange": AccountKind.SERVICE,
    "mixer": AccountKind.MIXER,
    "bridge": AccountKind.CROSSING,
    "council": AccountKind.CUSTODY,
    "treasury": AccountKind.RETURN,
}


@dataclass
class Ledger:
    """Blocks with the balances before each of them, and the seeds in them."""

    blocks: list[BlockMovements] = field(default_factory=list)
    balances: list[dict[AccountKey, int | None]] = field(default_factory=list)
    seeds: list[Seed] = field(default_factory=list)
    kinds: dict[str, AccountKind] = field(default_factory=dict)
    prices: dict[str, int] = field(default_factory=dict)
    final: dict[AccountKey, int | None] = field(default_factory=dict)

    def theft(self, thresholds: dict[str, int] | None = None) -> Theft:
        return Theft(
            seeds=list(self.seeds),
            kinds=dict(self.kinds),
            assets=dict(LENDING),
            prices=dict(self.prices),
            thresholds=thresholds or {},
        )

    def run(self, theft: Theft, start: int = 0, stop: int | None = None) -> list:
        effects = []
        for at in range(start, len(self.blocks) if stop is None else stop):
            theft.balances = self.balances[at]
            effects.append(theft.apply_block(self.blocks[at]))
        return effects


class Maker:
    """Makes ledgers in which nobody spends what they do not have."""

    def __init__(self, random: Random, *, plain: bool) -> None:
        self.random = random
        self.plain = plain
        self.have: Counter[tuple[str, str]] = Counter()
        self.ledger = Ledger()
        self.names = 0
        self.position = 0

    def make(self) -> Ledger:
        people = [*PEOPLE, "victim", "pool", "market", "weth"]
        for person in people:
            for asset in (X, Y, ETH):
                self.have[person, asset] = self.random.randrange(40)
        if not self.plain:
            self.ledger.kinds.update(PLACES)
            self.ledger.prices.update({X: self.random.randrange(4), Y: self.random.randrange(4)})
        for number in range(self.random.randrange(2, 7)):
            self.ledger.balances.append(self._balances())
            transactions = [self._transaction() for _ in range(self.random.randrange(1, 9))]
            self.ledger.blocks.append(block(number, *transactions))
        self.ledger.final = self._balances()
        return self.ledger

    def _balances(self) -> dict[AccountKey, int | None]:
        return {key(who, asset): amount for (who, asset), amount in self.have.items()}

    def _move(self, frm: str | None, to: str | None, asset: str, amount: int) -> tuple:
        if frm is not None:
            self.have[frm, asset] -= amount
        if to is not None:
            self.have[to, asset] += amount
        return (frm, to, asset, amount)

    def _some(self, who: str, asset: str) -> int:
        have = max(0, self.have[who, asset])
        return self.random.choice((have, self.random.randint(0, have)))

    def _person(self) -> str:
        return self.random.choices(PEOPLE, (4, 2, 1, 1, 1))[0]  # the stolen value meets itself

    def _transaction(self) -> Transaction:
        self.names += 1
        name, sender = f"t{self.names}", self._person()
        fee = min(self.random.randrange(3), self.have[sender, ETH])
        self.have[sender, ETH] -= fee
        kinds = [self._theft, self._transfer, self._transfer, self._transfer]
        if not self.ledger.seeds:
            kinds = [self._theft]
        elif not self.plain:
            kinds += [self._swap, self._swap, self._wrap, self._disperse, self._place]
            kinds += [self._supply, self._borrow, self._repay, self._withdraw, self._several]
        lines = self.random.choice(kinds)(name, sender)
        found = tx(name, *lines, sender=sender, fee=fee, start=self.position)
        self.position += len(found.movements)
        return found

    def _theft(self, name: str, _: str) -> list[tuple]:
        amount = self._some("victim", X)
        if not amount or len(self.ledger.seeds) == 3:
            return []
        receiver = self._person()
        seed = Seed(f"s{len(self.ledger.seeds)}", CHAIN, name, receiver, X, amount)
        self.ledger.seeds.append(seed)
        return [self._move("victim", receiver, X, amount)]

    def _transfer(self, _: str, sender: str) -> list[tuple]:
        asset = self.random.choice((X, X, X, ETH))
        return [self._move(sender, self._person(), asset, self._some(sender, asset))]

    def _swap(self, _: str, sender: str) -> list[tuple]:
        sold, bought = self.random.sample((X, Y, ETH), 2)
        lines = [self._move(sender, "router", sold, self._some(sender, sold))]
        lines.append(self._move("router", "pool", sold, lines[0][3]))
        lines.append(self._move("pool", self._person(), bought, self._some("pool", bought)))
        if self.random.randrange(4) == 0:  # a second thing bought
            third = next(asset for asset in (X, Y, ETH) if asset not in (sold, bought))
            lines.append(self._move("pool", sender, third, self._some("pool", third)))
        return lines

    def _wrap(self, _: str, sender: str) -> list[tuple]:
        if self.random.randrange(2):
            amount = self._some(sender, ETH)
            return [
                self._move(sender, "weth", ETH, amount),
                self._move(None, sender, WETH, amount),
            ]
        amount = min(self._some(sender, WETH), self.have["weth", ETH])
        return [self._move(sender, None, WETH, amount), self._move("weth", sender, ETH, amount)]

    def _disperse(self, _: str, sender: str) -> list[tuple]:
        amount = self._some(sender, X)
        lines = [self._move(sender, "disperser", X, amount)]
        while self.have["disperser", X]:
            part = self.random.randint(1, self.have["disperser", X])
            lines.append(self._move("disperser", self._person(), X, part))
        return lines

    def _place(self, _: str, sender: str) -> list[tuple]:
        asset = self.random.choice((X, Y, ETH))
        place = self.random.choice((*PLACES, "0x000000000000000000000000000000000000dead"))
        return [self._move(sender, place, asset, self._some(sender, asset))]

    def _supply(self, _: str, sender: str) -> list[tuple]:
        amount = self._some(sender, X)
        return [self._move(sender, "market", X, amount), self._move(None, sender, RX, amount)]

    def _withdraw(self, _: str, sender: str) -> list[tuple]:
        amount = min(self._some(sender, RX), self.have["market", X])
        return [self._move(sender, None, RX, amount), self._move("market", sender, X, amount)]

    def _borrow(self, _: str, sender: str) -> list[tuple]:
        amount = self._some("market", Y)
        lines = [
            self._move(None, sender, DY, amount),
            self._move("market", self._person(), Y, amount),
        ]
        return self._supply("", sender) + lines if self.random.randrange(2) else lines

    def _repay(self, _: str, sender: str) -> list[tuple]:
        debtors = [person for person in PEOPLE if self.have[person, DY]]
        debtor = self.random.choice(debtors or PEOPLE)
        amount = min(self._some(sender, Y), self.have[debtor, DY])
        return [self._move(sender, "market", Y, amount), self._move(debtor, None, DY, amount)]

    def _several(self, name: str, sender: str) -> list[tuple]:
        lines: list[tuple] = []
        for _ in range(self.random.randrange(1, 5)):
            lines += self.random.choice((self._transfer, self._swap, self._wrap))(
                name, self._person()
            )
        return lines


def make_ledger(random: Random, *, plain: bool = False) -> Ledger:
    """``plain``: single transfers, fees and thefts only."""
    return Maker(random, plain=plain).make()
