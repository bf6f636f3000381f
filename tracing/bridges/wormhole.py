"""Wormhole's token bridge. Both sides show emitter chain, emitter and sequence.

Transfer payload: type 1 or 3, amount 32, token 32, token chain 2, recipient 32, chain 2 bytes; 3
goes to a contract. Amounts have 8 decimals at most there, so the token's own movement beside the
message gives the amount (wormhole-sdk-ts; ethereum/contracts/bridge).
"""

from collections.abc import Mapping

from tracing.bridges._events import low_address
from tracing.bridges._tokens import paid_next, take, taken
from tracing.bridges._words import packed, packed_asset
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told
from tracing.core.caip import erc20

_TRANSFERS = (b"\x01", b"\x03")


class Wormhole(Bridge):
    slug = "wormhole"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("LogMessagePublished", self._published, "core"),
                self.on("TransferRedeemed", self._redeemed, "token_bridge"),
            ]
        )

    def _published(self, told: Told) -> Departure | None:
        bridge, payload = told["sender"], told["payload"]
        if self.own(told.receipt, bridge, "token_bridge") is None or payload[:1] not in _TRANSFERS:
            return None  # another application, or the bridge's own business
        _, amount, token, origin, recipient, target, _ = take(payload, 1, 32, 32, 2, 32, 2)
        chain, home = told.receipt.chain, self.far(int.from_bytes(origin))
        to_chain = self.far(int.from_bytes(target))
        asset, sent = erc20(chain, low_address(token)) if home == chain else "", None
        paid = taken(told.receipt, bridge, told.log.index)
        if paid and _agrees(paid[1], int.from_bytes(amount)) and asset in ("", paid[0]):
            asset, sent = paid
        return self.left(
            told,
            asset=asset,
            sent=sent,
            to_chain=to_chain,
            to_address=packed(to_chain, recipient),
            to_asset=packed_asset(to_chain, token) if home == to_chain else "",
            key=_key(self.near(chain), bytes(12) + bytes.fromhex(bridge[2:]), told["sequence"]),
            escrow=bridge,
        )

    def _redeemed(self, told: Told) -> Landing:
        """The event names no recipient: the bridge pays a token out, or mints it, right after.

        Ether that was unwrapped moves without a log, and then nobody is told.
        """
        paid = paid_next(told.receipt, told.log.address, told.log.index)
        emitter = told["emitterChainId"]
        return self.came(
            told,
            key=_key(str(emitter), told["emitterAddress"], told["sequence"]),
            from_chain=self.far(emitter),
            to_address=paid.target if paid else "",
            asset=erc20(told.receipt.chain, paid.token) if paid else "",
            got=paid.amount if paid else None,
        )


def _agrees(paid: int, said: int) -> bool:
    """Whether an amount in a token's own units is what a message says in 8 decimals or fewer."""
    return any(paid // 10**digits == said for digits in range(11))


def _key(chain: str, emitter: bytes, sequence: int) -> str:
    return f"{chain}:{emitter.hex()}:{sequence}"
