"""The conformance chain of the execution APIs: 54 blocks over all forks, as bytes. What we make of
its transactions and headers as JSON is byte for byte what stands there."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import rlp
from eth_account import Account
from eth_utils.crypto import keccak

from tests.tracing.chains.recorded import DATA
from tracing.chains.base import RawBlock
from tracing.chains.evm_checks import read_head
from tracing.chains.evm_commitments import NAMES, check
from tracing.chains.evm_header import FIELDS
from tracing.chains.evm_signed import read_signed

CHAIN = DATA / "rpc" / "execution_apis" / "tests" / "chain.rlp"
pytestmark = pytest.mark.skipif(not CHAIN.is_file(), reason=f"no conformance chain at {CHAIN}")

BYTES = {
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot"),
    *("logsBloom", "extraData", "mixHash", "withdrawalsRoot", "requestsHash"),
    *("parentBeaconBlockRoot", "to", "input"),
}
BEFORE, AFTER = ("to", "value", "input"), ("r", "s")
TRANSACTION: dict[int, tuple[str, ...]] = {
    0: ("nonce", "gasPrice", "gas", *BEFORE, "v", *AFTER),
    1: ("chainId", "nonce", "gasPrice", "gas", *BEFORE, "accessList", "yParity", *AFTER),
}
FEES = ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas", *BEFORE, "accessList")
TRANSACTION[2] = (*FEES, "yParity", *AFTER)
TRANSACTION[3] = (*FEES, "maxFeePerBlobGas", "blobVersionedHashes", "yParity", *AFTER)
TRANSACTION[4] = (*FEES, "authorizationList", "yParity", *AFTER)
AUTHORIZATION = ("chainId", "address", "nonce", "yParity", *AFTER)
WITHDRAWAL = ("index", "validatorIndex", "address", "amount")


def blocks() -> Iterator[list[Any]]:
    left = CHAIN.read_bytes()
    while left:
        block = rlp.decode(left, strict=False)
        yield block
        left = left[len(rlp.encode(block)) :]


def text(name: str, value: Any) -> Any:
    """A field as a node tells it."""
    if name == "accessList":
        return [
            {"address": "0x" + who.hex(), "storageKeys": ["0x" + key.hex() for key in keys]}
            for who, keys in value
        ]
    if name == "blobVersionedHashes":
        return ["0x" + one.hex() for one in value]
    if name == "authorizationList":
        return [named(AUTHORIZATION, one) for one in value]
    if name == "to" and not value:
        return None
    if name in BYTES or name == "address":
        return "0x" + value.hex()
    return hex(int.from_bytes(value))


def named(names: tuple[str, ...], values: list[Any]) -> dict[str, Any]:
    return {name: text(name, value) for name, value in zip(names, values, strict=False)}


def transaction(entry: Any) -> tuple[bytes, dict[str, Any]]:
    """Its bytes, and what a node tells; who sent it is found by another library."""
    if isinstance(entry, list):
        encoded, kind, values = rlp.encode(entry), 0, entry
    else:
        encoded, kind, values = entry, entry[0], rlp.decode(entry[1:])
    told = named(TRANSACTION[kind], values) | {"type": hex(kind)}
    told["hash"] = "0x" + keccak(encoded).hex()
    told["from"] = Account.recover_transaction(encoded).lower()
    return encoded, told


def test_every_block_of_the_chain_holds_together() -> None:
    kinds: Counter[str] = Counter()
    parent, length, fields = None, 0, 0
    for block in blocks():
        header, sealed, _, *rest = block
        told = named(tuple(name for name in FIELDS if name != "hash"), header)
        told |= {"nonce": "0x" + header[14].hex(), "hash": "0x" + keccak(rlp.encode(header)).hex()}
        assert parent in (None, told["parentHash"])
        transactions = [transaction(entry) for entry in sealed]
        for encoded, one in transactions:
            assert read_signed(one).encoded == encoded
            kinds[one["type"]] += 1
        told["transactions"] = [one for _, one in transactions]
        if rest:
            told["withdrawals"] = [named(WITHDRAWAL, one) for one in rest[0]]
        check(RawBlock(read_head(told), told, None, None), NAMES)
        parent, length, fields = told["hash"], length + 1, max(fields, len(header))
    assert (length, fields) == (54, 21)
    assert kinds == {"0x0": 196, "0x1": 23, "0x2": 23, "0x3": 6, "0x4": 1}
