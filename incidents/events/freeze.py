"""Freeze requests: drafted, approved, sent, answered, evidence changed."""

from dataclasses import dataclass

from incidents.choices import Outcome
from incidents.events.base import Event, event
from tracing.core.amounts import format_amount


@dataclass(frozen=True, kw_only=True)
class AboutRequest(Event):
    request: str  # public id
    reference: str
    desk: str

    def subject(self) -> str:
        return f"freeze:{self.request}"


@dataclass(frozen=True, kw_only=True)
class AboutTarget(AboutRequest):
    target: str  # public id
    chain: str
    address: str
    asset: str
    symbol: str
    decimals: int
    amount: str  # base units

    @property
    def amount_text(self) -> str:
        return f"{format_amount(int(self.amount), self.decimals)} {self.symbol}"


@event
@dataclass(frozen=True, kw_only=True)
class FreezeDrafted(AboutRequest):
    kind = "freeze.drafted"
    by_trace: bool = False

    def headline(self) -> str:
        who = "The trace drafted" if self.by_trace else "Drafted"
        return f"{who} freeze request {self.reference} to {self.desk}."


@event
@dataclass(frozen=True, kw_only=True)
class TargetAdded(AboutTarget):
    kind = "freeze.target_added"

    def headline(self) -> str:
        return f"{self.reference}: {self.desk} is to freeze {self.amount_text} at {self.address}."


@event
@dataclass(frozen=True, kw_only=True)
class FreezeApproved(AboutRequest):
    kind = "freeze.approved"
    signatures: int  # 1 or 2

    def headline(self) -> str:
        state = "approved by two" if self.signatures > 1 else "checked by one of two"
        return f"Freeze request {self.reference} to {self.desk} was {state}."


@event
@dataclass(frozen=True, kw_only=True)
class FreezeApprovedAlone(AboutRequest):
    """One party alone stands behind it. The party that did not answer is told by this."""

    kind = "freeze.approved_alone"
    is_alert = True
    organization: str
    because: str

    def headline(self) -> str:
        return (
            f"Freeze request {self.reference} to {self.desk} is {self.organization}'s alone: "
            f"{self.because}."
        )


@event
@dataclass(frozen=True, kw_only=True)
class FreezeSent(AboutRequest):
    kind = "freeze.sent"
    channel: str
    proof: str = ""
    alone: str = ""  # "Requested by X only: ...", where that is so

    def headline(self) -> str:
        sent = f"Freeze request {self.reference} was sent to {self.desk} ({self.channel})."
        return f"{sent} {self.alone}" if self.alone else sent


@event
@dataclass(frozen=True, kw_only=True)
class FreezeAnswered(AboutTarget):
    kind = "freeze.answered"
    personal = ("text",)
    outcome: str
    held_until: str | None = None
    text: str = ""
    answer: str = ""  # its public id
    claimed: bool = False  # a member wrote it down; nobody called back yet

    def headline(self) -> str:
        amount = f" {self.amount_text}" if int(self.amount) else ""
        said = f"{Outcome(self.outcome).label.lower()}{amount}"
        if self.claimed:
            return f"{self.desk} is said to have answered {self.reference}: {said}."
        return f"{self.desk} answered {self.reference}: {said}."


@event
@dataclass(frozen=True, kw_only=True)
class EvidenceChanged(AboutTarget):
    kind = "freeze.evidence_changed"
    is_alert = True
    reason: str

    def headline(self) -> str:
        return (
            f"{self.reference}: the evidence for {self.amount_text} at {self.address} changed: "
            f"{self.reason}."
        )


@event
@dataclass(frozen=True, kw_only=True)
class EvidenceReviewed(AboutTarget):
    """Somebody read what is left of a target's evidence and stands by it."""

    kind = "freeze.evidence_reviewed"

    def headline(self) -> str:
        return f"{self.reference}: the evidence for {self.amount_text} was read again and stands."


@event
@dataclass(frozen=True, kw_only=True)
class PacketEdited(AboutRequest):
    """Somebody changed what the packet says besides its targets."""

    kind = "freeze.packet_edited"
    fields: str  # names, not values: those are in the packet

    def headline(self) -> str:
        return f"{self.reference}: {self.fields} changed."


@event
@dataclass(frozen=True, kw_only=True)
class ApprovalVoided(AboutRequest):
    """What was signed is no longer what would be sent."""

    kind = "freeze.approval_voided"
    is_alert = True
    because: str

    def headline(self) -> str:
        return f"{self.reference}: its signatures no longer count: {self.because}."


@event
@dataclass(frozen=True, kw_only=True)
class CorrectionDrafted(AboutRequest):
    """What desks got no longer holds; the check page says superseded from now on."""

    kind = "freeze.correction_drafted"
    is_alert = True
    edition: int
    because: str

    def headline(self) -> str:
        return f"{self.reference}: correction (version {self.edition}) drafted: {self.because}."


@event
@dataclass(frozen=True, kw_only=True)
class PacketIssued(AboutRequest):
    """A version that desks get. ``digest``: SHA-256 of its manifest."""

    kind = "freeze.packet_issued"
    edition: int
    digest: str

    def headline(self) -> str:
        return f"{self.reference}: version {self.edition} of the packet was issued."


@event
@dataclass(frozen=True, kw_only=True)
class PacketRevoked(AboutRequest):
    """The check page says revoked from now on."""

    kind = "freeze.packet_revoked"
    is_alert = True
    edition: int
    because: str

    def headline(self) -> str:
        return f"{self.reference}: version {self.edition} was revoked: {self.because}."


@event
@dataclass(frozen=True, kw_only=True)
class PacketSigned(AboutRequest):
    """Somebody handed in a signature over a version of the packet."""

    kind = "freeze.packet_signed"
    edition: int
    how: str
    key: str

    def headline(self) -> str:
        return f"{self.reference}: version {self.edition} was signed ({self.how}, {self.key})."
