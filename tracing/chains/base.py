"""The contract of a chain family: what the watcher asks, whatever the chain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracing.chains.errors import ChainError
from tracing.chains.quorum import Agreement, Digest
from tracing.core.caip import native_asset
from tracing.core.inference.hubs import Past
from tracing.core.types import AccountKey, BlockMovements


@dataclass(frozen=True, slots=True)
class Head:
    """A block's place in its chain. ``timestamp`` in Unix seconds."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int


@dataclass(frozen=True, slots=True)
class RawBlock:
    """A block as the node gave it, checked: everything in it belongs to ``head.hash``.

    ``traces`` is None where the node has none: internal movements are then unknown. ``agreement``
    is None in an answer of one endpoint, and says in a pool's answer who else says the same.
    """

    head: Head
    header: Mapping[str, Any]
    receipts: list[Mapping[str, Any]] | None
    traces: list[Mapping[str, Any]] | None
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """One event. Addresses and topics in lower case hex, ``data`` as bytes."""

    address: str
    topics: tuple[str, ...]
    data: bytes
    tx: str
    index: int
    block_hash: str
    block_number: int


def native_changes(block: BlockMovements, exposed: Collection[str]) -> dict[str, int]:
    """How a block's movements change the native balance of each of ``exposed``, and of all others
    with whom these share a transaction in which it moves. Pure."""
    native = native_asset(block.chain)
    wanted = set(exposed)
    changes: dict[str, int] = {}
    shared: set[str] = set()
    for tx in block.transactions:
        parties = set()
        for movement in tx.movements:
            if movement.asset == native:
                for who, sign in ((movement.frm, -1), (movement.to, 1)):
                    if who is not None:
                        parties.add(who)
                        changes[who] = changes.get(who, 0) + sign * movement.amount
        if not wanted.isdisjoint(parties):
            shared |= parties
    return {who: changes.get(who, 0) for who in sorted(wanted | shared)}


class ChainAdapter(ABC):
    """One endpoint of one chain. Every method may raise RetryableChainError and BadAnswer.

    An adapter has no state that matters: it may be made anew for each task. ``chain`` is CAIP-2.
    ``repr`` and messages never show the endpoint's address. ``commitments`` are the names of what
    is computed again of every block that is read (Chain.commitments); Contradicted where it fails.
    """

    slug: str
    namespace: str  # the CAIP-2 namespace that it serves

    def __init__(
        self, chain: str, url: str, *, timeout: float = 20.0, commitments: Collection[str] = ()
    ) -> None:
        self.chain = chain

    @abstractmethod
    def check_chain(self) -> None:
        """Raise WrongChain unless the endpoint serves ``chain``."""

    @abstractmethod
    def head(self, tag: str = "latest") -> Head | None:
        """The newest block of ``latest``, ``safe`` or ``finalized``; None where there is none."""

    @abstractmethod
    def header(self, number: int) -> Head | None:
        """The canonical block of this number; None where there is none (yet)."""

    @abstractmethod
    def header_by_hash(self, block_hash: str) -> Head | None:
        """The block of this hash, canonical or not; None where the node does not have it."""

    @abstractmethod
    def block_of(self, tx: str) -> int | None:
        """The number of the block that a mined transaction is in; None: not known, or not mined."""

    @abstractmethod
    def has_failed(self, tx: str) -> bool:
        """Whether a mined transaction was undone by the chain; False where nobody says so."""

    @abstractmethod
    def read_block(self, number: int) -> RawBlock:
        """Everything of one block. Raises RetryableChainError where it does not exist yet."""

    def read_blocks(self, numbers: Sequence[int]) -> list[RawBlock | ChainError]:
        """Several blocks, in as few requests as the endpoint takes; in the place of one that cannot
        be read, why. May be called in several threads at once."""
        found: list[RawBlock | ChainError] = []
        for number in numbers:
            try:
                found.append(self.read_block(number))
            except ChainError as error:
                found.append(error)
        return found

    @abstractmethod
    def decode(self, raw: RawBlock) -> BlockMovements:
        """The movements of a block. Pure."""

    @abstractmethod
    def logs(self, raw: RawBlock) -> list[Log]:
        """The events of a block, in order. Pure; malformed ones are left out."""

    @abstractmethod
    def digest(self, raw: RawBlock) -> Digest:
        """The block in a form that can be compared with other endpoints' views. Pure."""

    @abstractmethod
    def balances(
        self, keys: Collection[AccountKey], block_hash: str
    ) -> dict[AccountKey, int | None]:
        """Balances at a block, in one batch; None for what could not be read."""

    def balances_at(
        self, wanted: Sequence[tuple[Collection[AccountKey], str]]
    ) -> list[dict[AccountKey, int | None]]:
        """As `balances`, at several blocks: accounts and block hash of each."""
        return [self.balances(keys, block_hash) for keys, block_hash in wanted]

    def balance_deltas(
        self,
        keys: Collection[AccountKey],
        block: BlockMovements,
        before: Mapping[AccountKey, int | None] | None = None,
    ) -> dict[AccountKey, int]:
        """How balances changed in a block beyond what its movements explain; only changes.

        A council's move by change of state shows here, and internal movements that an endpoint
        without traces hides. ``before``: balances as the caller knew them after the parent block
        (needed on a test node, which rewrites the parent's state in place); read at the parent
        where it is absent. What could not be read is left out. The fee recipient's share of fees is
        not among the movements.
        """
        moved = dict.fromkeys((key for key in keys if key.chain == block.chain), 0)
        for tx in block.transactions:
            for movement in tx.movements:
                for address, sign in ((movement.frm, -1), (movement.to, 1)):
                    if address is not None:
                        key = AccountKey(block.chain, address, movement.asset)
                        if key in moved:
                            moved[key] += sign * movement.amount
        if before is None:
            before = self.balances(moved, block.parent_hash)
        after = self.balances(moved, block.hash)
        deltas = {}
        for key, explained in moved.items():
            old, new = before.get(key), after.get(key)
            if old is not None and new is not None and new - old != explained:
                deltas[key] = new - old - explained
        return deltas

    def proved_balances(self, addresses: Collection[str], block_hash: str) -> dict[str, int] | None:
        """Native balances after a block, each proved against the state root that the block's hash
        commits to, so that one endpoint suffices; None where this chain or endpoint proves none.
        Raises BadAnswer for a proof that fails."""
        return None

    def proves_native(self, block: BlockMovements, exposed: Collection[str]) -> bool | None:
        """Whether proved balances say the same as a block's native movements.

        Asked of ``exposed``, whether they moved or not, and of everybody who moved native value in
        a transaction in which one of them did, at the block and at its parent. None where it cannot
        be told; False also where a fee recipient is among them, whose tips are not among the
        movements. Flows that add up to the same changes cannot be told apart by this.
        """
        moved = native_changes(block, exposed)
        before = self.proved_balances(moved, block.parent_hash)
        after = None if before is None else self.proved_balances(moved, block.hash)
        if before is None or after is None:
            return None
        return all(after[who] - before[who] == change for who, change in moved.items())

    @abstractmethod
    def has_code(self, addresses: Collection[str], block_hash: str) -> dict[str, bool]:
        """Which addresses are contracts at a block."""

    def delegated(self, addresses: Collection[str], block_hash: str) -> set[str]:
        """Which of these are ordinary accounts that run a contract's code (EIP-7702), for certain.
        On a chain that knows no such thing: none."""
        return set()

    @abstractmethod
    def call(self, to: str, data: bytes, block_hash: str) -> bytes | None:
        """A read-only call at a block; None where it reverts."""

    @abstractmethod
    def calls(
        self, wanted: Sequence[tuple[str, bytes]], block_hash: str, *, gas: int
    ) -> list[bytes | None]:
        """Read-only calls at a block, in one batch, each with so much gas at most: what a contract
        of an attacker's can waste, in time and in the length of its answer, is bounded by it. None
        where a call reverts, or the node no longer has the state of that block."""

    @abstractmethod
    def prices(self, oracle: str, assets: Collection[str], block_hash: str) -> dict[str, int]:
        """Prices that an on-chain oracle gives at a block, as value of one base unit in the
        oracle's unit, scaled by 10**36. Assets without a price are left out."""

    def token_history(self, address: str, last: int, blocks: int) -> list[Past] | None:
        """Token transfers from and to an address in the ``blocks`` up to the block ``last``, or in
        the newest part of them; None where this chain or this endpoint does not tell."""
        return None

    def token_histories(
        self, addresses: Sequence[str], last: int, blocks: int
    ) -> list[list[Past] | None]:
        """As `token_history`, of several different addresses, in as few requests as can be."""
        return [self.token_history(address, last, blocks) for address in addresses]

    def acting(self, addresses: Collection[str], block_hash: str) -> set[str]:
        """Those of ``addresses`` that are contracts, or had sent a transaction, at a block."""
        return set()

    @property
    def learnt(self) -> dict[str, Any]:
        """What was learnt of the endpoint (how it traces, its limits), as JSON; never its words."""
        return {}

    def remember(self, learnt: Mapping[str, Any]) -> None:
        """Begin with what an earlier adapter of the same endpoint had learnt. Of what is of no use
        here, or malformed, nothing is taken."""
        return None

    @abstractmethod
    def close(self) -> None:
        """Give up connections; the adapter is not used afterwards."""
