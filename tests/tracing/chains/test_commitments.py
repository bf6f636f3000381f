"""What is computed again of a block, against other people's code: RLP, tries, senders."""

from typing import Any

import pytest
import rlp
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st
from trie import HexaryTrie

from tracing.chains import evm_rlp
from tracing.chains.base import RawBlock
from tracing.chains.errors import BadAnswer, Contradicted
from tracing.chains.evm_checks import read_head
from tracing.chains.evm_commitments import check
from tracing.chains.evm_signed import read_signed
from tracing.chains.evm_trie import ordered_root

NESTED = st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=20))


def encoded(value: bytes | list) -> bytes:  # type: ignore[type-arg]
    if isinstance(value, bytes):
        return evm_rlp.string(value)
    return evm_rlp.sequence(map(encoded, value))


@given(NESTED)
def test_rlp_equals_the_librarys(value: bytes | list) -> None:  # type: ignore[type-arg]
    assert encoded(value) == rlp.encode(value)


@given(st.integers(min_value=0, max_value=2**256 - 1))
def test_rlp_of_numbers_equals_the_librarys(value: int) -> None:
    assert evm_rlp.integer(value) == rlp.encode(value)


def test_rlp_of_what_is_long_equals_the_librarys() -> None:
    for size in (55, 56, 255, 256, 65_535, 65_536, 2**24):
        assert evm_rlp.string(b"x" * size) == rlp.encode(b"x" * size)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.binary(min_size=1, max_size=70), max_size=300))
def test_root_of_a_list_equals_the_librarys(values: list[bytes]) -> None:
    assert ordered_root(values) == library_root(values)


def test_root_of_long_lists_equals_the_librarys() -> None:
    for length in (0, 1, 2, 16, 17, 127, 128, 129, 255, 256, 257, 1000):
        values = [keccak(bytes((at % 256, at // 256))) * 4 for at in range(length)]
        assert ordered_root(values) == library_root(values)


def library_root(values: list[bytes]) -> bytes:
    found = HexaryTrie({})
    for place, value in enumerate(values):
        found[rlp.encode(place)] = value
    return bytes(found.root_hash)


SENDER, OTHER = "0x" + "a1" * 20, "0x" + "b2" * 20


def deposit(*, system: bool) -> dict[str, Any]:
    """A deposit of the OP Stack, its bytes made by the library."""
    source = "0x" + "5a" * 32
    fields = [source, SENDER, OTHER, 7, 9, 1_000_000, int(system), "0x1234"]
    values = [bytes.fromhex(one[2:]) if isinstance(one, str) else one for one in fields]
    encoded = b"\x7e" + rlp.encode(values)
    told = {"type": "0x7e", "sourceHash": source, "from": SENDER, "to": OTHER, "mint": "0x7"}
    told |= {
        "value": "0x9",
        "gas": "0xf4240",
        "input": "0x1234",
        "r": "0x0",
        "s": "0x0",
        "v": "0x0",
    }
    return told | {"hash": "0x" + keccak(encoded).hex(), "nonce": "0x1"}


@pytest.mark.parametrize("system", [False, True])
def test_deposit_is_vouched_for_by_its_bytes(system: bool) -> None:
    honest = deposit(system=system)
    assert "0x" + read_signed(honest).hash.hex() == honest["hash"]
    assert read_signed(honest).sender() == SENDER
    for field, other in (("from", OTHER), ("mint", "0x8"), ("value", "0x1"), ("to", None)):
        forged = read_signed(honest | {field: other})
        assert "0x" + forged.hash.hex() != honest["hash"]


def test_receipt_of_a_deposit_has_its_nonce_since_canyon() -> None:
    told = {"type": "0x7e", "status": "0x1", "cumulativeGasUsed": "0xb76d", "logs": []}
    whole = told | {"depositNonce": "0x111", "depositReceiptVersion": "0x1"}
    body = [1, 0xB76D, bytes(256), []]
    old, new = (b"\x7e" + rlp.encode(one) for one in (body, [*body, 0x111, 1]))
    for receipt, encoded in ((told, old), (whole, new)):
        header = {"receiptsRoot": "0x" + library_root([encoded]).hex(), "baseFeePerGas": "0x1"}
        check(block(header, receipt), ["receipts"])
        with pytest.raises(BadAnswer) as refusal:
            check(block(header, receipt | {"cumulativeGasUsed": "0x1"}), ["receipts"])
        assert isinstance(refusal.value, Contradicted) == (receipt is whole)


def block(header: dict[str, Any], receipt: dict[str, Any]) -> RawBlock:
    hashes = {"hash": "0x" + "1" * 64, "parentHash": "0x" + "2" * 64}
    header = {"number": "0x1", "timestamp": "0x1", **hashes, **header}
    return RawBlock(read_head(header), header, [receipt], None)


def test_transaction_of_an_unknown_type_or_without_signature_is_refused_without_blame() -> None:
    legacy = {"nonce": "0x0", "gasPrice": "0x1", "gas": "0x5208", "to": OTHER, "value": "0x0"}
    legacy |= {"input": "0x", "v": "0x1b", "r": "0x0", "s": "0x0"}
    for tx in (legacy, legacy | {"type": "0x7f", "r": "0x1"}):
        with pytest.raises(BadAnswer) as refusal:
            read_signed(tx)
        assert not isinstance(refusal.value, Contradicted)
    assert read_signed(legacy | {"r": "0x1", "s": "0x1", "v": "0x99"}).sender() is not None
    assert read_signed(legacy | {"r": "0x1", "s": "0x1", "v": "0x1d"}).sender() is None
