"""BTC.b of Avalanche: bitcoin leaves to an address that the bridge derives from the burner."""

from collections.abc import Mapping

from tracing.bridges.base import Bridge, Departure, Reader, Told


class BtcB(Bridge):
    slug = "btc_b"

    def readers(self) -> Mapping[str, Reader]:
        return dict([self.on("Unwrap", self._unwrapped)])

    def _unwrapped(self, told: Told) -> Departure:
        partner = told.contract.partner
        return self.left(
            told,
            asset=told.contract.asset,
            sent=told["amount"],
            to_chain=partner,
            to_asset=f"{partner}/slip44:0" if partner else "",
        )
