"""The memo of THORChain and Maya: FUNCTION:ASSET:DESTINATION[/REFUND]:LIMIT:AFFILIATE:FEE.

Source: dev.thorchain.org, transaction memos and asset notation. The memo is text of the sender's
choice. A swap whose destination is no address names a THORName, or is refunded: both are told by a
node only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tracing.bridges._events import BadLog
from tracing.core.caip import erc20, native_asset, parse_address
from tracing.core.errors import InvalidIdentifier

MAX_MEMO = 250  # bytes; the protocol takes no longer one
_SWAPS = frozenset({"=", "s", "swap", "=<", "limit", "loan+", "$+"})
_IN = frozenset({"trade+", "secure+"})  # deposits that stay on the protocol's own chain
_SHORT = {
    "r": "THOR.RUNE",
    "a": "AVAX.AVAX",
    "b": "BTC.BTC",
    "c": "BCH.BCH",
    "e": "ETH.ETH",
    "f": "BASE.ETH",
    "g": "GAIA.ATOM",
    "n": "BNB.BNB",
    "s": "BSC.BNB",
    "d": "DOGE.DOGE",
    "l": "LTC.LTC",
    "x": "XRP.XRP",
}
_ASSET = re.compile(r"([A-Z0-9]{1,10})([./~-])([A-Z0-9.]{1,20})(?:-(0X)?([0-9A-F]{1,64}))?")
_NAME = re.compile(r"[A-Za-z0-9._+-]{1,40}")
_LIMIT = re.compile(r"([0-9]{1,30})(?:E([0-9]{1,2}))?", re.IGNORECASE)
_OUTBOUND = re.compile(r"(OUT|REFUND):([0-9A-F]{64})", re.IGNORECASE)
_DECIMALS = {"slip44:0": 8, "slip44:2": 8, "slip44:3": 8, "slip44:60": 18, "slip44:9005": 18}


@dataclass(frozen=True, slots=True)
class Memo:
    """Where a deposit goes, as far as its memo tells. ``name``: what is no address there."""

    to_chain: str = ""
    to_address: str = ""
    to_asset: str = ""
    to_amount: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Outbound:
    """What a payment out answers: the inbound transaction, in capital letters without 0x."""

    inbound: str
    is_refund: bool


def read_inbound(memo: str, chains: Mapping[str, str], home: str) -> Memo:
    """A deposit's memo; ``home`` is the protocol's own chain. Empty where it does not tell.

    :raises BadLog: longer than the protocol takes.
    """
    if len(memo.encode("utf-8", "surrogatepass")) > MAX_MEMO:
        raise BadLog(f"a memo of more than {MAX_MEMO} bytes")
    parts = memo.split(":")
    function = parts[0].strip().lower()
    if function in _IN and len(parts) > 1:
        return _destination(home, "", parts[1], None)
    if function not in _SWAPS or len(parts) < 3:
        return Memo()
    match = _ASSET.fullmatch(_SHORT.get(parts[1].lower(), parts[1]).upper())
    if match is None:
        return Memo()
    chain, mark, symbol, prefix, contract = match.groups()
    to_chain = chains.get(chain, "") if mark == "." else home
    to_asset = _asset(to_chain, chain, symbol, contract if prefix else None) if mark == "." else ""
    limit = parts[3].partition("/")[0] if len(parts) > 3 else ""
    return _destination(to_chain, to_asset, parts[2], _limit(limit, to_asset))


def read_outbound(memo: str) -> Outbound | None:
    """OUT or REFUND of an inbound transaction; None: another payment (migration, yield)."""
    match = _OUTBOUND.fullmatch(memo.strip())
    if match is None:
        return None
    return Outbound(match.group(2).upper(), match.group(1).upper() == "REFUND")


def _destination(chain: str, asset: str, text: str, limit: int | None) -> Memo:
    address = text.partition("/")[0].strip()
    if chain:
        try:
            return Memo(chain, parse_address(chain, address), asset, limit)
        except InvalidIdentifier:
            pass  # a THORName, or a swap that will be refunded: the name is kept for who asks
    return Memo(chain, "", asset, limit, address if _NAME.fullmatch(address) else "")


def _asset(to_chain: str, chain: str, symbol: str, contract: str | None) -> str:
    """CAIP-19 where the memo is exact: the coin of its chain, or a whole contract address."""
    evm = to_chain.startswith("eip155:")
    if contract and len(contract) == 40 and evm:
        return erc20(to_chain, "0x" + contract.lower())
    coins = {"BASE": "ETH", "ARB": "ETH", "BSC": "BNB"}
    if not to_chain or contract or symbol != coins.get(chain, chain):
        return ""
    try:
        return native_asset(to_chain)
    except InvalidIdentifier:
        return ""


def _limit(text: str, asset: str) -> int | None:
    """The least that must come out, in the far asset's base units; None: no limit, not told.

    Memos count in 1e8 whatever the asset's own decimals are.
    """
    match = _LIMIT.fullmatch(text.strip())
    decimals = _DECIMALS.get(asset.partition("/")[2])
    if match is None or decimals is None:
        return None
    value = int(match.group(1)) * 10 ** int(match.group(2) or 0)
    amount = value * 10 ** (decimals - 8)
    return amount if 0 < amount < 1 << 128 else None
