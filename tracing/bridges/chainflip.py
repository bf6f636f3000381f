"""Chainflip. A vault swap's event carries its destination; a deposit channel's is on the Chainflip
chain only, so the sweep of a channel says whom to ask, and by which channel.

Nothing on the far side repeats a key: a crossing of Chainflip is never certain by itself.
"""

from collections.abc import Mapping

from tracing.bridges._words import asset_at, packed
from tracing.bridges.base import Bridge, Departure, Reader, Told
from tracing.core.caip import native_asset


class Chainflip(Bridge):
    slug = "chainflip"

    def readers(self) -> Mapping[str, Reader]:
        swaps = ("SwapNative", "SwapToken", "XCallNative", "XCallToken")
        return dict(
            [*(self.on(name, self._swap) for name in swaps), self.on("FetchedNative", self._swept)]
        )

    def _swap(self, told: Told) -> Departure:
        to_chain, token = self.far(told["dstChain"]), told.values.get("srcToken")
        chain = told.receipt.chain
        return self.left(
            told,
            sender=told["sender"],
            asset=asset_at(chain, token) if token else native_asset(chain),
            sent=told["amount"],
            to_chain=to_chain,
            to_address=packed(to_chain, told["dstAddress"]),
            escrow=told.log.address,
        )

    def _swept(self, told: Told) -> Departure:
        channel = told["sender"]
        return self.left(
            told,
            sender=channel,
            asset=native_asset(told.receipt.chain),
            sent=told["amount"],
            ask=f"{self.facts.ask} The channel is {channel}.",
            escrow=told.log.address,
        )
