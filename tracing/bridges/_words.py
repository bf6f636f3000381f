"""Addresses and assets as bridges write them, into the words of tracing.core."""

from __future__ import annotations

import base58

from tracing.bridges._events import BadLog, low_address
from tracing.core.caip import erc20, native_asset, parse_address
from tracing.core.errors import InvalidIdentifier

ZERO = "0x" + "0" * 40
NATIVE = frozenset({ZERO, "0x" + "e" * 40})  # how contracts write "no token: the coin itself"


def asset_at(chain: str, token: str) -> str:
    """CAIP-19 of a token contract on an EVM chain, or of the coin."""
    return native_asset(chain) if token in NATIVE else erc20(chain, token)


def written(chain: str, text: str) -> str:
    """An address that a log holds as text. Raises BadLog for what is none on that chain."""
    try:
        return parse_address(chain, text)
    except InvalidIdentifier as error:
        raise BadLog(f"not an address of {chain}") from error


def packed(chain: str, data: bytes) -> str:
    """An address that a log holds as bytes, "" where it is zero or the chain is not known.

    EVM: 20 bytes, or 32 with 12 zeros before them. Solana, Sui, Aptos: 32. Tron: as EVM, or with
    its 0x41.
    Bitcoin and its kin: the address as text. Raises BadLog for anything else.
    """
    namespace = chain.partition(":")[0]
    if not chain or not any(data):
        return ""
    if namespace == "eip155":
        return _evm(data)
    if namespace == "solana" and len(data) == 32:
        return base58.b58encode(data).decode()
    if namespace == "tron":
        body = data[1:] if len(data) == 21 and data[0] == 0x41 else bytes.fromhex(_evm(data)[2:])
        return base58.b58encode_check(b"\x41" + body).decode()
    if namespace == "bip122":
        return written(chain, _text(data))
    if namespace in ("sui", "aptos") and len(data) == 32:
        return "0x" + data.hex()
    if namespace == "solana":
        raise BadLog("not an address of Solana")
    return ""


def packed_asset(chain: str, data: bytes) -> str:
    """CAIP-19 of a token in bytes on the far chain, "" where that cannot be told. Raises BadLog."""
    if not chain.startswith("eip155:"):
        return ""
    if not any(data):
        return native_asset(chain)
    return asset_at(chain, _evm(data))


def caip2(number: int) -> str:
    """CAIP-2 of an EIP-155 number. Raises BadLog for one that no chain can have."""
    if not 0 < number < 1 << 64:
        raise BadLog("a chain number that no chain can have")
    return f"eip155:{number}"


def _evm(data: bytes) -> str:
    if len(data) == 20:
        return "0x" + data.hex()
    return low_address(data)


def _text(data: bytes) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError as error:
        raise BadLog("an address that is not text") from error
