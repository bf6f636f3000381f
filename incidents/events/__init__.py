"""Every kind of thing that can happen in a room. A new kind is a new class in its noun's file."""

from incidents.events.address import (
    AddressLabelled,
    AddressRecorded,
    AttackerCalled,
    AttackerTakenBack,
    ReturnAddressAccepted,
    ReturnAddressProposed,
)
from incidents.events.base import Event, UnknownEvent, event, kinds, load
from incidents.events.freeze import (
    EvidenceChanged,
    EvidenceReviewed,
    FreezeAnswered,
    FreezeApproved,
    FreezeDrafted,
    FreezeSent,
    TargetAdded,
)
from incidents.events.note import NotePosted
from incidents.events.party import (
    IncidentOpened,
    InvitationDeclined,
    PartyInvited,
    PartyJoined,
    TermsAccepted,
)
from incidents.events.statement import (
    StatementDrafted,
    StatementEdited,
    StatementPublished,
    StatementSigned,
    StatusPublished,
)

__all__ = [
    "AddressLabelled",
    "AddressRecorded",
    "AttackerCalled",
    "AttackerTakenBack",
    "Event",
    "EvidenceChanged",
    "EvidenceReviewed",
    "FreezeAnswered",
    "FreezeApproved",
    "FreezeDrafted",
    "FreezeSent",
    "IncidentOpened",
    "InvitationDeclined",
    "NotePosted",
    "PartyInvited",
    "PartyJoined",
    "ReturnAddressAccepted",
    "ReturnAddressProposed",
    "StatementDrafted",
    "StatementEdited",
    "StatementPublished",
    "StatementSigned",
    "StatusPublished",
    "TargetAdded",
    "TermsAccepted",
    "UnknownEvent",
    "event",
    "kinds",
    "load",
]
