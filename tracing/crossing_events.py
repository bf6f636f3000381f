"""What the trace and an analyst say of a crossing whose far side is not certain."""

from dataclasses import dataclass

from incidents.events.base import Event, event


@event
@dataclass(frozen=True, kw_only=True)
class CrossingSuspected(Event):
    """Something on the far side looks like a crossing's other end. It moves no taint."""

    kind = "trace.crossing_suspected"
    is_alert = True
    crossing: str  # its public id
    bridge: str
    chain: str
    tx: str
    far_chain: str
    far_tx: str
    far_address: str
    confidence: int  # percent

    def subject(self) -> str:
        return f"crossing:{self.crossing}"

    def headline(self) -> str:
        return (
            f"What entered {self.bridge} on {self.chain} may have come out on {self.far_chain} "
            f"at {self.far_address} ({self.confidence} %): it needs a look."
        )


@event
@dataclass(frozen=True, kw_only=True)
class CrossingDecided(Event):
    """An analyst said whether two ends are one crossing."""

    kind = "trace.crossing_decided"
    crossing: str
    bridge: str
    chain: str
    tx: str
    far_chain: str
    far_tx: str
    far_address: str
    is_confirmed: bool

    def subject(self) -> str:
        return f"crossing:{self.crossing}"

    def headline(self) -> str:
        verb = "confirmed" if self.is_confirmed else "rejected"
        return (
            f"The crossing through {self.bridge} from {self.chain} to {self.far_address} "
            f"on {self.far_chain} was {verb}."
        )
