"""LayerZero v2 packets (LayerZero-v2 PacketV1Codec).

Version 1, nonce 8, source eid 4, sender 32, destination eid 4, receiver 32, guid 32 bytes, message.
The guid is a hash of the fields before it.
"""

from __future__ import annotations

from dataclasses import dataclass

from eth_utils.crypto import keccak

from tracing.bridges._events import BadLog
from tracing.bridges._tokens import take


@dataclass(frozen=True, slots=True)
class Packet:
    sender: bytes
    eid: int  # of the destination
    guid: str
    message: bytes


def guid_of(nonce: int, source: int, sender: bytes, target: int, receiver: bytes) -> str:
    packed = nonce.to_bytes(8) + source.to_bytes(4) + sender + target.to_bytes(4) + receiver
    return "0x" + keccak(packed).hex()


def packet_of(payload: bytes) -> Packet:
    """Raises BadLog: too short, of another version, or a guid that is not its own."""
    version, nonce, source, sender, eid, receiver, guid, message = take(
        payload, 1, 8, 4, 32, 4, 32, 32
    )
    told = guid_of(
        int.from_bytes(nonce),
        int.from_bytes(source),
        sender,
        int.from_bytes(eid),
        receiver,
    )
    if version != b"\x01" or told != "0x" + guid.hex():
        raise BadLog("a packet whose guid is not its own")
    return Packet(sender, int.from_bytes(eid), told, message)
