"""What a room is told of how well its chains are vouched for."""

from dataclasses import dataclass
from datetime import datetime

from incidents.events.base import Event, event


@dataclass(frozen=True, kw_only=True)
class _AboutChain(Event):
    """``since``: when it began; ``told``: when the room is told. ISO 8601, in UTC."""

    chain: str
    name: str
    since: str
    told: str

    @property
    def began(self) -> str:
        """ "17:02 UTC", with the day where that is another one than when the room was told."""
        at, told = datetime.fromisoformat(self.since), datetime.fromisoformat(self.told)
        return f"{at:%H:%M} UTC" if at.date() == told.date() else f"{at.day} {at:%b %H:%M} UTC"


@event
@dataclass(frozen=True, kw_only=True)
class ChainNotVerified(_AboutChain):
    """Fewer operators than the quorum say the same for some time. ``answering``: how many
    operators gave an answer at all."""

    kind = "trace.chain_not_verified"
    is_alert = True
    answering: int
    quorum: int

    def headline(self) -> str:
        if not self.answering:
            return f"{self.name} is not verified since {self.began}: no endpoint answers."
        if self.answering >= self.quorum:
            why = f"{self.answering} operators answer, no {self.quorum} of them the same"
        else:
            said = "operator answers" if self.answering == 1 else "operators answer"
            why = f"{self.answering} {said}, {self.quorum} must agree"
        return f"{self.name} is not verified since {self.began} ({why})."


@event
@dataclass(frozen=True, kw_only=True)
class ChainVerifiedAgain(_AboutChain):
    """Every block up to here is vouched for again, or was replaced. ``is_single``: by the one
    source that the chain has."""

    kind = "trace.chain_verified_again"
    block: int
    is_single: bool = False

    def headline(self) -> str:
        said = "is followed again" if self.is_single else "is verified again"
        return f"{self.name} {said}, up to block {self.block}. It was not since {self.began}."
