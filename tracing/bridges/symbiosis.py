"""Symbiosis: tokens become synthetic ones on a host chain and are burnt there; expect two hops.

Events are those of Portal (out) and Synthesis (back); contracts that are not known are not read.
The far side's event was not collected, so a crossing of Symbiosis is never certain by itself.
"""

from collections.abc import Mapping

from tracing.bridges._words import asset_at, caip2
from tracing.bridges.base import Bridge, Departure, Reader, Told


class Symbiosis(Bridge):
    slug = "symbiosis"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("SynthesizeRequest", self._request, "portal", ""),
                self.on("BurnRequest", self._request, "portal", "synthesis", ""),
            ]
        )

    def _request(self, told: Told) -> Departure:
        return self.left(
            told,
            sender=told["from"],
            asset=asset_at(told.receipt.chain, told["token"]),
            sent=told["amount"],
            to_chain=caip2(told["chainID"]),
            to_address=told["to"],
            key="0x" + told["id"].hex(),
        )
