"""Parties: opened, invited, accepted, declined."""

from dataclasses import dataclass

from incidents.choices import Capacity
from incidents.events.base import Event, event


@event
@dataclass(frozen=True, kw_only=True)
class IncidentOpened(Event):
    kind = "incident.opened"
    title: str
    organization: str

    def headline(self) -> str:
        return f"{self.organization} opened the incident “{self.title}”."


@event
@dataclass(frozen=True, kw_only=True)
class PartyInvited(Event):
    kind = "party.invited"
    organization: str
    capacity: str

    def headline(self) -> str:
        return f"{self.organization} was invited as {Capacity(self.capacity).label.lower()}."


@event
@dataclass(frozen=True, kw_only=True)
class PartyJoined(Event):
    kind = "party.joined"
    organization: str
    capacity: str

    def headline(self) -> str:
        return f"{self.organization} took its seat as {Capacity(self.capacity).label.lower()}."
