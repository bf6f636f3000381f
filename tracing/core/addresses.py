"""Checks of addresses, one per chain family. Each answers the canonical form or says what is wrong.

Sources: EIP-55; BIP-173 and BIP-350 (segwit); base58check as Bitcoin and Tron use it; Solana's
public keys are base58 of 32 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import base58
import bech32
from eth_utils.address import to_checksum_address

from tracing.core.errors import InvalidIdentifier

_EVM = re.compile(r"0x[0-9a-fA-F]{40}")
_BECH32 = 1
_BECH32M = 0x2BC830A3  # BIP-350

# chain reference -> (segwit prefix, version bytes of P2PKH and P2SH)
_UTXO = {
    "000000000019d6689c085ae165831e93": ("bc", (0x00, 0x05)),
    "000000000933ea01ad0ee984209779ba": ("tb", (0x6F, 0xC4)),
    "12a765e31ffd4059bada1e25190f6e98": ("ltc", (0x30, 0x32, 0x05)),
    "1a91e3dace36e2be3bf030a65679fe82": ("", (0x1E, 0x16)),
}


_ZCASH = "00040fe8ec8471911baa1db1266ea15d"
_BITCOIN_CASH = "000000000000000000651ef99cb9fcbe"
_ZCASH_VERSIONS = (b"\x1c\xb8", b"\x1c\xbd")  # transparent: P2PKH and P2SH
# CashAddr (spec of Bitcoin Cash): a BCH code over groups of five bits.
_CASH_GENERATOR = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
_CASH_LENGTHS = frozenset({20, 24, 28, 32, 40, 48, 56, 64})


def checksum_address(address: str) -> str:
    """An EVM address in EIP-55."""
    return str(to_checksum_address(address))


def check_evm(_reference: str, address: str) -> str:
    if not _EVM.fullmatch(address):
        raise InvalidIdentifier("address", "An EVM address is 0x and 40 hexadecimal digits.")
    body = address[2:]
    if body not in (body.lower(), body.upper()) and checksum_address(address) != address:
        raise InvalidIdentifier(
            "checksum", "The capital letters of this address are wrong (EIP-55): look for a typo."
        )
    return address.lower()


def check_utxo(reference: str, address: str) -> str:
    if len(address) > 90:  # decoding base58 is quadratic: refuse long text first
        raise InvalidIdentifier("address", "This address has at most 90 characters.")
    if reference == _ZCASH:
        return _check_zcash(address)
    if reference == _BITCOIN_CASH and len(address) > 35:
        return _check_cash(address)
    prefix, versions = _UTXO.get(reference, (None, None))
    if "1" in address and (
        address.lower().startswith(f"{prefix}1") if prefix else prefix is None and _hrp(address)
    ):
        return _check_segwit(address, prefix)
    try:
        payload = base58.b58decode_check(address.encode("ascii", "replace"))
    except ValueError as error:
        raise InvalidIdentifier(
            "checksum", "This address is not one of this chain: its checksum does not match."
        ) from error
    if len(payload) != 21:
        raise InvalidIdentifier("address", "This address has the wrong length.")
    if versions is not None and payload[0] not in versions:
        raise InvalidIdentifier("address", "This address belongs to another chain.")
    return address


def _check_zcash(address: str) -> str:
    """A transparent address; shielded ones hold nothing that can be followed."""
    try:
        payload = base58.b58decode_check(address.encode("ascii", "replace"))
    except ValueError as error:
        raise InvalidIdentifier(
            "checksum", "This is no transparent address of Zcash: its checksum does not match."
        ) from error
    if len(payload) != 22 or payload[:2] not in _ZCASH_VERSIONS:
        raise InvalidIdentifier("address", "This is no transparent address of Zcash.")
    return address


def _check_cash(address: str) -> str:
    """A CashAddr, with or without its prefix; canonical is lower case without it."""
    if address not in (address.lower(), address.upper()):
        raise InvalidIdentifier("address", "A CashAddr never mixes small and capital letters.")
    body = address.lower().removeprefix("bitcoincash:")
    digits = [bech32.CHARSET.find(char) for char in body]
    if len(digits) < 10 or min(digits) < 0:
        raise InvalidIdentifier("address", "This is not a CashAddr.")
    if _cash_code([*(ord(char) & 31 for char in "bitcoincash"), 0, *digits]) != 0:
        raise InvalidIdentifier("checksum", "The checksum of this address does not match.")
    payload = bech32.convertbits(digits[:-8], 5, 8, False)
    if payload is None or len(payload) - 1 not in _CASH_LENGTHS or payload[0] >> 3 > 1:
        raise InvalidIdentifier("address", "This is not a CashAddr.")
    return body


def _cash_code(digits: list[int]) -> int:
    code = 1
    for digit in digits:
        top = code >> 35
        code = ((code & 0x07FFFFFFFF) << 5) ^ digit
        for bit, generator in enumerate(_CASH_GENERATOR):
            if top >> bit & 1:
                code ^= generator
    return code ^ 1


def _hrp(address: str) -> bool:
    """Whether an address of an unknown chain can only be bech32: base58 mixes its case."""
    return address in (address.lower(), address.upper()) and len(address) >= 14


def _check_segwit(address: str, prefix: str | None) -> str:
    if address not in (address.lower(), address.upper()):
        raise InvalidIdentifier(
            "address", "A bech32 address never mixes small and capital letters."
        )
    lowered = address.lower()  # BIP-173: the lower case form is the one to compare
    place = lowered.rfind("1")
    hrp, digits = lowered[:place], [bech32.CHARSET.find(c) for c in lowered[place + 1 :]]
    if not hrp or len(digits) < 8 or min(digits) < 0:
        raise InvalidIdentifier("address", "This is not a bech32 address.")
    constant = bech32.bech32_polymod(bech32.bech32_hrp_expand(hrp) + digits)
    version = digits[0]
    if constant != (_BECH32 if version == 0 else _BECH32M):
        raise InvalidIdentifier("checksum", "The checksum of this address does not match.")
    program = bech32.convertbits(digits[1:-6], 5, 8, False)
    if program is None or not 2 <= len(program) <= 40 or version > 16:
        raise InvalidIdentifier("address", "This is not a bech32 address.")
    if version == 0 and len(program) not in (20, 32):
        raise InvalidIdentifier("address", "This address has the wrong length.")
    if prefix is not None and hrp != prefix:
        raise InvalidIdentifier("address", "This address belongs to another chain.")
    return lowered


def _base58(text: str, length: int, code: str, message: str) -> str:
    try:
        size = len(base58.b58decode(text.encode("ascii", "replace")))
    except ValueError as error:
        raise InvalidIdentifier(code, message) from error
    if size != length:
        raise InvalidIdentifier(code, message)
    return text


def check_solana(_reference: str, address: str) -> str:
    if len(address) > 44:  # decoding base58 is quadratic: refuse long text first
        raise InvalidIdentifier("address", "A Solana address has at most 44 characters.")
    return _base58(address, 32, "address", "A Solana address is base58 of 32 bytes.")


def check_solana_signature(_reference: str, signature: str) -> str:
    if len(signature) > 88:
        raise InvalidIdentifier("hash", "A Solana signature has at most 88 characters.")
    return _base58(signature, 64, "hash", "A Solana signature is base58 of 64 bytes.")


def check_tron(_reference: str, address: str) -> str:
    if len(address) != 34 or not address.startswith("T"):
        raise InvalidIdentifier("address", "A Tron address starts with T and has 34 characters.")
    try:
        payload = base58.b58decode_check(address.encode("ascii", "replace"))
    except ValueError as error:
        raise InvalidIdentifier(
            "checksum", "The checksum of this address does not match."
        ) from error
    if len(payload) != 21 or payload[0] != 0x41:
        raise InvalidIdentifier("address", "This is not a Tron address.")
    return address


CHECKS: dict[str, Callable[[str, str], str]] = {
    "eip155": check_evm,
    "bip122": check_utxo,
    "solana": check_solana,
    "solana:signature": check_solana_signature,
    "tron": check_tron,
}
