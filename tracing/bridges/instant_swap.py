"""Instant swap services: the usual way into Monero, and no way on from there by chain.

Where an address of a service is known, what reaches it ends there and its desk is asked. Most have
none that is public and lasts: they come as labels (``Receipt.also``).
"""

from tracing.bridges._silent import Silent, Where


class InstantSwap(Silent):
    slug = "instant_swap"

    def where(self, sender: str, amount: int | None, asset: str) -> Where:
        return Where()
