"""Agglayer's unified bridge. Both sides show the network that it left and its deposit count.

A claim packs them in a global index: bit 64 is Ethereum's flag, bits 32 to 63 the rollup (network
less one), the low 32 bits the deposit count (PolygonZkEVMBridgeV2). Network numbers of other
rollups are not collected.
"""

from collections.abc import Mapping

from tracing.bridges._events import BadLog
from tracing.bridges._words import asset_at
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told

_MAINNET = 1 << 64


class Agglayer(Bridge):
    slug = "agglayer"

    def readers(self) -> Mapping[str, Reader]:
        return dict([self.on("BridgeEvent", self._sent), self.on("ClaimEvent", self._claimed)])

    def _sent(self, told: Told) -> Departure:
        chain, to_chain = told.receipt.chain, self.far(told["destinationNetwork"])
        here = self.far(told["originNetwork"]) == chain
        number = self.near(chain)
        return self.left(
            told,
            asset=asset_at(chain, told["originAddress"]) if here else "",
            sent=told["amount"],
            to_chain=to_chain,
            to_address=told["destinationAddress"] if to_chain else "",
            key=f"{number}:{told['depositCount']}" if number else "",
            escrow=told.log.address,
        )

    def _claimed(self, told: Told) -> Landing:
        index = told["globalIndex"]
        if index >> 65:
            raise BadLog("a global index with more than its flag set")
        network = 0 if index & _MAINNET else ((index >> 32) & 0xFFFFFFFF) + 1
        chain = told.receipt.chain
        here = self.far(told["originNetwork"]) == chain
        return self.came(
            told,
            key=f"{network}:{index & 0xFFFFFFFF}",
            from_chain=self.far(network),
            to_address=told["destinationAddress"],
            asset=asset_at(chain, told["originAddress"]) if here else "",
            got=told["amount"],
        )
