"""Ronin's gateways of 2021 to March 2022. Both sides show the number of a deposit or a withdrawal.

The number is the key; a withdrawal on Ethereum whose number never left Ronin is the theft of March
2022: tracing.core.crossings.unbacked.
"""

from collections.abc import Mapping

from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told
from tracing.core.caip import erc20, erc721

_ERC721 = 721  # ``standard`` of the gateway's events


class Ronin(Bridge):
    slug = "ronin"

    def readers(self) -> Mapping[str, Reader]:
        main, side = "mainchain_gateway", "sidechain_gateway"
        return dict(
            [
                self.on("MainchainDeposited", self._deposited, main),
                self.on("MainchainWithdrew", self._withdrawn, main),
                self.on("SidechainDeposited", self._credited, side),
                self.on("SidechainWithdrew", self._leaving, side),
            ]
        )

    def _deposited(self, told: Told) -> Departure:
        return self._left(told, "deposit", "_depositId", "_sidechainAddress")

    def _leaving(self, told: Told) -> Departure:
        return self._left(told, "withdrawal", "_withdrawId", "_mainchainAddress")

    def _left(self, told: Told, what: str, number: str, far_token: str) -> Departure:
        chain, partner = told.receipt.chain, told.contract.partner
        value, near, far = told["_tokenNumber"], told["_tokenAddress"], told[far_token]
        single = told["_standard"] == _ERC721
        return self.left(
            told,
            sender=told["_owner"],
            asset=erc721(chain, near, value) if single else erc20(chain, near),
            sent=1 if single else value,
            to_chain=partner,
            to_address=told["_owner"],
            to_asset=erc721(partner, far, value) if single else erc20(partner, far),
            to_amount=1 if single else value,
            key=f"{what}:{told[number]}",
            escrow=told.log.address,
        )

    def _withdrawn(self, told: Told) -> Landing:
        return self._came(
            told, f"withdrawal:{told['_withdrawId']}", "_owner", "_tokenAddress", "_tokenNumber"
        )

    def _credited(self, told: Told) -> Landing:
        return self._came(
            told, f"deposit:{told['depositId']}", "owner", "tokenAddress", "tokenNumber"
        )

    def _came(self, told: Told, key: str, owner: str, token: str, number: str) -> Landing:
        """The event does not tell a single thing's number from an amount: the key does the work."""
        return self.came(
            told,
            key=key,
            from_chain=told.contract.partner,
            to_address=told[owner],
            asset=erc20(told.receipt.chain, told[token]),
            got=told[number],
        )
