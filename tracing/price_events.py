"""Prices that a room reckons with."""

from dataclasses import dataclass

from incidents.events.base import Event, event


@event
@dataclass(frozen=True, kw_only=True)
class PriceSet(Event):
    """``usd``: of one whole unit, an exact decimal; ``at``: when it was worth that."""

    kind = "trace.price_set"
    asset: str
    usd: str
    at: str
    source: str

    def headline(self) -> str:
        when = self.at[:16].replace("T", " ")
        return f"{self.asset} is reckoned with at ${self.usd} at {when} UTC ({self.source})."
