"""Synapse: the classic bridge, and RFQ, where a relayer fills.

Classic: the far side logs kappa, the hash of the near transaction's hash, written as text with 0x
(not checked on a live pair; see the facts). RFQ: both sides log the transaction id, and the request
(version 1: chains 2 x 4, sender and recipient 2 x 32 bytes, abi-encoded) holds the recipient.
"""

from collections.abc import Mapping

from eth_utils.crypto import keccak

from tracing.bridges._events import BadLog, unpack
from tracing.bridges._words import asset_at, caip2, packed
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told

_OUT = ("TokenDeposit", "TokenRedeem", "TokenDepositAndSwap", "TokenRedeemAndSwap",
        "TokenRedeemAndRemove", "TokenRedeemV2")  # fmt: skip
_IN = ("TokenMint", "TokenMintAndSwap", "TokenWithdrawAndRemove")
_REQUEST = [
    "(uint32,uint32,address,address,address,address,uint256,uint256,uint256,bool,uint256,uint256)"
]
_TO = 3  # place of the recipient in a request


class Synapse(Bridge):
    slug = "synapse"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                *(self.on(name, self._out, "bridge") for name in _OUT),
                *(self.on(name, self._in, "bridge") for name in _IN),
                self.on("TokenWithdraw", self._withdrawn, "bridge"),
                self.on("BridgeRequested", self._requested, "fast_bridge"),
                self.on("BridgeRelayed", self._relayed, "fast_bridge"),
            ]
        )

    def _out(self, told: Told) -> Departure:
        to_chain, recipient = caip2(told["chainId"]), told["to"]
        return self.left(
            told,
            asset=asset_at(told.receipt.chain, told["token"]),
            sent=told["amount"],
            to_chain=to_chain,
            to_address=packed(to_chain, recipient) if isinstance(recipient, bytes) else recipient,
            key=keccak(text=told.receipt.tx).hex(),
        )

    def _withdrawn(self, told: Told) -> Landing:
        """Of all that arrive, this event alone has the amount before the fee."""
        return self._came(told, max(0, told["amount"] - told["fee"]))

    def _in(self, told: Told) -> Landing:
        return self._came(told, told["amount"])

    def _came(self, told: Told, got: int) -> Landing:
        """After a swap the amount is that of the asset it was swapped into, which is not named."""
        swapped = told.values.get("swapSuccess", False)
        return self.came(
            told,
            key=told["kappa"].hex(),
            to_address=told["to"],
            asset="" if swapped else asset_at(told.receipt.chain, told["token"]),
            got=got,
        )

    def _requested(self, told: Told) -> Departure:
        to_chain = caip2(told["destChainId"])
        try:
            recipient = unpack(_REQUEST, told["request"], what="RFQ request")[0][_TO]
        except BadLog:
            recipient = ""  # a later version of the request
        return self.left(
            told,
            sender=told["sender"],
            asset=asset_at(told.receipt.chain, told["originToken"]),
            sent=told["originAmount"],
            to_chain=to_chain,
            to_address=recipient,
            to_asset=asset_at(to_chain, told["destToken"]),
            to_amount=told["destAmount"],
            key="0x" + told["transactionId"].hex(),
        )

    def _relayed(self, told: Told) -> Landing:
        return self.came(
            told,
            key="0x" + told["transactionId"].hex(),
            from_chain=caip2(told["originChainId"]),
            to_address=told["to"],
            asset=asset_at(told.receipt.chain, told["destToken"]),
            got=told["destAmount"],
        )
