"""Clocks of a freeze request: overdue, a hold that ends, a hold that is over, who watches."""

from dataclasses import dataclass

from incidents.events.base import event
from incidents.events.freeze import AboutRequest, AboutTarget

_AWAITED = {"acknowledge": "acknowledged", "answer": "answered"}


@event
@dataclass(frozen=True, kw_only=True)
class FreezeOverdue(AboutRequest):
    """``clock``: "acknowledge" or "answer"; ``due``: when it ran out. ``level`` 1: whoever watches
    it is to act; 2: nobody did, and whoever leads the room is."""

    kind = "freeze.overdue"
    is_alert = True
    clock: str
    due: str
    level: int = 1

    def headline(self) -> str:
        late = f"{self.desk} has not {_AWAITED.get(self.clock, self.clock)} {self.reference}"
        who = "who watches it" if self.level == 1 else "the commander and the coordinator"
        return f"{late} by {self.due[:16].replace('T', ' ')} UTC: {who} should call the desk."


@event
@dataclass(frozen=True, kw_only=True)
class FreezeWatched(AboutRequest):
    """Somebody looks after its clocks from now on."""

    kind = "freeze.watched"

    def headline(self) -> str:
        return f"The clocks of {self.reference} are looked after by somebody else from now on."


@event
@dataclass(frozen=True, kw_only=True)
class HoldEnds(AboutTarget):
    """A reminder: within ``hours`` of it. ``amount``: what is held."""

    kind = "freeze.hold_ends"
    is_alert = True
    held_until: str
    hours: int

    def headline(self) -> str:
        return (
            f"{self.reference}: the hold of {self.amount_text} at {self.desk} ends within "
            f"{self.hours} hours ({self.held_until[:16].replace('T', ' ')} UTC). Have it renewed."
        )


@event
@dataclass(frozen=True, kw_only=True)
class HoldLapsed(AboutTarget):
    """A hold whose time passed without a renewal. ``amount``: what was held."""

    kind = "freeze.hold_lapsed"
    is_alert = True
    held_until: str

    def headline(self) -> str:
        return (
            f"{self.reference}: the hold of {self.amount_text} at {self.desk} lapsed at "
            f"{self.held_until[:16].replace('T', ' ')} UTC: nobody renewed it."
        )
