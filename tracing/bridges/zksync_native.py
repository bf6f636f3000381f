"""zkSync Era's first bridge of tokens. The log names the transaction on zkSync that will credit the
recipient; no event there repeats it, so the crossing is followed by that hash, never certain."""

from collections.abc import Mapping

from tracing.bridges._words import asset_at
from tracing.bridges.base import Bridge, Departure, Reader, Told


class ZkSyncNative(Bridge):
    slug = "zksync_native"

    def readers(self) -> Mapping[str, Reader]:
        return dict([self.on("DepositInitiated", self._sent)])

    def _sent(self, told: Told) -> Departure:
        return self.left(
            told,
            sender=told["from"],
            asset=asset_at(told.receipt.chain, told["l1Token"]),
            sent=told["amount"],
            to_chain=told.contract.partner,
            to_address=told["to"],
            key="0x" + told["l2DepositTxHash"].hex(),
            escrow=told.log.address,
        )
