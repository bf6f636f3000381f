"""Which chain a list means by a currency or a name. CAIP-2, as the CASA registry writes them.

Sources: the namespaces of chainagnostic.org (eip155 numbers by chainlist; bip122 references are
the first 32 digits of the genesis block, or of the fork's block for Bitcoin Cash).
"""

from __future__ import annotations

BITCOIN = "bip122:000000000019d6689c085ae165831e93"
ETHEREUM = "eip155:1"
TRON = "tron:0x2b6653dc"
SOLANA = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"

CHAINS = {
    "bitcoin": BITCOIN,
    "ethereum": ETHEREUM,
    "tron": TRON,
    "solana": SOLANA,
    "optimism": "eip155:10",
    "bsc": "eip155:56",
    "gnosis": "eip155:100",
    "polygon": "eip155:137",
    "fantom": "eip155:250",
    "zksync": "eip155:324",
    "base": "eip155:8453",
    "arbitrum": "eip155:42161",
    "avalanche": "eip155:43114",
    "linea": "eip155:59144",
    "scroll": "eip155:534352",
    "ethereum classic": "eip155:61",
    "litecoin": "bip122:12a765e31ffd4059bada1e25190f6e98",
    "dogecoin": "bip122:1a91e3dace36e2be3bf030a65679fe82",
    "bitcoin cash": "bip122:000000000000000000651ef99cb9fcbe",
    "dash": "bip122:00000ffd590b1485b3caadc19b22e637",
    "zcash": "bip122:00040fe8ec8471911baa1db1266ea15d",
    "monero": "monero:418015bb9ae982a1975da7d79277c270",
    "xrp": "xrpl:0",
}

# What sanctions lists and TagPacks write.
_CURRENCIES = {
    "BTC": "bitcoin",
    "XBT": "bitcoin",
    "ETH": "ethereum",
    "TRX": "tron",
    "SOL": "solana",
    "BSC": "bsc",
    "BNB": "bsc",
    "BEP20": "bsc",
    "MATIC": "polygon",
    "POL": "polygon",
    "FTM": "fantom",
    "ARB": "arbitrum",
    "OP": "optimism",
    "AVAX": "avalanche",
    "ETC": "ethereum classic",
    "LTC": "litecoin",
    "DOGE": "dogecoin",
    "BCH": "bitcoin cash",
    "DASH": "dash",
    "ZEC": "zcash",
    "XMR": "monero",
    "XRP": "xrp",
}
# Issued on several chains: the address tells which is meant, as far as its form can.
_TOKENS = frozenset({"USDT", "USDC", "DAI", "BUSD"})
# The currency that a TagPack writes for a chain.
CURRENCY_OF = {CHAINS[name]: currency for currency, name in reversed(list(_CURRENCIES.items()))}
NAME_OF = {chain: name for name, chain in CHAINS.items()}


def chain_of(text: str, address: str) -> str:
    """The chain (CAIP-2) that ``text`` means: CAIP-2 itself, a currency or a chain's name.

    A token of several chains is looked for where an address of that form can be: 0x on Ethereum,
    T on Tron, else Bitcoin.

    :raises ValueError: unknown, or not told.
    """
    said = text.strip()
    if not said:
        raise ValueError("It names no chain. State one with --chain.")
    if ":" in said:
        return said
    upper = said.upper()
    if upper in _TOKENS:
        return _by_form(upper, address)
    name = _CURRENCIES.get(upper, said.lower())
    if name not in CHAINS:
        raise ValueError(f"The chain of {ascii(said)[:40]} is not known here.")
    return CHAINS[name]


def _by_form(token: str, address: str) -> str:
    if address.startswith("0x"):
        return ETHEREUM
    if address.startswith("T") and len(address) == 34:
        return TRON
    if token == "USDT" and address[:1] in "13":  # noqa: S105 - a currency: Omni, on Bitcoin
        return BITCOIN
    raise ValueError(f"Which chain of {token} this address is on cannot be told.")
