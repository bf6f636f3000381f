"""Axelar's gateway. Chains are names. A token sent names its recipient; a call with a token has it
inside a payload that its receiver alone understands, and both sides show the hash of that payload
and the source transaction: the key. A plain token transfer has none. A call without a token moves
no value and is not read.
"""

from collections.abc import Mapping

from tracing.bridges._tokens import taken
from tracing.bridges._words import written
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told


class Axelar(Bridge):
    slug = "axelar"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("TokenSent", self._sent),
                self.on("ContractCallWithToken", self._called),
                self.on("ContractCallApprovedWithMint", self._approved),
            ]
        )

    def _sent(self, told: Told) -> Departure:
        to_chain = self.far(told["destinationChain"].lower())
        to_address = written(to_chain, told["destinationAddress"]) if to_chain else ""
        return self._left(told, to_chain, to_address, "")

    def _called(self, told: Told) -> Departure:
        to_chain = self.far(told["destinationChain"].lower())
        key = _key(told.receipt.tx, told["payloadHash"])
        return self._left(told, to_chain, "", key)

    def _left(self, told: Told, to_chain: str, to_address: str, key: str) -> Departure:
        paid = taken(told.receipt, told.log.address, told.log.index, told["amount"])
        return self.left(
            told,
            sender=told["sender"],
            asset=paid[0] if paid else "",
            sent=told["amount"],
            to_chain=to_chain,
            to_address=to_address,
            key=key,
            escrow=told.log.address,
        )

    def _approved(self, told: Told) -> Landing:
        return self.came(
            told,
            key=_key("0x" + told["sourceTxHash"].hex(), told["payloadHash"]),
            from_chain=self.far(told["sourceChain"].lower()),
            to_address=told["contractAddress"],
            got=told["amount"],
        )


def _key(tx: str, payload_hash: bytes) -> str:
    return f"{tx}:{payload_hash.hex()}"
