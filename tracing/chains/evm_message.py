"""Who signed a message: by an account's key (EIP-191), or as a contract says (EIP-1271). Pure.

Sources: EIP-191 version 0x45 ("personal_sign"), EIP-2 (low s), EIP-1271 (the magic value).
"""

from __future__ import annotations

from coincurve import PublicKey
from eth_utils.crypto import keccak

SELECTOR = bytes.fromhex("1626ba7e")  # isValidSignature(bytes32,bytes)
MAGIC = SELECTOR + bytes(28)  # the only answer that says yes: one word, nothing more
LONGEST_SIGNATURE = 8192  # bytes; a multisig of many owners, or a passkey's, fits
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def digest(message: str) -> bytes:
    """What a wallet hashes and signs."""
    body = message.encode()
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(body)).encode() + body)


def parse_signature(text: str) -> bytes | None:
    """The bytes of a pasted signature, possibly none ("0x": a contract that was told on chain);
    None where it is no hex, or longer than any is."""
    plain = text.strip().removeprefix("0x")
    if len(plain) > 2 * LONGEST_SIGNATURE or not plain.isascii():
        return None
    try:
        return bytes.fromhex(plain) if plain.isalnum() or not plain else None
    except ValueError:
        return None


def signer(message_hash: bytes, signature: bytes) -> str | None:
    """The account whose key made it, in lower case hex; None where nobody's did."""
    if len(signature) != 65:
        return None
    parity = signature[64] - 27 if signature[64] >= 27 else signature[64]
    if parity not in (0, 1) or int.from_bytes(signature[32:64]) > _HALF_ORDER:
        return None
    try:
        key = PublicKey.from_signature_and_message(
            signature[:64] + bytes((parity,)), message_hash, hasher=None
        )
    except ValueError:
        return None
    return "0x" + keccak(key.format(compressed=False)[1:])[12:].hex()


def question(message_hash: bytes, signature: bytes) -> bytes:
    """What a contract is asked: isValidSignature(message_hash, signature)."""
    padded = signature + bytes(-len(signature) % 32)
    offset, length = (64).to_bytes(32), len(signature).to_bytes(32)
    return SELECTOR + message_hash + offset + length + padded


def says_yes(answer: bytes | None) -> bool:
    """Whether a contract's answer is the magic value, to the byte. None: it reverted."""
    return answer == MAGIC
