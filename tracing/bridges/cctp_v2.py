"""Circle CCTP v2: burn and mint, fast transfers, hooks.

The nonce is filled in by the attestation service, so the burn does not show it. The key is the hash
of what both sides do show: domains, token, recipient, amount, sender, highest fee and hook data.
Two burns alike in all of that have one key; they also land alike. A hook may forward further.

The burn message: version 4, burn token 32, recipient 32, amount 32, sender 32, max fee 32, fee
executed 32, expiration block 32 bytes, hook data (circlefin/evm-cctp-contracts, BurnMessageV2.sol).
"""

from collections.abc import Mapping

from eth_utils.crypto import keccak

from tracing.bridges._events import low_address
from tracing.bridges._tokens import take
from tracing.bridges._words import packed
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told
from tracing.core.caip import erc20

_BURN = (4, 32, 32, 32, 32, 32, 32, 32)


class CctpV2(Bridge):
    slug = "cctp_v2"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("DepositForBurn", self._burn, "messenger"),
                self.on("MessageReceived", self._mint, "transmitter"),
            ]
        )

    def _burn(self, told: Told) -> Departure:
        to_chain = self.far(told["destinationDomain"])
        key = _key(
            f"{self.near(told.receipt.chain)}:{told['destinationDomain']}",
            low_word(told["burnToken"]),
            told["mintRecipient"],
            told["amount"].to_bytes(32),
            low_word(told["depositor"]),
            told["maxFee"].to_bytes(32),
            told["hookData"],
        )
        return self.left(
            told,
            sender=told["depositor"],
            asset=erc20(told.receipt.chain, told["burnToken"]),
            sent=told["amount"],
            to_chain=to_chain,
            to_address=packed(to_chain, told["mintRecipient"]),
            to_amount=max(0, told["amount"] - told["maxFee"]),
            key=key,
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
        _, token, recipient, amount, sender, fee, _, _, hook = take(told["messageBody"], *_BURN)
        mint = minted[-1]
        whole = mint["amount"] + mint["feeCollected"]
        if mint["mintRecipient"] != low_address(recipient) or whole != int.from_bytes(amount):
            return None
        route = f"{told['sourceDomain']}:{self.near(told.receipt.chain)}"
        return self.came(
            told,
            key=_key(route, token, recipient, amount, sender, fee, hook),
            from_chain=self.far(told["sourceDomain"]),
            to_address=mint["mintRecipient"],
            asset=erc20(told.receipt.chain, mint["mintToken"]),
            got=mint["amount"],
        )


def low_word(address: str) -> bytes:
    return bytes(12) + bytes.fromhex(address[2:])


def _key(route: str, *fields: bytes) -> str:
    return f"{route}:{keccak(b''.join(fields)).hex()}"
