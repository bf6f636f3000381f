"""Nomad, which ended with the theft of August 2022. Both sides show origin and nonce of a message.

The nonce is in what the Home dispatches just before the router logs Send (Nomad BridgeRouter.sol:
destination and nonce, origin and nonce, as one number of 32 and 32 bits). What arrived and never
left is the theft: tracing.core.crossings.unbacked.
"""

from collections.abc import Mapping

from tracing.bridges._words import asset_at, packed
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told


class Nomad(Bridge):
    slug = "nomad"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("Send", self._sent, "bridge_router"),
                self.on("Receive", self._received, "bridge_router"),
            ]
        )

    def _sent(self, told: Told) -> Departure:
        chain, domain = told.receipt.chain, told["toDomain"]
        nonces = [
            one["destinationAndNonce"] & 0xFFFFFFFF
            for one in self.beside(told.receipt, "Dispatch", "home")
            if one.log.index < told.log.index and one["destinationAndNonce"] >> 32 == domain
        ]
        to_chain = self.far(domain)
        return self.left(
            told,
            sender=told["from"],
            asset=asset_at(chain, told["token"]),
            sent=told["amount"],
            to_chain=to_chain,
            to_address=packed(to_chain, told["toId"]),
            key=f"{self.near(chain)}:{nonces[-1]}" if nonces else "",
            escrow=told.log.address,
        )

    def _received(self, told: Told) -> Landing:
        origin, nonce = divmod(told["originAndNonce"], 1 << 32)
        return self.came(
            told,
            key=f"{origin}:{nonce}",
            from_chain=self.far(origin),
            to_address=told["recipient"],
            asset=asset_at(told.receipt.chain, told["token"]),
            got=told["amount"],
        )
