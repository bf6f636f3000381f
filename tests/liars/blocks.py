"""Real blocks: signed transactions, receipts, tries and headers whose hashes are what they say."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import rlp
from eth_utils import keccak
from trie import HexaryTrie

from tests.liars.acts import EXECUTE
from tests.liars.ledger import Act, Event, Moved, Outcome, State
from tests.liars.people import CHAIN_ID, FEES, NATIVE, signer

BASE_FEE = 10**9
TIP = 10**8
GWEI = 10**9
GAS_LIMIT = 30_000_000
GENESIS_TIME = 1_760_000_000
BLOCK_SECONDS = 12
NO_UNCLES = keccak(rlp.encode([]))


@dataclass(frozen=True)
class Signed:
    """A transaction as it stands in a block, with what came of it."""

    hash: bytes
    raw: bytes
    kind: int  # 0 or 2
    nonce: int
    sender: str
    signature: tuple[int, int, int]
    outcome: Outcome

    @property
    def fee(self) -> int:
        return self.outcome.gas * (BASE_FEE + TIP)


@dataclass(frozen=True)
class Withdrawal:
    """What the consensus layer pays out. ``amount`` in Gwei."""

    index: int
    address: str
    amount: int


@dataclass(eq=False)
class Block:
    """One block. ``line`` is its chain from the first block to itself."""

    number: int
    hash: bytes
    fields: list[bytes | int]  # of the header, in order
    transactions: tuple[Signed, ...]
    withdrawals: tuple[Withdrawal, ...]
    state: State
    moved: dict[str, list[Moved]]  # by transaction; withdrawals under "block:<hash>"
    parent: Block | None = None
    line: tuple[Block, ...] = ()
    told: dict[str, object] = field(default_factory=dict)  # answers about it, made once

    @property
    def name(self) -> str:
        return "0x" + self.hash.hex()

    @property
    def parent_hash(self) -> bytes:
        return self.parent.hash if self.parent else bytes(32)

    @property
    def time(self) -> int:
        return GENESIS_TIME + BLOCK_SECONDS * self.number


@lru_cache(maxsize=50_000)
def _signed(
    sender: str, nonce: int, kind: int, to: str | None, value: int, data: bytes, gas: int
) -> tuple[bytes, bytes, tuple[int, int, int]]:
    """Hash, bytes and signature. Signatures are deterministic (RFC 6979), so they can be kept."""
    fields: dict[str, object] = {"chainId": CHAIN_ID, "nonce": nonce, "value": value, "data": data}
    fields |= {"gas": 2 * gas, "to": b"" if to is None else bytes.fromhex(to[2:])}
    if kind == 2:
        fields |= {"type": 2, "maxFeePerGas": 3 * BASE_FEE, "maxPriorityFeePerGas": TIP}
    else:
        fields |= {"gasPrice": BASE_FEE + TIP}
    done = signer(sender).sign_transaction(fields)
    return bytes(done.hash), bytes(done.raw_transaction), (done.v, done.r, done.s)


def sign(act: Act, state: State) -> Signed:
    """The act as its sender's next transaction. Even nonces are of the old kind."""
    outcome = EXECUTE[act.kind](act, state)
    nonce = state.nonces.get(act.sender, 0)
    kind = 2 if nonce % 2 else 0
    digest, raw, signature = _signed(
        act.sender, nonce, kind, outcome.to, outcome.value, outcome.data, outcome.gas
    )
    return Signed(digest, raw, kind, nonce, act.sender, signature, outcome)


def bloom(events: Sequence[Event]) -> int:
    """The three bits of each address and topic (Yellow Paper, 4.3.1)."""
    bits = 0
    for event in events:
        for value in (bytes.fromhex(event.address[2:]), *event.topics):
            digest = keccak(value)
            for at in (0, 2, 4):
                bits |= 1 << (int.from_bytes(digest[at : at + 2]) & 2047)
    return bits


def root(values: Sequence[bytes]) -> bytes:
    """The root of the trie from places to values."""
    trie = HexaryTrie({})
    for place, value in enumerate(values):
        trie[rlp.encode(place)] = value
    return bytes(trie.root_hash)


def receipts(transactions: Sequence[Signed]) -> list[bytes]:
    """The receipts as their trie has them."""
    gas, found = 0, []
    for tx in transactions:
        gas += tx.outcome.gas
        events = tx.outcome.logged
        logs = [[bytes.fromhex(one.address[2:]), list(one.topics), one.data] for one in events]
        body = rlp.encode([int(tx.outcome.ok), gas, bloom(events).to_bytes(256), logs])
        found.append(bytes([tx.kind]) + body if tx.kind else body)
    return found


def withdrawal_bytes(entry: Withdrawal) -> bytes:
    return bytes(
        rlp.encode([entry.index, entry.index % 7, bytes.fromhex(entry.address[2:]), entry.amount])
    )


def make(
    parent: Block | None,
    state: State,
    state_root: bytes,
    transactions: tuple[Signed, ...],
    withdrawals: tuple[Withdrawal, ...],
    branch: str,
) -> Block:
    """The block over what was executed. ``branch`` makes equal blocks of two branches differ."""
    number = parent.number + 1 if parent else 0
    fields: list[bytes | int] = [
        parent.hash if parent else bytes(32),
        NO_UNCLES,
        bytes.fromhex(FEES[2:]),
        state_root,
        root([tx.raw for tx in transactions]),
        root(receipts(transactions)),
        bloom([event for tx in transactions for event in tx.outcome.logged]).to_bytes(256),
        0,  # difficulty
        number,
        GAS_LIMIT,
        sum(tx.outcome.gas for tx in transactions),
        GENESIS_TIME + BLOCK_SECONDS * number,
        branch.encode()[:32],
        keccak(f"mix {branch} {number}".encode()),
        bytes(8),
        BASE_FEE,
        root([withdrawal_bytes(entry) for entry in withdrawals]),
        0,  # blob gas used, and in excess
        0,
        keccak(f"beacon {number}".encode()),
        hashlib.sha256().digest(),  # of no requests (EIP-7685)
    ]
    digest = keccak(rlp.encode(fields))
    block = Block(number, digest, fields, transactions, withdrawals, state, {}, parent)
    block.line = (*parent.line, block) if parent else (block,)
    return block


def execute(
    state: State, acts: Sequence[Act], withdrawals: Sequence[Withdrawal]
) -> tuple[tuple[Signed, ...], dict[str, list[Moved]], list[Moved]]:
    """Run the acts on ``state``: the transactions, their movements, and the withdrawals'."""
    done, moved = [], {}
    for act in acts:
        tx = sign(act, state)
        state.nonces[act.sender] = tx.nonce + 1
        state.add(act.sender, -tx.fee)
        state.add(FEES, tx.outcome.gas * TIP)
        fee = Moved("fee", NATIVE, act.sender, "", tx.fee)
        moved["0x" + tx.hash.hex()] = [fee, *state.run(tx.outcome)]
        done.append(tx)
    paid = []
    for entry in withdrawals:
        state.add(entry.address, entry.amount * GWEI)
        paid.append(Moved("withdrawal", NATIVE, "", entry.address, entry.amount * GWEI))
    return tuple(done), moved, paid
