"""Celer cBridge: liquidity bridge. The far side repeats the near side's transfer id."""

from collections.abc import Mapping

from tracing.bridges._words import asset_at, caip2
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told


class Celer(Bridge):
    slug = "celer"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("Send", self._send),
                self.on("Relay", self._relay),
                self.on("Deposited", self._deposited),
                self.on("Burn", self._burn),
            ]
        )

    def _send(self, told: Told) -> Departure:
        return self._left(told, "transferId", "sender", "dstChainId", "receiver")

    def _deposited(self, told: Told) -> Departure:
        return self._left(told, "depositId", "depositor", "mintChainId", "mintAccount")

    def _burn(self, told: Told) -> Departure:
        return self._left(told, "burnId", "account", "toChainId", "toAccount")

    def _left(self, told: Told, key: str, sender: str, chain: str, receiver: str) -> Departure:
        return self.left(
            told,
            sender=told[sender],
            asset=asset_at(told.receipt.chain, told["token"]),
            sent=told["amount"],
            to_chain=caip2(told[chain]),
            to_address=told[receiver],
            key="0x" + told[key].hex(),
        )

    def _relay(self, told: Told) -> Landing:
        return self.came(
            told,
            key="0x" + told["srcTransferId"].hex(),
            from_chain=caip2(told["srcChainId"]),
            to_address=told["receiver"],
            asset=asset_at(told.receipt.chain, told["token"]),
            got=told["amount"],
        )
