"""What the bridges' logs of one block tell: departures and landings, each log read once."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tracing import bridges
from tracing.bridges import Departure, Landing, Receipt
from tracing.core.logs import Log
from tracing.core.types import Bridged, MovementKind, Transaction
from tracing.watch.directory import Directory
from tracing.watch.source import ChainBlock

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Told:
    """``departures`` by transaction; ``landings`` as the movements of the block credited them."""

    departures: Mapping[str, Sequence[Departure]] = field(default_factory=dict)
    landings: Sequence[Landing] = ()

    @property
    def bridged(self) -> Bridged:
        """Assets whose burning means, in that transaction, that they go on elsewhere."""
        return {
            tx: {left.asset or f"{left.chain}/erc20:{left.contract}" for left in found}
            for tx, found in self.departures.items()
        }


def read(block: ChainBlock, directory: Directory) -> Told:
    """Decode a block. A log that is not what its topic says is left out and noted; it stops
    neither its transaction nor its block."""
    topics, places = bridges.topics(), bridges.places(block.movements.chain)
    logs: dict[str, list[Log]] = defaultdict(list)
    wanted = set()
    for log in block.logs:
        logs[log.tx].append(log)  # a bridge's event may need its companions
        if log.topics and log.topics[0] in topics:
            wanted.add(log.tx)
    also, real = directory.bridge_contracts(), directory.vouched()
    departures: dict[str, list[Departure]] = {}
    landings: list[Landing] = []
    for tx in block.movements.transactions:
        if tx.tx not in wanted and not _goes_to(tx, places):
            continue
        receipt = Receipt(
            block.movements.chain, tx.tx, tx.sender, tx.to, logs[tx.tx], _value(tx), also
        )
        left, arrived = bridges.departures(receipt), bridges.landings(receipt)
        if left.found:
            departures[tx.tx] = left.found
        landings += (credited(landing, tx, real) for landing in arrived.found)
        for refused in left.refused:
            logger.warning(
                "%s refused log %s of %s: %s",
                refused.bridge,
                refused.index,
                refused.tx,
                refused.reason,
            )
    return Told(departures, landings)


def _goes_to(tx: Transaction, places: Collection[str]) -> bool:
    return bool(places) and (tx.to in places or any(move.to in places for move in tx.movements))


def _value(tx: Transaction) -> int:
    moves = (m for m in tx.movements if m.kind is MovementKind.NATIVE and m.frm == tx.sender)
    return next((m.amount for m in moves), 0)


def credited(landing: Landing, tx: Transaction, real: Container[str] = ()) -> Landing:
    """A landing with what its recipient got in the transaction, whatever the log says of it.

    A log may name the wrapped asset and pay the native one out, or name no asset or recipient:
    then what came in decides, if only one asset did. Never more than came in, and nothing where
    nothing came in: a leg must not begin with what nobody got. Of several assets in the very amount
    the one in ``real`` counts: whoever sends a made-up one along hides nothing by it.
    """
    came: dict[str, int] = {}
    recipient = landing.to_address
    for move in tx.movements:
        if recipient and move.to == recipient and move.kind is not MovementKind.FEE:
            came[move.asset] = came.get(move.asset, 0) + move.amount
    asset = landing.asset if landing.asset in came else ""
    if not asset and landing.amount is not None:
        same = [found for found, amount in came.items() if amount == landing.amount]
        if len(same) > 1:
            same = [found for found in same if found in real or "/slip44:" in found]
        asset = same[0] if len(same) == 1 else ""
    if not asset and len(came) == 1:
        (asset,) = came
    if not asset or not came[asset]:
        return replace(landing, asset="", amount=None)
    told = came[asset] if landing.amount is None else landing.amount
    return replace(landing, asset=asset, amount=min(told, came[asset]))
