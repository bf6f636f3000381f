"""The way of the money to a target, as its evidence stores it (tracing/watch/evidence.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WORDS = {
    "seed": "Stolen",
    "transfer": "Sent",
    "conversion": "Converted",
    "loan": "Borrowed against it",
    "repay": "Repaid a loan",
    "crossing": "Entered a bridge",
    "arrival": "Arrived",
    "mix": "Entered a mixer",
    "burn": "Burnt",
    "custody": "Moved into custody",
    "return": "Came back",
}


@dataclass(frozen=True)
class ShownHop:
    """One hop. ``state`` is the block's when the evidence was drawn up."""

    word: str
    amount: int
    decimals: int
    symbol: str
    from_caip10: str
    to_caip10: str
    tx: str
    block: int
    state: str
    standing: str
    is_estimated: bool


@dataclass(frozen=True)
class ShownArrival:
    """One arrival at the target with its hops, seed first; ``withdrawn``: why it fell away.

    ``inferred``: percent, where only behaviour says that the address is the desk's; else 0.
    """

    amount: int
    withdrawn: str
    hops: list[ShownHop]
    inferred: int = 0


def arrivals(evidence: Mapping[str, Mapping[str, Any]], chain: str) -> list[ShownArrival]:
    """Arrivals in the order in which they were recorded."""
    return [
        ShownArrival(
            int(part["amount"]),
            part.get("withdrawn", ""),
            [_hop(hop, chain) for hop in part.get("hops") or []],
            int(part.get("inferred", 0)),
        )
        for part in evidence.values()
    ]


def _hop(hop: Mapping[str, Any], chain: str) -> ShownHop:
    chain = hop.get("chain", chain)  # of a way that was drawn up when there were no crossings
    return ShownHop(
        word=WORDS.get(hop["kind"], hop["kind"]),
        amount=int(hop["amount"]),
        decimals=hop["decimals"],
        symbol=hop["symbol"],
        from_caip10=f"{chain}:{hop['from_address']}" if hop["from_address"] else "",
        to_caip10=f"{chain}:{hop['to_address']}" if hop["to_address"] else "",
        tx=hop["tx"],
        block=hop["block"],
        state=hop["block_state"],
        standing=hop.get("block_standing", ""),  # of older ones it was not kept
        is_estimated=hop["estimated"],
    )
