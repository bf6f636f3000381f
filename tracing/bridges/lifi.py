"""LI.FI: a front. Its event names the destination of some twenty bridges, the bridge below logs its
own: together they are one departure, the bridge's (tracing.bridges._fronts).
"""

import re
from collections.abc import Mapping

from tracing.bridges._words import ZERO, asset_at, packed
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told

# Places in bridgeData.
_ID, _BRIDGE, _ASSET, _RECEIVER, _AMOUNT, _CHAIN = 0, 1, 4, 5, 6, 7
_NOT_EVM = "0x" + "11f1" * 10  # the receiver is in an event of its own
_NAME = re.compile(r"[A-Za-z0-9 ._-]{1,30}")


class Lifi(Bridge):
    slug = "lifi"
    is_front = True

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("LiFiTransferStarted", self._started),
                self.on("LiFiTransferCompleted", self._completed),
            ]
        )

    def _started(self, told: Told) -> Departure:
        data = told["bridgeData"]
        to_chain = self.far_or_evm(data[_CHAIN])
        named = f' It names the bridge "{data[_BRIDGE]}".' if _NAME.fullmatch(data[_BRIDGE]) else ""
        receiver = data[_RECEIVER]
        to_address = self._beyond(told, to_chain) if receiver == _NOT_EVM else receiver
        return self.left(
            told,
            asset=asset_at(told.receipt.chain, data[_ASSET]),
            sent=data[_AMOUNT],
            to_chain=to_chain,
            to_address="" if to_address == ZERO else to_address,
            ask=f"{self.facts.ask}{named}",
        )

    def _beyond(self, told: Told, to_chain: str) -> str:
        """The receiver on a chain that is not EVM, from the event beside for the same transfer."""
        for name in ("BridgeToNonEVMChainBytes32", "BridgeToNonEVMChain"):
            for beside in self.beside(told.receipt, name):
                if beside["transactionId"] == told["bridgeData"][_ID]:
                    return packed(to_chain, beside["receiver"])
        return ""

    def _completed(self, told: Told) -> Landing:
        """Anybody may have LI.FI say so, with any number: it is a hint, and no key."""
        return self.came(
            told,
            key="",
            to_address=told["receiver"],
            asset=asset_at(told.receipt.chain, told["receivingAssetId"]),
            got=told["amount"],
        )
