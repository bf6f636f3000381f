"""The hash of a block's header: keccak of its fields in the order in which forks added them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eth_utils.crypto import keccak

from tracing.chains import evm_rlp
from tracing.chains.errors import BadAnswer
from tracing.chains.evm_json import data, quantity


def _number(value: Any, field: str) -> bytes:
    return evm_rlp.integer(quantity(value, field))


def _bytes(size: int | None) -> Callable[[Any, str], bytes]:
    def read(value: Any, field: str) -> bytes:
        found = data(value, field)
        if size is not None and len(found) != size:
            raise BadAnswer(f"the header's {field} does not have {size} bytes")
        return evm_rlp.string(found)

    return read


_hash, _reader = _bytes(32), Callable[[Any, str], bytes]

# Yellow Paper, 4.3.
_FIRST: dict[str, Callable[[Any, str], bytes]] = {
    "parentHash": _hash,
    "sha3Uncles": _hash,
    "miner": _bytes(20),
    "stateRoot": _hash,
    "transactionsRoot": _hash,
    "receiptsRoot": _hash,
    "logsBloom": _bytes(256),
    "difficulty": _number,
    "number": _number,
    "gasLimit": _number,
    "gasUsed": _number,
    "timestamp": _number,
    "extraData": _bytes(None),
    "mixHash": _hash,
    "nonce": _bytes(8),
}

# Each fork's field goes to the end: EIP-1559, 4895, 4844 (two), 4788, 7685, 7928, 7843.
_LATER: dict[str, Callable[[Any, str], bytes]] = {
    "baseFeePerGas": _number,
    "withdrawalsRoot": _hash,
    "blobGasUsed": _number,
    "excessBlobGas": _number,
    "parentBeaconBlockRoot": _hash,
    "requestsHash": _hash,
    "blockAccessListHash": _hash,
    "slotNumber": _number,
}

# What nodes tell beside the header's fields. Anything else may be a field of a fork to come.
_BESIDES = frozenset(
    {
        "hash",
        "size",
        "totalDifficulty",
        "author",
        "uncles",
        "transactions",
        "withdrawals",
        "sealFields",
        "milliTimestamp",  # BNB Smart Chain
        "l1BlockNumber",  # this and the next two: Arbitrum
        "sendCount",
        "sendRoot",
    }
)

FIELDS = ("hash", *_FIRST, *_LATER)


def header_hash(header: Mapping[str, Any]) -> str:
    """Raises BadAnswer where a field is absent or malformed."""
    later = [field for field in _LATER if header.get(field) is not None]
    last = max(map(list(_LATER).index, later), default=-1)
    encoded = [read(header.get(field), field) for field, read in _FIRST.items()]
    encoded += [
        evm_rlp.EMPTY if header.get(field) is None else read(header[field], field)
        for field, read in list(_LATER.items())[: last + 1]
    ]
    return "0x" + keccak(evm_rlp.sequence(encoded)).hex()


def is_of_a_later_fork(header: Mapping[str, Any]) -> bool:
    """Whether the header has fields that are not known here."""
    known = _BESIDES.union(_FIRST, _LATER)
    return any(value is not None for field, value in header.items() if field not in known)


def is_not_sealed(header: Mapping[str, Any]) -> bool:
    """Whether a block is told before it is whole, as rollups do for those in a hurry: without a
    hash or a state root."""
    return any(int(str(header.get(field)), 16) == 0 for field in ("hash", "stateRoot"))
