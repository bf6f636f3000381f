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
from incidents.events.control import ControlProved
from incidents.events.freeze import (
    EvidenceChanged,
    EvidenceReviewed,
    FreezeAnswered,
    FreezeApproved,
    FreezeApprovedAlone,
    FreezeDrafted,
    FreezeSent,
    TargetAdded,
)
from incidents.events.item import ItemRemarked, ReleaseAnswered, ReleaseAsked
from incidents.events.note import NotePosted
from incidents.events.party import IncidentOpened, PartyInvited, PartyJoined
from incidents.events.recovery import RecoveryAsked, RecoveryStopped, RecoveryUsed
from incidents.events.role import RoleEnded, RoleGiven, RoleHandedOver, RoleTakenOver
from incidents.events.seat import (
    InvitationRevoked,
    PartyLeft,
    PartyProposed,
    PartyRemoved,
    PartyVouched,
    ProposalEnded,
    RemovalAsked,
    RemovalEnded,
)
from incidents.events.statement import (
    StatementDrafted,
    StatementEdited,
    StatementPublished,
    StatementSigned,
    StatusPublished,
)
from incidents.events.terms import (
    InvitationDeclined,
    PartySilent,
    RevisionAccepted,
    RevisionProposed,
    RevisionRejected,
    RevisionWithdrawn,
    TermsAccepted,
    TermsRead,
)

__all__ = [
    "AddressLabelled",
    "AddressRecorded",
    "AttackerCalled",
    "AttackerTakenBack",
    "ControlProved",
    "Event",
    "EvidenceChanged",
    "EvidenceReviewed",
    "FreezeAnswered",
    "FreezeApproved",
    "FreezeApprovedAlone",
    "FreezeDrafted",
    "FreezeSent",
    "IncidentOpened",
    "InvitationDeclined",
    "InvitationRevoked",
    "ItemRemarked",
    "NotePosted",
    "PartyInvited",
    "PartyJoined",
    "PartyLeft",
    "PartyProposed",
    "PartyRemoved",
    "PartySilent",
    "PartyVouched",
    "ProposalEnded",
    "RecoveryAsked",
    "RecoveryStopped",
    "RecoveryUsed",
    "ReleaseAnswered",
    "ReleaseAsked",
    "RemovalAsked",
    "RemovalEnded",
    "ReturnAddressAccepted",
    "ReturnAddressProposed",
    "RevisionAccepted",
    "RevisionProposed",
    "RevisionRejected",
    "RevisionWithdrawn",
    "RoleEnded",
    "RoleGiven",
    "RoleHandedOver",
    "RoleTakenOver",
    "StatementDrafted",
    "StatementEdited",
    "StatementPublished",
    "StatementSigned",
    "StatusPublished",
    "TargetAdded",
    "TermsAccepted",
    "TermsRead",
    "UnknownEvent",
    "event",
    "kinds",
    "load",
]
