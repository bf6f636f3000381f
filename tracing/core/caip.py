"""Identifiers of chains (CAIP-2), accounts (CAIP-10) and assets (CAIP-19), checked and canonical.

Canonical means: equal things are equal strings. Hex is kept in lower case, base58 as written.
Chains that we know nothing about pass by the CAIP grammar alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracing.core.addresses import CHECKS, checksum_address
from tracing.core.errors import InvalidIdentifier

_CHAIN = re.compile(r"([-a-z0-9]{3,8}):([-_a-zA-Z0-9]{1,32})")
_ACCOUNT = re.compile(r"[-.%a-zA-Z0-9]{1,128}")
_ASSET = re.compile(r"([-a-z0-9]{3,8}):([-.%a-zA-Z0-9]{1,128})(?:/([-.%a-zA-Z0-9]{1,78}))?")
_EVM_CHAIN = re.compile(r"(0|[1-9][0-9]{0,31})")
_HEX_HASH = re.compile(r"[0-9a-f]{64}")
_TOKEN_NAMESPACES = frozenset({"erc20", "erc721", "erc1155"})

# SLIP-44 coin types of native assets. EVM chains that are not listed pay in ether or a test coin.
_NATIVE = {
    "eip155:56": 714,  # BNB
    "eip155:100": 700,  # xDAI
    "eip155:137": 966,  # POL
    "eip155:43114": 9005,  # AVAX
    "bip122:000000000019d6689c085ae165831e93": 0,  # Bitcoin
    "bip122:12a765e31ffd4059bada1e25190f6e98": 2,  # Litecoin
    "bip122:1a91e3dace36e2be3bf030a65679fe82": 3,  # Dogecoin
}
_NATIVE_OF_NAMESPACE = {"eip155": 60, "solana": 501, "tron": 195}


@dataclass(frozen=True, slots=True)
class ChainId:
    """CAIP-2."""

    namespace: str
    reference: str

    def __str__(self) -> str:
        return f"{self.namespace}:{self.reference}"


@dataclass(frozen=True, slots=True)
class AccountId:
    """CAIP-10: an address on a chain; ``address`` is canonical."""

    chain: ChainId
    address: str

    def __str__(self) -> str:
        return f"{self.chain}:{self.address}"

    @property
    def display(self) -> str:
        """The address as people should see it: EIP-55 on EVM chains."""
        return display_address(str(self.chain), self.address)


@dataclass(frozen=True, slots=True)
class AssetId:
    """CAIP-19; ``reference`` is canonical, ``token_id`` only for single things."""

    chain: ChainId
    namespace: str
    reference: str
    token_id: str | None = None

    def __str__(self) -> str:
        tail = "" if self.token_id is None else f"/{self.token_id}"
        return f"{self.chain}/{self.namespace}:{self.reference}{tail}"

    @property
    def is_native(self) -> bool:
        return self.namespace == "slip44"


def parse_chain(text: str) -> ChainId:
    """Raises InvalidIdentifier ``chain``."""
    match = _CHAIN.fullmatch(text.strip())
    if match is None:
        raise InvalidIdentifier("chain", "Write the chain as namespace:reference, like eip155:1.")
    namespace, reference = match.groups()
    if namespace == "eip155" and not _EVM_CHAIN.fullmatch(reference):
        raise InvalidIdentifier("chain", "The number of an EVM chain has digits only.")
    return ChainId(namespace, reference)


def parse_address(chain: str, text: str) -> str:
    """An address of ``chain`` (CAIP-2) in canonical form.

    Raises InvalidIdentifier ``chain``, ``address`` or ``checksum`` with the reason.
    """
    chain_id = parse_chain(chain)
    address = text.strip()
    check = CHECKS.get(chain_id.namespace)
    if check is not None:
        return check(chain_id.reference, address)
    if not _ACCOUNT.fullmatch(address):
        raise InvalidIdentifier(
            "address", "An address has letters, digits, '-', '.' and '%' only, at most 128."
        )
    return address


def display_address(chain: str, address: str) -> str:
    """A canonical address as people should see it."""
    return checksum_address(address) if chain.startswith("eip155:") else address


def parse_account(text: str) -> AccountId:
    """CAIP-10, ``namespace:reference:address``. Raises InvalidIdentifier."""
    chain, colon, address = text.strip().rpartition(":")
    if not colon or ":" not in chain:
        raise InvalidIdentifier(
            "account", "Write the account as chain:address, like eip155:1:0xd8dA6B..."
        )
    return AccountId(parse_chain(chain), parse_address(chain, address))


def parse_asset(text: str) -> AssetId:
    """CAIP-19, ``chain/namespace:reference[/token id]``. Raises InvalidIdentifier."""
    chain, _, rest = text.strip().partition("/")
    chain_id = parse_chain(chain)
    match = _ASSET.fullmatch(rest)
    if match is None:
        raise InvalidIdentifier(
            "asset", "Write the asset as chain/namespace:reference, like eip155:1/slip44:60."
        )
    namespace, reference, token_id = match.groups()
    if namespace in _TOKEN_NAMESPACES:
        reference = parse_address(chain, reference)
    elif namespace == "slip44" and not reference.isdecimal():
        raise InvalidIdentifier("asset", "A SLIP-44 coin type has digits only.")
    if token_id is not None and namespace in {"erc721", "erc1155"}:
        token_id = str(_uint256(token_id, "asset"))
    return AssetId(chain_id, namespace, reference, token_id)


def native_asset(chain: str) -> str:
    """CAIP-19 of what fees are paid in. Raises InvalidIdentifier where the chain is unknown."""
    coin = _NATIVE.get(chain)
    if coin is None:
        coin = _NATIVE_OF_NAMESPACE.get(parse_chain(chain).namespace)
    if coin is None:
        raise InvalidIdentifier("chain", f"The native asset of {chain} is not known.")
    return f"{chain}/slip44:{coin}"


def erc20(chain: str, contract: str) -> str:
    """CAIP-19 of a token by its canonical contract address."""
    return f"{chain}/erc20:{contract}"


def erc721(chain: str, contract: str, token_id: int) -> str:
    """CAIP-19 of a single thing."""
    return f"{chain}/erc721:{contract}/{token_id}"


def erc1155(chain: str, contract: str, token_id: int) -> str:
    """CAIP-19 of one kind of thing in a multi-token contract."""
    return f"{chain}/erc1155:{contract}/{token_id}"


def contract_of(asset: str) -> str | None:
    """The contract of a token asset; None for a native asset."""
    namespace, _, reference = asset.partition("/")[2].partition(":")
    return None if namespace == "slip44" else reference.split("/", 1)[0]


def parse_tx_hash(chain: str, text: str) -> str:
    """A transaction's identifier in canonical form. Raises InvalidIdentifier ``hash``."""
    namespace = parse_chain(chain).namespace
    value = text.strip()
    if namespace == "solana":
        return CHECKS["solana:signature"]("", value)
    body = value.lower()
    if namespace == "eip155":
        if not body.startswith("0x"):
            raise InvalidIdentifier("hash", "A transaction hash starts with 0x.")
        body = body[2:]
    elif namespace not in {"bip122", "tron"}:
        if not _ACCOUNT.fullmatch(value):
            raise InvalidIdentifier("hash", "A transaction hash has letters and digits only.")
        return value
    if not _HEX_HASH.fullmatch(body):
        raise InvalidIdentifier("hash", "A transaction hash has 64 hexadecimal digits.")
    return f"0x{body}" if namespace == "eip155" else body


def _uint256(text: str, code: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) >= 1 << 256:
        raise InvalidIdentifier(code, "A token's number is a whole number below 2^256.")
    return int(text)
