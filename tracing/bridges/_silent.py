"""Places that log nothing of their own: what reaches them is a departure, and the chain says no
more. A token comes by its Transfer, the coin by the transaction itself (an inner call shows in
traces only: then the label of the place still books it as a crossing)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tracing.bridges._events import amount
from tracing.bridges._tokens import Moved, moved
from tracing.bridges._words import ZERO
from tracing.bridges.base import Bridge, Departure, Reader, Receipt
from tracing.core.caip import erc20, native_asset


@dataclass(frozen=True, slots=True)
class Where:
    """What a silent place's departure adds: chain and address as far as anything tells them."""

    to_chain: str = ""
    to_address: str = ""


class Silent(Bridge):
    """A bridge without events. ``where`` may know more than nothing (Orbiter's digits)."""

    def readers(self) -> Mapping[str, Reader]:
        return {}

    @abstractmethod
    def where(self, sender: str, amount: int | None, asset: str) -> Where:
        """What the amount and the sender tell of the far side."""

    def into(self, receipt: Receipt) -> Iterator[Departure]:
        """Value that this transaction brought to the place, in order.

        :raises BadLog: an amount that no asset can have.
        """
        found = False
        for one in moved(receipt):
            if one.source != ZERO and self.own(receipt, one.target) is not None:
                found = True
                yield self._by_token(receipt, one)
                if self.is_front:
                    return  # it is one hand-over, whatever it was paid in
        place = receipt.to or ""
        if (receipt.value or not found) and self.own(receipt, place) is not None:
            index = receipt.logs[0].index if receipt.logs else 0
            coin = native_asset(receipt.chain)
            yield self._departure(
                receipt, index, place, receipt.sender or "", coin, receipt.value or None
            )

    def _by_token(self, receipt: Receipt, one: Moved) -> Departure:
        asset = erc20(receipt.chain, one.token)
        return self._departure(receipt, one.index, one.target, one.source, asset, one.amount)

    def _departure(
        self,
        receipt: Receipt,
        index: int,
        place: str,
        sender: str,
        asset: str,
        sent: int | None,
    ) -> Departure:
        told = self.where(sender, sent, asset)
        return Departure(
            bridge=self.slug,
            chain=receipt.chain,
            tx=receipt.tx,
            index=index,
            contract=place,
            sender=sender,
            asset=asset,
            amount=None if sent is None else amount(sent),
            to_chain=told.to_chain,
            to_address=told.to_address,
            data_request=self.facts.ask,
            escrow=place,
        )
