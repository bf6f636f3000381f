"""Stargate v2 on LayerZero: a taxi goes at once, a bus waits for passengers.

Taxi message: type 1, asset 2, receiver 32, amount 8 bytes. Bus: the ticket's passenger is asset 2,
receiver 32, amount 8, native drop 1 byte, and the guid comes when the bus drives
(stargate-v2 TaxiCodec, BusCodec). Passengers of a bus share its guid, so the key is guid and
receiver; a ticket bought before the bus drives has none.
"""

from collections.abc import Mapping

from tracing.bridges._events import BadLog, low_address
from tracing.bridges._packets import packet_of
from tracing.bridges._tokens import take
from tracing.bridges._words import packed
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Receipt, Told

_TAXI = b"\x01"
_NO_GUID = bytes(32)


class Stargate(Bridge):
    slug = "stargate"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("PacketSent", self._taxi, "endpoint"),
                self.on("BusRode", self._bus, "messaging"),
                self.on("OFTReceived", self._received, "pool"),
            ]
        )

    def _taxi(self, told: Told) -> Departure | None:
        packet = packet_of(told["encodedPayload"])
        if self.own(told.receipt, low_address(packet.sender), "messaging") is None:
            return None
        kind, _, receiver, _, _ = take(packet.message, 1, 2, 32, 8)
        if kind != _TAXI:
            return None  # the bus itself: its passengers told of themselves when they boarded
        pool = self._pool(told.receipt, bytes.fromhex(packet.guid[2:]), told.log.index)
        return self._departure(told, pool, packet.eid, receiver, f"{packet.guid}:")

    def _bus(self, told: Told) -> Departure:
        _, receiver, _, _, _ = take(told["passenger"], 2, 32, 8, 1)
        driven = next(
            (
                bus
                for bus in self.beside(told.receipt, "BusDriven", "messaging")
                if bus["dstEid"] == told["dstEid"]
                and 0 <= told["ticketId"] - bus["startTicketId"] < bus["numPassengers"]
            ),
            None,
        )
        pool = self._pool(told.receipt, _NO_GUID, told.log.index)
        key = f"0x{driven['guid'].hex()}:" if driven else ""
        return self._departure(told, pool, told["dstEid"], receiver, key)

    def _departure(
        self, told: Told, pool: Told | None, eid: int, receiver: bytes, key: str
    ) -> Departure:
        to_chain = self.far(eid)
        to_address = packed(to_chain, receiver)
        return self.left(
            told,
            sender=pool["fromAddress"] if pool else "",
            asset=pool.contract.asset if pool else "",
            sent=pool["amountSentLD"] if pool else None,
            to_chain=to_chain,
            to_address=to_address,
            key=key and key + to_address,
            escrow=pool.log.address if pool else "",
        )

    def _received(self, told: Told) -> Landing:
        guid = told["guid"]
        if not any(guid):
            raise BadLog("a transfer received without a guid")
        return self.came(
            told,
            key=f"0x{guid.hex()}:{told['toAddress']}",
            from_chain=self.far(told["srcEid"]),
            to_address=told["toAddress"],
            asset=told.contract.asset,
            got=told["amountReceivedLD"],
        )

    def _pool(self, receipt: Receipt, guid: bytes, at: int) -> Told | None:
        """The pool's own word for that guid nearest to the message; other pools are not known."""
        told = [one for one in self.beside(receipt, "OFTSent", "pool") if one["guid"] == guid]
        return min(told, key=lambda one: abs(one.log.index - at), default=None)
