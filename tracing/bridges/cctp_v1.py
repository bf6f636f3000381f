"""Circle CCTP v1: USDC is burnt here and minted there. Both sides show source domain and nonce.

The burn message: version 4, burn token 32, recipient 32, amount 32, sender 32 bytes
(circlefin/evm-cctp-contracts, BurnMessage.sol). On Solana the recipient is a token account.
"""

from collections.abc import Mapping

from tracing.bridges._events import low_address
from tracing.bridges._tokens import take
from tracing.bridges._words import packed
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told
from tracing.core.caip import erc20

_BURN = (4, 32, 32, 32, 32)


class CctpV1(Bridge):
    slug = "cctp_v1"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("DepositForBurn", self._burn, "messenger"),
                self.on("MessageReceived", self._mint, "transmitter"),
            ]
        )

    def _burn(self, told: Told) -> Departure:
        to_chain = self.far(told["destinationDomain"])
        return self.left(
            told,
            sender=told["depositor"],
            asset=erc20(told.receipt.chain, told["burnToken"]),
            sent=told["amount"],
            to_chain=to_chain,
            to_address=packed(to_chain, told["mintRecipient"]),
            key=f"{self.near(told.receipt.chain)}:{told['nonce']}",
        )

    def _mint(self, told: Told) -> Landing | None:
        """Any application may send messages: only one that made the messenger mint counts."""
        minted = [
            mint
            for mint in self.beside(told.receipt, "MintAndWithdraw", "messenger")
            if mint.log.index < told.log.index
        ]
        if not minted:
            return None
        _, _, recipient, amount, _, _ = take(told["messageBody"], *_BURN)
        mint = minted[-1]
        if mint["mintRecipient"] != low_address(recipient) or mint["amount"] != int.from_bytes(
            amount
        ):
            return None
        return self.came(
            told,
            key=f"{told['sourceDomain']}:{told['nonce']}",
            from_chain=self.far(told["sourceDomain"]),
            to_address=mint["mintRecipient"],
            asset=erc20(told.receipt.chain, mint["mintToken"]),
            got=mint["amount"],
        )
