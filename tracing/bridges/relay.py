"""Relay: the destination is with its operator, who knows the deposit by the id in the log."""

from collections.abc import Mapping

from tracing.bridges._words import asset_at
from tracing.bridges.base import Bridge, Departure, Reader, Told
from tracing.core.caip import native_asset


class Relay(Bridge):
    slug = "relay"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("RelayNativeDeposit", self._deposit),
                self.on("RelayErc20Deposit", self._deposit),
                self.on("FundsForwardedWithData", self._forwarded),
            ]
        )

    def _deposit(self, told: Told) -> Departure:
        chain, token, order = told.receipt.chain, told.values.get("token"), told["id"].hex()
        return self.left(
            told,
            sender=told["from"],
            asset=asset_at(chain, token) if token else native_asset(chain),
            sent=told["amount"],
            key=f"0x{order}",
            ask=f"{self.facts.ask} The id is 0x{order}.",
            escrow=told.log.address,
        )

    def _forwarded(self, told: Told) -> Departure:
        """The older receiver's word: its data is the operator's and says nothing to others."""
        return self.left(told)
