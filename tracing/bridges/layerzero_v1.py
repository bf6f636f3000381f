"""LayerZero v1: Stargate v1 swaps and tokens of the OFT v1 and v2 kinds.

Packet: nonce 8, source chain 2, sender 20, destination chain 2, destination 20 bytes, payload
(UltraLightNodeV2, for EVM chains on both sides). Both sides show source chain, sender, destination
and nonce: the key. The far side shows a recipient only where the application's own token moved
right after. The payload is an application's:
only Stargate's swap, whose pool logged a Swap beside it, and an OFT's transfer, whose token moved
beside it, count as departures.
"""

from collections.abc import Mapping

from tracing.bridges._events import BadLog, unpack
from tracing.bridges._tokens import moved, take, taken
from tracing.bridges._words import packed
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told
from tracing.core.caip import erc20

_SWAP = ["uint8", "uint256", "uint256", "uint256", "(uint256,uint256)",
         "(uint256,uint256,uint256,uint256,uint256,uint256)", "bytes", "bytes"]  # fmt: skip
_OFT_V1 = ["uint16", "bytes", "uint256"]
_OFT_V2 = b"\x00\x01"  # types of packed transfers: send, send and call


class LayerZeroV1(Bridge):
    slug = "layerzero_v1"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("Packet", self._sent, "uln"),
                self.on("PacketReceived", self._received, "uln"),
            ]
        )

    def _sent(self, told: Told) -> Departure | None:
        nonce, source, sender, target, receiver, payload = take(told["payload"], 8, 2, 20, 2, 20)
        eid = int.from_bytes(target)
        to_chain = self.far(eid)
        key = _key(int.from_bytes(source), sender, receiver, int.from_bytes(nonce))
        swap = self._swap(told, eid)
        if swap is not None:
            return self.left(
                told,
                sender=swap["from"] if swap["from"] != told.receipt.to else "",
                asset=swap.contract.asset,
                sent=_sent_to_pool(swap),
                to_chain=to_chain,
                to_address=packed(to_chain, unpack(_SWAP, payload, what="Stargate swap")[6]),
                key=key,
                escrow=swap.log.address,
            )
        token = "0x" + sender.hex()
        paid = taken(told.receipt, token, told.log.index)
        recipient = _recipient(payload) if paid else None
        if paid is None or recipient is None:
            return None  # a message of another application
        return self.left(
            told,
            asset=paid[0],
            sent=paid[1],
            to_chain=to_chain,
            to_address=packed(to_chain, recipient),
            key=key,
            escrow=token,
        )

    def _swap(self, told: Told, eid: int) -> Told | None:
        """The pool's word on a swap: the last one before the packet, to the same chain."""
        found = [
            swap
            for swap in self.beside(told.receipt, "Swap", "pool")
            if swap.log.index < told.log.index and swap["chainId"] == eid
        ]
        return found[-1] if found else None

    def _received(self, told: Told) -> Landing | None:
        sender, source = told["srcAddress"], told["srcChainId"]
        if len(sender) != 20:
            return None  # from a chain that is not EVM
        application = told["dstAddress"]
        minted = [
            one
            for one in moved(told.receipt)
            if one.token == application and one.index > told.log.index
        ]
        paid = minted[0] if minted else None  # by the application itself: others may write anything
        return self.came(
            told,
            key=_key(source, sender, bytes.fromhex(application[2:]), told["nonce"]),
            from_chain=self.far(source),
            to_address=paid.target if paid else "",
            asset=erc20(told.receipt.chain, paid.token) if paid else "",
            got=paid.amount if paid else None,
        )


def _sent_to_pool(swap: Told) -> int:
    """What was paid in: the event has it after fees. Known pools share their token's decimals."""
    return int(swap["amountSD"] + swap["eqFee"] + swap["protocolFee"] + swap["lpFee"])


def _recipient(payload: bytes) -> bytes | None:
    """Of an OFT's transfer; None: another message."""
    if len(payload) >= 41 and payload[0] in _OFT_V2:
        return payload[1:33]
    try:
        kind, recipient, _ = unpack(_OFT_V1, payload, what="OFT transfer")
    except BadLog:
        return None
    return bytes(recipient) if kind == 0 else None


def _key(source: int, sender: bytes, receiver: bytes, nonce: int) -> str:
    return f"{source}:{sender.hex()}:{receiver.hex()}:{nonce}"
