"""Deposit addresses: who forwards nearly all to one hot wallet of one exchange is its customer's.

An inference only: taint is followed through, a request is drafted, and a person may confirm it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SHARE = 95  # percent of what was received that went to the wallet, at least
WINDOW = 48 * 3600  # seconds from the last receipt to the forward, at most
PROMPT = 3600  # seconds in which an automatic sweep comes

_BASE = {1: 50, 2: 65}
_MANY = 80
_PROMPTLY = 10


@dataclass(frozen=True, slots=True)
class Flow:
    """A movement of a known asset from or to the address, in the order of the chain.

    ``desk``: the exchange whose labelled wallet the other side is, "" for anybody else. ``at`` in
    Unix seconds. Fees are none.
    """

    at: int
    tx: str
    asset: str
    amount: int
    is_out: bool
    other: str
    desk: str = ""


@dataclass(frozen=True, slots=True)
class DepositAddress:
    """What the flows suggest. ``share`` in percent, of the asset that was forwarded least."""

    desk: str
    wallet: str
    confidence: int
    share: int
    forwards: tuple[Flow, ...]


def infer(flows: Sequence[Flow], opening: Mapping[str, int]) -> DepositAddress | None:
    """Whose deposit address this is; None: not anybody's, as far as its flows tell.

    ``opening``: base units by asset that were there before the first of the flows. One forward of
    everything is enough, with a low confidence: 50 % for one forward, 65 % for two, 80 % from three
    on, and 10 % more where each came within an hour of a receipt.
    """
    forwards = [flow for flow in flows if flow.is_out and flow.desk and flow.amount]
    wallets = {(flow.desk, flow.other) for flow in forwards}
    if len(wallets) != 1:
        return None
    ((desk, wallet),) = wallets
    shares = []
    for asset in sorted({flow.asset for flow in flows}):
        share = _share([flow for flow in flows if flow.asset == asset], opening.get(asset, 0))
        if share is None:
            return None
        if share >= 0:
            shares.append(share)
    waits = [_wait(flows, flow) for flow in forwards]
    if max(waits) > WINDOW:
        return None
    confidence = _BASE.get(len(forwards), _MANY) + (_PROMPTLY if max(waits) <= PROMPT else 0)
    return DepositAddress(desk, wallet, confidence, min(shares), tuple(forwards))


def _share(flows: Sequence[Flow], opening: int) -> int | None:
    """Percent of one asset that was forwarded; -1: none was sent at all; None: it went elsewhere,
    or too much of it stayed. What came after the last forward has not been swept yet."""
    last = max((at for at, flow in enumerate(flows) if flow.is_out and flow.desk), default=-1)
    received = opening + sum(flow.amount for flow in flows[: last + 1] if not flow.is_out)
    ever = opening + sum(flow.amount for flow in flows if not flow.is_out)
    forwarded = sum(flow.amount for flow in flows if flow.is_out and flow.desk)
    elsewhere = sum(flow.amount for flow in flows if flow.is_out and not flow.desk)
    if elsewhere * 100 > ever * (100 - SHARE):
        return None
    if last < 0:
        return -1
    # More than was ever received: part of the history is missing, and nothing can be said.
    if forwarded * 100 < received * SHARE or forwarded > received:
        return None
    return forwarded * 100 // received if received else None


def _wait(flows: Sequence[Flow], forward: Flow) -> int:
    """Seconds since the last receipt before a forward; where there is none it is of the opening."""
    before = [
        flow.at
        for flow in flows[: flows.index(forward)]
        if not flow.is_out and flow.asset == forward.asset
    ]
    return forward.at - before[-1] if before else 0
