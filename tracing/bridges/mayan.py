"""Mayan: a front for CCTP and Wormhole, and Swift orders with a key of their own.

The destination is inside calldata of Mayan's contracts, which is not read: the bridge below tells
it, or Mayan is asked.
"""

from collections.abc import Mapping

from tracing.bridges._words import asset_at
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told
from tracing.core.caip import native_asset


class Mayan(Bridge):
    slug = "mayan"
    is_front = True

    def readers(self) -> Mapping[str, Reader]:
        role = "forwarder"
        return dict(
            [
                self.on("ForwardedEth", self._ether, role),
                self.on("ForwardedERC20", self._token, role),
                self.on("SwapAndForwardedEth", self._swapped, role),
                self.on("SwapAndForwardedERC20", self._swapped, role),
                self.on("OrderFulfilled", self._fulfilled, "swift"),
            ]
        )

    def _ether(self, told: Told) -> Departure:
        return self._left(told, native_asset(told.receipt.chain), told.receipt.value or None)

    def _token(self, told: Told) -> Departure:
        return self._left(told, asset_at(told.receipt.chain, told["token"]), told["amount"])

    def _swapped(self, told: Told) -> Departure:
        token = asset_at(told.receipt.chain, told["middleToken"])
        return self._left(told, token, told["middleAmount"])

    def _left(self, told: Told, asset: str, sent: int | None) -> Departure:
        orders = [
            order
            for order in self.beside(told.receipt, "OrderCreated", "swift")
            if order.log.index < told.log.index
        ]
        key = "0x" + orders[-1]["key"].hex() if orders else ""
        return self.left(told, asset=asset, sent=sent, key=key)

    def _fulfilled(self, told: Told) -> Landing:
        return self.came(told, key="0x" + told["key"].hex(), got=told["netAmount"])
