"""The tree of blocks: one truth, which may be reorganised, and whatever liars grow beside it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

import rlp
from eth_utils import keccak
from trie import HexaryTrie

from tests.liars.acts import draw
from tests.liars.blocks import Block, Withdrawal, execute, make
from tests.liars.ledger import Act, Moved, State, word
from tests.liars.people import (
    ETHER,
    KEEPERS,
    SIGNERS,
    STRANGER,
    THIEF,
    TOKEN,
    VALIDATOR,
    VICTIM,
)

STOLEN = 100 * ETHER
THEFT = 2  # the height of the theft
_SLOT = bytes(32)  # where the token keeps its balances
_BLANK_ROOT = HexaryTrie({}).root_hash
_nodes: dict[bytes, bytes] = {}  # of all state tries: they are found by their hash


class World:
    """Everything that was ever mined. ``head`` is the truth's newest block.

    ``most``: how many transactions chance puts into one block.
    """

    def __init__(self, seed: int = 0, *, most: int = 4) -> None:
        self.seed = seed
        self.most = most
        self.blocks: dict[bytes, Block] = {}
        self.true_hashes: set[str] = set()  # of every block that ever was the truth
        self.heads: list[Block] = []  # the truth's head, after each of its changes
        self._branches = 0
        for block in prologue():
            self._know(block)
        self.branch = ""
        self.grow(prologue()[-1])

    @property
    def head(self) -> Block:
        return self.heads[-1]

    def grow(self, block: Block) -> None:
        """From now on this block is the truth's head, and what is beneath it the truth."""
        self.heads.append(block)
        for one in reversed(block.line):
            if one.name in self.true_hashes:
                break
            self.true_hashes.add(one.name)

    def mine(self, count: int = 1) -> Block:
        """The truth grows by so many blocks, as chance will have it."""
        self.grow(self.sprout(self.head, count, self.branch))
        return self.head

    def mine_rich(self) -> Block:
        """The truth grows by a block in which everything happens that can be lied about."""
        acts = [
            Act("pay", STRANGER, THIEF, 5 * ETHER),
            Act("token", STRANGER, THIEF, 70),
            Act("split", STRANGER, THIEF, 4 * ETHER),
            Act("end", VICTIM, KEEPERS[3], ETHER),
            Act("token", VICTIM, STRANGER, 11),
            Act("pay", STRANGER, KEEPERS[3], ETHER),
        ]
        paid = (Withdrawal(self.head.number, VALIDATOR, 10**6),)
        block = build(self.head, acts, paid, f"{self.seed} {self.branch}")
        self._know(block)
        self.grow(block)
        return block

    def reorganise(self, depth: int, more: int = 1) -> Block:
        """The truth leaves its newest blocks and is ``more`` blocks higher afterwards.

        :raises ValueError: the theft would be undone.
        """
        if self.head.number - depth < THEFT:
            raise ValueError("the theft stays")
        self.branch = self.new_branch("fork")
        fork = self.head.line[self.head.number - depth]
        self.grow(self.sprout(fork, depth + more, self.branch))
        return self.head

    def sprout(self, parent: Block, count: int, branch: str) -> Block:
        """So many blocks on top of any block, beside the truth; the last of them."""
        for _ in range(count):
            parent = self.child(parent, branch)
        return parent

    def new_branch(self, name: str) -> str:
        self._branches += 1
        return f"{name} {self._branches}"

    def child(self, parent: Block, branch: str) -> Block:
        """One block on top of any block. What is in it is drawn by chance, from the seed."""
        chance = random.Random(f"{self.seed}/{branch}/{parent.number}/{parent.name}")
        wanted = draw(chance, parent.state, self.most)
        paid = ()
        if chance.random() < 0.3:
            who = chance.choice((VALIDATOR, THIEF))
            paid = (Withdrawal(parent.number, who, chance.randint(1, 10**9)),)
        block = build(parent, wanted, paid, f"{self.seed} {branch}")
        self._know(block)
        return block

    def _know(self, block: Block) -> None:
        self.blocks[block.hash] = block


def build(
    parent: Block | None, acts: Sequence[Act], paid: tuple[Withdrawal, ...], branch: str
) -> Block:
    """Execute the acts on the parent's state, and the block that has them."""
    state = parent.state.copy() if parent else _genesis()
    done, moved, given = execute(state, acts, paid)
    before = bytes(parent.fields[3]) if parent else _BLANK_ROOT  # type: ignore[arg-type]
    block = make(parent, state, _state_root(before, state), done, paid, branch)
    block.moved = moved
    if given:
        block.moved[f"block:{block.name}"] = given
    return block


def movements(block: Block) -> dict[str, list[Moved]]:
    """What moved in a block, by transaction; transactions that moved nothing are left out."""
    return {tx: sorted(moved) for tx, moved in block.moved.items() if moved}


@cache
def prologue() -> tuple[Block, ...]:
    """Up to the theft; the same on every made-up chain."""
    first = build(None, (), (), "prologue")
    second = build(first, [Act("pay", STRANGER, VICTIM, ETHER)], (), "prologue")
    theft = build(second, [Act("loot", VICTIM, THIEF, STOLEN)], (), "prologue")
    return first, second, theft


def _genesis() -> State:
    state = State()
    for who in SIGNERS:
        state.add(who, 1000 * ETHER if who in (VICTIM, STRANGER) else ETHER)
    for who in (VICTIM, STRANGER):
        state.add_token(who, 10**6)
    state.touched |= set(state.code)
    return state


def _state_root(before: bytes, state: State) -> bytes:
    """The root after the touched accounts have changed (Yellow Paper, 4.1)."""
    trie = HexaryTrie(_nodes, before)
    for address in sorted(state.touched):
        code = state.code.get(address, b"")
        storage = _storage_root(state) if address == TOKEN else _BLANK_ROOT
        account = [
            state.nonces.get(address, 0),
            state.native.get(address, 0),
            storage,
            keccak(code),
        ]
        trie[keccak(bytes.fromhex(address[2:]))] = rlp.encode(account)
    state.touched = set()
    return bytes(trie.root_hash)


def _storage_root(state: State) -> bytes:
    return bytes(storage_trie(state).root_hash)


def storage_trie(state: State) -> HexaryTrie:
    """The token's balances as a contract keeps them: by keccak of the holder and the slot."""
    trie = HexaryTrie(_nodes)
    for holder, amount in state.token.items():
        if amount:
            trie[keccak(keccak(word(holder) + _SLOT))] = rlp.encode(amount)
    return trie


def account_proof(block: Block, address: str) -> list[bytes]:
    """The nodes from the state root down to an account, or to where it is missing."""
    trie = HexaryTrie(_nodes, bytes(block.fields[3]))  # type: ignore[arg-type]
    found = trie.get_proof(keccak(bytes.fromhex(address[2:])))
    return [bytes(rlp.encode(node)) for node in found]
