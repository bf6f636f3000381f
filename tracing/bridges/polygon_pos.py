"""Polygon's proof-of-stake bridge. To Polygon the key is the number of the state sync.

To Ethereum the burn on Polygon is a plain transfer to nobody, and the exit shows no key: landings
only.
"""

from collections.abc import Mapping

from tracing.bridges._tokens import moved
from tracing.bridges._words import ZERO
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told
from tracing.core.caip import erc20, native_asset


class PolygonPos(Bridge):
    slug = "polygon_pos"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("LockedERC20", self._token, "erc20_predicate"),
                self.on("LockedEther", self._ether, "ether_predicate"),
                self.on("StateCommitted", self._committed, "state_receiver"),
                self.on("ExitedERC20", self._token_exit, "erc20_predicate"),
                self.on("ExitedEther", self._ether_exit, "ether_predicate"),
            ]
        )

    def _token(self, told: Told) -> Departure:
        return self._left(told, erc20(told.receipt.chain, told["rootToken"]))

    def _ether(self, told: Told) -> Departure:
        return self._left(told, native_asset(told.receipt.chain))

    def _left(self, told: Told, asset: str) -> Departure:
        synced = next(
            (
                sync
                for sync in self.beside(told.receipt, "StateSynced", "state_sender")
                if sync.log.index > told.log.index
            ),
            None,
        )
        return self.left(
            told,
            sender=told["depositor"],
            asset=asset,
            sent=told["amount"],
            to_chain=told.contract.partner,
            to_address=told["depositReceiver"],
            key=str(synced["id"]) if synced else "",
            escrow=told.log.address,
        )

    def _committed(self, told: Told) -> Landing | None:
        """Many states are committed in one transaction: the mint is the last before each."""
        if not told["success"]:
            return None
        others = [one.log.index for one in self.beside(told.receipt, "StateCommitted")]
        start = max((at for at in others if at < told.log.index), default=-1)
        minted = [
            one
            for one in moved(told.receipt)
            if start < one.index < told.log.index and one.source == ZERO
        ]
        mint = minted[-1] if minted else None
        return self.came(
            told,
            key=str(told["stateId"]),
            from_chain=told.contract.partner,
            to_address=mint.target if mint else "",
            asset=erc20(told.receipt.chain, mint.token) if mint else "",
            got=mint.amount if mint else None,
        )

    def _token_exit(self, told: Told) -> Landing:
        return self._exit(told, erc20(told.receipt.chain, told["rootToken"]))

    def _ether_exit(self, told: Told) -> Landing:
        return self._exit(told, native_asset(told.receipt.chain))

    def _exit(self, told: Told, asset: str) -> Landing:
        return self.came(
            told,
            key="",
            from_chain=told.contract.partner,
            to_address=told["exitor"],
            asset=asset,
            got=told["amount"],
        )
