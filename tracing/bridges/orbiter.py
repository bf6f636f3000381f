"""Orbiter: a plain transfer to a maker. The last four digits of the amount, in base units, name the
destination chain; the recipient is the sender. A hint, and never certain: makers are known in part
and anybody may send such an amount.
"""

from tracing.bridges._silent import Silent, Where


class Orbiter(Silent):
    slug = "orbiter"

    def where(self, sender: str, amount: int | None, asset: str) -> Where:
        chain = "" if amount is None else self.far(amount % 10_000)
        return Where(chain, sender if chain.startswith("eip155:") else "")
