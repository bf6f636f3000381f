"""deBridge DLN: an order here, fulfilled by a taker there. Both sides log the order and its id."""

from collections.abc import Mapping

from tracing.bridges._words import packed, packed_asset
from tracing.bridges.base import Bridge, Departure, Landing, Reader, Told

# Places in the order.
_MAKER, _GIVE_CHAIN, _GIVE_TOKEN, _GIVE, _TAKE_CHAIN, _TAKE_TOKEN, _TAKE, _RECEIVER = range(1, 9)


class DeBridge(Bridge):
    slug = "debridge"

    def readers(self) -> Mapping[str, Reader]:
        return dict(
            [
                self.on("CreatedOrder", self._created, "source"),
                self.on("FulfilledOrder", self._fulfilled, "destination"),
            ]
        )

    def _created(self, told: Told) -> Departure:
        order, chain = told["order"], told.receipt.chain
        to_chain = self.far_or_evm(order[_TAKE_CHAIN])
        return self.left(
            told,
            sender=packed(chain, order[_MAKER]),
            asset=packed_asset(chain, order[_GIVE_TOKEN]),
            sent=order[_GIVE],
            to_chain=to_chain,
            to_address=packed(to_chain, order[_RECEIVER]),
            to_asset=packed_asset(to_chain, order[_TAKE_TOKEN]),
            to_amount=order[_TAKE],
            key="0x" + told["orderId"].hex(),
        )

    def _fulfilled(self, told: Told) -> Landing:
        order, chain = told["order"], told.receipt.chain
        return self.came(
            told,
            key="0x" + told["orderId"].hex(),
            from_chain=self.far_or_evm(order[_GIVE_CHAIN]),
            to_address=packed(chain, order[_RECEIVER]),
            asset=packed_asset(chain, order[_TAKE_TOKEN]),
            got=order[_TAKE],
        )
