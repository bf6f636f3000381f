"""Dispatches: handed over, taken by the other side, bounced, lost sight of, decided by a person."""

from dataclasses import dataclass

from incidents.choices import Channel
from incidents.events.base import Event, event


@dataclass(frozen=True, kw_only=True)
class _AboutDispatch(Event):
    request: str  # public id
    reference: str
    desk: str
    dispatch: str  # public id
    channel: str
    recipient: str

    def subject(self) -> str:
        return f"freeze:{self.request}"

    @property
    def way(self) -> str:
        known = self.channel in Channel.values
        return Channel(self.channel).label.lower() if known else self.channel


@event
@dataclass(frozen=True, kw_only=True)
class FreezeDispatched(_AboutDispatch):
    """To one more recipient, or by a party in its own name."""

    kind = "freeze.dispatched"
    by: str = ""  # the party that did it in its own name
    theirs: str = ""  # the desk's reference
    proof: str = ""  # SHA-256 of the proof
    edition: int = 1

    def headline(self) -> str:
        by = f" by {self.by}" if self.by else ""
        theirs = f"; its reference is {self.theirs}" if self.theirs else ""
        return f"{self.reference} went to {self.recipient} ({self.way}){by}{theirs}."


@event
@dataclass(frozen=True, kw_only=True)
class DispatchDelivered(_AboutDispatch):
    """The other side took it. That nobody read it yet goes without saying."""

    kind = "freeze.delivered"

    def headline(self) -> str:
        return f"{self.reference}: the {self.way} to {self.recipient} was taken."


@event
@dataclass(frozen=True, kw_only=True)
class DispatchTroubled(_AboutDispatch):
    """Bounced, failed, or nobody knows. A person decides."""

    kind = "freeze.dispatch_troubled"
    is_alert = True
    state: str
    why: str = ""

    def headline(self) -> str:
        what = {
            "bounced": "came back",
            "failed": "could not be handed over",
            "uncertain": "may or may not have arrived",
        }.get(self.state, self.state)
        why = f": {self.why}" if self.why else ""
        return f"{self.reference}: the {self.way} to {self.recipient} {what}{why}."


@event
@dataclass(frozen=True, kw_only=True)
class DispatchDecided(_AboutDispatch):
    """A person settled what nobody knew."""

    kind = "freeze.dispatch_decided"
    decision: str  # "again" or "arrived"

    def headline(self) -> str:
        what = "is sent again" if self.decision == "again" else "arrived, somebody says"
        return f"{self.reference}: the {self.way} to {self.recipient} {what}."


@event
@dataclass(frozen=True, kw_only=True)
class FindingsOverridden(Event):
    """Somebody sent it having seen what is wrong with it."""

    kind = "freeze.findings_overridden"
    request: str
    reference: str
    desk: str
    codes: str

    def subject(self) -> str:
        return f"freeze:{self.request}"

    def headline(self) -> str:
        return f"{self.reference} was sent in spite of: {self.codes.replace('_', ' ')}."
