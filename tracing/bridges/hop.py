"""Hop v1. Between rollups both sides log a transfer id; from Ethereum there is none, and the key is
a hash of the fields that both sides log: two equal transfers have one key."""

from collections.abc import Mapping

from eth_utils.crypto import keccak

from tracing.bridges._words import caip2
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told

_BOTH = ("recipient", "amount", "amountOutMin", "deadline", "relayer", "relayerFee")


class Hop(Bridge):
    slug = "hop"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("TransferSentToL2", self._from_l1, "l1_bridge"),
                self.on("TransferSent", self._from_l2, "l2_bridge"),
                self.on("TransferFromL1Completed", self._from_l1_completed, "l2_bridge"),
                self.on("WithdrawalBonded", self._bonded),
            ]
        )

    def _from_l1(self, told: Told) -> Departure:
        to_chain = caip2(told["chainId"])
        return self.left(
            told,
            asset=told.contract.asset,
            sent=told["amount"],
            to_chain=to_chain,
            to_address=told["recipient"],
            key=_made_key(to_chain, told),
        )

    def _from_l2(self, told: Told) -> Departure:
        return self.left(
            told,
            asset=told.contract.asset,
            sent=told["amount"],
            to_chain=caip2(told["chainId"]),
            to_address=told["recipient"],
            key="0x" + told["transferId"].hex(),
        )

    def _from_l1_completed(self, told: Told) -> Landing:
        return self.came(
            told,
            key=_made_key(told.receipt.chain, told),
            from_chain="eip155:1",
            to_address=told["recipient"],
            got=told["amount"],
        )

    def _bonded(self, told: Told) -> Landing:
        return self.came(told, key="0x" + told["transferId"].hex(), got=told["amount"])


def _made_key(to_chain: str, told: Told) -> str:
    fields = ":".join([to_chain, *(str(told[name]) for name in _BOTH)])
    return keccak(text=fields).hex()
