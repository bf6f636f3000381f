"""Who is on the made-up chain: a few people with keys, some addresses without, four contracts."""

from __future__ import annotations

from functools import cache

from eth_account import Account
from eth_account.signers.local import LocalAccount

CHAIN_ID = 4242
CHAIN = f"eip155:{CHAIN_ID}"
NATIVE = f"{CHAIN}/slip44:60"
ETHER = 10**18

# Keys that anybody can know: they sign nothing but this.
_KEYS = {name: f"0x{0x51 + place:064x}" for place, name in enumerate("VTABS")}


@cache
def _account(name: str) -> LocalAccount:
    return Account.from_key(_KEYS[name])


def _address(name: str) -> str:
    return str(_account(name).address).lower()


VICTIM, THIEF, MULE_A, MULE_B, STRANGER = (_address(name) for name in "VTABS")
SIGNERS = (VICTIM, THIEF, MULE_A, MULE_B, STRANGER)
# They receive, and sign nothing. The exchange is labelled in the rooms of these tests.
EXCHANGE = "0x" + "e1" * 20
KEEPERS = tuple(f"0x{0xD0000 + place:040x}" for place in range(4))
VALIDATOR = "0x" + "7a" * 20
FEES = "0x" + "fe" * 20
# Contracts. The splitter passes on what it is given, the vault dies and leaves it to an heir.
TOKEN = "0x" + "c1" * 20
SPLITTER = "0x" + "c2" * 20
VAULT = "0x" + "c3" * 20
LIBRARY = "0x" + "c4" * 20
CONTRACTS = {TOKEN: b"\x60\x01", SPLITTER: b"\x60\x02", VAULT: b"\x60\x03", LIBRARY: b"\x60\x04"}
TOKEN_ASSET = f"{CHAIN}/erc20:{TOKEN}"


@cache
def signer(address: str) -> LocalAccount:
    """The keys of one of SIGNERS."""
    return next(_account(name) for name in _KEYS if _address(name) == address)
