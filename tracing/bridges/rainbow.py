"""Rainbow bridge to NEAR and Aurora. The account is text of the sender's choice."""

import re
from collections.abc import Mapping

from tracing.bridges._words import asset_at
from tracing.bridges.base import Bridge, Departure, Reader, Told

_AURORA = re.compile(r"aurora:(?:0x)?([0-9a-fA-F]{40})")
_ACCOUNT = re.compile(r"(?=.{2,64}\Z)[a-z0-9]+(?:[._-][a-z0-9]+)*")
_AURORA_CHAIN = "eip155:1313161554"


class Rainbow(Bridge):
    slug = "rainbow"

    def readers(self) -> Mapping[str, Reader]:
        return dict([self.on("Locked", self._locked)])

    def _locked(self, told: Told) -> Departure:
        account, to_chain, to_address = told["accountId"], told.contract.partner, ""
        aurora = _AURORA.fullmatch(account)
        if aurora:
            to_chain, to_address = _AURORA_CHAIN, "0x" + aurora.group(1).lower()
        elif _ACCOUNT.fullmatch(account):
            to_address = account
        return self.left(
            told,
            sender=told["sender"],
            asset=asset_at(told.receipt.chain, told["token"]),
            sent=told["amount"],
            to_chain=to_chain,
            to_address=to_address,
            escrow=told.log.address,
        )
