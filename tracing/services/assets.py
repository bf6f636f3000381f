"""Assets learnt from the chain. Symbol and decimals are what a contract says: hostile text."""

from __future__ import annotations

from collections.abc import Iterable

from tracing.chains.base import ChainAdapter
from tracing.core import caip
from tracing.models import Asset, Chain

LONGEST_SYMBOL = 80
MOST_DECIMALS = 77  # 10**77 is the last power of ten in a uint256
SYMBOL = bytes.fromhex("95d89b41")  # symbol()
DECIMALS = bytes.fromhex("313ce567")  # decimals()


def learn_assets(chain: Chain, adapter: ChainAdapter, wanted: Iterable[str]) -> None:
    """Note symbol and decimals of assets that have no row yet."""
    wanted = set(wanted)
    known = set(Asset.objects.filter(caip19__in=wanted).values_list("caip19", flat=True))
    rows = []
    for asset in sorted(wanted - known):
        contract = caip.contract_of(asset) or ""
        if not contract:
            symbol, decimals = chain.native_symbol, chain.native_decimals
        else:
            symbol, decimals = token_facts(adapter, contract)
        rows.append(
            Asset(
                caip19=asset,
                chain=chain,
                contract=contract,
                # NUL is the one character that the database cannot hold.
                symbol=symbol.replace("\0", "�")[:LONGEST_SYMBOL],
                decimals=decimals,
            )
        )
    Asset.objects.bulk_create(rows, ignore_conflicts=True)


def token_facts(adapter: ChainAdapter, contract: str) -> tuple[str, int]:
    """Symbol and decimals as the contract gives them: "" and 0 where it does not.

    ``symbol()`` answers a string, or bytes32 in tokens of before 2017.
    """
    head = adapter.head()
    if head is None:
        return "", 0
    symbol = adapter.call(contract, SYMBOL, head.hash) or b""
    decimals = adapter.call(contract, DECIMALS, head.hash) or b""
    places = int.from_bytes(decimals[:32]) if len(decimals) >= 32 else 0
    return _text(symbol), places if places <= MOST_DECIMALS else 0


def _text(answer: bytes) -> str:
    if len(answer) == 32:
        return answer.rstrip(b"\0").decode("utf-8", "replace")
    if len(answer) < 64:
        return ""
    length = int.from_bytes(answer[32:64])
    return answer[64 : 64 + min(length, 4 * LONGEST_SYMBOL)].decode("utf-8", "replace")
