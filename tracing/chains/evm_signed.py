"""The bytes of a transaction as they were signed and as the block commits to them; who signed.

Sources: EIP-155 (legacy with a chain's number), 2930 (type 1), 1559 (type 2), 4844 (type 3, in a
block without its blobs), 7702 (type 4); the OP Stack's specification for deposits (type 0x7e),
which nobody signs: they come from the chain below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from coincurve import PublicKey
from eth_utils.crypto import keccak

from tracing.chains import evm_rlp
from tracing.chains.errors import BadAnswer
from tracing.chains.evm_json import address, data, hash32, objects, optional_quantity, quantity

DEPOSIT = 0x7E
TYPES = frozenset({0, 1, 2, 3, 4, DEPOSIT})  # of transactions whose bytes are known here


@dataclass(frozen=True, slots=True)
class Signed:
    """A transaction's bytes in its block, what was hashed to be signed, and the signature.

    ``vouched``: the sender of a deposit, which stands in its bytes instead of a signature.
    """

    encoded: bytes
    message: bytes
    signature: bytes  # r, s, parity: 65 bytes; empty where r or s do not fit
    vouched: str | None = None

    @property
    def hash(self) -> bytes:
        return keccak(self.encoded)

    def sender(self) -> str | None:
        """Who signed; None where nobody can have."""
        return self.vouched or _signer(keccak(self.message), self.signature)


def type_of(entry: Mapping[str, Any]) -> int:
    return optional_quantity(entry.get("type"), "a transaction's type")


def read_signed(tx: Mapping[str, Any]) -> Signed:
    """A transaction as JSON-RPC tells it. Raises BadAnswer where a field is absent or malformed,
    and for a type that is not known here."""
    kind = type_of(tx)
    if kind not in TYPES:
        raise BadAnswer(f"a transaction of type {kind:#x}, whose bytes are not known here")
    if kind == DEPOSIT:
        return _deposit(tx)
    body = [
        _number(tx, "nonce"),
        *_prices(tx, kind),
        _number(tx, "gas"),
        evm_rlp.EMPTY if tx.get("to") is None else _address(tx["to"]),
        _number(tx, "value"),
        evm_rlp.string(data(tx.get("input", tx.get("data")), "a transaction's input")),
    ]
    r, s = (quantity(tx.get(part), "a signature") for part in "rs")
    if not r and not s:
        raise BadAnswer("a transaction that nobody signed, of a kind that is not known here")
    if kind == 0:
        return _legacy(body, quantity(tx.get("v"), "a signature"), r, s)
    body.insert(0, _number(tx, "chainId"))
    body.append(_access_list(tx))
    if kind == 3:
        hashes = tx.get("blobVersionedHashes")
        body += [_number(tx, "maxFeePerBlobGas"), _hashes(hashes, "blobVersionedHashes")]
    if kind == 4:
        body.append(_authorizations(tx))
    parity = _parity(tx)
    prefix = bytes((kind,))
    sealed = [*body, *map(evm_rlp.integer, (parity, r, s))]
    return Signed(
        prefix + evm_rlp.sequence(sealed),
        prefix + evm_rlp.sequence(body),
        _signature(r, s, parity),
    )


def _legacy(body: list[bytes], v: int, r: int, s: int) -> Signed:
    """``v`` is 27 or 28, or holds the chain's number (EIP-155)."""
    sealed = evm_rlp.sequence([*body, *map(evm_rlp.integer, (v, r, s))])
    if v >= 35:
        chain, parity = divmod(v - 35, 2)
        body = [*body, evm_rlp.integer(chain), evm_rlp.EMPTY, evm_rlp.EMPTY]
    else:
        parity = v - 27
    return Signed(sealed, evm_rlp.sequence(body), _signature(r, s, parity))


def _deposit(tx: Mapping[str, Any]) -> Signed:
    """Nodes leave out ``isSystemTx`` where it is false, and some always; the hash tells."""
    source = evm_rlp.string(bytes.fromhex(hash32(tx.get("sourceHash"), "sourceHash")[2:]))
    sender = address(tx.get("from"), "a transaction's sender")
    to = evm_rlp.EMPTY if tx.get("to") is None else _address(tx["to"])
    mint = evm_rlp.integer(optional_quantity(tx.get("mint"), "mint"))
    body = [source, _address(sender), to, mint, _number(tx, "value"), _number(tx, "gas")]
    last = evm_rlp.string(data(tx.get("input", tx.get("data")), "a transaction's input"))
    told = int(bool(tx.get("isSystemTx")))
    either = [
        bytes((DEPOSIT,)) + evm_rlp.sequence((*body, evm_rlp.integer(system), last))
        for system in (told, 1 - told)
    ]
    claimed = str(tx.get("hash")).lower()
    matching = [encoded for encoded in either if "0x" + keccak(encoded).hex() == claimed]
    return Signed((matching or either)[0], b"", b"", vouched=sender)


def _prices(tx: Mapping[str, Any], kind: int) -> list[bytes]:
    if kind < 2:
        return [_number(tx, "gasPrice")]
    return [_number(tx, "maxPriorityFeePerGas"), _number(tx, "maxFeePerGas")]


def _parity(entry: Mapping[str, Any]) -> int:
    """Some nodes tell it as ``v``, most as both."""
    found = entry.get("yParity")
    return quantity(entry.get("v") if found is None else found, "a signature")


def _access_list(tx: Mapping[str, Any]) -> bytes:
    return evm_rlp.sequence(
        evm_rlp.sequence(
            (_address(entry.get("address")), _hashes(entry.get("storageKeys"), "storageKeys"))
        )
        for entry in objects(tx.get("accessList") or [], "an access")
    )


def _authorizations(tx: Mapping[str, Any]) -> bytes:
    return evm_rlp.sequence(
        evm_rlp.sequence(
            (
                _number(entry, "chainId"),
                _address(entry.get("address")),
                _number(entry, "nonce"),
                evm_rlp.integer(_parity(entry)),
                _number(entry, "r"),
                _number(entry, "s"),
            )
        )
        for entry in objects(tx.get("authorizationList"), "an authorization")
    )


def _hashes(values: Any, what: str) -> bytes:
    if not isinstance(values, list):
        raise BadAnswer(f"{what} is not a list")
    return evm_rlp.sequence(
        evm_rlp.string(bytes.fromhex(hash32(value, what)[2:])) for value in values
    )


def _number(entry: Mapping[str, Any], field: str) -> bytes:
    return evm_rlp.integer(quantity(entry.get(field), field))


def _address(value: Any) -> bytes:
    return evm_rlp.string(bytes.fromhex(address(value, "an address of a transaction")[2:]))


def _signature(r: int, s: int, parity: int) -> bytes:
    if parity not in (0, 1) or r.bit_length() > 256 or s.bit_length() > 256:
        return b""
    return r.to_bytes(32) + s.to_bytes(32) + bytes((parity,))


# Several endpoints tell of the same transactions; what was worked out for one serves all.
@lru_cache(maxsize=8192)
def _signer(message_hash: bytes, signature: bytes) -> str | None:
    if not signature:
        return None
    try:
        key = PublicKey.from_signature_and_message(signature, message_hash, hasher=None)
    except ValueError:
        return None
    return "0x" + keccak(key.format(compressed=False)[1:])[12:].hex()
