"""Balances that a block's state root commits to (eth_getProof, EIP-1186).

One endpoint suffices: given a block's hash that is agreed on, its header must hash to it, the
account must follow from the header's state root, and nothing is left to believe. The trie is the
`trie` library's. A proof that fails is refused and blames nobody: behind one address there may be
several nodes, and some answer for another block than was asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import rlp
from eth_utils.crypto import keccak
from rlp.exceptions import RLPException
from trie.exceptions import BadTrieProof, InvalidKeyError, InvalidNode, ValidationError
from trie.hexary import HexaryTrie

from tracing.chains.errors import BadAnswer, Unsupported
from tracing.chains.evm_header import header_hash
from tracing.chains.evm_json import data, hash32, items, mapping, quantity
from tracing.chains.evm_rpc import CallFailed, JsonRpc

_MOST_NODES = 64  # of one proof: a key has 64 nibbles
_MALFORMED = (BadTrieProof, InvalidKeyError, InvalidNode, ValidationError, RLPException)


def proved_balances(
    rpc: JsonRpc, addresses: Collection[str], block_hash: str
) -> dict[str, int] | None:
    """Native balances after a block; None where this endpoint does not prove any (it does not know
    the method, no longer has the state, or its headers do not hash to what they are called).
    Raises BadAnswer for a proof that fails, and RetryableChainError."""
    try:
        header = rpc.call("eth_getBlockByHash", block_hash, False)
    except Unsupported:
        return None
    if header is None or header_hash(mapping(header, "a block")) != block_hash:
        return None
    root = bytes.fromhex(hash32(header.get("stateRoot"), "the state root")[2:])
    wanted = sorted(set(addresses))
    at = {"blockHash": block_hash}
    answers = rpc.batch([("eth_getProof", (address, [], at)) for address in wanted])
    if any(answer is None or isinstance(answer, CallFailed) for answer in answers):
        return None
    return {
        address: read_balance(mapping(answer, "a proof"), address, root)
        for address, answer in zip(wanted, answers, strict=True)
    }


def read_balance(answer: Mapping[str, Any], address: str, state_root: bytes) -> int:
    """The balance of an account by its proof; 0 for one that the proof shows not to be there.
    Raises BadAnswer where the proof does not lead there, or the answer says something else."""
    path = items(answer.get("accountProof"), "a proof")
    if len(path) > _MOST_NODES:
        raise BadAnswer("a proof is longer than any path")
    key = keccak(bytes.fromhex(address[2:]))
    try:
        nodes = [rlp.decode(data(node, "a node of a proof")) for node in path]
        account = HexaryTrie.get_from_proof(state_root, key, nodes)  # type: ignore[no-untyped-call]
        balance = int.from_bytes(rlp.decode(account)[1]) if account else 0
    except (*_MALFORMED, ValueError, TypeError, LookupError, RecursionError):
        # Nothing but the account can follow from the root; the rest is what a hostile node invents.
        raise BadAnswer("a proof does not follow from the block's state root") from None
    if quantity(answer.get("balance"), "a balance") != balance:
        raise BadAnswer("a balance is not the one that its proof leads to")
    return balance
