"""Seats: proposed, approved, vouched for, left, taken away."""

from dataclasses import dataclass

from incidents.choices import Capacity
from incidents.events.base import Event, event


@dataclass(frozen=True, kw_only=True)
class _Seat(Event):
    organization: str
    capacity: str

    @property
    def part(self) -> str:
        return Capacity(self.capacity).label.lower()


@event
@dataclass(frozen=True, kw_only=True)
class PartyProposed(_Seat):
    kind = "party.proposed"

    def headline(self) -> str:
        return f"{self.organization} was proposed as {self.part}; a second person has to agree."


@event
@dataclass(frozen=True, kw_only=True)
class ProposalEnded(Event):
    kind = "party.proposal_ended"
    organization: str
    by: str
    is_withdrawn: bool

    def headline(self) -> str:
        did = "took back its proposal of" if self.is_withdrawn else "did not agree to"
        return f"{self.by} {did} {self.organization}."


@event
@dataclass(frozen=True, kw_only=True)
class InvitationRevoked(Event):
    kind = "party.invitation_revoked"
    organization: str
    by: str

    def headline(self) -> str:
        return f"{self.by} revoked the invitation of {self.organization}."


@event
@dataclass(frozen=True, kw_only=True)
class PartyVouched(Event):
    kind = "party.vouched"
    organization: str
    by: str
    sponsor: str  # by whose word alone it had come; "" where that is not told

    def headline(self) -> str:
        came = f", which came by the word of {self.sponsor} alone" if self.sponsor else ""
        return f"{self.by} vouches for {self.organization}{came}."


@event
@dataclass(frozen=True, kw_only=True)
class PartyLeft(Event):
    kind = "party.left"
    organization: str

    def headline(self) -> str:
        return f"{self.organization} left the room."


@event
@dataclass(frozen=True, kw_only=True)
class RemovalAsked(_Seat):
    kind = "party.removal_asked"
    personal = ("reason",)
    by: str
    reason: str

    def headline(self) -> str:
        return (
            f"{self.by} asks that {self.organization} be taken out of the room: {self.reason} "
            "A second person has to agree."
        )


@event
@dataclass(frozen=True, kw_only=True)
class RemovalEnded(_Seat):
    kind = "party.removal_ended"
    by: str

    def headline(self) -> str:
        return f"{self.organization} stays in the room: {self.by} ended the question."


@event
@dataclass(frozen=True, kw_only=True)
class PartyRemoved(_Seat):
    kind = "party.removed"
    is_alert = True
    personal = ("reason",)
    by: str
    reason: str

    def headline(self) -> str:
        return f"{self.organization} was taken out of the room: {self.reason}"
