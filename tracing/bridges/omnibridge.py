"""Gnosis Omnibridge. Both sides log a message id; only the landing says who received."""

from collections.abc import Mapping

from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told
from tracing.core.caip import erc20


class Omnibridge(Bridge):
    slug = "omnibridge"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("TokensBridgingInitiated", self._sent),
                self.on("TokensBridged", self._arrived),
            ]
        )

    def _sent(self, told: Told) -> Departure:
        return self.left(
            told,
            sender=told["sender"],
            asset=erc20(told.receipt.chain, told["token"]),
            sent=told["value"],
            to_chain=told.contract.partner,
            key="0x" + told["messageId"].hex(),
            escrow=told.log.address,
        )

    def _arrived(self, told: Told) -> Landing:
        return self.came(
            told,
            key="0x" + told["messageId"].hex(),
            from_chain=told.contract.partner,
            to_address=told["recipient"],
            asset=erc20(told.receipt.chain, told["token"]),
            got=told["value"],
        )
