"""LayerZero v2: omnichain tokens (OFT). Any token may be one, so its contract proves nothing.

What proves it is the endpoint: its own PacketSent (PacketDelivered on the far side) in the same
transaction names the contract that sent (received) the packet, and only an OFTSent (OFTReceived)
which that very contract logged for that guid counts. The OFT's message begins with recipient 32 and
amount 8 bytes. Stargate sends through another contract and has a decoder of its own.
"""

from collections.abc import Mapping

from tracing.bridges._events import low_address
from tracing.bridges._packets import guid_of, packet_of
from tracing.bridges._tokens import take, taken
from tracing.bridges._words import packed
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Receipt, Told
from tracing.core.logs import Log


class LayerZero(Bridge):
    slug = "layerzero"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("PacketSent", self._sent, "endpoint"),
                self.on("PacketDelivered", self._delivered, "endpoint"),
            ]
        )

    def _sent(self, told: Told) -> Departure | None:
        packet = packet_of(told["encodedPayload"])
        token = low_address(packet.sender)
        oft = self._of_token(told.receipt, "OFTSent", token, packet.guid)
        if oft is None:
            return None  # a message of another application
        values = self.facts.events["OFTSent"].read(oft)
        recipient, _, _ = take(packet.message, 32, 8)
        to_chain = self.far(packet.eid)
        sent = values["amountSentLD"]
        paid = taken(told.receipt, token, oft.index, sent)
        return self.left(
            told,
            sender=values["fromAddress"],
            asset=paid[0] if paid else "",
            sent=sent,
            to_chain=to_chain,
            to_address=packed(to_chain, recipient),
            key=packet.guid,
            escrow=token,
        )

    def _delivered(self, told: Told) -> Landing | None:
        source, sender, nonce = told["origin"]
        receiver, eid = told["receiver"], self.near(told.receipt.chain)
        if not eid:
            return None
        guid = guid_of(nonce, source, sender, int(eid), bytes(12) + bytes.fromhex(receiver[2:]))
        oft = self._of_token(told.receipt, "OFTReceived", receiver, guid)
        if oft is None:
            return None
        values = self.facts.events["OFTReceived"].read(oft)
        return self.came(
            told,
            key=guid,
            from_chain=self.far(source),
            to_address=values["toAddress"],
            got=values["amountReceivedLD"],
        )

    def _of_token(self, receipt: Receipt, event: str, token: str, guid: str) -> Log | None:
        for log in receipt.with_topic(self.facts.events[event].topic):
            if log.address == token and len(log.topics) > 1 and log.topics[1] == guid:
                return log
        return None
