"""The one EIP-712 text that is signed here: a freeze request, by its reference and digest. Pure.

A wallet shows it field by field. There is no chain in the domain: the same text counts for a
multisig wherever it is.
"""

from __future__ import annotations

from eth_utils.crypto import keccak

DOMAIN = "EIP712Domain(string name,string version)"
REQUEST = "FreezeRequest(string reference,bytes32 manifest)"
NAME, VERSION = "Holdfast", "1"


def typed(reference: str, digest: str) -> dict[str, object]:
    """What a wallet is given (eth_signTypedData_v4). ``digest``: of the manifest, hex."""
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
            ],
            "FreezeRequest": [
                {"name": "reference", "type": "string"},
                {"name": "manifest", "type": "bytes32"},
            ],
        },
        "primaryType": "FreezeRequest",
        "domain": {"name": NAME, "version": VERSION},
        "message": {"reference": reference, "manifest": f"0x{digest}"},
    }


def hash_of(reference: str, digest: str) -> bytes:
    """What the wallet hashes and signs, and a contract is asked about."""
    domain = keccak(keccak(DOMAIN.encode()) + keccak(NAME.encode()) + keccak(VERSION.encode()))
    message = keccak(keccak(REQUEST.encode()) + keccak(reference.encode()) + bytes.fromhex(digest))
    return keccak(b"\x19\x01" + domain + message)
