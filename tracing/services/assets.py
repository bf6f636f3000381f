"""Assets learnt from the chain. Symbol and decimals are what a contract says: hostile text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from incidents.ports import AssetName
from tracing.chains.base import ChainAdapter
from tracing.core import caip
from tracing.models import Asset, Chain
from tracing.services.names import asset_names

LONGEST_SYMBOL = 80
MOST_READ = 60  # unknown tokens of one transaction
MOST_DECIMALS = 77  # 10**77 is the last power of ten in a uint256
SYMBOL = bytes.fromhex("95d89b41")  # symbol()
DECIMALS = bytes.fromhex("313ce567")  # decimals()


def read_names(chain: Chain, adapter: ChainAdapter, wanted: Iterable[str]) -> dict[str, AssetName]:
    """Names of assets, in the order in which they are wanted. Reads the chain, writes nothing.

    Of unknown tokens the first MOST_READ are asked; others read as their identifier, without
    decimals: whoever adds a thousand tokens to a theft must not keep the room waiting.
    """
    wanted = list(dict.fromkeys(wanted))
    found = asset_names(wanted)
    native = AssetName(chain.native_symbol, chain.native_decimals)
    known = set(Asset.objects.filter(caip19__in=wanted).values_list("caip19", flat=True))
    unknown = [asset for asset in wanted if asset not in known]
    found |= {asset: native for asset in unknown if caip.contract_of(asset) is None}
    tokens = [asset for asset in unknown if caip.contract_of(asset)]
    for asset in tokens[:MOST_READ]:
        symbol, decimals = token_facts(adapter, caip.contract_of(asset) or "")
        # An amount without a unit is misread: a token without a name is called by its contract.
        found[asset] = AssetName(symbol or asset.rpartition("/")[2], decimals)
    return found


def note(chain: Chain, found: Mapping[str, AssetName]) -> None:
    """Keep the names of what a theft took, or a bridge paid out. The directory does not vouch for
    a token by that.

    The engine lets only real tokens carry stolen value through a swap, so that a thief's made-up
    one cannot: one that is noted here is real for the traces whose seeds it is among. Else whoever
    has a room could make any token real in all others.
    """
    Asset.objects.bulk_create(
        (
            Asset(
                caip19=asset,
                chain=chain,
                contract=caip.contract_of(asset) or "",
                symbol=name.symbol,
                decimals=name.decimals,
                is_noted=caip.contract_of(asset) is not None,
            )
            for asset, name in found.items()
        ),
        ignore_conflicts=True,
    )


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
    text = b""
    if len(answer) == 32:
        text = answer.rstrip(b"\0")
    elif len(answer) >= 64:
        length = int.from_bytes(answer[32:64])
        text = answer[64 : 64 + min(length, 4 * LONGEST_SYMBOL)]
    # NUL is the one character that the database cannot hold.
    return text.decode("utf-8", "replace").replace("\0", "\ufffd")[:LONGEST_SYMBOL]
