"""tBTC: redeemed for bitcoin. The bridge's event in the same transaction has the output script.

Scripts come with a length byte before them; four standard forms have an address (BIP-16, BIP-141).
"""

from collections.abc import Mapping

import base58
import bech32

from tracing.bridges._events import BadLog
from tracing.bridges.base import Bridge, Departure, Reader, Told

_BASE_UNITS_PER_SATOSHI = 10**10


class Tbtc(Bridge):
    slug = "tbtc"

    def readers(self) -> Mapping[str, Reader]:
        return dict([self.on("Unminted", self._unminted, "vault")])

    def _unminted(self, told: Told) -> Departure:
        satoshi = told["amount"] // _BASE_UNITS_PER_SATOSHI
        script = next(
            (
                one["redeemerOutputScript"]
                for one in self.beside(told.receipt, "RedemptionRequested", "bridge")
                if one["requestedAmount"] == satoshi
            ),
            None,
        )
        partner = told.contract.partner
        return self.left(
            told,
            sender=told["from"],
            asset=told.contract.asset,
            sent=told["amount"],
            to_chain=partner,
            to_address=_address(script) if script is not None else "",
            to_asset=f"{partner}/slip44:0" if partner else "",
        )


def _address(prefixed: bytes) -> str:
    """The address that a length-prefixed output script pays. Raises BadLog for other scripts."""
    script = prefixed[1:]
    if prefixed[:1] != bytes([len(script) & 0xFF]):
        raise BadLog("an output script of another length than it says")
    if len(script) == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":
        return base58.b58encode_check(b"\x00" + script[3:23]).decode()
    if len(script) == 23 and script[:2] == b"\xa9\x14" and script[22:] == b"\x87":
        return base58.b58encode_check(b"\x05" + script[2:22]).decode()
    if script[:2] in (b"\x00\x14", b"\x00\x20") and len(script) == 2 + script[1]:
        return str(bech32.encode("bc", 0, list(script[2:])))
    raise BadLog("an output script that has no address")
