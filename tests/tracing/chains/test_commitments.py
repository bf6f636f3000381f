"""What is computed again of a block, against other people's code: RLP, tries, senders."""

import rlp
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st
from trie import HexaryTrie

from tracing.chains import evm_rlp
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
