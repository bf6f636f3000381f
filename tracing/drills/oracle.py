"""The drill's second opinion: FIFO by docs/taint.md, read off the scenario's steps.

This module shares no code with the engine that it judges: it imports nothing of tracing, knows
steps (a swap is a swap because the script says so) and no logs, blocks or nodes. A scenario file is
enough to compute what the money strip must say at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Step = Mapping[str, Any]
Key = tuple[str, str]  # account name, asset key

NATIVE = "ETH"
FEES = "(fees)"  # account that collects tainted fees
CONVERSIONS = frozenset({"wrap", "unwrap", "swap", "supply", "withdraw"})
MOVES = frozenset({"transfer", "bridge", "mix", "release", "state"})
STRIP = ("stolen", "at_large", "held", "frozen", "recovered", "lost")
DEAD = frozenset({"0x" + "00" * 20, "0x000000000000000000000000000000000000dead"})


class ScenarioError(ValueError):
    """The script asks for something that cannot happen, such as spending more than is there."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An amount; tainted when ``origin`` is not None (base units of what ``seed`` stole)."""

    amount: int
    origin: int | None = None
    seed: str = ""
    depth: int = 0

    def split(self, amount: int) -> tuple[Piece, Piece]:
        """Take ``amount``: its origin is rounded down, the rest keeps the remainder."""
        taken = None if self.origin is None else self.origin * amount // self.amount
        rest = None if self.origin is None or taken is None else self.origin - taken
        return (
            Piece(amount, taken, self.seed, self.depth),
            Piece(self.amount - amount, rest, self.seed, self.depth),
        )


@dataclass(slots=True)
class Books:
    """Balances of every account of the script, and queues of lots for those that taint reached."""

    scenario: Mapping[str, Any]
    balances: dict[Key, int] = field(default_factory=dict)
    queues: dict[Key, list[Piece]] = field(default_factory=dict)
    dust: dict[Key, list[Piece]] = field(default_factory=dict)  # booked for good, never spent
    frozen: set[Key] = field(default_factory=set)
    prices: dict[str, int] = field(default_factory=dict)
    stolen: dict[str, int] = field(default_factory=dict)  # by seed
    seed_assets: dict[str, str] = field(default_factory=dict)
    block: int = 0
    depth: int = 0  # longest path so far

    def __post_init__(self) -> None:
        for name, amount in self.scenario["genesis"]["balances"].items():
            self.balances[name, NATIVE] = int(amount)

    # -- accounts ------------------------------------------------------------------------------

    def kind(self, name: str) -> str:
        """What the account is for the trace in this block ("" is nobody known)."""
        if name == FEES:
            return "fee"
        account = self.scenario["accounts"][name]
        if account["address"] in DEAD:
            return "burn"
        label = account.get("label")
        if label is None or self.block <= int(account.get("label_after", 0)):
            return ""
        return str(label)

    def is_sink(self, name: str) -> bool:
        return self.kind(name) != ""

    def take(self, key: Key, amount: int) -> list[Piece]:
        """Debit. Accounts that taint never reached, and sinks, pay with clean value."""
        have = self.balances.get(key, 0)
        if have < amount:
            raise ScenarioError(f"{key[0]} has {have} {key[1]} and should pay {amount}")
        self.balances[key] = have - amount
        queue = self.queues.get(key)
        if queue is None or self.is_sink(key[0]):
            return [Piece(amount)] if amount else []
        taken, self.queues[key] = self.pick(queue, amount)
        return taken

    def pick(self, queue: list[Piece], amount: int) -> tuple[list[Piece], list[Piece]]:
        """FIFO: the units that leave a queue, and what stays (oracle_policies has the others)."""
        return deal(queue, amount)

    def laid(self, queue: list[Piece]) -> list[Piece]:
        """A queue as the policy keeps it."""
        return queue

    def share(self, pieces: list[Piece], amount: int) -> tuple[list[Piece], list[Piece]]:
        """One gainer's units of what several get, and the rest."""
        return deal(pieces, amount)

    def give(self, key: Key, pieces: Iterable[Piece], *, hop: bool = True) -> None:
        """Credit pieces in order; opens the account when the first tainted piece arrives."""
        step = 1 if hop else 0
        pieces = [Piece(p.amount, p.origin, p.seed, p.depth + step) for p in pieces]
        before = self.balances.get(key, 0)
        self.balances[key] = before + sum(piece.amount for piece in pieces)
        stolen = [piece for piece in pieces if piece.origin is not None]
        if not stolen and (key not in self.queues or self.is_sink(key[0])):
            return
        self.depth = max([self.depth, *(piece.depth for piece in stolen)])
        if key not in self.queues:
            if self.is_little(key, stolen):
                self.dust.setdefault(key, []).extend(stolen)
                return
            self.queues[key] = [] if self.is_sink(key[0]) or not before else [Piece(before)]
        queue = [*self.queues[key], *pieces]
        self.queues[key] = queue if self.is_sink(key[0]) else self.laid(queue)

    def is_little(self, key: Key, stolen: list[Piece]) -> bool:
        """Whether stolen units, with the dust that is there, are too few for a queue."""
        there = sum(piece.amount for piece in (*self.dust.get(key, ()), *stolen))
        return not self.is_sink(key[0]) and there < self.threshold(key[1])

    def threshold(self, asset: str) -> int:
        return int(self.scenario["assets"][asset].get("threshold", "0"))

    # -- steps ---------------------------------------------------------------------------------

    def apply(self, step: Step) -> None:
        """Book one step of the canonical chain."""
        self.pay_fee(step)
        kind = step["kind"]
        if step.get("reverts"):
            return
        if kind == "release" and "seed" in step:
            self.steal(step)
        elif kind in MOVES:
            self.move(step)
        elif kind in CONVERSIONS:
            self.exchange(step)
        elif kind == "disperse":
            self.spread(step)
        elif kind == "mint":
            self.give((step["to"], step["asset"]), [Piece(int(step["amount"]))])
        elif kind == "borrow":
            self.borrow(step)
        elif kind == "repay":
            self.repay(step)
        elif kind == "liquidate":
            self.liquidate(step)
        elif kind == "set_price":
            self.prices[step["asset"]] = self.unit_value(step["asset"], int(step["price"]))
        elif kind == "freeze":
            self.frozen.add((step["account"], step["asset"]))
        elif kind == "unfreeze":
            self.frozen.discard((step["account"], step["asset"]))

    def unit_value(self, asset: str, price: int) -> int:
        """Value of one base unit, from dollars of 8 decimals per whole token; scaled to 10**36."""
        decimals = int(self.scenario["assets"][asset]["decimals"])
        return int(price * 10 ** (28 - decimals))

    def pay_fee(self, step: Step) -> None:
        fee = int(step.get("fee", "0"))
        if fee:
            payer = step.get("by", step.get("from"))
            pieces = self.take((payer, NATIVE), fee)
            self.give((FEES, NATIVE), [piece for piece in pieces if piece.origin is not None])

    def steal(self, step: Step) -> None:
        asset, amount = step["asset"], int(step["amount"])
        self.take((step["from"], asset), amount)
        self.stolen[step["seed"]] = self.stolen.get(step["seed"], 0) + amount
        self.seed_assets[step["seed"]] = asset
        self.give((step["to"], asset), [Piece(amount, amount, step["seed"])], hop=False)

    def move(self, step: Step) -> None:
        pieces = self.take((step["from"], step["asset"]), int(step["amount"]))
        self.give((step["to"], step["asset"]), pieces)

    def exchange(self, step: Step) -> None:
        """Wrap, unwrap, swap, supply, withdraw: one account gives an asset and gets another."""
        sold, bought = int(step["amount"]), int(step["bought"])
        pieces = self.take((step["from"], step["asset"]), sold)
        self.reserve(step["to"], step["asset"], sold, step["buys"], bought)
        self.give((step["from"], step["buys"]), converted(pieces, sold, bought))

    def reserve(self, name: str, gets: str, got: int, pays: str, paid: int) -> None:
        """The converter's own balances; what it mints and burns itself is nobody's balance."""
        own = self.scenario["accounts"][name].get("issues", [])
        if gets not in own:
            self.balances[name, gets] = self.balances.get((name, gets), 0) + got
        if pays not in own:
            self.take((name, pays), paid)

    def spread(self, step: Step) -> None:
        pieces = self.take((step["from"], step["asset"]), int(step["amount"]))
        for share in step["shares"]:
            dealt, pieces = self.share(pieces, int(share["amount"]))
            self.give((share["to"], step["asset"]), dealt)
        if pieces:
            raise ScenarioError(f"{step['id']}: the shares do not add up")

    # -- loans ---------------------------------------------------------------------------------

    def position(self, debtor: str, role: str) -> int:
        """Value of all receipts, or of all debts, of a debtor."""
        total = 0
        for key, info in self.scenario["assets"].items():
            if info["role"] == role:
                held = self.balances.get((debtor, key), 0)
                total += held * self.prices.get(info["underlying"], 0)
        return total

    def receipts(self, debtor: str) -> list[Key]:
        """The debtor's receipts that taint reached, in the order of the asset table."""
        return [
            (debtor, key)
            for key, info in self.scenario["assets"].items()
            if info["role"] == "receipt" and (debtor, key) in self.queues
        ]

    def borrow(self, step: Step) -> None:
        debtor, asset, amount = step["to"], step["asset"], int(step["amount"])
        free = self.position(debtor, "receipt") - self.position(debtor, "debt")
        value = amount * self.prices[asset]
        self.take((step["from"], asset), amount)
        debt = (debtor, step["debt"])
        self.balances[debt] = self.balances.get(debt, 0) + amount
        keys = self.receipts(debtor)
        lots = [lot for key in keys for lot in self.queues[key]]
        total, end = sum(lot.amount for lot in lots), 0
        pieces: list[Piece] = []
        for key in keys:
            kept: list[Piece] = []
            for lot in self.queues[key]:
                given = lot.origin
                if given is not None and value < free:
                    given = given * value // free
                rest = None if lot.origin is None or given is None else lot.origin - given
                kept.append(Piece(lot.amount, rest, lot.seed, lot.depth))
                start, end = end, end + lot.amount
                share = amount * end // total - amount * start // total
                pieces.append(Piece(share, given, lot.seed, lot.depth))
            self.queues[key] = kept
        self.give((debtor, asset), pieces or [Piece(amount)])

    def repay(self, step: Step) -> None:
        debtor, amount = step["debtor"], int(step["amount"])
        payment = self.take((step["from"], step["asset"]), amount)
        self.balances[debtor, step["debt"]] -= amount
        keys = self.receipts(debtor)
        tainted = [piece for piece in payment if piece.origin is not None]
        if not keys or not any(self.queues[key] for key in keys):
            self.give((step["to"], step["asset"]), payment)
            return
        reserve = (step["to"], step["asset"])
        self.balances[reserve] = self.balances.get(reserve, 0) + amount
        for piece in tainted:
            self.hand_back(keys, piece)

    def hand_back(self, keys: list[Key], piece: Piece) -> None:
        """Origin of a repayment: to the oldest receipt lot of its seed, else to the oldest lot."""
        places = [(key, i) for key in keys for i in range(len(self.queues[key]))]
        same = [(key, i) for key, i in places if self.queues[key][i].seed == piece.seed]
        key, index = (same or places)[0]
        lot = self.queues[key][index]
        origin = (lot.origin or 0) + (piece.origin or 0)
        self.queues[key][index] = Piece(lot.amount, origin, piece.seed, lot.depth)

    def liquidate(self, step: Step) -> None:
        """The collateral goes out of the debtor's receipts to whom the lender's vote named."""
        seized = int(step["seized"])
        pieces = self.take((step["debtor"], step["collateral"]), seized)
        self.take((step["reserve"], step["pays"]), seized)
        self.repay(step)
        self.give((step["beneficiary"], step["pays"]), pieces)

    # -- result --------------------------------------------------------------------------------

    def held_amount(self, key: Key) -> int:
        """What desks said they hold of this account and asset (the last answer counts)."""
        held = 0
        for act in self.scenario["acts"]:
            if act["act"] == "answer_freeze" and act["target"] == list(key):
                held = int(act["amount"]) if act["answer"] == "held" else 0
        return held

    def bucket_of(self, key: Key) -> str:
        kind = self.kind(key[0])
        if kind == "return":
            return "recovered"
        if kind == "custody" or key in self.frozen:
            return "frozen"
        return "lost" if kind in {"mixer", "burn", "fee"} else "at_large"

    def strip(self) -> dict[str, dict[str, int]]:
        """The money strip per seed."""
        strip = {seed: dict.fromkeys(STRIP, 0) for seed in self.stolen}
        for seed, amount in self.stolen.items():
            strip[seed]["stolen"] = amount
        for key, rest in self.booked().items():
            bucket = self.bucket_of(key)
            if bucket in {"lost", "at_large"} and (amount := self.held_amount(key)):
                covered, rest = deal(rest, min(amount, sum(lot.amount for lot in rest)))
                book(strip, "held", covered)
            book(strip, bucket, rest)
        return strip

    def booked(self) -> dict[Key, list[Piece]]:
        """What reached each account and is still there: its queue, then its dust."""
        keys = [*self.queues, *(key for key in self.dust if key not in self.queues)]
        return {key: [*self.queues.get(key, ()), *self.dust.get(key, ())] for key in keys}


def book(strip: dict[str, dict[str, int]], bucket: str, pieces: Iterable[Piece]) -> None:
    for piece in pieces:
        if piece.origin is not None:
            strip[piece.seed][bucket] += piece.origin


def deal(pieces: list[Piece], amount: int) -> tuple[list[Piece], list[Piece]]:
    """The first ``amount`` units of a row of pieces, and the rest."""
    dealt: list[Piece] = []
    rest = list(pieces)
    while amount:
        if not rest:
            raise ScenarioError("more is dealt than there is")
        first = rest.pop(0)
        if first.amount > amount:
            first, left = first.split(amount)
            rest.insert(0, left)
        dealt.append(first)
        amount -= first.amount
    return dealt, rest


def converted(pieces: list[Piece], sold: int, bought: int) -> list[Piece]:
    """Units [a, b) of what was sold become units [a*bought//sold, b*bought//sold) of the other."""
    result: list[Piece] = []
    end, carried, seed = 0, 0, ""
    for piece in pieces:
        start, end = end, end + piece.amount
        size = end * bought // sold - start * bought // sold
        if not size:
            carried, seed = carried + (piece.origin or 0), piece.seed or seed
            continue
        origin = piece.origin if not carried else (piece.origin or 0) + carried
        result.append(Piece(size, origin, piece.seed or seed, piece.depth))
        carried = 0
    if carried and result:
        last = result[-1]
        origin = (last.origin or 0) + carried
        result[-1] = Piece(last.amount, origin, last.seed or seed, last.depth)
    return result


def play(scenario: Mapping[str, Any], policy: type[Books] = Books) -> Books:
    """Book the whole canonical chain of a scenario. Orphaned branches leave no trace."""
    books = policy(scenario)
    for block in scenario["blocks"]:
        books.block = int(block["n"])
        for step in block["steps"]:
            books.apply(step)
    return books


def expected(scenario: Mapping[str, Any], policy: type[Books] = Books) -> dict[str, dict[str, str]]:
    """The money strip per stolen asset (CAIP-19), in base units of that asset, as strings.

    Raises ScenarioError when the script cannot happen or the strip does not add up.
    """
    books = play(scenario, policy)
    totals: dict[str, dict[str, int]] = {}
    for seed, strip in books.strip().items():
        asset = scenario["assets"][books.seed_assets[seed]]["asset"]
        sums = totals.setdefault(asset, dict.fromkeys(STRIP, 0))
        for name, amount in strip.items():
            sums[name] += amount
    for asset, sums in totals.items():
        if sums["stolen"] != sum(sums[name] for name in STRIP[1:]):
            raise ScenarioError(f"the strip of {asset} does not add up: {sums}")
    return {asset: {k: str(v) for k, v in sums.items()} for asset, sums in totals.items()}
