"""The root of the trie in which a block keeps a list: transactions, receipts, withdrawals.

The keys are the places in the list, so the whole trie is known at once and is built from the
leaves; nothing is inserted. The `trie` library is the oracle of its tests.
"""

from __future__ import annotations

from collections.abc import Sequence

from eth_utils.crypto import keccak

from tracing.chains import evm_rlp

EMPTY_ROOT = keccak(evm_rlp.EMPTY)

_Leaf = tuple[bytes, bytes]  # the key's nibbles, one a byte; the value


def ordered_root(values: Sequence[bytes]) -> bytes:
    """The root of the Merkle Patricia trie of ``rlp(place) -> value`` (Yellow Paper, appendix D).
    Values are not empty."""
    if not values:
        return EMPTY_ROOT
    leaves = sorted((_nibbles(evm_rlp.integer(place)), value) for place, value in enumerate(values))
    return keccak(_node(leaves, 0, len(leaves), 0))


def _nibbles(key: bytes) -> bytes:
    return bytes(half for byte in key for half in (byte >> 4, byte & 15))


def _node(leaves: Sequence[_Leaf], first: int, end: int, depth: int) -> bytes:
    """The encoding of the node of ``leaves[first:end]``, which share ``depth`` nibbles."""
    low, value = leaves[first]
    if end - first == 1:
        path = _compact(low[depth:], leaf=True)
        return evm_rlp.sequence((evm_rlp.string(path), evm_rlp.string(value)))
    high = leaves[end - 1][0]
    shared = depth
    while low[shared] == high[shared]:
        shared += 1
    if shared > depth:
        path = _compact(low[depth:shared], leaf=False)
        below = _reference(_node(leaves, first, end, shared))
        return evm_rlp.sequence((evm_rlp.string(path), below))
    branch = [evm_rlp.EMPTY] * 17
    at = first
    while at < end:
        nibble, start = leaves[at][0][depth], at
        while at < end and leaves[at][0][depth] == nibble:
            at += 1
        branch[nibble] = _reference(_node(leaves, start, at, depth + 1))
    return evm_rlp.sequence(branch)


def _reference(node: bytes) -> bytes:
    """How a node stands in its parent: as it is where it is short, else by its hash."""
    return node if len(node) < 32 else evm_rlp.string(keccak(node))


def _compact(nibbles: bytes, *, leaf: bool) -> bytes:
    """A path with its kind and the parity of its length in front."""
    flag, odd = 2 if leaf else 0, len(nibbles) % 2
    padded = (bytes((flag + 1,)) if odd else bytes((flag, 0))) + nibbles
    return bytes(padded[at] << 4 | padded[at + 1] for at in range(0, len(padded), 2))
